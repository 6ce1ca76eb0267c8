#!/bin/sh
# symbols.sh BUILD: no two parts of the host define one name. The linker takes whichever it
# meets first in their archives, without a word, and the other's callers get the wrong one.
set -eu
twice=$(for archive in "$1"/host/*/lib*.a; do
    nm -g --defined-only "$archive" 2>/dev/null | awk '$2 ~ /^[TDBR]$/ { print $3 }' | sort -u
done | sort | uniq -d)
found=$(find "$1"/host -name 'lib*.a' | wc -l)
[ "$found" -ge 10 ] || {
    echo "only $found parts of the host in $1/host: build it first"
    exit 1
}
if [ -n "$twice" ]; then
    echo "defined in more than one part of the host:"
    echo "$twice"
    exit 1
fi
echo "$found parts, no name twice"
