# The unit of work: its ends, its versions, what a repeat does.
load common
setup() {
    work_setup
    project
    mkdir in
}
teardown() { work_teardown; }

@test "a page that goes A, B, A is three versions" {
    pipeline
    for body in "12,000 soldiers came." "15,000 soldiers came." "12,000 soldiers came."; do
        echo "$body" >in/a.txt
        run "$MIZAN" run p.lua
        [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    done
    [ "$(rows "SELECT count(*) FROM document")" -eq 3 ]
    [ "$(rows "SELECT count(*) FROM document WHERE prev_id IS NOT NULL")" -eq 2 ]
    [ "$(rows "SELECT count(DISTINCT raw_sha256) FROM document")" -eq 2 ]
    [ "$(rows "SELECT count(*) FROM figure WHERE kind = 'count'")" -eq 3 ]
}

@test "dropped: counted by reason, no trace, exit 0" {
    echo "12 tanks and 3 ships." >in/a.txt
    pipeline 'mizan.each("figure", "large", function(f) if f.value < 10 then return mizan.drop "small" end return f end),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"dropped 1: small"* ]]
    [ "$(rows "SELECT count(*) FROM figure")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM dead_letter")" -eq 0 ]
}

@test "rejected: the rest is stored, a dead letter says why, exit 1" {
    echo "12 tanks and 3 ships." >in/a.txt
    pipeline 'mizan.each("figure", "large", function(f) if f.value < 10 then return mizan.reject "too small" end return f end),'
    run "$MIZAN" run p.lua
    fails_with 1 "too small"
    [ "$(rows "SELECT count(*) FROM figure")" -eq 1 ]
    run rows "SELECT outcome, stage, reason, place LIKE 'p.lua:%' OR place LIKE '%/p.lua:%', record LIKE '%3%' FROM dead_letter"
    [ "$output" = $'reject\tlarge\ttoo small\t1\t1' ]
}

@test "failed: nothing of the unit is stored, its body is kept and tried again" {
    echo "12 tanks and 3 ships." >in/a.txt
    echo "40 boats." >in/b.txt
    pipeline 'mizan.each("figure", "broken", function(f) if f.counted == "ships" then local x = nil; return x.y end return f end),'
    run "$MIZAN" run p.lua
    fails_with 1 "broken"
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM figure")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM url_state WHERE url LIKE '%a.txt'")" -eq 0 ]
    run rows "SELECT outcome, stage, traceback LIKE '%p.lua%' FROM dead_letter"
    [ "$output" = $'error\tbroken\t1' ]
    [ "$(rows "SELECT attempts FROM attempt")" -eq 1 ]
    rm in/a.txt
    pipeline
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM figure WHERE counted = 'ships'")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM attempt")" -eq 0 ]
}

@test "after five attempts a unit is set aside" {
    echo "12 tanks." >in/a.txt
    pipeline 'mizan.each("figure", "broken", function() error "never" end),'
    for _ in 1 2 3 4 5 6 7; do
        run "$MIZAN" run p.lua
    done
    [ "$(rows "SELECT attempts FROM attempt")" -eq 5 ]
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a stage that returns nothing is an error that says so" {
    echo "12 tanks." >in/a.txt
    pipeline 'mizan.each("figure", "lost", function() end),'
    run "$MIZAN" run p.lua
    fails_with 1 "lost" "nothing"
}

@test "a script that loops in a stage is stopped, the unit fails, the others pass" {
    echo "12 tanks." >in/a.txt
    echo "40 boats." >in/b.txt
    pipeline 'mizan.each("figure", "slow", function(f) if f.counted == "tanks" then pcall(function() while true do end end) while true do end end return f end),'
    sed -i 's/name = "p",/name = "p", limits = { unit = "500ms" },/' p.lua
    run "$MIZAN" run p.lua
    fails_with 1 "slow"
    [ "$(rows "SELECT count(*) FROM figure")" -eq 1 ]
}

@test "zero to many: a stage may make rows of its own" {
    echo "12 tanks." >in/a.txt
    pipeline 'mizan.each("document", "more", function(d) return { d, mizan.record("topic", { id = "t", label = "tanks", kind = "count" }) } end),' \
        'mizan.each("figure", "topic", function(f) f.topic = "t" return f end),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT topic_id FROM figure")" = t ]
}

@test "state is kept per source and rides in the unit's commit" {
    echo "12 tanks." >in/a.txt
    pipeline 'mizan.each("figure", "count", function(f, ctx) local n = (ctx.state:get("n") or 0) + 1 ctx.state:set("n", n) ctx.log:info("seen " .. n) return f end),'
    run "$MIZAN" run p.lua
    [[ "$output" == *"seen 1"* ]]
    echo "13 tanks." >in/a.txt
    run "$MIZAN" run p.lua
    [[ "$output" == *"seen 2"* ]] || { echo "$output"; return 1; }
}

