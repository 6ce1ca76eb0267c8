#!/bin/sh
# The top of the tree holds what ARCHITECTURE names and nothing else; plugins export one
# symbol; the program links no libcurl.
# usage: tree.sh ROOT BUILD
set -eu
root=$1
build=$2
bad=0

say() {
    echo "$1"
    bad=1
}

if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
    for entry in $(git -C "$root" ls-files | cut -d/ -f1 | sort -u); do
        case "$entry" in
        CMakeLists.txt | CMakePresets.json | README.md | LICENSE) ;;
        host | plugins | scripts | tests | config | docs | .*) ;;
        *) say "$entry does not belong at the top of the tree" ;;
        esac
    done
fi

count=0
for plugin in "$build"/plugins/*.so; do
    count=$((count + 1))
    symbols=$(nm -D --defined-only "$plugin" | awk '$2 != "A" { print $3 }' |
        grep -vE '^(__asan|__ubsan|__odr_asan|_init$|_fini$|__bss_start|_edata|_end)' |
        tr '\n' ' ')
    [ "$symbols" = "mizan_plugin_v1 " ] ||
        say "$plugin exports '$symbols' instead of mizan_plugin_v1 alone"
    # Databases of users are read and written with the one shared copy of SQLite in the
    # process.
    if ldd "$plugin" | grep -q libsqlite3 && [ "$(basename "$plugin")" != fetch_sql.so ] &&
        [ "$(basename "$plugin")" != store_sqlite.so ]; then
        say "$plugin links SQLite: the home database is reached through the host"
    fi
    if ldd "$plugin" | grep -q libpq; then
        say "$plugin links libpq: it is loaded when a query asks for it"
    fi
done
[ "$count" -gt 0 ] || say "no plugin was found in $build/plugins"

if ldd "$build/mizan" | grep -q libcurl; then
    say "mizan links libcurl: it must be loaded by the runs that fetch"
fi
[ "$bad" -eq 0 ] && echo "$count plugins, tree as it should be"
exit "$bad"
