# fetch.sql: rows of SQLite and PostgreSQL, typed, in slices, with a cursor, read-only.
load common
setup() {
    work_setup
    project
}
teardown() {
    [ ! -d "$WORK/pg" ] || as_postgres pg_ctl -D "$WORK/pg/data" -m immediate stop >/dev/null 2>&1 || true
    work_teardown
}

# The server refuses to run as root.
as_postgres() {
    local program
    program=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)/$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$program" "$@"
    else
        "$program" "$@"
    fi
}

# A throw-away server that only a socket leads to; sets PG.
postgres() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || skip "there is no PostgreSQL here"
    mkdir "$WORK/pg"
    chmod 755 "$WORK"
    [ "$(id -u)" -ne 0 ] || chown postgres "$WORK/pg"
    (cd "$WORK/pg" && as_postgres initdb -D "$WORK/pg/data" -A trust -U mizan --no-sync >/dev/null &&
        as_postgres pg_ctl -D "$WORK/pg/data" -w -l "$WORK/pg/log" \
            -o "-c listen_addresses= -k $WORK/pg -c fsync=off" start >/dev/null 3>&-)
    PG="postgres:///postgres?host=$WORK/pg&user=mizan"
    sql() { (cd "$WORK/pg" && as_postgres psql -q -h "$WORK/pg" -U mizan -d postgres -c "$1"); }
}

# pipeline OPTIONS: writes p.lua, which reads with them.
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.sql { name = "db", $1 },
  mizan.store.jsonl { path = "out.jsonl", types = { "row" } },
} }
LUA
}
cursor() { rows "SELECT value FROM source_state WHERE key = 'cursor'"; }
row() { grep -F "$1" out.jsonl >/dev/null || { echo "no $1 in:"; cat out.jsonl; return 1; }; }

@test "SQLite: typed values, slices, a cursor that takes up where it was" {
    sqlite3 data.db "CREATE TABLE t(id INTEGER PRIMARY KEY, a, changed TEXT);
      INSERT INTO t VALUES(1, 9223372036854775807, '2025-09-01'), (2, 0.1, '2025-09-02'),
      (3, 'a\"b', '2025-09-03'), (4, x'00ff', '2025-09-04'), (5, NULL, '2025-09-05');"
    pipeline 'file = "data.db", query = "SELECT id, a, changed FROM t WHERE changed > $1 ORDER BY changed",
      cursor = { column = "changed", start = "2025-09-01", order = "ascending" }'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(wc -l <out.jsonl)" -eq 4 ]
    row '"a":0.1,' && row '"a":"a\"b"' && row '"a":"AP8="'
    [ "$(cursor)" = 2025-09-05 ]
    sqlite3 data.db "INSERT INTO t VALUES(6, 9223372036854775807, '2025-09-06')"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] && [ "$(wc -l <out.jsonl)" -eq 5 ] || { echo "$output"; return 1; }
    row '"a":9223372036854775807'
    run "$MIZAN" run p.lua
    [[ "$output" == *"0 fetched, 0 new"* ]] || { echo "$output"; return 1; }
    # 25,000 rows are three slices; the same again is unchanged.
    rm -f mizan.db* out.jsonl
    pipeline 'file = "data.db", query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) SELECT i FROM n"'
    run "$MIZAN" run p.lua
    [ "$(wc -l <out.jsonl)" -eq 25000 ] && [[ "$output" == *"3 new"* ]] || { echo "$output"; return 1; }
    run "$MIZAN" run p.lua
    [[ "$output" == *"0 new, 3 unchanged"* ]] || { echo "$output"; return 1; }
    # Whole numbers are a cursor by value, rows in any order: it moves at the end.
    rm -f mizan.db* out.jsonl
    pipeline 'file = "data.db", query = "SELECT id FROM t WHERE id > $1 ORDER BY -id", cursor = { column = "id", start = 2 }'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] && [ "$(cursor)" = 6 ] && [ "$(wc -l <out.jsonl)" -eq 4 ] || { echo "$output"; return 1; }
}

