#!/bin/sh
# Kills, or fails, the run at each of its writing system calls in turn: the Nth pwrite,
# fsync or ftruncate of the child, until a run passes untouched. After each one clean run
# must leave the tables of an undisturbed run.
#
#   BUILD=… ROOT=… kill_calls.sh CALL FAULT STEP     FAULT: signal=SIGKILL, error=ENOSPC, error=EIO
set -eu
call=$1
fault=$2
step=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-calls.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/in"
for i in 1 2 3; do
    echo "The ministry said on Monday that at least 1,${i}00 soldiers and ${i}5 tanks had been sent." >"$work/in/$i.txt"
done
echo 'return {}' >"$work/mizan.lua"
cat >"$work/p.lua" <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" }, mizan.extract.article {}, mizan.extract.figures {},
  mizan.store.figures {},
} }
LUA
run() {
    "$@" "$BUILD/mizan" run --db "sqlite:$database" "$work/p.lua" >/dev/null 2>"$work/err"
}
database=$work/clean.db
run env || { cat "$work/err"; exit 1; }
sh "$ROOT/tests/fault/dump.sh" "$database" >"$work/clean"

database=$work/kill.db
n=1
points=0
while :; do
    rm -f "$work"/kill.db*
    when=$n
    [ "$fault" = signal=SIGKILL ] || when=$n+
    if run strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:$fault:when=$when"; then
        break
    fi
    points=$((points + 1))
    run env || { echo "$call $n $fault: the clean run failed"; cat "$work/err"; exit 1; }
    sh "$ROOT/tests/fault/dump.sh" "$database" | sed '/^== attempt/,$d' >"$work/after"
    sed '/^== attempt/,$d' "$work/clean" | cmp -s - "$work/after" ||
        { echo "$call $n $fault: the tables differ"; diff "$work/clean" "$work/after" | head -n 5; exit 1; }
    n=$((n + step))
done
echo "$call $fault: $points points, a clean run after each left the same tables"
[ "$points" -gt 3 ]
