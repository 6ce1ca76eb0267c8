# What every end-to-end test needs. BUILD and ROOT come from ctest's environment.
# shellcheck shell=bash

MIZAN="$BUILD/mizan"
SITE="$ROOT/scripts/partnership/site"

# A folder of the test's own; the database of a test lies in it.
work_setup() {
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/mizan-e2e.XXXXXX")
    export MIZAN_DB="sqlite:$WORK/mizan.db"
    cd "$WORK" || return 1
}

work_teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true
    cd / && rm -rf "$WORK"
}

# serve FOLDER: the project's server on a free loopback port; sets SERVER and URL.
serve() {
    rm -f "$WORK/port"
    "$BUILD/demo_server" --root "$1" --port 0 --port-file "$WORK/port" \
        --log "$WORK/requests.log" --max-seconds 300 >"$WORK/server.log" 2>&1 3>&- &
    SERVER=$!
    for _ in $(seq 200); do
        [ -s "$WORK/port" ] && break
        sleep 0.05
    done
    URL="http://127.0.0.1:$(cat "$WORK/port")"
}

# rows SQL: the result, tab-separated, without a header.
rows() {
    "$MIZAN" query --tsv "$1" | tail -n +2
}

# project: an empty project in the working folder.
project() {
    echo 'return {}' >mizan.lua
}

# pipeline STAGE…: writes p.lua with the stages between figures and store.
pipeline() {
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*.txt" },'
        echo '  mizan.extract.article {},'
        echo '  mizan.extract.figures {},'
        printf '  %s\n' "$@"
        echo '  mizan.store.figures {},'
        echo '} }'
    } >p.lua
}

# fails_with STATUS TEXT…: `run` ended so and its output has every text.
fails_with() {
    local wanted=$1
    shift
    [ "$status" -eq "$wanted" ] || {
        echo "exit $status instead of $wanted: $output"
        return 1
    }
    local text
    for text in "$@"; do
        [[ "$output" == *"$text"* ]] || {
            echo "'$text' is not in: $output"
            return 1
        }
    done
}
