# Worker threads (limits.threads): what a run leaves does not depend on their number.
load common
setup() {
    work_setup
    project
    export MIZAN_PLUGIN_PATH="$BUILD/tests/plugins/odd"
    mkdir in
}
teardown() { work_teardown; }

# documents COUNT: numbered files; some fail, some are rejected, some have no figure.
documents() {
    local i
    for i in $(seq 1000 $((999 + $1))); do
        case $((i % 25)) in
        3) echo "FAIL $i" ;;
        4) echo "REJECT $i" ;;
        5) echo "Nothing happened." ;;
        6) echo "The ministry lost $i ships and 13 boats." ;;
        *) echo "The ministry said that at least $i soldiers and $((i * 3 - 2900)) tanks had been sent for \$$i million." ;;
        esac >"in/$i.txt"
    done
}

# pipeline THREADS FETCH MODE: writes p.lua.
pipeline() {
    cat >p.lua <<EOF
local mizan = require "mizan"
return mizan.pipeline { name = "p", limits = { threads = $1, plugin = "2s" }, stages = {
  mizan.fetch.$2,
  mizan.extract.odd { mode = "$3" },
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.each("figure", "judge", function(f, ctx)
    local n = (tonumber(ctx.state:get "n") or 0) + 1
    ctx.state:set("n", tostring(n))
    if f.counted == "boats" then error "no boats" end
    if f.value and f.value < 130 then return mizan.reject "small" end
    if n % 7 == 0 then return mizan.drop "every seventh" end
    f.counted = (f.counted or "it") .. " " .. n
    return f
  end),
  mizan.store.figures {},
} }
EOF
}

# left DATABASE: what the run left, in the order in which it was committed.
left() {
    sh "$ROOT/tests/fault/dump.sh" "$1" | sed '/^== dead_letter/,$d; /^== attempt/,$d'
    local table
    for table in "document ORDER BY rowid|rowid, id, prev_id" \
        "figure ORDER BY rowid|rowid, id, document_id, value_dec, text, counted" \
        "dead_letter ORDER BY rowid|rowid, fingerprint, url, document_id, outcome, stage, place, reason, traceback, json_remove(record, '$.fetched_at'), raw_sha256, attempts, resolved_at IS NULL" \
        "attempt ORDER BY rowid|rowid, source_id, url, attempts, reason, raw_sha256, set_aside" \
        "run|status, error"; do
        echo "== $table"
        sqlite3 -readonly "$1" "SELECT ${table#*|} FROM ${table%%|*}"
    done
    sqlite3 -readonly "$1" "SELECT counts FROM run" |
        python3 -c 'import json, sys; [print(json.dumps(json.loads(line), sort_keys=True, indent=1)) for line in sys.stdin]'
}

# both FETCH MODE RUNS: runs with one thread and with four, and compares.
both() {
    local threads
    for threads in 1 4; do
        pipeline $threads "$1" "$2"
        for _ in $(seq "$3"); do
            run "$MIZAN" run -q --db "sqlite:$WORK/$threads.db" p.lua
            fails_with 1
        done
        left "$WORK/$threads.db" >"$threads.left"
    done
    diff 1.left 4.left
}

@test "one thread and four leave the same, also of documents that fail or are rejected" {
    documents 300
    both 'file { path = "in/*.txt" }' none 2
    [ "$(grep -c '|soldiers ' 1.left)" -gt 300 ]
    grep -q "no such word" 1.left
    grep -q "not wanted" 1.left
    grep -q '"every seventh": ' 1.left
}

@test "an address that comes again waits for the one before it" {
    both 'odd { mode = "again" }' slow 1
    [ "$(sqlite3 4.db 'SELECT count(*) FROM document')" -gt 5 ]
    grep -q '"unchanged": ' 4.left
}

