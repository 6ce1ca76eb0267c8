# Two machines, one database: two schedulers, each with a host's name of its own, on one
# PostgreSQL. The log of the chaos server says when it was asked.
load common

setup() {
    work_setup
    sh "$ROOT/tests/support/postgres.sh" start "$WORK/address" || skip "PostgreSQL is not installed"
    unshare --uts true 2>/dev/null || skip "no name of a host of its own may be had"
    MIZAN_DB=$(cat "$WORK/address")
    export MIZAN_DB
    DAEMONS=
}

teardown() {
    for pid in ${CHAOS:-} ${DAEMONS:-}; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in ${DAEMONS:-}; do
        wait "$pid" 2>/dev/null || true
    done
    [ ! -e "$WORK/address" ] || sh "$ROOT/tests/support/postgres.sh" stop "$WORK/address"
    work_teardown
}

# machine NAME: a project with two pipelines that ask the same hosts, and its scheduler.
machine() {
    local name=$1 n
    mkdir "$name"
    echo 'return {}' >"$name/mizan.lua"
    for n in 1 2; do
        cat >"$name/$name$n.lua" <<END
local mizan = require "mizan"
return mizan.pipeline { name = "$name$n", robots = "off", retries = "off",
  schedule = { cron = "*/2 * * * * *", tz = "UTC" },
  network = { private = { "127.0.0.1", "127.0.0.2" } },
  stages = { mizan.fetch.http { sources = {
    { id = "a", url = "http://127.0.0.1:$PORT/$name$n/a?size=10" },
    { id = "b", url = "http://127.0.0.1:$PORT/$name$n/b?size=10" },
    { id = "t", url = "http://127.0.0.2:$PORT/busy/$name$n?status=429&retry_after=6&fail=1" },
  } }, mizan.store.jsonl { path = "$name$n.jsonl" } } }
END
    done
    # The name comes before the program: it becomes it.
    (cd "$name" && exec timeout -s TERM -k 10 60 unshare --uts sh -c \
        'hostname "$1" && exec "$2" serve' sh "$name" "$MIZAN") >"$name.log" 2>&1 3>&- &
    DAEMONS="$DAEMONS $!"
}

@test "two schedulers together ask no host faster than its budget, nor before Retry-After" {
    rm -f port
    "$BUILD/chaos_server" --port-file port --log asked --max-seconds 120 \
        >/dev/null 2>&1 3>&- &
    CHAOS=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    PORT=$(cat port)
    machine east
    machine west
    # Until both machines have asked several times, and the busy host more than once.
    for _ in $(seq 400); do
        if [ "$(awk -F'\t' '$3 == "ask" && /east/' asked | wc -l)" -ge 5 ] &&
            [ "$(awk -F'\t' '$3 == "ask" && /west/' asked | wc -l)" -ge 5 ] &&
            [ "$(awk -F'\t' '$3 == "ask" && /busy/' asked | wc -l)" -ge 2 ]; then
            break
        fi
        sleep 0.1
    done
    for pid in $DAEMONS; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" || true
    done
    DAEMONS=
    echo "$(awk -F'\t' '$3 == "ask" && /east/' asked | wc -l) asks of east, $(awk -F'\t' '$3 == "ask" && /west/' asked | wc -l) of west"
    [ "$(awk -F'\t' '$3 == "ask" && /east/' asked | wc -l)" -ge 5 ] || { cat asked east.log west.log; return 1; }
    [ "$(awk -F'\t' '$3 == "ask" && /west/' asked | wc -l)" -ge 5 ] || { cat asked east.log west.log; return 1; }
    [ "$(rows "SELECT count(DISTINCT host) FROM run")" -eq 2 ] || { cat east.log west.log; return 1; }
    # A second between any two requests to one host, whoever made them.
    for host in 127.0.0.1 127.0.0.2; do
        awk -F'\t' -v host=$host '$3 == "ask" && $4 ~ "^" host {
            if (last != "" && $1 - last < 1000) { print host, last, $1; bad = 1 }
            last = $1
        } END { exit bad }' asked || { cat asked; return 1; }
    done
    # After each 429 nobody asks for six seconds.
    awk -F'\t' '$3 == "ask" && /busy/ && until != "" && $1 < until { print; bad = 1 }
        $3 == "end" && $4 ~ /^127.0.0.2/ && $7 ~ /^429/ { until = $1 + 6000; seen++ }
        END { exit bad || seen == 0 }' asked || { cat asked; return 1; }
}
