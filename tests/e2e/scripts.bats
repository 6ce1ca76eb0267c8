# Mistakes in scripts: file, line, the line itself, what was expected, the nearest name.
load common
setup() { work_setup; project; }
teardown() { work_teardown; }

# check_fails LUA TEXT…: the script is refused with exit 78 and every text.
check_fails() {
    printf '%s\n' "$1" >p.lua
    shift
    run "$MIZAN" check p.lua
    fails_with 78 "$@"
}

HEAD='local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store'

@test "a syntax error shows its line" {
    check_fails 'local x = = 1' "p.lua:1" "local x = = 1"
}

@test "a misspelt option names the nearest" {
    check_fails "$HEAD
return mizan.pipeline { name = \"p\", stages = {
  fetch.file { path = \"x\" },
  extract.figures { lnags = { \"ar\" } },
  store.figures {},
} }" "p.lua:5" "extract.figures { lnags" "'lnags'" "langs"
}

@test "a misspelt plugin names the nearest" {
    check_fails "$HEAD
return mizan.pipeline { name = \"p\", stages = { fetch.fiel { path = \"x\" }, store.figures {} } }" \
        "p.lua:3" "fiel" "file"
}

@test "a value of the wrong type says what was expected" {
    check_fails "$HEAD
return mizan.pipeline { name = \"p\", stages = { fetch.feed { sources = { { id = \"a\", url = \"http://a/\" } }, first = 7 }, store.figures {} } }" \
        "first" "duration"
}

@test "a hole in the stages names its position" {
    check_fails "$HEAD
return mizan.pipeline { name = \"p\", stages = { fetch.file { path = \"x\" }, nil, store.figures {} } }" "2"
}

@test "the last stage must store" {
    check_fails "$HEAD
return mizan.pipeline { name = \"p\", stages = { fetch.file { path = \"x\" }, extract.figures {} } }" "store"
}

@test "a script that never ends is stopped" {
    printf 'while true do end\n' >p.lua
    run "$MIZAN" check p.lua
    fails_with 70 "p.lua:1" "5 s"
}

@test "a script that eats memory is stopped" {
    printf 'local t = {} while true do t[#t + 1] = ("x"):rep(5000):rep(10000) end\n' >p.lua
    run "$MIZAN" check p.lua
    fails_with 70 "256 MiB"
}

@test "no way out of the sandbox" {
    for name in os io debug package dofile loadfile load; do
        check_fails "return $name.x" "$name"
    done
}

@test "a missing file" {
    run "$MIZAN" check nowhere.lua
    fails_with 66 "nowhere.lua"
}

@test "several files: the good ones are still checked" {
    printf 'x = ' >bad.lua
    cp "$ROOT/scripts/partnership.lua" good.lua
    mkdir partnership && cp "$ROOT/scripts/partnership/topics.lua" partnership/
    run "$MIZAN" check bad.lua good.lua
    fails_with 78 "bad.lua" "good.lua: ok"
}
