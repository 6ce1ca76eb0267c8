#!/bin/sh
# kill -9 of `mizan run` at random moments, then one clean run: the tables must equal those
# of an undisturbed run.
#
#   BUILD=… ROOT=… kill_run.sh ROUNDS [MIZAN]
#
# Each round begins with an empty database, kills up to four runs in a row (a kill during
# recovery too), lets one run through and compares. Moments are spread over the time that
# an undisturbed run takes. SEED fixes them; it is printed.
set -eu
rounds=$1
mizan=${2:-$BUILD/mizan}
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-kill.XXXXXX")
seed=${SEED:-$(date +%s)}
echo "seed $seed"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT INT TERM

"$BUILD/demo_server" --root "$ROOT/scripts/partnership/site" --port 0 \
    --port-file "$work/port" --max-seconds 3600 >/dev/null 2>&1 &
server=$!
for _ in $(seq 100); do
    [ -s "$work/port" ] && break
    sleep 0.1
done
site="http://127.0.0.1:$(cat "$work/port")"

run() { # run DATABASE: in the background; the pipeline is the project's own example
    "$mizan" run --db "sqlite:$1" "$ROOT/scripts/partnership.lua" -p "site=$site" \
        >/dev/null 2>"$work/err"
}

random() { # random N: sets `picked` to 0 … N-1; in a subshell the seed would not move on
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    picked=$((seed / 65536 % $1))
}

begin=$(date +%s%3N)
run "$work/clean.db" || { cat "$work/err"; exit 1; }
span=$(($(date +%s%3N) - begin))
sh "$ROOT/tests/fault/dump.sh" "$work/clean.db" >"$work/clean"
[ "$(grep -c . "$work/clean")" -gt 100 ] || { echo "the clean run stored too little"; exit 1; }

killed=0
differing=0
round=0
# At least ROUNDS rounds and ROUNDS kills: a moment after the end of a run kills nothing.
while [ "$round" -lt "$rounds" ] ||
    { [ "$killed" -lt "$rounds" ] && [ "$round" -lt $((rounds * 3)) ]; }; do
    round=$((round + 1))
    rm -f "$work"/kill.db*
    random 4
    for _ in $(seq $((1 + picked))); do
        run "$work/kill.db" &
        pid=$!
        random $((span + 1))
        sleep "$(awk "BEGIN { print $picked / 1000 }")"
        child=$(pgrep -P "$pid" | head -n 1 || true)
        if [ -n "$child" ] && kill -9 "$child" 2>/dev/null; then
            killed=$((killed + 1))
        fi
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    run "$work/kill.db" || { echo "round $round: the clean run failed"; cat "$work/err"; exit 1; }
    sh "$ROOT/tests/fault/dump.sh" "$work/kill.db" >"$work/killed"
    if ! cmp -s "$work/clean" "$work/killed"; then
        differing=$((differing + 1))
        echo "round $round: the tables differ"
        diff "$work/clean" "$work/killed" | head -n 10
    fi
    [ "$(sqlite3 "$work/kill.db" 'PRAGMA integrity_check')" = ok ] ||
        { echo "round $round: the database is damaged"; exit 1; }
done
echo "$round rounds, $killed kills, $differing with other tables; a run takes $span ms"
[ "$killed" -ge "$rounds" ] || { echo "too few runs were killed"; exit 1; }
[ "$differing" -eq 0 ]
