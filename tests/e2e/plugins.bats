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
