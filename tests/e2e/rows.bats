# Long documents: read in pieces, committed slice by slice, taken up where a run ended.
load common
setup() { work_setup; project; }
teardown() { work_teardown; }

# lines COUNT: as many records.
lines() {
    python3 -c 'import sys
for i in range(int(sys.argv[1])): print("{\"id\":%d,\"price\":%d.25,\"text\":\"t \\\"%d\\\"\"}" % (i, i, i))' "$1"
}

# pipeline BODY: reads in.jsonl with the function BODY for each row.
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in.jsonl", pieces = true },
  mizan.extract.json {},
  mizan.each("row", "work", function(r) $1 return r end),
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
}

@test "every row once, the bytes of what did not change, and nothing the second time" {
    lines 25000 >in.jsonl
    pipeline 'r.double = r.price * 2'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 new"*"25000 × row"* ]]
    [ "$(wc -l <out.jsonl)" -eq 25000 ]
    grep -qF '"id":24999,"price":24999.25,"text":"t \"24999\"","double":49998.5,' out.jsonl
    python3 -c 'import json
rows = [json.loads(line) for line in open("out.jsonl")]
assert [r["id"] for r in rows] == list(range(25000))
assert all(r["double"] == 2 * r["price"] for r in rows)'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 unchanged"* ]]
    [ "$(wc -l <out.jsonl)" -eq 25000 ]
}

@test "the next run goes on with the slice that failed" {
    lines 25000 >in.jsonl
    pipeline 'if r.id == 15000 then error "no" end'
    run "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    [ "$(wc -l <out.jsonl)" -eq 15000 ]
    [ "$(rows "SELECT count(*) FROM dead_letter WHERE outcome = 'error'")" -eq 1 ]
    pipeline ''
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    # The first slice is not read again; the third is written a second time.
    [ "$(wc -l <out.jsonl)" -eq 30000 ]
    [ "$(python3 -c 'import json
print(len({json.loads(line)["id"] for line in open("out.jsonl")}))')" -eq 25000 ]
    run "$MIZAN" run p.lua
    [[ "$output" == *"1 unchanged"* ]]
}

@test "a bad line is rejected with its number and byte, the others are stored" {
    { lines 3; echo '{"id":NaN}'; lines 2; } >in.jsonl
    pipeline ''
    run "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    [ "$(wc -l <out.jsonl)" -eq 5 ]
    [[ "$(rows "SELECT reason FROM dead_letter")" == *"line 4, byte "*"a value is expected" ]]
}

@test "more is appended: the file is new, and read from its start" {
    lines 10 >in.jsonl
    pipeline ''
    "$MIZAN" run p.lua
    lines 2 >>in.jsonl
    run "$MIZAN" run p.lua
    [[ "$output" == *"1 new"*"12 × row"* ]]
}

@test "memory does not grow with the length of the file" {
    [ -z "${ASAN_OPTIONS:-}" ] || skip "sanitizers keep what is freed"
    pipeline 'if r.id > 5 then return mizan.drop "many" end'
    lines 20000 >in.jsonl
    few=$(/usr/bin/time -f %M "$MIZAN" run p.lua 2>&1 >/dev/null | tail -1)
    lines 150000 >in.jsonl
    many=$(/usr/bin/time -f %M "$MIZAN" run p.lua 2>&1 >/dev/null | tail -1)
    [ "$many" -lt $((few + few / 2)) ]
}

@test "a table in UTF-16 with semicolons and decimal commas" {
    printf 'Ort;Menge\r\nKöln;1.234,50\r\nUlm;-7,25\r\n' | iconv -t UTF-16 >in.csv
    cat >p.lua <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in.csv", pieces = true },
  mizan.extract.csv {},
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
    "$MIZAN" run p.lua
    grep -q '"Ort":"Köln","Menge":1234.5,' out.jsonl
    grep -q '"Ort":"Ulm","Menge":-7.25,' out.jsonl
}

@test "XML with a document type opens nothing" {
    printf '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r><i>&x;</i></r>' >in.xml
    cat >p.lua <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in.xml" },
  mizan.extract.xml { records = "i" },
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
    run strace -f -e trace=openat,open,connect,socket -o trace "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    [ "$(grep -cE 'etc/hostname|AF_INET' trace)" -eq 0 ]
    [ ! -s out.jsonl ]
}