@test "a crash in a worker names its document, and the next run goes on" {
    documents 60
    rm in/1003.txt
    echo "CRASH" >in/1010.txt
    pipeline 4 'file { path = "in/*.txt" }' slow
    run "$MIZAN" run p.lua
    fails_with 70 "extract.odd" "in/1010.txt" "crashed"
    run rows "SELECT outcome, stage, url LIKE '%in/1010.txt' FROM dead_letter WHERE stage = 'odd' AND outcome = 'error'"
    [ "$output" = $'error\todd\t1' ] || { echo "$output"; return 1; }
    for _ in 2 3 4 5; do
        run "$MIZAN" run p.lua
        fails_with 70 "in/1010.txt"
    done
    run "$MIZAN" run p.lua
    fails_with 1 "kept back"
    [ "$(rows "SELECT count(*) FROM document WHERE url LIKE '%in/1059.txt'")" -eq 1 ]
}

@test "a plugin that ends the process from a worker is named with its document" {
    documents 40
    echo "EXIT" >in/1010.txt
    pipeline 4 'file { path = "in/*.txt" }' slow
    run "$MIZAN" run p.lua
    fails_with 70 "extract.odd" "in/1010.txt" "ended the process"
}

@test "killed in the middle, then let through: the same tables" {
    documents 80
    grep -lE 'FAIL|REJECT|boats' in/* | xargs rm
    pipeline 4 'file { path = "in/*.txt" }' slow
    run "$MIZAN" run -q --db "sqlite:$WORK/clean.db" p.lua
    fails_with 1
    local moment pid child killed=0
    for moment in 0.1 0.15 0.2 0.3; do
        "$MIZAN" run -q --db "sqlite:$WORK/kill.db" p.lua >/dev/null 2>&1 3>&- &
        pid=$!
        sleep $moment
        child=$(pgrep -P $pid | head -n 1 || true)
        if [ -n "$child" ] && kill -9 "$child" 2>/dev/null; then killed=$((killed + 1)); fi
        wait $pid || true
    done
    [ $killed -ge 1 ]
    run "$MIZAN" run -q --db "sqlite:$WORK/kill.db" p.lua
    for name in clean kill; do
        left $name.db | sed '/^== run/,$d' >$name.left
    done
    [ "$(grep -c '|soldiers ' clean.left)" -gt 50 ]
    diff clean.left kill.left
}

@test "a worker that never ends is ended in its limit, with its document" {
    documents 30
    echo "LOOP" >in/1012.txt
    pipeline 2 'file { path = "in/*.txt" }' none
    run timeout 30 "$MIZAN" run p.lua
    fails_with 70 "extract.odd" "in/1012.txt" "deadline"
    [ "$(rows "SELECT count(*) FROM dead_letter WHERE url LIKE '%in/1012.txt'")" -eq 1 ]
}

@test "a run that is told to stop ends its workers" {
    documents 30
    pipeline 4 'file { path = "in/*.txt" }' stuck
    sed -i 's/plugin = "2s"/plugin = "60s"/' p.lua
    "$MIZAN" run p.lua 2>err 3>&- &
    pid=$!
    sleep 1
    kill -TERM $pid
    begin=$(date +%s)
    run wait $pid
    [ $(($(date +%s) - begin)) -lt 5 ]
    [ "$(rows "SELECT status FROM run")" = cancelled ]
}

@test "limits.threads is checked and described; mizan.lua has a default" {
    pipeline 17 'file { path = "in/*.txt" }' none
    run "$MIZAN" check p.lua
    fails_with 78 "p.lua:2:" "'threads' is at most 16"
    pipeline '"two"' 'file { path = "in/*.txt" }' none
    run "$MIZAN" check p.lua
    fails_with 78 "'threads' wants a whole number from 1"
    pipeline 3 'file { path = "in/*.txt" }' none
    run "$MIZAN" describe --json p.lua
    [[ "$output" == *'"threads":3'* ]] || { echo "$output"; return 1; }
    run "$MIZAN" describe --types
    [[ "$output" == *'@field threads? integer'* ]]
    echo 'return { threads = "many" }' >mizan.lua
    run "$MIZAN" check p.lua
    fails_with 78 "mizan.lua:1:" "threads"
}
