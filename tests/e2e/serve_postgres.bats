# Schedulers of one PostgreSQL: ticks, shards, versions, labels, requests.
load common

setup_file() {
    export WORK_FILE
    WORK_FILE=$(mktemp -d "${TMPDIR:-/tmp}/mizan-hosts.XXXXXX")
    sh "$ROOT/tests/support/postgres.sh" start "$WORK_FILE/address" || {
        export SKIP="PostgreSQL is not installed"
        return 0
    }
    export POSTGRES
    POSTGRES=$(cat "$WORK_FILE/address")
}

teardown_file() {
    [ ! -e "$WORK_FILE/address" ] ||
        sh "$ROOT/tests/support/postgres.sh" stop "$WORK_FILE/address"
    rm -rf "$WORK_FILE"
}

setup() {
    [ -z "${SKIP:-}" ] || skip "$SKIP"
    work_setup
    psql -qX -d "$POSTGRES" -c "CREATE DATABASE t$BATS_TEST_NUMBER"
    export MIZAN_DB=${POSTGRES/postgres\?/t$BATS_TEST_NUMBER?}
    echo 'return { programs = { "sh" } }' >mizan.lua
    STARTED=
}

teardown() {
    for pid in ${STARTED:-}; do
        kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in ${STARTED:-}; do
        wait "$pid" 2>/dev/null || true
    done
    work_teardown
}

# host NAME OPTION…: its scheduler, ended after a minute at the latest.
host() {
    local name=$1
    shift
    MIZAN_HOST=$name MIZAN_LEASE=6s timeout -s TERM -k 5 60 "$MIZAN" serve --grace 12s "$@" \
        2>"$name.log" 3>&- &
    STARTED="$STARTED $!"
    eventually grep -q "level=info msg=\"scheduling" "$name.log"
}

ask() {
    psql -XAtqd "$MIZAN_DB" -c "$1"
}

# eventually COMMAND…: until it succeeds, twenty seconds at most.
eventually() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "never: $*"
    cat ./*.log
    return 1
}

holds() {
    [ "$(ask "$1" 2>/dev/null)" = t ]
}

# pipe NAME SCHEDULE SOURCES: each source emits the next number, told apart by its run.
pipe() {
    cat >"$1.lua" <<END
local mizan = require "mizan"
local sources = {}
for i = 1, $3 do sources[i] = { id = "s" .. i } end
return mizan.pipeline { name = "$1", schedule = { $2 }, stages = {
  mizan.source { sources = sources, fetch = function(ctx)
    local n = tonumber(ctx.state:get("n") or 0) + 1
    ctx.state:set("n", n)
    ctx:emit { url = "count:" .. ctx.source.id .. "/" .. n, media_type = "text/plain",
      body = n .. " by " .. ctx.run.id }
  end },
  mizan.store.jsonl { path = "$1.jsonl" },
} }
END
}

@test "two hosts run each tick once, and share out its shards" {
    pipe p 'cron = "*/2 * * * * *", shards = 4' 8
    pipe q 'cron = "* * * * * *"' 1
    host a
    host b
    eventually holds "SELECT count(*) >= 12 FROM run WHERE pipeline = 'p' AND status = 'ok'"
    eventually holds "SELECT count(DISTINCT host) = 2 FROM run WHERE pipeline = 'p'"
    [ -z "$(ask "SELECT pipeline, tick_at, shard FROM run WHERE status = 'ok' GROUP BY 1, 2, 3 HAVING count(*) > 1")" ]
    [ -z "$(ask "SELECT url FROM document WHERE pipeline = 'p' GROUP BY url HAVING count(*) > 1")" ]
    # Every source belongs to one shard, and all shards together to all sources.
    [ "$(ask "SELECT count(DISTINCT source_id) FROM document WHERE pipeline = 'p'")" -eq 8 ]
    [ -z "$(ask "SELECT source_id FROM document d JOIN run r ON r.id = d.run_id WHERE d.pipeline = 'p' GROUP BY 1 HAVING count(DISTINCT r.shard) > 1")" ]
}

