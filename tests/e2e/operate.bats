# Care: doctor, backup, gc, state.
load common
setup() {
    work_setup
    unset MIZAN_DB
    project
    mkdir in
    chmod 755 .
}
teardown() { work_teardown; }

finding() { # finding LEVEL SUBJECT TEXT: doctor says so
    "$MIZAN" doctor --quick --json | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
good = [r for r in rows if r["level"] == sys.argv[1] and r["subject"] == sys.argv[2]
        and sys.argv[3] in r["finding"]]
if not good:
    sys.exit("\n".join(map(str, rows)))' "$@"
}

@test "doctor: all is well, which database and why, versions" {
    pipeline
    echo "12 tanks." >in/a.txt
    "$MIZAN" run --quiet p.lua
    run "$MIZAN" doctor
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"database"*"$WORK/mizan.db (default: beside mizan.lua)"* ]]
    [[ "$output" == *"every page is whole"* && "$output" == *"libcurl/"* ]]
    [[ "$output" == *"sqlite "*"3."* && "$output" == *"tzdata "* && "$output" == *"figures.lexicon"* ]]
    [[ "$output" == *"1 of 1 load"* ]]
    finding ok database "beside mizan.lua"
    MIZAN_DB="sqlite:$WORK/other.db" finding note database "MIZAN_DB"
}

