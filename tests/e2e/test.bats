# `mizan test`: cases, results, records alone, second runs, golden files, cassettes.
load common
setup() {
    work_setup
    unset MIZAN_DB
    project
    mkdir in
    cat >p.lua <<'LUA'
local mizan = require "mizan"
local site = mizan.param { name = "site", type = "url", default = "http://127.0.0.1:1", help = "the site" }
return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } }, politeness = "off", stages = {
  mizan.fetch.http { url = site .. "/page.html" },
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.each("figure", "large", function(figure, ctx)
    if figure.value < 5 then return mizan.drop "small" end
    if figure.value < 10 then return mizan.reject "too small" end
    if figure.counted == "boats" then error "no boats" end
    if ctx.doc and ctx.doc.url:find "special" then return mizan.drop "special" end
    return figure
  end),
  mizan.store.figures {},
} }
LUA
}
teardown() { work_teardown; }

# cases LUA: writes p_test.lua with them.
cases() {
    {
        echo 'local t = require "mizan.test"'
        echo 'local mizan = require "mizan"'
        echo 'local p = t.pipeline "p.lua"'
        cat
    } >p_test.lua
}

@test "text in: records, drops, rejects with place, rows, a second run" {
    cases <<'LUA'
t.case("text in", function()
  local r = p:run { text = "15,000 soldiers, 7 tanks and 3 ships cost 9.8 billion dollars.", now = "2025-01-01" }
  r:has { kind = "money", value = "9800000000", unit = "USD" }
  local soldiers = r:has("figure", { kind = "count", value = 15000 })
  t.eq(soldiers.counted, "soldiers")
  r:none { unit = "KRW" }
  t.eq(r:count("figure", {}), 2)
  t.eq(r.drops, { small = 1 })
  t.eq(r.rejects, { { stage = "large", reason = "too small", place = "p.lua:9" } })
  t.eq(r.new, 1)
  t.eq(#r:rows "SELECT * FROM figure", 2)
  t.eq(r:rows "SELECT fetched_at AS t FROM document"[1].t:sub(1, 10), "2025-01-01")
  t.eq(p:again(r).unchanged, 1)
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 passed, 0 failed in 1 file"* ]]
    # The project's database is not touched.
    [ ! -e mizan.db ]
}

@test "a run over the pipeline's own sources tells the place of a reject too" {
    echo "7 tanks." >in/a.txt
    sed -i 's|mizan.fetch.http {.*}|mizan.fetch.file { path = "in/*.txt" }|' p.lua
    cases <<'LUA'
t.case("own sources", function()
  local r = p:run {}
  t.eq(r.rejects, { { stage = "large", reason = "too small", place = "p.lua:9" } })
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a failed check names its line, what was wanted and the nearest record; exit 1" {
    cases <<'LUA'
t.case("wrong", function()
  p:run { text = "15,000 soldiers." }:has { kind = "count", value = 14000 }
end)
t.case("right", function() t.eq(1, 1) end)
LUA
    run "$MIZAN" test
    fails_with 1 "p_test.lua:5" "value = 14000" "the nearest has value = 15000" \
        "1 passed, 1 failed in 1 file"
}

@test "every check can fail" {
    cases <<'LUA'
local function r() return p:run { text = "15,000 soldiers and 2 ships." } end
t.case("ok", function() t.ok(false) end)
t.case("eq", function() t.eq({ 1, 2 }, { 1, 3 }) end)
t.case("raises", function() t.raises("x", function() end) end)
t.case("raises another", function() t.raises("x", error, "y") end)
t.case("has", function() r():has { kind = "money" } end)
t.case("none", function() r():none { kind = "count" } end)
t.case("drops", function() t.eq(r().drops, {}) end)
t.case("golden", function() r():golden "none.jsonl" end)
t.case("rows of an earlier run", function() local a = r(); r(); a:rows "SELECT 1" end)
t.case("again of an earlier run", function() local a = r(); r(); p:again(a) end)
t.case("unknown option", function() p:run { txt = "x" } end)
t.case("unknown stage", function() p:run { into = "larg", text = "x" } end)
t.case("nothing to give", function() p:run { into = "large" } end)
t.case("no such pipeline", function() t.pipeline "q.lua":run {} end)
LUA
    run "$MIZAN" test
    fails_with 1 "0 passed, 14 failed" "did you mean 'text'?" "no stage named 'larg'"
}

@test "a record into one stage, with a document of its own" {
    cases <<'LUA'
t.case("record", function()
  local figure = { record = "figure", kind = "count", value = mizan.decimal "50" }
  t.eq(p:run { into = "large", record = figure }.records[1].value, 50)
  t.eq(p:run { into = "large", record = figure, doc = { url = "special" } }.drops, { special = 1 })
  local boats = p:run { into = "large", record = { record = "figure", value = 40, counted = "boats" } }
  t.eq(boats.errors[1].place, "p.lua:10")
  t.eq(#boats.records, 0)
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "golden files: missing, written, equal, different" {
    cases <<'LUA'
t.case("golden", function()
  local r = p:run { file = "in/a.txt", now = "2025-01-01" }
  r:golden("in/a.jsonl", r:find "figure")
end)
LUA
    echo "15,000 soldiers." >in/a.txt
    run "$MIZAN" test
    fails_with 1 "mizan test --update writes it"
    run "$MIZAN" test --update
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(wc -l <in/a.jsonl)" -eq 1 ]
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    echo "16,000 soldiers." >in/a.txt
    run "$MIZAN" test
    fails_with 1 "in/a.jsonl:1 differs" '"value":15000' '"value":16000'
}

@test "recorded HTTP: refused, recorded, played without a server, conditional, masked" {
    mkdir site
    echo '<html><body><p>The bill came to 12 million dollars and 20,000 soldiers were paid.</p></body></html>' >site/page.html
    serve site
    cases <<LUA
t.case("http", function()
  local r = p:run { http = "site.jsonl", params = { site = "$URL" } }
  t.eq(r.status, "ok")
  r:has { kind = "money", value = 12000000 }
  local again = p:again(r)
  t.eq(again.new, 0)
  t.eq(again.unchanged, 1)
end)
LUA
    run "$MIZAN" test
    fails_with 1 "mizan test --record makes it"
    run "$MIZAN" test --record
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    kill "$SERVER"
    SERVER=
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # Without a cassette no request goes out.
    cases <<LUA
t.case("no cassette", function()
  local r = p:run { params = { site = "$URL" } }
  t.eq(r.status, "failed")
  t.ok(r.failure:find "a test sends no request")
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # An address that it lacks is named.
    cases <<LUA
t.case("another address", function()
  t.ok(p:run { http = "site.jsonl", params = { site = "http://127.0.0.1:2" } }.failure:find "has no answer to GET http://127.0.0.1:2/page.html")
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a cassette holds no secret" {
    mkdir site
    echo 'hello' >site/page.html
    serve site
    sed -i 's|/page.html|/page.html?id=1\&api_key=canary7\&access_token=canary8|' p.lua
    cases <<LUA
t.case("http", function() t.eq(p:run { http = "site.jsonl", params = { site = "$URL" } }.status, "ok") end)
LUA
    run "$MIZAN" test --record
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -q 'api_key=\*\*\*' site.jsonl
    ! grep -q canary site.jsonl
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a cassette is played without the secrets that its requests had" {
    cat >q.lua <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "q", stages = {
  mizan.source { sources = { { id = "a", url = "https://api.example.org/" } }, fetch = function(ctx)
    local key = mizan.secret "NOWHERE"
    local answer = ctx.http:get(ctx.source.url, { auth = mizan.auth.bearer(key) })
    ctx:emit { url = answer.url, body = answer.body }
    ctx.http:get("https://other.example.org/", { headers = { ["X-Key"] = key } })
  end },
  mizan.each("document", "row", function(rec) return mizan.record("row", { text = rec.body }) end),
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
    echo '{"method":"GET","url":"https://api.example.org/","status":200,"body":"x"}' >site.jsonl
    cases <<'LUA'
t.case("secret", function()
  local r = t.pipeline "q.lua":run { http = "site.jsonl" }
  t.eq(#r.records, 1)
  -- It is bound to its host as ever.
  t.ok(r.failure:find "not bound to the host other.example.org", r.failure)
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # Outside a test it is needed.
    run "$MIZAN" run q.lua
    fails_with 78 "there is no secret 'NOWHERE'"
}

@test "a test writes into no file of the project" {
    cat >q.lua <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "q", stages = { mizan.fetch.file { path = "in/a.txt" },
  mizan.store.jsonl { path = "data/out.jsonl", types = { "document" }, append = false } } }
LUA
    mkdir data
    echo '{"kept":1}' >data/out.jsonl
    echo "three" >in/a.txt
    cases <<'LUA'
t.case("stores", function()
  local q = t.pipeline "q.lua"
  local r = q:run {}
  t.eq(#r.records, 1)
  t.eq(q:again(r).unchanged, 1)
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(cat data/out.jsonl)" = '{"kept":1}' ]
    # A folder that is missing is missing for a run, not for a test.
    rm -r data
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run q.lua
    fails_with 78 "data/out.jsonl: the folder that it is to stand in is not there"
}

@test "a recorded status that is an error is one, as over the network" {
    cases <<'LUA'
t.case("http", function()
  local r = p:run { http = "site.jsonl" }
  t.eq(r.status, "failed")
  t.ok(r.failure:find("status 410", 1, true), r.failure)
end)
LUA
    printf '{"method":"GET","url":"http://127.0.0.1:1/page.html","status":410,"media_type":"text/html","body":"15,000 soldiers"}\n' >site.jsonl
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a broken cassette is told with its line" {
    printf '{"method":"GET","url":"http://127.0.0.1:1/page.html","status":200,"body":"x"}\n{"method":\n' >site.jsonl
    cases <<'LUA'
t.case("http", function() p:run { http = "site.jsonl" } end)
LUA
    run "$MIZAN" test
    fails_with 1 "site.jsonl"
}

@test "a plugin that dies costs its file, the others run" {
    cases <<'LUA'
t.case("fine", function() t.eq(1, 1) end)
LUA
    mv p_test.lua b_test.lua
    echo 'local t = require "mizan.test" t.case("loop", function() while true do local a = {} end end) error "broken file"' >a_test.lua
    run "$MIZAN" test
    fails_with 1 "broken file" "1 passed, 1 failed in 2 files"
}

@test "no test file, no case of that name, a folder" {
    run "$MIZAN" test
    fails_with 66 "no test file"
    cases <<'LUA'
t.case("fine", function() t.eq(1, 1) end)
LUA
    run "$MIZAN" test --filter other
    fails_with 64 "no case has 'other'"
    run "$MIZAN" test .
    [ "$status" -eq 0 ]
    run "$MIZAN" test --json
    [[ "$output" == *'"case":"fine","ok":true'* ]]
}

@test "mizan.test is for test files only" {
    sed -i '1i local t = require "mizan.test"' p.lua
    run "$MIZAN" check p.lua
    fails_with 78 "mizan.test is there in files that mizan test runs"
}

@test "a cassette's failure that has no name of one is an error" {
    echo '{"method":"GET","url":"http://127.0.0.1:2/page.html","failure":"gone"}' >odd.jsonl
    echo '{"method":"GET","url":"http://127.0.0.1:2/page.html","failure":"UNREACHABLE"}' >bare.jsonl
    cases <<'LUA'
t.case("no such failure", function()
  local r = p:run { http = "odd.jsonl", params = { site = "http://127.0.0.1:2" } }
  t.ok(r.failure:find "has no such failure as 'gone'", r.failure)
end)
t.case("no message", function()
  local r = p:run { http = "bare.jsonl", params = { site = "http://127.0.0.1:2" } }
  t.ok(r.failure:find "http://127.0.0.1:2/page.html" and not r.failure:find "null", r.failure)
end)
LUA
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "no folder for scratch files: that is what is said" {
    cases <<<'t.case("x", function() end)'
    TMPDIR=$WORK/none run "$MIZAN" test
    fails_with 1 "cannot be made" "0 passed, 1 failed"
    [[ "$output" != *"in its name"* ]]
}
