# The scheduler as its users see it: ticks, triggers, overlap, pauses, ends.
load common
setup() {
    work_setup
    echo 'return { programs = { "sh" } }' >mizan.lua
    mkdir in
    echo "12 tanks." >in/a.txt
}
teardown() {
    [ -z "${DAEMON:-}" ] || kill -9 "$DAEMON" 2>/dev/null || true
    pkill_runs
    work_teardown
}

# The runs of a daemon that was killed are told apart by the database they work on.
pkill_runs() {
    for pid in $(rows "SELECT pid FROM lease" 2>/dev/null); do
        kill -9 "$pid" 2>/dev/null || true
    done
}

# daemon OPTION…: a scheduler in the background, ended after a minute at the latest.
daemon() {
    timeout -s KILL 60 "$MIZAN" serve "$@" 2>serve.log 3>&- &
    TIMEOUT=$!
    eventually grep -q "level=info msg=\"scheduling" serve.log
    DAEMON=$(pgrep -P "$TIMEOUT")
}

# stop SIGNAL: sends it and waits; sets CODE.
stop() {
    kill -"$1" "$DAEMON"
    CODE=0
    wait "$TIMEOUT" || CODE=$?
    DAEMON=
}

# eventually COMMAND…: until it succeeds, ten seconds at most.
eventually() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "never: $*"
    cat serve.log
    return 1
}

# holds SQL: its only value is neither 0 nor empty.
holds() {
    local value
    value=$(rows "$1" 2>/dev/null)
    [ -n "$value" ] && [ "$value" != 0 ]
}

# pipe NAME SCHEDULE [STAGE]: NAME.lua
pipe() {
    {
        echo 'local mizan = require "mizan"'
        echo "return mizan.pipeline { name = \"$1\", schedule = { $2 }, stages = {"
        echo '  mizan.fetch.file { path = "in/*.txt" },'
        echo "  ${3:-}"
        echo '  mizan.store.jsonl { path = "out.jsonl" },'
        echo '} }'
    } >"$1.lua"
}

# takes SECONDS: a stage that takes so long.
takes() {
    echo "mizan.extract.exec { program = \"sh\", arguments = { \"-c\", \"sleep $1; cat\" }, output = \"text\" },"
}

@test "ticks are run when they are due, each once, with its log" {
    pipe p 'cron = "* * * * * *"'
    daemon --metrics 0
    eventually holds "SELECT count(*) >= 3 FROM run WHERE status = 'ok'"
    port=$(sed -n 's|.*http://127.0.0.1:\([0-9]*\)/metrics.*|\1|p' serve.log)
    run curl -s "http://127.0.0.1:$port/metrics"
    fails_with 0 "mizan_pipelines 1" 'mizan_runs_total{status="ok"}' "mizan_start_delay_seconds_bucket"
    run curl -s "http://127.0.0.1:$port/readyz" "http://127.0.0.1:$port/healthz"
    fails_with 0 "ready" "ok"
    [ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$port/metrics")" = 405 ]
    stop TERM
    [ "$CODE" -eq 0 ]
    [ "$(rows "SELECT max(n) FROM (SELECT count(*) AS n FROM run GROUP BY tick_at) q")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM tick WHERE state IN('ready','running')")" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
    run "$MIZAN" log last
    fails_with 0 "p: ok in"
    run "$MIZAN" runs --kind time --limit 1
    fails_with 0 "time" "ok"
    run "$MIZAN" runs --json --limit 1
    fails_with 0 '"cpu_ms":' '"peak_kb":' '"data_to":"' '"script_hash":"'
}

@test "a broken pipeline shows as such, the others run; mended it runs" {
    pipe good 'cron = "* * * * * *"'
    echo 'local mizan = require "mizan" return mizan.pipeline { name = "bad", schedule = { cron = "61 * * * *" } }' >bad.lua
    daemon
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'good' AND status = 'ok'"
    eventually holds "SELECT state = 'broken' AND error LIKE '%61%' FROM pipeline WHERE file LIKE '%/bad.lua'"
    grep -q "bad.lua cannot be used" serve.log
    pipe bad 'cron = "* * * * * *"'
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'bad' AND status = 'ok'"
    [ "$(rows "SELECT count(*) FROM pipeline")" -eq 2 ]
    # A changed schedule takes effect; a file that is gone is not run any more.
    pipe good 'cron = "0 0 1 1 *"'
    rm bad.lua
    eventually holds "SELECT count(*) FROM pipeline WHERE name = 'bad' AND state = 'gone'"
    eventually holds "SELECT next_tick LIKE '%-01-01T00:00:00Z' FROM pipeline WHERE name = 'good'"
    stop TERM
}

