#!/bin/sh
# Faults of a home database in PostgreSQL: what was stored must equal what an undisturbed
# run stores, row by row, counters of attempts included.
#
#   BUILD=… ROOT=… postgres.sh server ROUNDS [MIZAN]   the server crashes, sessions are
#                                                      ended, the run is killed, at random
#                                                      moments; SEED fixes them
#   … postgres.sh commit after|before [MIZAN]          every second connection breaks at
#                                                      its COMMIT, answered or unseen
#   … postgres.sh paused [MIZAN]                       the run stands still for longer than
#                                                      its lease, and another takes over
#
# Exit 77 where PostgreSQL is not installed.
set -eu
kind=$1
argument=${2:-}
[ "$kind" != paused ] || set -- "$kind" - "${2:-}"
mizan=${3:-$BUILD/mizan}
mizan=${mizan:-$BUILD/mizan}
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-faults.XXXXXX")
server="$ROOT/tests/support/postgres.sh"
seed=${SEED:-$(date +%s)}
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
    sh "$server" stop "$work/address"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
sh "$server" start "$work/address" fsync=on
address=$(cat "$work/address")
base=${address%%/postgres\?*}
query=${address#*\?}

ask() { # ask DATABASE SQL
    psql -XAtq "$base/$1?$query" -c "$2"
}

# 24 documents, of which every fifth breaks; a stage takes its time over each.
mkdir "$work/project" "$work/project/in"
cd "$work/project"
number=10
while [ "$number" -lt 34 ]; do
    echo "In 2024 the port of $number paid $number million dollars for 3,0$number tons." \
        >"in/$number.txt"
    number=$((number + 1))
done
echo 'return {}' >mizan.lua
cat >p.lua <<'END'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.article {},
  mizan.each("document", "slow", function(document)
    local sum = 0
    for i = 1, 1500000 do sum = sum + i end
    if document.url:find("[19]%.txt") then error("broken for the test") end
    return document
  end),
  mizan.extract.figures {},
  mizan.store.figures {},
} }
END

# Who is to be stopped between two commits needs several, and time between them.
if [ "$kind" = paused ]; then
    sed -i 's/name = "p",/name = "p", limits = { commit = 4 },/; s/1500000/6000000/' p.lua
fi

run() { # run URL
    "$mizan" run --db "$1" p.lua >out 2>err
}

# A document that fails in two runs has two letters, which differ by their records alone.
dump() { sh "$ROOT/tests/fault/dump.sh" "$base/$1?$query" | uniq; }

ask postgres 'CREATE DATABASE clean' && ask postgres 'CREATE DATABASE fault'
status=0
run "$base/clean?$query" || status=$?
[ "$status" -eq 1 ] || { cat err; echo "the clean run ended with $status"; exit 1; }
ask clean "UPDATE source SET fails = 0"
dump clean >clean.out
[ "$(ask clean 'SELECT count(*) FROM figure')" -gt 30 ]
[ "$(ask clean 'SELECT count(*) FROM attempt')" -ge 3 ]

random() { # random N: sets `picked` to 0 … N-1
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    picked=$((seed / 65536 % $1))
}

compare() { # compare WHEN
    # Of the run before alone, and a second run has other documents.
    ask fault "UPDATE source SET fails = 0"
    dump fault >fault.out
    cmp -s clean.out fault.out && return 0
    echo "$1: the tables differ"
    diff clean.out fault.out | head -n 10
    return 1
}

# Only what was left undone may be done by the run that follows.
server_faults() {
    echo "seed $seed"
    rounds=$1
    round=0
    survived=0
    while [ "$round" -lt "$rounds" ]; do
        round=$((round + 1))
        ask postgres 'DROP DATABASE fault WITH (FORCE)'
        ask postgres 'CREATE DATABASE fault'
        "$mizan" run --db "$base/fault?$query" p.lua >out 2>err &
        pid=$!
        random 1500
        sleep "$(awk "BEGIN { print $picked / 1000 }")"
        fault=$((round % 3))
        case $fault in
        0) sh "$server" restart "$work/address" QUIT ;;
        1)
            ask postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = 'fault'" >/dev/null
            ;;
        2)
            # Without a child yet the program itself: never 0, which is this process group.
            child=$(pgrep -P "$pid" | head -n 1 || true)
            kill -9 "${child:-$pid}" 2>/dev/null || true
            ;;
        esac
        status=0
        wait "$pid" || status=$?
        if [ "$status" -eq 1 ]; then
            survived=$((survived + 1))
        else
            # Killed, or cut before it had begun: the next one does it. The documents that
            # failed before are tried once more then, as always.
            [ "$fault" -eq 2 ] || cat err
            run "$base/fault?$query" || true
            ask fault "UPDATE attempt SET attempts = 1" && ask fault \
                "UPDATE dead_letter SET attempts = 1"
        fi
        compare "round $round (fault $fault, exit $status)" || return 1
    done
    echo "$rounds rounds, $survived went on by themselves"
}

commit_faults() {
    python3 "$ROOT/tests/support/postgres_proxy.py" \
        "${query#host=}/.s.PGSQL.5432" "$work/port" 2 "$1" 2>"$work/proxy.log" &
    proxy=$!
    while [ ! -s "$work/port" ]; do sleep 0.05; done
    status=0
    run "postgres://mizan@127.0.0.1:$(cat "$work/port")/fault" || status=$?
    compare "answers lost $1 the commit, exit $status" || return 1
    [ "$status" -eq 1 ] || { cat err; return 1; }
}

paused() {
    "$mizan" run --db "$base/fault?$query" p.lua >out 2>err &
    pid=$!
    while [ "$(ask fault 'SELECT count(*) FROM document' 2>/dev/null || echo 0)" -lt 5 ]; do
        sleep 0.05
    done
    child=$(pgrep -P "$pid" | head -n 1)
    [ -n "$child" ] || { echo "the run ended before it could be stopped"; return 1; }
    kill -STOP "$child"
    # Its lease passes; a lock that it may hold goes with its session.
    until ask fault "SET lock_timeout = '1s'; UPDATE lease SET owner = 'elsewhere',
            until = '2001-01-01T00:00:00Z'" 2>/dev/null; do
        sleep 0.5
    done
    status=0
    "$mizan" run --db "$base/fault?$query" p.lua >out2 2>err2 || status=$?
    kill -CONT "$child"
    first=0
    wait "$pid" || first=$?
    ask fault "UPDATE attempt SET attempts = 1" && ask fault \
        "UPDATE dead_letter SET attempts = 1"
    compare "after the pause (exits $first and $status)" || return 1
    [ "$status" -eq 1 ] || { cat err2; return 1; }
    if [ "$first" -ne 77 ] || ! grep -q 'passed to another run' err; then
        cat err
        echo "the paused run committed: exit $first"
        return 1
    fi
}

case $kind in
server) server_faults "$argument" ;;
commit) commit_faults "$argument" ;;
paused) paused ;;
*) exit 64 ;;
esac
