#!/bin/sh
# The dashboard in Debian's Chromium: builds a home database of the demo site and hands it to
# the scripts of browser/. BUILD and ROOT come from ctest; screenshots stay in
# $BUILD/browser/shots. Ends with 77, which ctest shows as skipped, where a browser or npm is
# missing.
set -eu

skip() {
    echo "skipped: $1"
    exit 77
}

# wait_for FILE: until it is there and holds something, at most ten seconds.
wait_for() {
    tries=0
    while [ ! -s "$1" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 200 ] || {
            echo "$1 did not come" >&2
            exit 1
        }
        sleep 0.05
    done
}

browser=${MIZAN_CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || skip "there is no Chromium ($browser)"
command -v node >/dev/null || skip "there is no Node.js"
command -v npm >/dev/null || skip "there is no npm"

out=$BUILD/browser
mkdir -p "$out/shots"
cp "$ROOT"/tests/e2e/browser/* "$out"
cd "$out"
if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci --no-audit --no-fund >npm.log 2>&1 || skip "npm cannot install Playwright: $(tail -n 1 npm.log)"
    cp package-lock.json node_modules/.installed
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-browser.XXXXXX")
site=
web=
# shellcheck disable=SC2317  # called by the trap
cleanup() {
    [ -z "$site" ] || kill "$site" 2>/dev/null || true
    [ -z "$web" ] || kill "$web" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT INT TERM
export MIZAN_DB="sqlite:$work/mizan.db"
cd "$work"
echo 'return {}' >mizan.lua

"$BUILD/demo_server" --root "$ROOT/scripts/partnership/site" --port 0 --port-file port \
    --log requests.log --max-seconds 900 >server.log 2>&1 &
site=$!
wait_for port
"$BUILD/mizan" run "$ROOT/scripts/partnership.lua" -p "site=http://127.0.0.1:$(cat port)" \
    >run.out 2>run.err || {
    cat run.err
    exit 1
}
timeout 900 "$BUILD/mizan" web --listen 127.0.0.1:0 2>web.err &
web=$!
wait_for web.err
address=$(sed -n 's,^mizan web: \(http.*\)/$,\1,p' web.err)

failed=0
node "$out/pages.mjs" "$address" "$out/shots" || failed=1
node "$out/hostile.mjs" "$BUILD/mizan" "$work" || failed=1
node "$out/live.mjs" "$BUILD/mizan" "$work" "http://127.0.0.1:$(cat port)" || failed=1
exit "$failed"