@test "store.jsonl: exact decimals, one line a figure, nothing twice on an unchanged run" {
    echo "They paid 12345678901234567890.5 dollars." >in/a.txt
    pipeline 'mizan.store.jsonl { path = "out.jsonl" },'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -q '"value":12345678901234567890.5' out.jsonl
    run "$MIZAN" run p.lua
    [ "$(grep -c '"_type":"figure"' out.jsonl)" -eq 1 ]
    [ "$(rows "SELECT value_dec FROM figure")" = 12345678901234567890.5 ]
}

@test "two runs of one pipeline at once: the second is told who holds it" {
    echo "12 tanks." >in/a.txt
    pipeline 'mizan.each("figure", "slow", function(f) local n = 0 for i = 1, 3e8 do n = n + i end return f end),'
    "$MIZAN" run p.lua 3>&- &
    first=$!
    for _ in $(seq 100); do
        [ "$(rows "SELECT count(*) FROM lease WHERE run_id IS NOT NULL" 2>/dev/null)" = 1 ] && break
        sleep 0.05
    done
    run "$MIZAN" run p.lua
    wait "$first" || true
    fails_with 75 "pid" "p"
}

@test "try shows what goes in and out and stores nothing" {
    echo "12 tanks." >in/a.txt
    pipeline
    run "$MIZAN" try p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"figures"* && "$output" == *"12"* ]]
    [ ! -e mizan.db ]
    run "$MIZAN" try p.lua --stage figures --json in/a.txt
    [[ "$status" -ne 70 ]]
    run "$MIZAN" try p.lua --stage nosuch
    fails_with 64 "nosuch"
}

@test "a signal ends the run after the open unit, exit 143, lease freed" {
    for i in 1 2 3 4 5 6 7 8; do echo "1$i tanks." >"in/$i.txt"; done
    pipeline 'mizan.each("figure", "slow", function(f) local n = 0 for i = 1, 1e7 do n = n + i end return f end),'
    "$MIZAN" run p.lua 3>&- 2>err &
    pid=$!
    for _ in $(seq 200); do
        [ "$(rows "SELECT count(*) > 0 FROM document" 2>/dev/null)" = 1 ] && break
        sleep 0.02
    done
    kill -TERM "$pid"
    code=0
    wait "$pid" || code=$?
    if [ "$code" -ne 0 ]; then
        [ "$code" -eq 143 ]
        [ "$(rows "SELECT status FROM run")" = cancelled ]
    fi
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM figure")" -eq 8 ]
}

@test "a run that fetches nothing loads no libcurl, one that does loads it" {
    echo "12 tanks." >in/a.txt
    pipeline
    LD_DEBUG=files LD_DEBUG_OUTPUT="$WORK/ld" "$MIZAN" run p.lua
    run grep -l libcurl "$WORK"/ld.*
    [ "$status" -ne 0 ] || { echo "loaded: $output"; return 1; }
    serve "$SITE"
    cat >f.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "f", politeness = "off", network = { private = { "127.0.0.1" } },
  stages = { mizan.fetch.http { url = "$URL/index.html" }, mizan.store.figures {} } }
LUA
    rm -f "$WORK"/ld.*
    LD_DEBUG=files LD_DEBUG_OUTPUT="$WORK/ld" "$MIZAN" run f.lua
    grep -q libcurl "$WORK"/ld.*
}

@test "a private address is refused unless the pipeline names it" {
    for address in http://127.0.0.1/ http://2130706433/ http://localhost/ "http://[::1]/"; do
        cat >f.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "f", politeness = "off",
  stages = { mizan.fetch.http { url = "$address" }, mizan.store.figures {} } }
LUA
        run "$MIZAN" run f.lua
        fails_with 69 "private"
    done
    [ "$(rows "SELECT count(*) FROM document")" -eq 0 ]
}

@test "a page cut short is no document; the next run fetches it" {
    mkdir -p "$WORK/site"
    echo "12 tanks." >"$WORK/site/a.txt"
    serve "$WORK/site"
    cat >f.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "f", politeness = "off", network = { private = { "127.0.0.1" } },
  stages = { mizan.fetch.http { sources = { { id = "a", url = "$URL/a.txt" }, { id = "cut", url = "$URL/__truncate" } } },
    mizan.extract.article {}, mizan.extract.figures {}, mizan.store.figures {} } }
LUA
    run "$MIZAN" run f.lua
    fails_with 1 "cut"
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
    [ "$(rows "SELECT id, fails > 0 FROM source ORDER BY id" | tr '\n\t' ' =')" = "a=0 cut=1 " ]
}
