#!/bin/sh
# From nothing to figures: installs what is missing, builds the program, starts the demo
# site on a free port of this machine, runs the pipeline twice and shows what it found.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install-packages.sh build
[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build --preset release >build/release/build.log 2>&1 || {
    tail -n 40 build/release/build.log >&2
    exit 70
}

work=build/quickstart
rm -rf "$work"
mkdir -p "$work"
MIZAN_DB="sqlite:$PWD/$work/mizan.db"
export MIZAN_DB
mizan=build/release/mizan

build/release/demo_server --root scripts/partnership/site --port 0 \
    --port-file "$work/port" --log "$work/requests.log" --max-seconds 120 \
    >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT INT TERM

tries=0
while [ ! -s "$work/port" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || {
        echo "the demo server did not start:" >&2
        cat "$work/server.log" >&2
        exit 69
    }
    sleep 0.1
done
site="http://127.0.0.1:$(cat "$work/port")"

echo "the demo site: $site/feed.xml"
echo
echo "first run: everything is new"
"$mizan" run scripts/partnership.lua -p "site=$site"
echo
echo "second run: nothing changed, nothing is stored twice"
"$mizan" run scripts/partnership.lua -p "site=$site" >/dev/null
echo
echo "what arms were worth, what came back, and the balance (mizan query ratio):"
"$mizan" query ratio --table
echo
echo "the database: $PWD/$work/mizan.db"
echo "look further: MIZAN_DB=$MIZAN_DB $mizan query"