@test "two files of one name: the second is refused, both are named" {
    pipe a 'cron = "0 0 1 1 *"'
    sed 's/name = "b"/name = "a"/' a.lua >b.lua
    daemon
    eventually grep -q "two files make the pipeline 'a': .*a.lua and .*b.lua" serve.log
    # The first by name has it; when that is gone, the second does.
    rm a.lua
    eventually holds "SELECT file LIKE '%/b.lua' AND state = 'ok' FROM pipeline WHERE name = 'a'"
    stop TERM
}

@test "a second scheduler on the database is refused with 75 and the holder" {
    pipe p 'cron = "0 0 1 1 *"'
    daemon
    run timeout 20 "$MIZAN" serve
    fails_with 75 "a scheduler works on" "pid $DAEMON on"
    stop KILL
    daemon
    stop TERM
    [ "$CODE" -eq 0 ]
}

@test "what was missed: the latest is run, the others are one range with its cause" {
    pipe latest 'cron = "* * * * *"'
    pipe none 'cron = "* * * * *", catchup = "none"'
    pipe all 'cron = "*/20 * * * *", catchup = "all"'
    daemon --max-runs 8
    eventually holds "SELECT count(*) = 3 FROM pipeline WHERE next_tick IS NOT NULL"
    stop TERM
    # As if it had been away for three days.
    sqlite3 mizan.db "DELETE FROM tick; UPDATE pipeline SET next_tick = strftime('%Y-%m-%dT%H:%M:00Z', 'now', '-3 days');
        UPDATE pipeline SET next_tick = strftime('%Y-%m-%dT%H:00:00Z', 'now', '-3 hours') WHERE name = 'all'"
    daemon --max-runs 8
    eventually holds "SELECT count(*) FROM tick WHERE pipeline = 'latest' AND state = 'done'"
    run rows "SELECT count(*), max(ticks) BETWEEN 4315 AND 4321, max(cause) FROM tick WHERE pipeline = 'latest' AND state = 'skipped'"
    [ "$output" = $'1\t1\tmissed: nothing ran them in time' ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM tick WHERE pipeline = 'none' AND state = 'skipped'")" -eq 1 ]
    eventually holds "SELECT count(*) >= 9 FROM tick WHERE pipeline = 'all' AND state = 'done'"
    stop TERM
}

@test "overlap: skip says which run goes on, queue waits, replace stops it" {
    pipe skip 'cron = "* * * * * *"' "$(takes 4)"
    pipe queue 'cron = "* * * * * *", overlap = "queue"' "$(takes 4)"
    pipe replace 'cron = "*/2 * * * * *", overlap = "replace"' "$(takes 50)"
    daemon --max-runs 8 --grace 10s
    eventually holds "SELECT count(*) FROM tick WHERE pipeline = 'skip' AND state = 'skipped' AND cause LIKE 'overlap: the run of tick %'"
    eventually holds "SELECT count(*) FROM tick WHERE pipeline = 'queue' AND state = 'ready'"
    eventually holds "SELECT count(*) FROM tick WHERE pipeline = 'replace' AND state = 'failed' AND cause LIKE 'replaced by tick %'"
    [ "$(rows "SELECT count(*) FROM tick WHERE pipeline = 'queue' AND state = 'skipped'")" -eq 0 ]
    stop TERM
}

@test "a signal drains, what did not end waits for the next start; a second one ends at once" {
    pipe p 'cron = "* * * * * *"' "$(takes 50)"
    daemon --grace 11s
    eventually holds "SELECT count(*) FROM lease"
    stop TERM
    [ "$CODE" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM lease")" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM tick WHERE state = 'ready'")" -eq 1 ]
    run rows "SELECT status FROM run"
    [ "$output" = cancelled ] || [ "$output" = failed ]
    daemon
    eventually holds "SELECT count(*) FROM lease"
    kill -TERM "$DAEMON"
    sleep 0.3
    stop TERM
    [ "$CODE" -eq 143 ]
}