@test "doctor: each thing that is wrong is a finding with what to do, and status 1" {
    pipeline
    echo "12 tanks." >in/a.txt
    "$MIZAN" run --quiet p.lua
    mkdir -m 700 secrets
    echo x >secrets/OPEN && chmod 644 secrets/OPEN
    finding wrong secret "may be read or changed by others"
    run "$MIZAN" doctor --quick
    fails_with 1 "→ chmod 600" "say that something is wrong"
    rm secrets/OPEN
    chmod 666 mizan.db
    finding wrong "database file" "may be changed by others"
    chmod 600 mizan.db
    sed -i 's/extract.figures/extract.figgures/' p.lua
    finding wrong pipeline "no plugin"
    pipeline 'mizan.store.webhook { url = "https://a.org", secret = "NONE" },'
    finding wrong secret "there is no secret 'NONE'"
    mkdir plug && echo junk >plug/extract_junk.so && chmod 755 plug/extract_junk.so
    MIZAN_PLUGIN_PATH="$WORK/plug" finding wrong plugin "extract_junk.so"
    MIZAN_NOW=2001-01-01T00:00Z finding wrong clock "a run began"
    sqlite3 mizan.db "INSERT INTO outbox(id, kind, target, payload, created_at, next_at)
        VALUES('a', 'webhook', 'https://a.org', '{}', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z')"
    finding wrong outbox "nothing delivers"
}

@test "doctor: a damaged database, a broken mizan.lua" {
    pipeline
    echo "12 tanks." >in/a.txt
    "$MIZAN" run --quiet p.lua
    sqlite3 mizan.db "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
    python3 - <<'PY'
import sqlite3
db = sqlite3.connect("mizan.db")
page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'figure'").fetchone()[0]
size = db.execute("PRAGMA page_size").fetchone()[0]
db.close()
with open("mizan.db", "r+b") as f:
    f.seek((page - 1) * size)
    f.write(b"\xff" * 64)
PY
    finding wrong integrity ""
    echo 'return { databse = 5 }' >mizan.lua
    run "$MIZAN" doctor
    fails_with 1 "databse"
}

@test "backup: a whole copy while runs go on; refuses to replace; leaves nothing half" {
    pipeline
    for i in $(seq 30); do echo "$i tanks and $i ships." >"in/$i.txt"; done
    "$MIZAN" run --quiet p.lua
    (for i in $(seq 5); do echo "1$i boats." >"in/x$i.txt"; "$MIZAN" run --quiet p.lua; done) 3>&- &
    writer=$!
    run "$MIZAN" backup copy.db
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    wait "$writer"
    [ "$(sqlite3 copy.db 'PRAGMA integrity_check')" = ok ]
    [ "$(stat -c %a copy.db)" = 600 ]
    [ "$(sqlite3 copy.db 'SELECT count(*) >= 60 FROM figure')" = 1 ]
    [ ! -e copy.db-wal ]
    run "$MIZAN" backup copy.db
    fails_with 73 "there is a file copy.db already"
    run "$MIZAN" backup none/copy.db
    fails_with 73 "cannot be created"
    [ -z "$(find . -name '*.tmp*')" ]
    # It is a home database like any other.
    run "$MIZAN" query --db sqlite:copy.db "SELECT count(*) FROM document"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run --quiet --db sqlite:copy.db p.lua
    [ "$status" -eq 0 ]
    run "$MIZAN" backup --db sqlite:gone.db x.db
    fails_with 66
}

clear_count() { # clear_count WHAT [OPTION…]
    local what=$1
    shift
    "$MIZAN" gc --json "$@" 2>/dev/null | python3 -c '
import json, sys
print({r["what"]: r["count"] for r in map(json.loads, sys.stdin)}[sys.argv[1]])' "$what"
}

@test "gc: bodies beyond their time go, document and digest stay, what is needed stays" {
    pipeline
    sed -i 's/name = "p",/name = "p", keep = { raw = "30d" },/' p.lua
    for t in a b c; do echo "12 tanks, $t." >in/$t.txt; done
    "$MIZAN" run --quiet p.lua
    sqlite3 mizan.db "UPDATE document SET fetched_at = '2020-01-01T00:00:00Z' WHERE url LIKE '%/a.txt' OR url LIKE '%/b.txt';
        INSERT INTO dead_letter(id, fingerprint, pipeline, outcome, stage, reason, raw_sha256, first_at, at)
        SELECT 'l', 'f', 'p', 'error', 's', 'r', raw_sha256, '2999-01-01T00:00:00Z', '2999-01-01T00:00:00Z'
        FROM document WHERE url LIKE '%/b.txt';
        INSERT INTO raw(sha256, size, encoding, body, stored_at) VALUES('ab00', 1, 'none', x'00', '2020-01-01T00:00:00Z')"
    [ "$(clear_count 'raw bodies' --dry-run)" -eq 2 ]
    [ "$(sqlite3 mizan.db 'SELECT count(*) FROM raw')" -eq 4 ]
    [ "$(clear_count 'raw bodies')" -eq 2 ]
    [ "$(sqlite3 mizan.db 'SELECT count(*) FROM raw')" -eq 2 ]
    [ "$(sqlite3 mizan.db 'SELECT count(*), count(raw_sha256) FROM document')" = "3|3" ]
    [ "$(clear_count 'raw bodies' --vacuum)" -eq 0 ]
    # The bytes are known by their digest: nothing is new.
    run "$MIZAN" run p.lua
    [[ "$output" == *"3 unchanged"* ]] || { echo "$output"; return 1; }
    [ "$(sqlite3 mizan.db 'PRAGMA integrity_check')" = ok ]
}

@test "bodies in a folder: by digest, compressed, read back, cleared with their time" {
    pipeline
    sed -i 's/name = "p",/name = "p", keep = { raw = "30d" },/' p.lua
    echo 'return { raw = "dir:bodies" }' >mizan.lua
    for t in a b; do
        { echo "12 tanks, $t."; seq 2000; } >in/$t.txt
    done
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(sqlite3 mizan.db "SELECT count(*), sum(length(body)), sum(encoding = 'zstd'), sum(file LIKE '%/bodies/' || substr(sha256, 1, 2) || '/' || sha256) FROM raw")" = "2|0|2|2" ]
    local digest
    digest=$(sqlite3 mizan.db "SELECT raw_sha256 FROM document WHERE url LIKE '%/a.txt'")
    [ "$(zstd -dc <"bodies/${digest:0:2}/$digest" | sha256sum | cut -d' ' -f1)" = "$digest" ]
    local figure
    figure=$(sqlite3 mizan.db "SELECT f.id FROM figure f JOIN document d ON d.id = f.document_id WHERE d.url LIKE '%/a.txt' LIMIT 1")
    run "$MIZAN" why "$figure"
    [[ "$output" == *"raw "*"$digest, "*" bytes"* ]] || { echo "$output"; return 1; }
    # A file of a commit that never came goes after an hour; the others stay.
    mkdir -p bodies/00
    local orphan=00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    echo x >bodies/00/$orphan
    "$MIZAN" gc >/dev/null 2>&1
    [ -e bodies/00/$orphan ]
    find bodies -type f -exec touch -d '2 hours ago' {} +
    run "$MIZAN" gc --dry-run
    [[ "$output" == *"1 files that no body needs"* ]] || { echo "$output"; return 1; }
    "$MIZAN" gc >/dev/null 2>&1
    [ ! -e bodies/00/$orphan ]
    [ "$(find bodies -type f | wc -l)" -eq 2 ]
    # Beyond its time the body goes, row and digest of the document stay, and why says so.
    sqlite3 mizan.db "UPDATE document SET fetched_at = '2020-01-01T00:00:00Z' WHERE url LIKE '%/a.txt'"
    "$MIZAN" gc >/dev/null 2>&1
    [ ! -e "bodies/${digest:0:2}/$digest" ]
    run "$MIZAN" why "$figure"
    [[ "$output" == *"$digest, no longer kept"* ]] || { echo "$output"; return 1; }
    # What is no place is refused.
    echo 'return { raw = "files:x" }' >mizan.lua
    run "$MIZAN" run p.lua
    fails_with 78 'raw = "dir:FOLDER"'
}

@test "gc: without keep bodies stay; letters, messages, logs and states have their time" {
    pipeline
    echo "12 tanks." >in/a.txt
    "$MIZAN" run --quiet p.lua
    old=2020-01-01T00:00:00Z
    sqlite3 mizan.db "UPDATE document SET fetched_at = '$old'; UPDATE run SET ended_at = '$old', log = 'line';
        INSERT INTO dead_letter(id, fingerprint, pipeline, outcome, stage, reason, first_at, at)
        VALUES('l', 'f', 'gone', 'error', 's', 'r', '$old', '$old');
        INSERT INTO outbox(id, kind, target, payload, created_at, next_at, state) VALUES
         ('a', 'mail', 'x', '{}', '$old', '$old', 'sent'), ('b', 'mail', 'x', '{}', '$old', '$old', 'dead'),
         ('c', 'mail', 'x', '{}', '$old', '$old', 'due');
        INSERT INTO source_state VALUES('p', 'former', 'k', 'v'), ('other', 'former', 'k', 'v')"
    run "$MIZAN" gc --dry-run
    [[ "$output" == *"nothing was changed"* ]]
    run "$MIZAN" gc
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(sqlite3 mizan.db "SELECT count(*) FROM raw")" -eq 1 ]
    [ "$(sqlite3 mizan.db "SELECT count(*) FROM dead_letter")" -eq 0 ]
    [ "$(sqlite3 mizan.db "SELECT group_concat(id) FROM outbox")" = c ]
    [ "$(sqlite3 mizan.db "SELECT log IS NULL FROM run")" = 1 ]
    # What a pipeline that is not here keeps is not ours to forget.
    [ "$(sqlite3 mizan.db "SELECT group_concat(pipeline) FROM source_state WHERE source_id = 'former'")" = other ]
    [ "$(sqlite3 mizan.db "SELECT count(*) FROM figure")" -eq 1 ]
    echo 'return { keep = { raw = "1d" } }' >mizan.lua
    [ "$(clear_count 'raw bodies')" -eq 1 ]
    echo 'return { keep = { row = "1d" } }' >mizan.lua
    run "$MIZAN" gc
    fails_with 78 "did you mean 'raw'"
}

@test "state: get, set, move, drop, export; refused while the pipeline runs" {
    pipeline
    echo "12 tanks." >in/a.txt
    "$MIZAN" run --quiet p.lua
    source=$(sqlite3 mizan.db "SELECT id FROM source")
    "$MIZAN" state set p "$source" mark 2025-09-01
    [ "$("$MIZAN" state get p "$source" mark)" = 2025-09-01 ]
    [[ "$("$MIZAN" state get p --json)" == *'"key":"mark","value":"2025-09-01"'* ]]
    "$MIZAN" state set p "$source" mark 2025-09-02
    [ "$("$MIZAN" state get p "$source" mark)" = 2025-09-02 ]
    "$MIZAN" state export p >export.jsonl
    [ "$(wc -l <export.jsonl)" -eq 2 ]
    grep -q '"url":' export.jsonl
    run "$MIZAN" state move p "$source" news
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$("$MIZAN" state get p news mark)" = 2025-09-02 ]
    "$MIZAN" state set p "$source" mark x
    run "$MIZAN" state move p "$source" news
    fails_with 64 "has a state already"
    run "$MIZAN" state drop p "$source"
    [[ "$output" == *"1 forgotten"* ]]
    run "$MIZAN" state move p q
    [ "$("$MIZAN" state get q news mark)" = 2025-09-02 ]
    run "$MIZAN" state get p
    fails_with 66 "no such state"
    run "$MIZAN" state move p r
    fails_with 66 "has no state"
    run "$MIZAN" state gt p
    fails_with 64 "did you mean 'get'"
    run "$MIZAN" state set p x
    fails_with 64 "usage: mizan state set"
    sqlite3 mizan.db "INSERT INTO lease(pipeline, run_id, epoch, owner, boot, pid, process_start, taken_at, until) SELECT 'q', id, 9, 'elsewhere', 'b', 1, 1, '2026-01-01T00:00:00Z', '2999-01-01T00:00:00Z' FROM run LIMIT 1"
    run "$MIZAN" state set q news mark y
    fails_with 75 "is being run"
}

@test "describe --md: owner, ticks, sources, tables, secrets by name, failures, tests" {
    cat >p.lua <<'LUA'
local mizan = require "mizan"
local key = mizan.secret "API_KEY"
return mizan.pipeline { name = "p",
  about = { owner = "data@example.org", why = "to know" },
  schedule = { cron = "17 6 * * *", tz = "Europe/Berlin" },
  alerts = { to = { { webhook = "https://ops.example.org/x", secret = "OPS" } } },
  stages = {
    mizan.source { sources = { { id = "s", url = "https://a.example.org/" } }, fetch = function() error "gone" end },
    mizan.store.webhook { url = "https://b.example.org/", secret = "HOOK" },
  } }
LUA
    echo 'local t = require "mizan.test"; local p = t.pipeline "p.lua"; t.case("it works", function() end)' >p_test.lua
    run "$MIZAN" describe p.lua --md
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"The first run makes the database."* ]]
    run "$MIZAN" run --quiet p.lua
    mkdir -m 700 secrets
    (umask 077 && echo "very secret" >secrets/HOOK)
    run "$MIZAN" describe p.lua --md
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    for text in "# p" "**owner**: data@example.org" '`17 6 * * *` in Europe/Berlin' "06:17:00" \
        "| s | https://a.example.org/ |" "gone" "| document | 0 |" '`HOOK`: there' \
        '`API_KEY`: **not to be read here**' '`OPS`: **not' 'webhook `https://ops.example.org/x`' \
        "every source failed" '`mizan test p_test.lua`' "  - it works" "mizan dead list p"; do
        [[ "$output" == *"$text"* ]] || { echo "no '$text' in: $output"; return 1; }
    done
    [[ "$output" != *"very secret"* ]]
}
