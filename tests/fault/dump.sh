#!/bin/sh
# dump.sh DATABASE: all that a run leaves behind, without what differs from run to run
# (run ids, times of fetching), sorted; two runs with one outcome print the same.
set -eu
dump() {
    echo "== $1"
    case $database in
    postgres://*) psql -XAtq "$database" -c "SELECT $2 FROM $1" | sort ;;
    *) sqlite3 -readonly "$database" "SELECT $2 FROM $1" | sort ;;
    esac
}
database=$1
dump document "id, pipeline, source_id, url, canonical_url, http_status, media_type, charset_declared, charset_used, raw_sha256, prev_id"
dump doc_text "document_id, extractor, version, is_current, title, outlet, author, published_at, lang, text_sha256"
dump figure "id, document_id, topic_id, work_id, start_byte, end_byte, text, lang, kind, bound, value_dec, low_dec, high_dec, vague_dec, approx, unit, counted, as_of, hedge, change, is_current"
dump attribution "*"
dump figure_role "figure_id, role, entity_id"
dump figure_link "a, b, kind"
dump entity "*"
dump topic "*"
dump work "*"
dump url_state "pipeline, source_id, url, etag, last_modified, document_id"
dump source_state "*"
dump source "pipeline, id, fails"
dump raw "sha256, size, length(body)"
dump attempt "pipeline, source_id, url, attempts, reason, raw_sha256, media_type, set_aside"
dump dead_letter "fingerprint, source_id, url, outcome, stage, place, reason, raw_sha256, attempts, resolved_at"
