# What goes wrong in the middle of a run: it is told, counted, and costs what it must.
load common
setup() {
    work_setup
    project
    export MIZAN_PLUGIN_PATH="$BUILD/tests/plugins/odd:$BUILD/tests/plugins/bad"
    mkdir in
    echo "12 tanks." >in/a.txt
    echo "40 boats." >in/b.txt
}
teardown() { work_teardown; }

# pipeline FETCH STAGE…: writes p.lua; `extra` stands before its stages.
extra=
pipeline() {
    {
        echo 'local mizan = require "mizan"'
        echo "return mizan.pipeline { name = \"p\", $extra stages = {"
        echo "  mizan.fetch.$1,"
        echo '  mizan.extract.article {}, mizan.extract.figures {},'
        shift
        printf '  %s\n' "$@"
        echo '  mizan.store.figures {},'
        echo '} }'
    } >p.lua
}

@test "a crash shows among the dead letters, with the document" {
    pipeline 'file { path = "in/*.txt" }' 'mizan.extract.crash_extract {},'
    run "$MIZAN" run p.lua
    fails_with 70 "extract.crash_extract" "a.txt"
    run rows "SELECT outcome, stage, url LIKE '%in/a.txt', reason LIKE 'plugin extract.crash_extract%' FROM dead_letter"
    [ "$output" = $'error\tcrash_extract\t1\t1' ] || { echo "$output"; return 1; }
    run "$MIZAN" query dead
    [[ "$output" == *"crash_extract"* ]] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
}

@test "a document that crashes a plugin five times is kept back; those behind it pass" {
    echo "7 planes." >in/c.txt
    pipeline 'file { path = "in/*.txt" }' 'mizan.store.odd { mode = "crash" },'
    for _ in 1 2 3 4 5; do
        run "$MIZAN" run p.lua
        fails_with 70 "store.odd" "b.txt" "crashed"
    done
    run "$MIZAN" run p.lua
    fails_with 1 "kept back"
    [ "$(rows "SELECT group_concat(counted) FROM (SELECT counted FROM figure ORDER BY counted)")" = planes,tanks ]
    [ "$(rows "SELECT attempts FROM attempt")" -eq 1 ]
    [ "$(rows "SELECT attempts FROM dead_letter WHERE stage = 'odd'")" -eq 5 ]
}

@test "a fetch plugin that loops, crashes or exits is named, its source too" {
    extra='limits = { plugin = "1s" },'
    pipeline 'odd { mode = "loop" }'
    run timeout 30 "$MIZAN" run p.lua
    fails_with 70 "fetch.odd" "deadline"
    [ "$(rows "SELECT stage || ' ' || source_id FROM dead_letter")" = "odd odd" ]
    pipeline 'odd { mode = "crash" }'
    run "$MIZAN" run p.lua
    fails_with 70 "fetch.odd" "crashed"
    pipeline 'odd { mode = "exit" }'
    run "$MIZAN" run p.lua
    fails_with 70 "fetch.odd" "ended the process"
    [ "$(rows "SELECT count(*) FROM run WHERE status = 'failed'")" -eq 3 ]
}

@test "a fetch plugin that waits for the run is not late" {
    extra='limits = { plugin = "300ms" },'
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo "$i tanks." >"in/$i.txt"; done
    pipeline 'file { path = "in/*.txt" }' \
        'mizan.each("document", "slow", function(d) local n = 0 for i = 1, 5e6 do n = n + i end return d end),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 16 ]
}

@test "a document without a body is stored as an empty one" {
    pipeline 'odd { mode = "no body" }'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT sum(size) FROM raw")" -eq 0 ]
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 2 ]
}

@test "a document without an address fails its source" {
    pipeline 'odd { mode = "no url" }'
    run "$MIZAN" run p.lua
    fails_with 69 "fetch.odd" "url"
    [ "$(rows "SELECT fails FROM source")" -eq 1 ]
}

@test "--limit: so many documents, and no cursor moves, whatever the plugin makes of it" {
    pipeline 'odd { mode = "deaf" }'
    run "$MIZAN" run p.lua --limit 1
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM source_state WHERE value LIKE '%last%'")" -eq 0 ]
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 2 ]
    [ "$(rows "SELECT count(*) FROM source_state WHERE value LIKE '%last%'")" -eq 1 ]
    run "$MIZAN" run p.lua --limit -1
    fails_with 64 "--limit"
}

