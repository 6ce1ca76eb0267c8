#!/bin/sh
# Kills a run over a drop folder at each of its writes and renames in turn, then lets one
# through: every file must be stored once and be in `done`, none lost and none left.
#
#   BUILD=… ROOT=… drop_folder.sh STEP [FETCH_FILE.so]      STEP: of the writes, every STEPth
set -eu
step=$1
plugin=${2:-$BUILD/plugins/fetch_file.so}
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-drop.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir "$work/bin" "$work/bin/plugins"
cp "$BUILD/mizan" "$work/bin/"
cp "$BUILD/plugins/store_jsonl.so" "$work/bin/plugins/"
cp "$plugin" "$work/bin/plugins/fetch_file.so"
chmod -R go-w "$work/bin"
echo 'return {}' >"$work/mizan.lua"
cat >"$work/p.lua" <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in", after = "move", done = "done", settle = "0s" },
  mizan.store.jsonl { path = "out.jsonl", types = { "document" } },
} }
LUA

run() {
    "$@" "$work/bin/mizan" run --db "sqlite:$work/mizan.db" "$work/p.lua" >/dev/null 2>"$work/err"
}

# sweep CALL STEP: until a run passes untouched.
sweep() {
    n=1
    while :; do
        rm -rf "$work"/mizan.db* "$work/out.jsonl" "$work/in" "$work/done"
        mkdir "$work/in"
        for file in a b c; do echo "file $file" >"$work/in/$file.txt"; done
        if run strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:signal=SIGKILL:when=$n"; then
            break
        fi
        points=$((points + 1))
        run env || { echo "$1 $n: the clean run failed"; cat "$work/err"; exit 1; }
        stored=$(sqlite3 "$work/mizan.db" 'SELECT count(*), count(DISTINCT url) FROM document')
        moved=$(find "$work/done" -type f | wc -l)
        if [ "$stored" != "3|3" ] || [ "$moved" -ne 3 ] || [ -n "$(ls "$work/in")" ]; then
            echo "$1 $n: a file was lost or left: $stored stored, $moved moved, in: $(ls "$work/in")"
            exit 1
        fi
        n=$((n + $2))
    done
}

points=0
sweep renameat2 1
[ "$points" -eq 3 ] || { echo "$points renames where 3 are expected"; exit 1; }
sweep pwrite64 "$step"
echo "$points points, after each all files were stored once and moved"
[ "$points" -gt 6 ]
