#!/bin/sh
# Every C file is as clang-format leaves it.
# usage: format.sh ROOT CLANG_FORMAT
set -eu
cd "$1"
find host plugins tests -name '*.[ch]' | sort | xargs "$2" --dry-run --Werror 2>"${TMPDIR:-/tmp}/format.$$" || {
    grep -o '^[^:]*:[0-9]*:[0-9]*: error' "${TMPDIR:-/tmp}/format.$$" | cut -d: -f1 | sort | uniq -c
    rm -f "${TMPDIR:-/tmp}/format.$$"
    echo "run: clang-format -i FILE"
    exit 1
}
rm -f "${TMPDIR:-/tmp}/format.$$"