@test "what a host that is killed had begun or kept, another does" {
    pipe p 'cron = "*/3 * * * * *", shards = 2' 4
    host a
    host b
    eventually holds "SELECT count(*) >= 4 FROM run WHERE status = 'ok'"
    first=$(echo "$STARTED" | awk '{print $1}')
    victim=$(pgrep -P "$first")
    [ -n "$victim" ]
    kill -9 "$victim"
    since=$(ask "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '12 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
    eventually holds "SELECT count(*) >= 4 FROM run WHERE status = 'ok' AND host = 'b' AND tick_at >= '$since'"
    eventually holds "SELECT count(*) = 0 FROM tick WHERE state IN('ready', 'running') AND tick_at < '$since'"
    [ -z "$(ask "SELECT tick_at, shard FROM run WHERE status = 'ok' GROUP BY 1, 2 HAVING count(*) > 1")" ]
}

@test "a second scheduler of the same host's name is refused" {
    pipe p 'cron = "0 0 1 1 *"' 1
    host a
    MIZAN_HOST=a run "$MIZAN" serve
    fails_with 75 "a scheduler works on" "on a since"
}

@test "a host whose files are not those deployed runs none of their ticks" {
    mkdir one two
    for folder in one two; do
        (cd "$folder" && echo 'return {}' >mizan.lua && pipe p 'cron = "* * * * * *"' 1)
    done
    echo '-- an older version' >>two/p.lua
    (cd one && "$MIZAN" deploy) >out 2>err
    grep -q "^p	.*changed" out
    (cd two && host old && mv old.log ..)
    eventually holds "SELECT deployed IS NOT NULL FROM host WHERE name = 'old'"
    [ "$(ask "SELECT count(*) FROM run")" -eq 0 ]
    run "$MIZAN" hosts --json
    fails_with 0
    [[ "$output" == *'"host":"old"'*'"out_of_date":"p"'* ]]
    # A run of cron's there neither, and by hand anything goes.
    (cd two && run "$MIZAN" run --tick=2025-01-01T00:00:00Z p.lua && fails_with 75 "are not those that are deployed")
    (cd two && "$MIZAN" run --quiet p.lua >/dev/null)
    (cd one && host new && mv new.log ..)
    eventually holds "SELECT count(*) >= 2 FROM run WHERE kind = 'tick' AND status = 'ok'"
    [ "$(ask "SELECT string_agg(DISTINCT host, ',') FROM run WHERE kind = 'tick'")" = new ]
    # Deployed anew from the other folder, it is the other way round.
    (cd two && "$MIZAN" deploy p.lua) >out 2>err
    eventually holds "SELECT count(*) >= 2 FROM run WHERE kind = 'tick' AND status = 'ok' AND host = 'old'"
    (cd two && "$MIZAN" deploy --any p.lua) >out 2>err
    grep -q "^p	any	changed" out
}

@test "labels bind a pipeline to hosts" {
    pipe p 'cron = "* * * * * *", labels = { "eu", "gpu" }' 1
    pipe q 'cron = "* * * * * *"' 1
    host a --label eu
    eventually holds "SELECT count(*) >= 1 FROM run WHERE pipeline = 'q'"
    run "$MIZAN" hosts
    fails_with 0 "p is run by nobody"
    host b --label gpu --label eu
    eventually holds "SELECT count(*) >= 2 FROM run WHERE pipeline = 'p' AND status = 'ok'"
    [ "$(ask "SELECT string_agg(DISTINCT host, ',') FROM run WHERE pipeline = 'p'")" = b ]
    run "$MIZAN" hosts
    fails_with 0 "gpu, eu"
    [[ "$output" != *"run by nobody"* ]]
    # A request reaches the host that may do it, whoever sees it first.
    "$MIZAN" pause p
    mkdir -p asked
    ask "INSERT INTO run_request(id, pipeline, asked_at, asked_by) VALUES('r', 'p', '2025-01-01T00:00:00Z', 'me')"
    eventually holds "SELECT count(*) = 1 FROM run WHERE triggered_by = 'request' AND host = 'b'"
    run "$MIZAN" serve --label "no word"
    fails_with 64 "--label takes a word"
}

@test "top shows hosts, runs and what waits; a server that is started again stops nobody" {
    pipe p 'cron = "* * * * * *"' 1
    host a
    eventually holds "SELECT count(*) >= 1 FROM run WHERE status = 'ok'"
    run "$MIZAN" top
    fails_with 0 "1 pipelines (0 broken)" "hosts" "works" "ended last"
    [[ "$output" != *$'\033'* ]]
    sh "$ROOT/tests/support/postgres.sh" restart "$WORK_FILE/address" QUIT
    eventually ask "SELECT 1"
    before=$(ask "SELECT count(*) FROM run WHERE status = 'ok'")
    eventually holds "SELECT count(*) >= $before + 3 FROM run WHERE status = 'ok'"
}

@test "deliver and web are started, and started again" {
    pipe p 'cron = "0 0 1 1 *"' 1
    host a --web 127.0.0.1:0
    eventually grep -q "mizan web: http" a.log
    pid=$(sed -n 's/.*mizan deliver started, pid \([0-9]*\).*/\1/p' a.log)
    [ -n "$pid" ]
    kill -9 "$pid"
    eventually grep -q "mizan deliver ended (signal 9); it is started again in 1 s" a.log
    again() { [ "$(grep -c "mizan deliver started" a.log)" -eq 2 ]; }
    eventually again
    pid=$(sed -n 's/.*mizan deliver started, pid \([0-9]*\).*/\1/p' a.log | tail -n 1)
    # They end with the scheduler, also when it is killed.
    scheduler=$(pgrep -P "$(echo "$STARTED" | awk '{print $1}')")
    [ -n "$scheduler" ]
    kill -9 "$scheduler"
    gone() { ! kill -0 "$pid" 2>/dev/null; }
    eventually gone
}
