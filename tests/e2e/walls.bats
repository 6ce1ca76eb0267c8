# The walls of a run's child: what a plugin may not do it is not let, the failure says so
# and what to write; nothing but the run notices.
load common
setup() {
    work_setup
    project
    echo "12 tanks." >a.txt
    export MIZAN_PLUGIN_PATH="$BUILD/tests/plugins/traps"
    OUTSIDE=$(mktemp -d "${TMPDIR:-/tmp}/mizan-outside.XXXXXX")
    echo secret >"$OUTSIDE/secret.txt"
    ! ldd "$MIZAN" | grep -q "libasan\|libtsan" || SANITIZED=1
}
teardown() {
    rm -rf "$OUTSIDE"
    work_teardown
}

# pries ACT [TARGET [STAGE]]: runs a pipeline whose plugin tries that.
pries() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "a.txt" },
  mizan.extract.article {},
  mizan.extract.pries { act = "$1", target = "${2:-/}" },
  ${3:-}
  mizan.store.figures {},
} }
LUA
    run "$MIZAN" run p.lua
}

# kept_away TEXT…: it failed, the letter has each text.
kept_away() {
    [ "$status" -ne 0 ] || { echo "it worked: $output"; return 1; }
    local letter
    letter=$(rows "SELECT reason FROM dead_letter")
    for text in "$@"; do
        [[ "$letter" == *"$text"* ]] || { echo "'$text' is not in: $letter"; return 1; }
    done
}

need_landlock() {
    ! rows "SELECT settings FROM run" | grep -q "no landlock" || skip "no Landlock here"
}
need_filter() {
    [ -z "${SANITIZED:-}" ] || skip "walls are lowered for sanitizers"
}

@test "files outside are neither read nor written; the message says so" {
    pries read "$OUTSIDE/secret.txt"
    need_landlock
    kept_away "extract.pries" "$OUTSIDE/secret.txt" "Permission denied" "walls of the run"
    rm -f mizan.db*
    pries write "$OUTSIDE/new.txt"
    kept_away "$OUTSIDE/new.txt" "Permission denied" "walls of the run"
    [ ! -e "$OUTSIDE/new.txt" ]
    [ "$(rows "SELECT count(*) FROM document")" -eq 0 ]
}

@test "folders that mizan.lua names are open, each for what it is named" {
    echo "return { reads = { \"$OUTSIDE\" } }" >mizan.lua
    pries read "$OUTSIDE/secret.txt"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    rm -f mizan.db*
    pries write "$OUTSIDE/new.txt"
    need_landlock
    kept_away "Permission denied"
    echo "return { writes = { \"$OUTSIDE\" } }" >mizan.lua
    rm -f mizan.db*
    pries write "$OUTSIDE/new.txt"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ -e "$OUTSIDE/new.txt" ]
}

@test "the project is read, not written; the database's folder is written" {
    mkdir data
    export MIZAN_DB="sqlite:$WORK/data/mizan.db"
    pries write "$WORK/new.txt"
    need_landlock
    kept_away "Permission denied"
    [ ! -e new.txt ]
    # Standard output as a store's path is no folder.
    rm -f data/*
    pries write "$WORK/new.txt" 'mizan.store.jsonl { path = "-" },'
    kept_away "Permission denied"
    [ ! -e new.txt ]
}

@test "no network where no stage needs it, no programs, no signals, no higher limits" {
    need_filter
    for act in socket unix type fork signal raise memory; do
        rm -f mizan.db*
        pries $act
        kept_away "extract.pries" "$act"
    done
    # Programs may need local sockets.
    echo 'return { programs = { "true" } }' >mizan.lua
    rm -f mizan.db*
    pries unix
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "programs that mizan.lua names run, others do not" {
    need_filter
    echo 'return { programs = { "true" } }' >mizan.lua
    pries execute "$(type -P true)"
    [ "$status" -eq 0 ] || { rows "SELECT reason FROM dead_letter"; return 1; }
    rm -f mizan.db*
    pries execute "$(type -P id)"
    need_landlock
    kept_away "execute" "Permission denied"
}

@test "walls = off, by mizan.lua or MIZAN_WALLS, is shown in the run row" {
    echo 'return { walls = "off" }' >mizan.lua
    pries read "$OUTSIDE/secret.txt"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$(rows "SELECT settings FROM run")" == *'"walls":"off (mizan.lua)"'* ]]
    echo 'return {}' >mizan.lua
    rm -f mizan.db*
    MIZAN_WALLS=off pries read "$OUTSIDE/secret.txt"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$(rows "SELECT settings FROM run")" == *'"walls":"off (MIZAN_WALLS)"'* ]]
    MIZAN_WALLS=perhaps pries read "$OUTSIDE/secret.txt"
    fails_with 78 "MIZAN_WALLS" "on (the default) or off"
    echo 'return { walls = "of" }' >mizan.lua
    pries read
    fails_with 78 "walls"
}

@test "try has walls too, and reads the input that it was given" {
    pries read "$OUTSIDE/secret.txt"
    run "$MIZAN" try p.lua "$OUTSIDE/secret.txt" --to article
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    rm -f mizan.db*
    pries read /root
    need_landlock
    kept_away "Permission denied"
}
