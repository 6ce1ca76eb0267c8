# fetch.file on drop folders: files go away once they are stored, and not before.
load common
setup() {
    work_setup
    project
    mkdir in
}
teardown() { work_teardown; }

# pipeline OPTIONS: writes p.lua, which takes the folder `in` with them.
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in", $1 },
  mizan.each("document", "row", function(doc)
    if doc.body:find "broken" then error "broken" end
    return mizan.record("row", { text = doc.body, kind = doc.media_type })
  end),
  mizan.store.jsonl { path = "out.jsonl", types = { "row" } },
} }
LUA
}

@test "stored files move, are marked or deleted; one that failed stays until it is stored" {
    pipeline 'after = "move", done = "done", settle = "0s"'
    echo one >in/a.txt
    echo broken >in/b.txt
    echo three >in/c.txt
    run "$MIZAN" run p.lua
    fails_with 1 "2 new" "1 failed"
    [ "$(ls in)" = b.txt ]
    [ "$(ls done | tr '\n' ' ')" = "a.txt c.txt " ]
    sed -i 's/broken" then/none" then/' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ -z "$(ls in)" ]
    [ "$(ls done | tr '\n' ' ')" = "a.txt b.txt c.txt " ]
    [ "$(wc -l <out.jsonl)" -eq 3 ]
    # The same bytes again, under another name, are known; a name that is taken is not replaced.
    echo one >in/again.txt
    echo other >in/a.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 new"*"1 unchanged"* ]] || { echo "$output"; return 1; }
    [ "$(cat done/a.txt) $(cat done/a.txt.1)" = "one other" ]
    # Nothing dropped is nothing wrong.
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    pipeline 'after = "mark", settle = "0s"'
    echo four >in/d.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] && [ "$(ls in)" = d.txt.done ] || { echo "$output"; ls in; return 1; }
    pipeline 'after = "delete", settle = "0s"'
    rm in/*
    echo five >in/e.txt
    echo six >in/f.txt.part
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] && [ "$(ls in)" = f.txt.part ] || { echo "$output"; ls in; return 1; }
}

@test "a file that is still being written waits; one that settles meanwhile is taken whole" {
    pipeline 'after = "move", done = "done", settle = "1s"'
    echo whole >in/a.txt
    (for i in $(seq 30); do echo "line $i" >>in/b.txt; sleep 0.2; done) 3>&- &
    writer=$!
    sleep 0.3
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; kill $writer; return 1; }
    [ "$(ls done)" = a.txt ] && [ "$(ls in)" = b.txt ] || { ls in done; kill $writer; return 1; }
    wait $writer
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(ls done | tr '\n' ' ')" = "a.txt b.txt " ]
    [[ "$(tail -n 1 out.jsonl)" == *"line 30"* ]]
}

@test "packed files are read; bombs and cut ones are left out with the cause" {
    pipeline 'after = "move", done = "done", settle = "0s", maximum = "64M"'
    printf '{"a":1}' | gzip >in/a.json.gz
    printf 'two' | zstd -q >in/b.txt.zst
    { printf 'three' | gzip; printf 'four' | gzip; } >in/c.txt.gz
    head -c 60000000 /dev/zero | gzip >in/bomb.txt.gz
    head -c 60000000 /dev/zero | zstd -q >in/bomb.txt.zst
    head -c 100000 /dev/urandom | gzip | head -c 50000 >in/cut.txt.gz
    echo 'no gzip' >in/wrong.txt.gz
    run "$MIZAN" run p.lua
    [[ "$output" == *"bomb.txt.gz: unpacks to more than 200 times"*"bomb.txt.zst: unpacks"* ]] || { echo "$output"; return 1; }
    [[ "$output" == *"cut.txt.gz: damaged or cut"*"wrong.txt.gz: damaged"* ]] || { echo "$output"; return 1; }
    [ "$(ls done | tr '\n' ' ')" = "a.json.gz b.txt.zst c.txt.gz " ]
    grep -qF '"kind":"application/json","text":"{\"a\":1}"' out.jsonl || { cat out.jsonl; return 1; }
    grep -q '"text":"threefour"' out.jsonl
}

@test "move without a folder, and a folder without move, are refused" {
    pipeline 'after = "move"'
    run "$MIZAN" run p.lua
    [ "$status" -ne 0 ] && [[ "$output" == *"wants done, the folder"* ]] || { echo "$output"; return 1; }
    pipeline 'done = "done"'
    run "$MIZAN" run p.lua
    [ "$status" -ne 0 ] && [[ "$output" == *'done is for after = "move"'* ]] || { echo "$output"; return 1; }
}
