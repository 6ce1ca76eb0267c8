/* What is known of a unit's bytes before anything is done with them. */
#include <stdio.h>
#include <string.h>

#include "run/commit.h"
#include "run/slices.h"
#include "value/digest.h"

static void fill_row(struct mz_committer *committer, struct mz_unit *unit)
{
    struct mizan_record *document = unit->document;
    struct mz_document_row *row = &unit->row;
    const struct mizan_value *body = mz_record_find(document, "body");
    memset(row, 0, sizeof *row);
    row->pipeline = committer->pipeline;
    row->source = unit->source_id;
    row->run_id = committer->run_id;
    row->url = unit->url;
    row->fetched_at = mz_record_integer(document, "fetched_at", 0);
    row->http_status = mz_record_integer(document, "http_status", 0);
    row->media_type = mz_record_text(document, "media_type");
    row->charset_declared = mz_record_text(document, "charset");
    row->etag = mz_record_text(document, "etag");
    row->last_modified = mz_record_text(document, "last_modified");
    row->headers = unit->headers;
    row->raw = (struct mizan_slice){unit->body_file == NULL ? "" : NULL, 0};
    if (body != NULL && (body->type == MIZAN_BYTES || body->type == MIZAN_TEXT) &&
        body->as.text.size > 0) {
        row->raw = body->as.text;
    }
}

enum mz_code mz_unit_identify(struct mz_committer *committer, struct mz_unit *unit,
                              enum mz_unit_news *news, struct mz_error *error)
{
    struct mz_validators known = {0};
    bool found = false;
    char *digest = mz_arena_alloc(unit->arena, MZ_DIGEST_TEXT);
    if (digest == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    fill_row(committer, unit);
    unit->row.raw_sha256 = digest;
    enum mz_code code = mz_slices_digest(unit, unit->row.raw, digest, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_home_validators(committer->db, committer->pipeline, unit->source_id,
                              unit->url, unit->arena, &known, &found, error);
    if (code != MZ_OK) {
        return code;
    }
    unit->row.previous = found ? known.document_id : NULL;
    bool same = found && known.document_id != NULL && known.raw_sha256 != NULL &&
                strcmp(known.raw_sha256, digest) == 0;
    bool set_aside = false;
    if (unit->stored_id != NULL) {
        unit->row.previous = unit->stored_previous;
        snprintf(unit->row.id, sizeof unit->row.id, "%s", unit->stored_id);
        *news = MZ_UNIT_NEW;
        return MZ_OK;
    }
    unit->current = true;
    mz_home_document_id(&unit->row);
    if (!same && !unit->replayed) {
        code = mz_home_is_set_aside(committer->db, &unit->row, &set_aside, error);
    }
    *news = same ? MZ_UNIT_SAME : set_aside ? MZ_UNIT_SET_ASIDE : MZ_UNIT_NEW;
    return code;
}
