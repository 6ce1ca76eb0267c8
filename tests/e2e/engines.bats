# The same project on SQLite and on PostgreSQL: the same rows, byte for byte.
load common

setup_file() {
    export WORK_FILE
    WORK_FILE=$(mktemp -d "${TMPDIR:-/tmp}/mizan-engines.XXXXXX")
    sh "$ROOT/tests/support/postgres.sh" start "$WORK_FILE/address" || {
        export SKIP="PostgreSQL is not installed"
        return 0
    }
    export POSTGRES
    POSTGRES=$(cat "$WORK_FILE/address")
    psql -qX -d "$POSTGRES" -c 'CREATE DATABASE demo' -c 'CREATE DATABASE small'
    "$BUILD/demo_server" --root "$ROOT/scripts/partnership/site" --port 0 \
        --port-file "$WORK_FILE/port" --max-seconds 300 >/dev/null 2>&1 3>&- &
    export SERVER_FILE=$!
    for _ in $(seq 200); do
        [ -s "$WORK_FILE/port" ] && break
        sleep 0.05
    done
    export LITE="sqlite:$WORK_FILE/mizan.db" DEMO=${POSTGRES/postgres\?/demo\?}
    # Times stand still, so that all that differs is the engine's.
    for url in "$LITE" "$DEMO"; do
        MIZAN_NOW=2025-09-04T10:00:00Z "$BUILD/mizan" run "$ROOT/scripts/partnership.lua" \
            --db "$url" -p "site=http://127.0.0.1:$(cat "$WORK_FILE/port")" \
            2>>"$WORK_FILE/err" || echo "failed: $url" >>"$WORK_FILE/failed"
    done
}

teardown_file() {
    [ -z "${SERVER_FILE:-}" ] || kill "$SERVER_FILE" 2>/dev/null || true
    [ ! -e "$WORK_FILE/address" ] ||
        sh "$ROOT/tests/support/postgres.sh" stop "$WORK_FILE/address"
    rm -rf "$WORK_FILE"
}

setup() {
    [ -z "${SKIP:-}" ] || skip "$SKIP"
    work_setup
    SMALL=${POSTGRES/postgres\?/small\?}
}

teardown() {
    work_teardown
}

# same ARGUMENT…: mizan query gives the same output on both, and at least a row.
same() {
    "$MIZAN" query --db "$LITE" "$@" >lite.out 2>&1 || { cat lite.out; return 1; }
    "$MIZAN" query --db "$DEMO" "$@" >demo.out 2>&1 || { cat demo.out; return 1; }
    cmp lite.out demo.out || {
        echo "mizan query $*:"
        diff lite.out demo.out | head -n 10
        return 1
    }
}

@test "the demo runs on both, and stores the same rows" {
    [ ! -e "$WORK_FILE/failed" ] || { cat "$WORK_FILE/err"; return 1; }
    for table in document doc_text figure attribution figure_role figure_link entity work topic \
        url_state source raw; do
        same --tsv "SELECT count(*) AS n FROM $table"
        [ "$(tail -n 1 lite.out)" -gt 0 ]
    done
    same --json "SELECT id, document_id, topic_id, work_id, text_extractor, start_byte,
        end_byte, locator, text, lang, kind, bound, value, low, high, vague, value_dec,
        low_dec, approx, side, significant, unit, counted, as_of_to, confidence, eff_low,
        eff_high FROM figure ORDER BY id"
    same --json "SELECT document_id, lang_confidence, published_at, text FROM doc_text
        ORDER BY document_id"
}

@test "every named query prints the same on both" {
    local rows=0
    for file in "$ROOT"/host/db/queries/*.sql; do
        name=$(basename "$file" .sql)
        [ "$name" != runs ] || continue # a run has its own id and times
        for form in --tsv --json --csv; do
            same "$name" "$form"
        done
        [ "$(wc -l <lite.out)" -le 1 ] || rows=$((rows + 1))
    done
    echo "$rows queries with rows"
    [ "$rows" -ge 8 ]
}

@test "a second run finds everything unchanged" {
    run "$MIZAN" run "$ROOT/scripts/partnership.lua" --db "$DEMO" \
        -p "site=http://127.0.0.1:$(cat "$WORK_FILE/port")"
    fails_with 0 ' 0 new, '
}

@test "errors name the database less its password" {
    project
    pipeline
    mkdir in && echo 'It cost 5 dollars.' >in/a.txt
    run "$MIZAN" run p.lua --db 'postgres://me:geheim@127.0.0.1:1/x'
    fails_with 69 'postgres://me@127.0.0.1:1/x' 'cannot be reached'
    [[ "$output" != *geheim* ]]
    run "$MIZAN" query figures --db "$SMALL"
    fails_with 66 'mizan run'
    psql -qX -d "$SMALL" -c 'CREATE TABLE other(x int)'
    run "$MIZAN" run p.lua --db "$SMALL"
    fails_with 65 'another program' 'nothing was written'
    psql -qX -d "$SMALL" -c 'DROP TABLE other'
    # The address may come with a password that the server does not ask for.
    run "$MIZAN" run p.lua --json --db "${SMALL/mizan@/mizan:geheim@}"
    fails_with 0 '"status":"ok"'
    [[ "$output" != *geheim* ]]
}

@test "who uses SQLite does not load the library of PostgreSQL" {
    ! ldd "$MIZAN" | grep -q libpq
    LD_DEBUG=libs "$MIZAN" query --db "$LITE" figures >/dev/null 2>libs
    ! grep -q 'libpq' libs
    LD_DEBUG=libs "$MIZAN" query --db "$DEMO" figures >/dev/null 2>libs
    grep -q 'libpq' libs
}
