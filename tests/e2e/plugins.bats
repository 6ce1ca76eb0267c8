# Bad plugins: each refused or ended with a sentence that names it, nothing half-stored.
load common
setup() {
    work_setup
    project
    echo "12 tanks." >a.txt
}
teardown() { work_teardown; }

# with_plugin FOLDER NAME [LIMITS]: a pipeline that uses extract.NAME from that folder.
with_plugin() {
    export MIZAN_PLUGIN_PATH="$BUILD/tests/plugins/$1"
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", ${3:-} stages = {
  mizan.fetch.file { path = "a.txt" },
  mizan.extract.article {},
  mizan.extract.$2 {},
  mizan.store.figures {},
} }
LUA
}

nothing_stored() {
    [ ! -e "$WORK/mizan.db" ] ||
        [ "$(rows "SELECT (SELECT count(*) FROM document) + (SELECT count(*) FROM figure) + (SELECT count(*) FROM url_state)")" -eq 0 ]
}

@test "built for another major version of the ABI" {
    with_plugin bad abi2
    run "$MIZAN" run p.lua
    fails_with 78 "extract_abi2" "2" "1"
    nothing_stored
}

@test "truncated" {
    with_plugin bad truncated
    run "$MIZAN" run p.lua
    fails_with 78 "extract_truncated"
    nothing_stored
}

@test "crashes when it is loaded" {
    with_plugin bad crash_load
    run "$MIZAN" run p.lua
    fails_with 70 "crash_load"
    nothing_stored
}

@test "crashes when it is opened" {
    with_plugin bad crash_open
    run "$MIZAN" run p.lua
    fails_with 70 "crash_open" "open"
    nothing_stored
}

@test "ends the process" {
    with_plugin bad exit_open
    run "$MIZAN" run p.lua
    fails_with 70 "exit_open"
    nothing_stored
}

@test "loops for ever" {
    with_plugin bad loop 'limits = { plugin = "1s" },'
    run timeout 20 "$MIZAN" run p.lua
    fails_with 70 "extract.loop" "deadline" "a.txt"
    nothing_stored
    [ "$(rows "SELECT status FROM run")" = failed ]
    [[ "$(rows "SELECT error FROM run")" == *"extract.loop"* ]]
}

@test "a bad plugin blocks only the pipelines that use it" {
    with_plugin bad abi2
    sed -i '/abi2/d' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" plugin list
    [ "$status" -ne 0 ] || [[ "$output" == *"refused"* ]]
}

@test "two plugins of one name: both paths are shown" {
    mkdir a b
    cp "$BUILD/plugins/extract_figures.so" a/
    cp "$BUILD/plugins/extract_figures.so" b/
    with_plugin bad figures
    export MIZAN_PLUGIN_PATH="$WORK/a:$WORK/b"
    run "$MIZAN" run p.lua
    fails_with 78 "$WORK/a/extract_figures.so" "$WORK/b/extract_figures.so"
}

# milliseconds COMMAND…: how long it took, in `took`.
milliseconds() {
    local begun=${EPOCHREALTIME/./}
    run "$@"
    took=$(((${EPOCHREALTIME/./} - begun) / 1000))
}

@test "traps: each ends within its limit and a second, is named, and costs the run alone" {
    with_plugin traps meddle 'limits = { plugin = "1s" },'
    sed -i '/extract.meddle/d' p.lua
    milliseconds "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    local plain=$took trap
    for trap in loop block crash abort exit close_files; do
        rm -f "$WORK"/mizan.db*
        with_plugin traps $trap 'limits = { plugin = "1s" },'
        milliseconds timeout 30 "$MIZAN" run p.lua
        fails_with 70 "extract.$trap" || { echo "$trap: $output"; return 1; }
        [ "$took" -le $((plain + 2000)) ] || {
            echo "$trap took $took ms, a plain run $plain"
            return 1
        }
        nothing_stored
        [ "$(rows "SELECT status FROM run")" = failed ]
    done
}

@test "a plugin that meddles with its process changes nothing for others" {
    with_plugin traps meddle
    trap 'touch "$WORK/told"' TERM
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    kill -TERM $BASHPID
    [ -e "$WORK/told" ]
    trap - TERM
    [ "$(pwd)" = "$WORK" ]
    [ "$(rows "SELECT status FROM run")" = ok ]
}

@test "a plugin that crashes in three runs in a row is disabled, until it is enabled" {
    with_plugin traps crash
    # The signal itself is wanted here, not a sanitizer's report of it.
    export ASAN_OPTIONS="${ASAN_OPTIONS:-}:handle_segv=0"
    for n in 1 2 3; do
        echo "$n tanks." >a.txt
        mv a.txt "a$n.txt"
        sed -i "s/a[0-9]*.txt/a$n.txt/" p.lua
        run "$MIZAN" run p.lua
        fails_with 70 "extract.crash" "crashed"
    done
    sed -i "s/a3.txt/a1.txt/" p.lua
    run "$MIZAN" run p.lua
    fails_with 78 "extract.crash is disabled" "3 times in a row" "Segmentation fault" \
        "mizan plugin enable extract.crash"
    run "$MIZAN" plugin enable extract.echo
    fails_with 66 "extract.echo"
    run "$MIZAN" plugin enable extract.crash
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run p.lua
    fails_with 70 "extract.crash" "crashed"
}

@test "crashes when it is opened count too; a run that ends begins the count anew" {
    echo 'return { crashes = 2 }' >mizan.lua
    with_plugin traps crash_open
    run "$MIZAN" run p.lua
    fails_with 70 "extract.crash_open"
    run "$MIZAN" run p.lua
    fails_with 70 "extract.crash_open"
    run "$MIZAN" run p.lua
    fails_with 78 "disabled" "2 times in a row"
    # The other plugins of that pipeline are not to blame.
    sed -i '/crash_open/d' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # A file of that name that works ends the row.
    mkdir mended
    with_plugin traps crash_open
    "$MIZAN" plugin enable extract.crash_open
    run "$MIZAN" run p.lua
    fails_with 70 "extract.crash_open"
    [ "$(rows "SELECT count(*) FROM source_state WHERE source_id = 'plugins'")" -eq 1 ]
    gcc -shared -fPIC "-I$ROOT/host/include" '-DNAME="crash_open"' \
        "$ROOT/tests/abi/plugins/behaviour.c" -o mended/extract_crash_open.so || skip "no gcc"
    chmod go-w mended mended/*
    MIZAN_PLUGIN_PATH="$WORK/mended" run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM source_state WHERE source_id = 'plugins'")" -eq 0 ]
}
