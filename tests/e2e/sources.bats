# Sources that are functions of the script: requests side by side, state and failures of
# their own, branches, merges and batches behind them, and secrets that stay secret.
load common
setup() {
    work_setup
    project
    mkdir site
    echo '{"data":[{"v":1}],"links":{"next":"p2.json"}}' >site/p1.json
    echo '{"data":[{"v":2.50}],"links":{}}' >site/p2.json
    echo 'plain' >site/a.txt
    serve "$WORK/site"
}
teardown() { work_teardown; }

# pipeline SOURCE STAGE…: writes p.lua, in which `url` is the server's address.
pipeline() {
    {
        echo 'local mizan = require "mizan"'
        echo "local url = \"$URL\""
        echo 'local function row(rec) return mizan.record("row", rec:totable()) end'
        echo 'return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } },'
        echo '  politeness = "off", limits = { unit = "500ms" }, stages = {'
        printf '  %s\n' "$@"
        echo '  mizan.store.jsonl { path = "out.jsonl" },'
        echo '} }'
    } >p.lua
}

@test "requests of several sources run at once; a failing one fails alone" {
    cat >feeds.csv <<CSV
id,path,lang
a,/__slow?ms=2500&n=a,ar
b,/__slow?ms=2500&n=b,de
"c",/missing,en
d,/__slow?ms=2500&n=d,en
CSV
    pipeline 'mizan.source { sources = mizan.csv "feeds.csv", fetch = function(ctx)
      local n = tonumber(ctx.state:get "n" or 0)
      ctx.state:set("n", n + 1)
      local answer = ctx.http:get(url .. ctx.source.path)
      ctx:emit { url = answer.url .. "&run=" .. n, body = answer.body, lang = ctx.source.lang, n = n }
    end },' 'mizan.each("document", "row", row),'
    begin=$(date +%s%3N)
    run "$MIZAN" run p.lua
    took=$(($(date +%s%3N) - begin))
    fails_with 1 "source c: p.lua:" "status 404" "3 new" ", 1 source failed"
    [ "$took" -lt 7000 ] || { echo "took $took ms: one after the other"; return 1; }
    # In the order of the sources, whatever answers first.
    [ "$(sed 's/.*"lang":"\([a-z]*\)".*/\1/' out.jsonl | tr '\n' ' ')" = "ar de en " ]
    run "$MIZAN" run p.lua
    fails_with 1 "3 new"
    # State of their own; the one that failed kept none.
    [ "$(rows "SELECT group_concat(source_id || value) FROM (SELECT source_id, value FROM source_state ORDER BY source_id)")" = "a2,b2,d2" ]
}

@test "pages are followed by a pointer, numbers stay exact" {
    pipeline 'mizan.source(function(ctx)
      for page in ctx.http:pages(url .. "/p1.json", { next = "/links/next" }) do
        ctx:emit { url = page.final_url, body = page.body, v = page.json.data[1].v }
      end
    end),' 'mizan.each("document", "row", row),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$(sed -n 2p out.jsonl)" == *'"v":2.5'* ]] || { cat out.jsonl; return 1; }
    [ "$(wc -l <out.jsonl)" -eq 2 ]
}

@test "a page that leads back is an error, not a loop" {
    echo '{"links":{"next":"p1.json"}}' >site/p2.json
    pipeline 'mizan.source(function(ctx)
      for page in ctx.http:pages(url .. "/p1.json", { next = "/links/next" }) do
        ctx:emit { url = page.final_url, body = page.body }
      end
    end),'
    run "$MIZAN" run p.lua
    fails_with 78 "leads back to one that was there before"
}

@test "options that change between pages, and a page that is unchanged, are no crash" {
    pipeline 'mizan.source(function(ctx)
      local options = { next = "/links/next", conditional = true }
      for page in ctx.http:pages(url .. "/p1.json", options) do
        if not page.unchanged then ctx:emit { url = page.final_url, body = page.body } end
        if ctx.state:get "break" then options[true] = 1 end
      end
      ctx.state:set("seen", "yes")
    end),' 'mizan.each("document", "row", row),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(wc -l <out.jsonl)" -eq 2 ]
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    sed -i 's/ctx.state:get "break"/true/; s/, conditional = true//' p.lua
    run "$MIZAN" run p.lua
    fails_with 78 "ctx.http knows no option"
}