@test "requests, retry, cancel, pause and resume" {
    pipe p 'cron = "0 0 1 1 *"'
    pipe long 'cron = "0 0 1 1 *"' "$(takes 50)"
    daemon
    eventually holds "SELECT count(*) = 2 FROM pipeline WHERE state = 'ok'"
    sqlite3 mizan.db "INSERT INTO run_request(id, pipeline, asked_at, asked_by) VALUES('r1', 'p', '2025-01-01T00:00:00Z', 'test'), ('r2', 'long', '2025-01-01T00:00:00Z', 'test'), ('r3', 'nosuch', '2025-01-01T00:00:00Z', 'test')"
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'p' AND triggered_by = 'request' AND status = 'ok'"
    [ "$(rows "SELECT outcome FROM run_request WHERE id = 'r1'")" = begun ]
    eventually holds "SELECT outcome LIKE '%no such pipeline%' FROM run_request WHERE id = 'r3'"
    id=$(rows "SELECT id FROM run WHERE pipeline = 'p'")
    run "$MIZAN" retry "$id"
    fails_with 0 "is to be run again: the scheduler starts it"
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'p' AND attempt = 2 AND status = 'ok'"
    eventually holds "SELECT count(*) FROM lease WHERE pipeline = 'long'"
    id=$(rows "SELECT id FROM run WHERE pipeline = 'long'")
    run "$MIZAN" retry "$id"
    fails_with 75 "is being run"
    run "$MIZAN" cancel "$id"
    fails_with 0 "told to stop"
    eventually holds "SELECT state = 'failed' AND cause LIKE 'cancelled by %' FROM tick WHERE pipeline = 'long'"
    run "$MIZAN" pause p nosuch
    fails_with 66 "p paused" "no scheduler has loaded a pipeline 'nosuch'"
    run "$MIZAN" pause p
    fails_with 0 "p was paused"
    run "$MIZAN" resume p
    fails_with 0 "p scheduled"
    run "$MIZAN" log nosuch
    fails_with 66 "there is no run"
    stop TERM
}

@test "after another pipeline, and when files arrive" {
    mkdir inbox
    pipe first 'cron = "* * * * * *"'
    pipe second 'after = { "first" }'
    pipe third 'files = "inbox/*.csv"'
    daemon
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'second' AND triggered_by = 'after' AND status = 'ok'"
    [ "$(rows "SELECT count(*) FROM run WHERE pipeline = 'third'")" -eq 0 ]
    echo "1,2" >inbox/a.tmp
    mv inbox/a.tmp inbox/a.csv
    eventually holds "SELECT count(*) FROM run WHERE pipeline = 'third' AND triggered_by = 'file' AND status = 'ok'"
    stop TERM
    # What arrived while nobody watched is found at the start, once.
    echo "1,2" >inbox/b.csv
    daemon
    eventually holds "SELECT count(*) = 2 FROM run WHERE pipeline = 'third' AND status = 'ok'"
    sleep 1
    [ "$(rows "SELECT count(*) FROM run WHERE pipeline = 'third'")" -eq 2 ]
    stop TERM
}

@test "a scheduler that is killed goes on where it stood: no tick twice, none lost" {
    pipe p 'cron = "* * * * * *"'
    daemon
    eventually holds "SELECT count(*) >= 2 FROM run WHERE status = 'ok'"
    stop KILL
    sleep 2
    daemon
    eventually holds "SELECT count(*) >= 5 FROM run WHERE status = 'ok'"
    stop TERM
    [ "$(rows "SELECT max(n) FROM (SELECT count(*) AS n FROM run WHERE status = 'ok' GROUP BY tick_at) q")" -eq 1 ]
    # From the first tick to the last each second is there: run, or skipped with a cause.
    run rows "SELECT sum(ticks) = strftime('%s', max(coalesce(tick_to, tick_at))) - strftime('%s', min(tick_at)) + 1, count(*) FILTER (WHERE state = 'skipped' AND cause IS NULL) FROM tick"
    [ "$output" = $'1\t0' ] || { echo "$output"; rows "SELECT tick_at, tick_to, ticks, state, cause FROM tick"; return 1; }
}

@test "SIGHUP describes all anew" {
    pipe p 'cron = "0 0 1 1 *"'
    daemon
    eventually holds "SELECT count(*) FROM pipeline WHERE state = 'ok'"
    eventually grep -q "p: loaded from" serve.log
    kill -HUP "$DAEMON"
    eventually sh -c '[ "$(grep -c "p: loaded from" serve.log)" -eq 2 ]'
    stop TERM
}
