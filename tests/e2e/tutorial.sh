#!/bin/sh
# The steps of docs/tutorial.md, in a folder of its own; ends with 0 when each says what the
# page says. PATH has mizan. No service manager is needed.
set -eu
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-tutorial.XXXXXX")
web=
trap '[ -z "$web" ] || kill "$web" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM
cd "$work"
export HOME="$work"
expect() { # TEXT COMMAND…: its output has the text
    text=$1
    shift
    "$@" >out 2>&1 || {
        cat out
        echo "failed: $*" >&2
        exit 1
    }
    grep -qF -- "$text" out || {
        cat out
        echo "'$text' is not in what this said: $*" >&2
        exit 1
    }
}

printf 'Up to 9.8 billion dollars went out; 457 million to 1.19 billion came back.\n' >text.txt
expect 9800000000 mizan figures text.txt
mizan init press >/dev/null
cd press
mkdir -p in
cp ../text.txt in/first.txt
cat >pipelines/press.lua <<'LUA'
local mizan = require "mizan"

return mizan.pipeline {
  name     = "press",
  about    = { owner = "you@example.org", why = "a first pipeline" },
  schedule = { cron = "17 * * * *" },
  stages   = {
    mizan.fetch.file { path = "in/*.txt" },
    mizan.extract.article {},
    mizan.extract.figures {},
    mizan.store.figures {},
  },
}
LUA
# The page has the same pipeline.
if [ -n "${ROOT:-}" ]; then
    sed -n '/^    local mizan/,/^    }$/s/^    //p' "$ROOT/docs/tutorial.md" >shown
    sed -n '/^local mizan/,/^}$/p' pipelines/press.lua | grep -v '^$' >written
    grep -v '^$' shown | diff - written
fi
expect ok mizan check pipelines/press.lua
expect '1 new' mizan run pipelines/press.lua
expect '1 unchanged' mizan run pipelines/press.lua
expect '9.8 billion' mizan query figures
id=$(mizan query --tsv "SELECT id FROM figure WHERE value_dec = '9800000000'" | tail -n 1)
expect rule mizan why "$id"
expect ':17:00Z' mizan next pipelines/press.lua
mizan web --listen 127.0.0.1:0 2>web.err &
web=$!
tries=0
until grep -q '^mizan web: http' web.err; do
    tries=$((tries + 1))
    [ "$tries" -le 200 ] || {
        cat web.err
        exit 1
    }
    sleep 0.05
done
echo "the tutorial's steps work"