@test "waiting inside gsub is refused in those words, with file and line" {
    pipeline 'mizan.source(function(ctx)
      local x = ("abc"):gsub("b", function()
        return ctx.http:get(url .. "/a.txt").body
      end)
    end),'
    run "$MIZAN" run p.lua
    fails_with 78 "p.lua:8: ctx.http:get waits, and inside 'gsub' it cannot: attempt to yield across a C-call boundary"
}

@test "a coroutine of the script waits too; pcall goes past a failed request" {
    pipeline 'mizan.source(function(ctx)
      local bodies = coroutine.wrap(function()
        for i = 1, 3 do coroutine.yield(ctx.http:get(url .. "/__slow?ms=1&n=" .. i).url) end
      end)
      for address in bodies do ctx:emit { url = address, body = "x" } end
      local ok, why = pcall(ctx.http.get, ctx.http, url .. "/missing")
      ctx:emit { url = url .. "/last", body = tostring(ok) .. why }
    end),' 'mizan.each("document", "row", row),'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(wc -l <out.jsonl)" -eq 4 ]
}

@test "a source that loops ends within its limit, the others go on" {
    pipeline 'mizan.merge {
      mizan.source("stuck", function(ctx) while true do pcall(error) end end),
      mizan.source("fine", function(ctx) ctx:emit { url = "x:1", body = "x" } end),
    },'
    begin=$(date +%s)
    run "$MIZAN" run p.lua
    fails_with 1 "source stuck: p.lua:" "used more than 500 ms of CPU time for one unit (limits.unit)" "1 new"
    [ $(($(date +%s) - begin)) -lt 60 ]
}

@test "branch, merge and batch: where each record goes, and in which order" {
    pipeline 'mizan.source(function(ctx)
      for i = 1, 4 do ctx:emit { url = "x:" .. i, body = tostring(i), i = i } end
    end),' 'mizan.each("document", "row", function(rec) return { row(rec), mizan.record("other", { i = 0 }) } end),' \
        'mizan.branch { by = function(rec) return rec.i == nil and "none" or rec.i % 2 == 0 and "even" or nil end,
      even = mizan.each("row", "even", function(rec) if rec.i == 4 then return mizan.drop "four" end rec.even = true return rec end),
      other = mizan.merge { false, mizan.each("row", "twice", function(rec) rec.i = rec.i * 10 return rec end) },
    },' 'mizan.batch { type = "row", fields = { "i" }, writes = { "sum" }, run = function(rows)
      for k = 1, rows.n do rows.sum[k] = rows.i[k] + rows.n if rows.i[k] == 30 then rows.reject[k] = "thirty" end end
      return rows
    end },'
    run "$MIZAN" run p.lua
    fails_with 1 "1 rejected"
    [ "$(grep '"sum"' out.jsonl | sed 's/.*"i":\([0-9]*\).*"sum":\([0-9]*\).*/\1:\2/' | tr '\n' ' ')" = "1:3 10:12 2:3 3:5 " ] || { cat out.jsonl; return 1; }
    [ "$(rows "SELECT reason FROM dead_letter")" = "thirty" ]
}

@test "a secret goes to its host alone and stands in no output and no database" {
    mkdir -m 700 secrets
    printf 'canary-%s\n' 7f3a91 >secrets/KEY
    chmod 600 secrets/KEY
    pipeline 'mizan.source(function(ctx)
      local key = mizan.secret { name = "KEY", host = "127.0.0.1" }
      local answer = ctx.http:get(url .. "/a.txt", { auth = mizan.auth.bearer(key), headers = { ["X-Key"] = key } })
      print(key, tostring(key))
      for _, f in ipairs { function() return "x" .. key end, function() return key.text end,
        function() return ctx.http:get(url:gsub("127.0.0.1", "localhost"), { headers = { a = key } }) end,
        function() return ctx.http:get(url .. "/a.txt", { params = { k = key } }) end,
        function() return mizan.json.text { key } end, function() ctx.state:set("k", key) end } do
        local ok, why = pcall(f)
        assert(not ok, "it got out")
        print(why)
      end
      ctx:emit { url = answer.url, body = answer.body }
    end),' 'mizan.each("document", "row", row),'
    run "$MIZAN" run p.lua --verbose
    [ "$status" -eq 0 ] || run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"not bound to the host localhost"* ]] || { echo "$output"; return 1; }
    [[ "$output" != *canary* ]]
    "$MIZAN" describe p.lua >described
    run grep -rlE 'canary-7f3a91|Y2FuYXJ5' --exclude-dir=secrets .
    [ -z "$output" ] || { echo "found in $output"; return 1; }
    chmod 644 secrets/KEY
    run "$MIZAN" run p.lua
    fails_with 69 "may be read or changed by others"
}