@test "SQLite: with a log of changes and a writer; nothing is ever written" {
    sqlite3 data.db "PRAGMA journal_mode = wal; CREATE TABLE t(id); INSERT INTO t VALUES(1);" >/dev/null
    sqlite3 data.db "BEGIN IMMEDIATE; INSERT INTO t VALUES(2);" ".shell sleep 2" "COMMIT" 3>&- &
    pipeline 'file = "data.db", query = "SELECT id FROM t"'
    sleep 0.5
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] && [ "$(wc -l <out.jsonl)" -eq 1 ] || { echo "$output"; return 1; }
    wait
    for query in "DELETE FROM t" "INSERT INTO t VALUES(3) RETURNING id" "ATTACH 'x.db' AS x" "SELECT 1; SELECT 2" \
        "SELECT writefile('x', 'y')" "SELECT load_extension('x')" "PRAGMA user_version = 7"; do
        pipeline "file = 'data.db', query = [[$query]]"
        run "$MIZAN" run p.lua
        fails_with 69 "the database:"
    done
    [ "$(sqlite3 data.db 'SELECT count(*) FROM t; PRAGMA user_version')" = $'2\n0' ]
    [ ! -e x ] && [ ! -e x.db ]
    pipeline 'file = "data.db", timeout = "300ms", query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"'
    run "$MIZAN" run p.lua
    fails_with 69 "took longer than 300 ms"
    pipeline 'file = "none.db", query = "SELECT 1"'
    run "$MIZAN" run p.lua
    fails_with 69 "unable to open database file"
}

@test "PostgreSQL: typed values, single rows of a large result, a cursor, read-only" {
    postgres
    sql "CREATE TABLE t(id bigint, n numeric, f float8, b bool, j jsonb, d date, at timestamptz, y bytea, a text);
      INSERT INTO t VALUES(1, 12345678901234567890.10, 0.1, true, '{\"k\": [1, null]}', '2025-09-03', '2025-09-03 12:00+02', '\\x00ff', E'line\nend'),
      (2, 'NaN', 'Infinity', NULL, NULL, NULL, '2025-09-04 00:00:00.5Z', NULL, 'b')"
    pipeline "database = '$PG', query = 'SELECT * FROM t WHERE at > \$1 ORDER BY at', cursor = { column = 'at', start = '2025-09-01', order = 'ascending' }"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    row '"id":1,"n":12345678901234567890.1,"f":0.1,"b":true,"j":{"k":[1,null]},"d":"2025-09-03","at":"2025-09-03T10:00:00Z","y":"AP8=","a":"line\nend"'
    row '"n":"NaN","f":"Infinity"'
    [ "$(cursor)" = "2025-09-04 00:00:00.5+00" ] || { cursor; return 1; }
    run "$MIZAN" run p.lua
    [[ "$output" == *"0 fetched"* ]] || { echo "$output"; return 1; }
    rm -f mizan.db* out.jsonl
    pipeline "database = '$PG', query = 'SELECT i FROM generate_series(1, 25000) i'"
    run "$MIZAN" run p.lua
    [ "$(wc -l <out.jsonl)" -eq 25000 ] && [[ "$output" == *"3 new"* ]] || { echo "$output"; return 1; }
    for query in "DELETE FROM t" "WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x" "SELECT 1; SELECT 2" "SET default_transaction_read_only = off" "SELECT nothing"; do
        pipeline "database = '$PG', query = [[$query]]"
        run "$MIZAN" run p.lua
        fails_with 69 "the database:"
    done
    pipeline "database = '$PG', query = 'SELECT pg_sleep(20)', timeout = '500ms'"
    begin=$(date +%s)
    run "$MIZAN" run p.lua
    [ "$status" -eq 69 ] && [ $(($(date +%s) - begin)) -lt 10 ] || { echo "$output"; return 1; }
    pipeline "database = 'postgres:///postgres?host=$WORK/nowhere', query = 'SELECT 1'"
    run "$MIZAN" run p.lua
    fails_with 69 "the database:"
}
