#!/bin/sh
# The kill test must catch a commit that is split in two: kill_mutant.sh ROUNDS MUTANT
# succeeds when kill_run.sh fails for the right reason.
set -eu
out=$(sh "$ROOT/tests/fault/kill_run.sh" "$1" "$2" 2>&1) && {
    echo "$out"
    echo "the mutant passed: the kill test proves nothing"
    exit 1
}
echo "$out" | grep -q 'the tables differ' || {
    echo "$out"
    echo "the mutant failed for another reason"
    exit 1
}
echo "$out" | tail -n 1
