#!/bin/sh
# postgres_mutant.sh WORDS ARGUMENT…: succeeds when postgres.sh ARGUMENT… fails with WORDS.
set -eu
words=$1
shift
status=0
out=$(sh "$ROOT/tests/fault/postgres.sh" "$@" 2>&1) || status=$?
[ "$status" -ne 77 ] || exit 77
if [ "$status" -eq 0 ]; then
    echo "$out"
    echo "the mutant passed: the test proves nothing"
    exit 1
fi
echo "$out" | grep -q "$words" || {
    echo "$out"
    echo "the mutant failed for another reason"
    exit 1
}