@test "a program runs when the project allows it: records, text, rejects, limits" {
    mkdir in && echo 'one two' >in/a.txt
    program() {
        cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.exec { $1 },
  mizan.each("document", "row", function(rec) return mizan.record("row", { text = rec.text }) end),
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
        run "$MIZAN" run p.lua
    }
    program 'program = "tr", arguments = { "a-z", "A-Z" }, output = "text"'
    fails_with 77 "the project does not allow the program tr" 'programs = { "tr" }'
    echo 'return { programs = { "tr", "sh", "nowhere" } }' >mizan.lua
    program 'program = "tr", arguments = { "a-z", "A-Z" }, output = "text"'
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$(cat out.jsonl)" == *'"text":"ONE TWO\n"'* ]] || { cat out.jsonl; return 1; }
    fresh() { rm -f mizan.db* out.jsonl; program "program = \"sh\", arguments = { \"-c\", [[$1]] } ${2:-}"; }
    fresh 'read a b; printf "{\"n\":1.50,\"w\":\"%s\"}\n\n{\"n\":2,\"w\":\"%s\"}\n" "$a" "$b"; env >env.txt'
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(grep -c '"n":1.5,"w":"one"\|"n":2,"w":"two"' out.jsonl)" -eq 2 ] || { cat out.jsonl; return 1; }
    [[ "$(cat env.txt)" != *MIZAN* ]]
    fresh 'echo first >&2; echo "not a table" >&2; exit 65'
    fails_with 1 "1 rejected"
    [ "$(rows "SELECT outcome || ' ' || reason FROM dead_letter")" = "reject not a table" ]
    fresh 'echo broken >&2; exit 3'
    fails_with 1 "the program sh ended with status 3: broken"
    fresh 'kill -SEGV $$'
    fails_with 1 "the program sh was ended by signal 11"
    fresh 'sleep 61.37 & sleep 61.37' ', timeout = "1s"'
    fails_with 1 "the program sh took longer than 1000 ms"
    run pgrep -f '^sleep 61.37$'
    [ -z "$output" ]
    fresh 'yes' ', most = "64k"'
    fails_with 1 "the program sh wrote more than 65536 bytes"
    fresh 'echo "[1]"'
    fails_with 1 "line 1 of the program's output is no JSON object"
    echo "three" >in/a.txt
    program 'program = "nowhere"'
    fails_with 1 "there is no program nowhere"
}

@test "types for editors and settings for luacheck come from the schemas" {
    "$MIZAN" describe --types >mizan.d.lua
    for text in 'function mizan.source(' '---@class mizan.schedule' '---@field tz? string' \
        'function mizan.fetch.file(options) end' '---@field path string|(string)[]' \
        '---@field program string the program' '---@field output? "jsonl"|"text"'; do
        grep -qF -- "$text" mizan.d.lua || { echo "missing: $text"; cat mizan.d.lua; return 1; }
    done
    lua5.4 -e 'assert(loadfile "mizan.d.lua")'
    # Every name of the module has its type.
    cat >p.lua <<'LUA'
local mizan = require "mizan"
local names = {}
for name in pairs(mizan) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
LUA
    for name in $("$MIZAN" check p.lua 2>&1 | sed -n 's/.*msg="\(.*\)"/\1/p'); do
        grep -qE "mizan\.$name( =|,|\()|field $name |mizan.store = " mizan.d.lua || { echo "no type: $name"; return 1; }
    done
    "$MIZAN" describe --luacheck >.luacheckrc
    grep -q 'not_globals' .luacheckrc
}
