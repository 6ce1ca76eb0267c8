# fetch.exec and fetch.stdin: rows and documents of programs and of standard input.
load common
setup() {
    work_setup
    echo 'return { programs = { "sh" } }' >mizan.lua
}
teardown() { work_teardown; }

# pipeline STAGE: writes p.lua, which reads with that stage.
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  $1,
  mizan.each("document", "text", function(doc)
    return { doc, mizan.record("page", { body = doc.body, kind = doc.media_type }) }
  end),
  mizan.store.jsonl { path = "out.jsonl", types = { "row", "page" } },
} }
LUA
}
exec_with() { rm -f mizan.db* out.jsonl; pipeline "mizan.fetch.exec { program = \"sh\", arguments = { \"-c\", [[$1]] } ${2:-} }"; run "$MIZAN" run p.lua; }
count() { grep -c '"_type":"row"' out.jsonl; }

@test "what a program prints is rows of JSON, of text, one JSON text, or a document" {
    exec_with 'echo "{\"n\":1.50}"; echo; echo "{\"n\":20000000000000000001}"'
    [ "$status" -eq 0 ] && [ "$(count)" -eq 2 ] || { echo "$output"; cat out.jsonl; return 1; }
    grep -q '"_type":"row","n":1.5,' out.jsonl && grep -q '"n":20000000000000000001' out.jsonl || { cat out.jsonl; return 1; }
    # The same again is unchanged.
    run "$MIZAN" run p.lua
    [[ "$output" == *"0 new, 1 unchanged"* ]] || { echo "$output"; return 1; }
    exec_with 'cat; echo two' ', as = "lines", input = "one\n"'
    grep -q '"text":"one"' out.jsonl && grep -q '"text":"two"' out.jsonl && [ "$(count)" -eq 2 ]
    exec_with 'echo "{\"a\":{\"b\":[{\"n\":1},{\"n\":2},3]}}"' ', as = "json", records = "/a/b"'
    [ "$(count)" -eq 3 ] && grep -q '"value":3' out.jsonl || { echo "$output"; cat out.jsonl; return 1; }
    exec_with 'echo "<p>x"; env >env.txt; pwd >pwd.txt' ', as = "document", media_type = "text/html"'
    grep -qF '"body":"<p>x\n","kind":"text/html"' out.jsonl || { cat out.jsonl; return 1; }
    [[ "$(cat env.txt)" != *MIZAN* ]] && [ "$(cat pwd.txt)" = "$WORK" ]
    exec_with 'yes "{\"a\":1}" | head -n 25000'
    [ "$(count)" -eq 25000 ] && [ "$(rows "SELECT count(*) FROM document")" -eq 3 ]
}

@test "a program that fails, is late or prints too much leaves nothing, with its last words" {
    exec_with 'echo "{}"; echo first >&2; echo "cannot go on" >&2; exit 3'
    fails_with 69 "ended with status 3: first|cannot go on" "0 new"
    exec_with 'kill -SEGV $$'
    fails_with 69 "was ended by signal 11"
    exec_with 'sleep 61.53 & sleep 61.53' ', timeout = "500ms"'
    fails_with 69 "took longer than 500 ms"
    run pgrep -f '^sleep 61.53$'
    [ -z "$output" ]
    exec_with 'yes' ', most = "64k"'
    fails_with 69 "printed more than 65536 bytes"
    exec_with 'echo "[1]"; echo "{\"broken"'
    fails_with 1 "line 2" "1 failed"
    sed -i 's/"sh"/"nowhere"/' p.lua
    run "$MIZAN" run p.lua
    fails_with 77 "the project does not allow the program nowhere"
    echo 'return { programs = { "nowhere" } }' >mizan.lua
    run "$MIZAN" run p.lua
    fails_with 69 "cannot be started: No such file"
}

@test "sources run the program once each, with arguments and state of their own" {
    pipeline 'mizan.fetch.exec { program = "sh", arguments = { "-c", [[echo "{\"v\":\"$0 $1\"}"]] }, sources = {
      { id = "a", arguments = { "one", "two" } }, { id = "b", arguments = "three" } } }'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -q '"v":"one two"' out.jsonl && grep -q '"v":"three "' out.jsonl
    [ "$(rows "SELECT group_concat(id) FROM (SELECT id FROM source ORDER BY id)")" = "a,b" ]
}

@test "standard input: any number of rows in little memory, a document, a limit" {
    pipeline 'mizan.fetch.stdin { as = "jsonl" }'
    sed -i '/mizan.each/,/end),/d' p.lua
    seq 200000 | sed 's/.*/{"n":&}/' | "$MIZAN" run p.lua
    [ "$(count)" -eq 200000 ]
    [ "$(rows "SELECT count(*) FROM document")" -eq 20 ]
    rm -f mizan.db* out.jsonl
    pipeline 'mizan.fetch.stdin { media_type = "text/html" }'
    echo '<p>hello' | "$MIZAN" run p.lua
    grep -qF '"body":"<p>hello\n","kind":"text/html"' out.jsonl
    pipeline 'mizan.fetch.stdin { most = "1k" }'
    run bash -c "head -c 2000 /dev/zero | '$MIZAN' run p.lua"
    fails_with 69 "more than 1024 bytes"
    pipeline 'mizan.fetch.stdin { timeout = "300ms" }'
    run bash -c "sleep 3 | '$MIZAN' run p.lua"
    fails_with 69 "gave nothing more for 300 ms"
}
