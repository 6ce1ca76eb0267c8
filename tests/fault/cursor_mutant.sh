#!/bin/sh
# The end-to-end test of a failing page must catch a cursor that moves before the last
# page: cursor_mutant.sh MUTANT.so succeeds when that test fails for the right reason.
set -eu
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-cursor.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/plugins"
cp "$BUILD/mizan" "$work/"
cp "$BUILD/plugins/store_jsonl.so" "$work/plugins/"
cp "$1" "$work/plugins/fetch_http.so"
chmod -R go-w "$work"
out=$(BUILD=$work bats -f 'a failing third page' "$ROOT/tests/e2e/api.bats" 2>&1) && {
    echo "$out"
    echo "the mutant passed: the test proves nothing"
    exit 1
}
# The cursor must not stand there after the failure.
# shellcheck disable=SC2016  # the words of the test, as they stand there
echo "$out" | grep -qF '[ -z "$(cursor)" ]' || {
    echo "$out"
    echo "the mutant failed for another reason"
    exit 1
}
echo "caught: the cursor stood before the last page was there"