@test "a store that fails costs its unit, is told to forget, and nothing of it is stored" {
    pipeline 'file { path = "in/*.txt" }' 'mizan.store.odd { mode = "store" },'
    run "$MIZAN" run p.lua
    fails_with 1 "no boats here" "forgot 1"
    [ "$(rows "SELECT group_concat(counted) FROM figure")" = tanks ]
    [ "$(rows "SELECT reason LIKE '%no boats here%' FROM dead_letter")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM attempt")" -eq 1 ]
    pipeline 'file { path = "in/*.txt" }' 'mizan.store.odd {},'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT group_concat(counted) FROM (SELECT counted FROM figure ORDER BY counted)")" = boats,tanks ]
    [ "$(rows "SELECT count(*) FROM attempt")" -eq 0 ]
}

@test "a store that cannot write now fails its units, and they are tried again" {
    pipeline 'file { path = "in/*.txt" }' 'mizan.store.odd { mode = "finish" },'
    run "$MIZAN" run p.lua
    [ "$status" -ne 0 ]
    [[ "$output" == *"the other side is away"* ]]
    [ "$(rows "SELECT count(*) FROM figure")" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
}

@test "a version that failed from its kept body does not stand in the way of the next" {
    pipeline 'file { path = "in/*.txt" }' \
        'mizan.each("document", "picky", function(d) if d.text:find("boats", 1, true) then error "boats" end return d end),'
    run "$MIZAN" run p.lua
    fails_with 1 "boats"
    echo "41 ships." >in/b.txt
    run "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM figure WHERE counted = 'ships'")" -eq 1 ]
}

@test "limits.run ends the run between two documents; what was stored stays" {
    extra='limits = { run = "200ms" },'
    for i in 1 2 3 4 5 6 7 8; do echo "$i tanks." >"in/$i.txt"; done
    pipeline 'file { path = "in/*.txt" }' \
        'mizan.each("document", "slow", function(d) local n = 0 for i = 1, 3e7 do n = n + i end return d end),'
    run "$MIZAN" run p.lua
    fails_with 70 "limit of 200 ms"
    [ "$(rows "SELECT status FROM run")" = failed ]
    [ "$(rows "SELECT count(*) FROM document")" -ge 1 ]
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
}

@test "told to stop: the open document is finished, those that wait are left, exit 143" {
    for i in $(seq 30); do echo "$i tanks." >"in/$i.txt"; done
    pipeline 'file { path = "in/*.txt" }' \
        'mizan.each("document", "slow", function(d) local n = 0 for i = 1, 2e7 do n = n + i end return d end),'
    "$MIZAN" run p.lua 3>&- 2>err &
    pid=$!
    for _ in $(seq 500); do
        [ "$(rows "SELECT count(*) > 0 FROM document" 2>/dev/null)" = 1 ] && break
        sleep 0.02
    done
    kill -TERM "$pid"
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq 143 ] || { cat err; return 1; }
    [ "$(rows "SELECT status FROM run")" = cancelled ]
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
    [ "$(rows "SELECT count(*) < 32 FROM document")" -eq 1 ]
}

@test "the script may change during a run: the run keeps what it began with" {
    pipeline 'file { path = "in/*.txt" }' \
        'mizan.each("figure", "slow", function(f) local n = 0 for i = 1, 3e7 do n = n + i end f.counted = "old" return f end),'
    "$MIZAN" run p.lua 3>&- &
    pid=$!
    for _ in $(seq 500); do
        [ "$(rows "SELECT count(*) FROM lease" 2>/dev/null)" = 1 ] && break
        sleep 0.02
    done
    sed 's/"old"/"new"/' p.lua >q.lua && mv q.lua p.lua
    wait "$pid"
    [ "$(rows "SELECT group_concat(DISTINCT counted) FROM figure")" = old ]
    echo "50 tanks." >in/a.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    [ "$(rows "SELECT count(DISTINCT script_hash) FROM run")" -eq 2 ]
}

@test "a database that cannot be made or used: exit status and reason" {
    pipeline 'file { path = "in/*.txt" }'
    run "$MIZAN" run p.lua --db sqlite:nowhere/x.db
    fails_with 73 "nowhere/x.db"
    run "$MIZAN" run p.lua --db sqlite:in
    [ "$status" -ne 0 ]
    run "$MIZAN" run p.lua --db sqlite:in/a.txt
    fails_with 65 "a.txt"
    [ "$(cat in/a.txt)" = "12 tanks." ]
    run "$MIZAN" run p.lua --db mysql://x/y
    fails_with 78 "mysql"
}

@test "the data folder is made when the database goes there" {
    unset MIZAN_DB
    rm mizan.lua
    pipeline 'file { path = "in/*.txt" }'
    XDG_DATA_HOME="$WORK/data" run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ -s "$WORK/data/mizan/mizan.db" ]
}

