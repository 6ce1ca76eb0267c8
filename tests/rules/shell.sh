#!/bin/sh
# Every shell script is plain POSIX sh without a finding of shellcheck; what the
# end-to-end tests load is bash.
# usage: shell.sh ROOT SHELLCHECK
set -eu
cd "$1"
count=$(find scripts tests -name '*.sh' | wc -l)
[ "$count" -gt 0 ] || { echo "no script was found"; exit 1; }
find scripts tests -name '*.sh' -exec "$2" --shell=sh {} +
# bats sets status and output, and the tests read what the file sets.
"$2" --shell=bash --exclude=SC2034,SC2154 tests/e2e/common.bash
echo "$count scripts, no findings"
