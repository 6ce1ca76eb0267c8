#!/bin/sh
# The test of drop folders must catch a plugin that moves files before their commit:
# drop_mutant.sh STEP MUTANT.so succeeds when drop_folder.sh fails for the right reason.
set -eu
out=$(sh "$ROOT/tests/fault/drop_folder.sh" "$1" "$2" 2>&1) && {
    echo "$out"
    echo "the mutant passed: the test proves nothing"
    exit 1
}
echo "$out" | grep -q 'a file was lost' || {
    echo "$out"
    echo "the mutant failed for another reason"
    exit 1
}
echo "$out" | tail -n 1
