# Tables of the user's own in an SQLite database: columns inferred and evolved, keys,
# frozen contracts, a row once whatever is repeated.
load common

setup() {
    work_setup
    project
    mkdir in
}

teardown() { work_teardown; }

# rows_pipeline OPTIONS
rows_pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.jsonl" },
  mizan.extract.json {},
  mizan.each("row", "pass", function(r) return r end),
  mizan.store.sqlite { path = "own.db", table = "prices", $1 },
} }
LUA
}

own() { sqlite3 own.db "$1"; }

types() { own "SELECT group_concat(name || ':' || type, ' ') FROM pragma_table_info('prices') WHERE name NOT IN ('document_id', 'run_id')"; }

@test "store.sqlite: columns are inferred, added and widened without loss" {
    rows_pipeline 'key = "id"'
    printf '%s\n' '{"id":1,"name":"a","price":1.10,"ok":true,"tags":["x","y"]}' \
        '{"id":2,"name":"b","price":9007199254740993.25,"ok":false}' >in/a.jsonl
    run "$MIZAN" run p.lua
    echo "$output"
    [ "$status" -eq 0 ]
    echo "$(types)"
    [[ "$(types)" == *"id:INTEGER"*"name:TEXT"*"price:DECIMAL_TEXT"*"ok:BOOLEAN_INTEGER"*"tags:JSON_TEXT"* ]]
    [ "$(own "SELECT price FROM prices WHERE id = 2")" = 9007199254740993.25 ]
    [ "$(own "SELECT tags FROM prices WHERE id = 1")" = '["x","y"]' ]
    printf '%s\n' '{"id":2,"name":7,"price":3,"ok":"maybe","since":"2025-01-01"}' \
        '{"id":3,"name":null}' >in/b.jsonl
    run "$MIZAN" run p.lua
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$(types)" == *"ok:TEXT"* && "$(types)" == *"since:TEXT"* ]]
    [ "$(own "SELECT group_concat(id || '=' || coalesce(name, '-') || ',' || coalesce(ok, '-'), ' ') FROM (SELECT * FROM prices ORDER BY id)")" = "1=a,true 2=7,maybe 3=-,-" ]
    [ "$(own "SELECT count(*), sum(rows) FROM mizan_batch")" = "2|4" ]
    [ "$(own "PRAGMA integrity_check")" = ok ]
}

@test "store.sqlite: a unit that is repeated after its rows were written is there once" {
    rows_pipeline ''
    printf '%s\n' '{"n":1}' '{"n":1}' '{"n":2}' >in/a.jsonl
    "$MIZAN" run p.lua
    [ "$(own "SELECT count(*) FROM prices")" -eq 3 ]
    # As after a crash between the two commits: the home database knows nothing of it.
    rm -f mizan.db*
    "$MIZAN" run p.lua
    [ "$(own "SELECT count(*) FROM prices")" -eq 3 ]
    [ "$(own "SELECT count(*) FROM mizan_batch")" -eq 1 ]
}

@test "store.sqlite: what a frozen table refuses is a dead letter, and nothing of it is written" {
    rows_pipeline 'key = "id"'
    echo '{"id":1,"price":2}' >in/a.jsonl
    "$MIZAN" run p.lua
    rows_pipeline 'key = "id", columns = "frozen"'
    printf '%s\n' '{"id":2,"price":3}' '{"id":3,"colour":"red"}' >in/b.jsonl
    echo '{"id":4,"price":"dear"}' >in/c.jsonl
    echo '{"price":5}' >in/d.jsonl
    echo '{"id":5,"price":5}' >in/e.jsonl
    run "$MIZAN" run p.lua
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"column 'colour' of table prices is not there"* ]]
    [[ "$output" == *"column 'price' of table prices is integer and would become text"* ]]
    [[ "$output" == *"has no 'id', which is in its key"* ]]
    [ "$(own "SELECT group_concat(id) FROM prices")" = "1,5" ]
}

@test "store.sqlite: home databases and names that cannot be are refused" {
    echo '{"id":1}' >in/a.jsonl
    rows_pipeline ''
    "$MIZAN" query runs >/dev/null || true
    "$MIZAN" run p.lua
    sed -i 's/own.db/mizan.db/' p.lua
    run "$MIZAN" run p.lua
    fails_with 78 "is a home database" || fails_with 70 "is a home database"
    sed -i 's/mizan.db/own.db/; s/"prices"/"no-table"/' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -ne 0 ]
    [[ "$output" == *"cannot be the name of a table"* ]]
}

@test "store.sqlite: the plugin passes its conformance check" {
    run timeout 200 "$MIZAN" plugin check "$BUILD/plugins/store_sqlite.so" \
        -o "path=$WORK/check.db" -o table=t
    echo "$output"
    [ "$status" -eq 0 ]
}