@test "nobody reads on: quiet, no error" {
    unset MIZAN_PLUGIN_PATH
    run python3 - "$MIZAN" <<'PY'
import subprocess, sys
for words in (["figures", "--docs"], ["help"], ["list"], ["plugin", "list"]):
    p = subprocess.Popen([sys.argv[1]] + words, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.close()
    try:
        p.stdin.write(b'{"id":1,"text":"five tanks"}\n' * 2000)
        p.stdin.close()
    except BrokenPipeError:
        pass
    code = p.wait()
    text = p.stderr.read().decode()
    assert code in (0, 141, -13) and "error" not in text, (words, code, text)
PY
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "standard input may be a socket" {
    run python3 - "$MIZAN" <<'PY'
import socket, subprocess, sys
near, far = socket.socketpair()
p = subprocess.Popen([sys.argv[1], "figures", "--json"], stdin=far, stdout=subprocess.PIPE)
far.close(); near.sendall(b"five tanks\n"); near.close()
out = p.communicate()[0]
assert p.returncode == 0 and b'"value":5' in out, (p.returncode, out)
PY
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "try: options that say two things, and inputs that are not there" {
    pipeline 'file { path = "in/*.txt" }'
    run "$MIZAN" try p.lua --stage figures --from article
    fails_with 64 "--stage and --from"
    run "$MIZAN" try p.lua --type text/html
    fails_with 64 "--type goes with an INPUT"
    run "$MIZAN" try p.lua in/a.txt --doc x
    fails_with 64 "--doc"
    run "$MIZAN" try p.lua --from figures --to article
    fails_with 64 "comes after"
    run "$MIZAN" try p.lua nowhere.txt
    fails_with 66 "nowhere.txt"
    run "$MIZAN" try p.lua --doc x
    fails_with 66 "no database"
    "$MIZAN" run p.lua
    run "$MIZAN" try p.lua --doc x
    fails_with 66 "no stored document"
    run "$MIZAN" try p.lua --doc "$(rows "SELECT id FROM document LIMIT 1")"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" try p.lua in/a.txt --type text/plain --url http://a/ --to article
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"http://a/"* ]]
    rm in/*
    run "$MIZAN" try p.lua
    [[ "$output" == *"no document"* || "$status" -ne 0 ]]
}

@test "list: a broken script is shown, a broken database told, no folder is an error" {
    mkdir pipelines
    pipeline 'file { path = "in/*.txt" }'
    mv p.lua pipelines/good.lua
    echo 'return mizan.pipeline {' >pipelines/bad.lua
    run "$MIZAN" list --json
    [ "$status" -eq 0 ]
    [[ "$output" == *'bad.lua'*'cannot be loaded'* ]]
    [[ "$output" == *'"pipeline":"p"'* ]]
    run "$MIZAN" list nowhere
    fails_with 66 "nowhere"
    echo nonsense >mizan.db
    run "$MIZAN" list
    fails_with 65 "mizan.db"
}

@test "figures: several files; a folder; one that is missing" {
    run "$MIZAN" figures in/a.txt in/b.txt
    [ "$status" -eq 0 ]
    [[ "$output" == *"[12] tanks"*"[40] boats"* ]] || { echo "$output"; return 1; }
    run "$MIZAN" figures in/a.txt nowhere.txt
    fails_with 66 "nowhere.txt" "[12]"
    run "$MIZAN" figures --docs in
    fails_with 74 "in"
    run "$MIZAN" figures in
    fails_with 65 "in"
}

@test "query: SQL takes no parameters, a huge time limit is none, unknown words" {
    pipeline 'file { path = "in/*.txt" }'
    "$MIZAN" run p.lua
    run "$MIZAN" query "SELECT 1" a=b
    fails_with 64 "a=b"
    run "$MIZAN" query --limit-time 9223372036854775807 "SELECT 1 AS one" --tsv
    [ "$output" = $'one\n1' ]
    run "$MIZAN" query figures ar
    fails_with 64 "name=value"
    run "$MIZAN" query "SELEC 1"
    [ "$status" -ne 0 ]
    run "$MIZAN" runs --limit x
    fails_with 64 "whole number"
    run "$MIZAN" help chekc
    fails_with 64 "mizan help check"
}

@test "output that cannot be written is an error in every command" {
    unset MIZAN_PLUGIN_PATH
    pipeline 'file { path = "in/*.txt" }'
    "$MIZAN" run p.lua
    for words in "check p.lua" "describe p.lua" "figures in/a.txt" "query figures" \
        "plugin list" "try p.lua" "run p.lua --json" "list ." "runs"; do
        # shellcheck disable=SC2086
        run bash -c "'$MIZAN' $words >/dev/full"
        [ "$status" -eq 74 ] || { echo "$words: exit $status: $output"; return 1; }
    done
}
