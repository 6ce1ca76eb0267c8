# What people ask of stored figures, one by one and all together, on the demo site.
load common

setup_file() {
    export WORK_FILE
    WORK_FILE=$(mktemp -d "${TMPDIR:-/tmp}/mizan-data.XXXXXX")
    export MIZAN_DB="sqlite:$WORK_FILE/mizan.db"
    "$BUILD/demo_server" --root "$ROOT/scripts/partnership/site" --port 0 \
        --port-file "$WORK_FILE/port" --log "$WORK_FILE/requests.log" \
        --max-seconds 300 >"$WORK_FILE/server.log" 2>&1 3>&- &
    export SERVER_FILE=$!
    for _ in $(seq 200); do
        [ -s "$WORK_FILE/port" ] && break
        sleep 0.05
    done
    export URL
    URL="http://127.0.0.1:$(cat "$WORK_FILE/port")"
    "$BUILD/mizan" run "$ROOT/scripts/partnership.lua" -p "site=$URL" \
        >"$WORK_FILE/first.out" 2>"$WORK_FILE/first.err"
}

teardown_file() {
    kill "$SERVER_FILE" 2>/dev/null || true
    rm -rf "$WORK_FILE"
}

setup() {
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/mizan-e2e.XXXXXX")
    cd "$WORK" || return 1
}

teardown() {
    cd / && rm -rf "$WORK"
}

# id_of CONDITION: the first current figure of which it holds.
id_of() {
    rows "SELECT f.id FROM figure f JOIN document d ON d.id = f.document_id
          WHERE f.is_current = 1 AND ($1) ORDER BY f.id LIMIT 1"
}

@test "why: the sentence marked, the rule, the chain, the bytes of the raw body" {
    id=$(id_of "f.value_dec = '2000' AND f.lang = 'ar'")
    run "$MIZAN" why "${id:0:8}"
    [ "$status" -eq 0 ]
    # set apart by isolates, in its own direction
    [[ "$output" == *$'\u2067'*'['*'2,000'*']'*$'\u2069'* ]]
    [[ "$output" == *"rule       made of tokens"* ]]
    [[ "$output" == *"source     0 outlet صحيفة الميناء"* ]]
    [[ "$output" == *"source     1 outlet إن كيه نيوز"* ]]
    [[ "$output" == *"source     2 origin National Intelligence Service of South Korea (printed: "* ]]
}

@test "why: the bytes are those of the figure, in every charset" {
    for where in "d.charset_used = 'windows-1251'" "d.charset_used = 'windows-1256'" \
        "f.lang = 'ja'" "f.lang = 'de'"; do
        id=$(id_of "$where AND f.kind = 'money'")
        "$MIZAN" why "$id" --json >"$WORK/why.json"
        python3 - "$WORK/why.json" <<'PYTHON'
import base64, json, re, sys
why = json.load(open(sys.argv[1], encoding="utf-8"))
charset = why["figure"]["charset_used"]
found = base64.b64decode(why["raw"]["bytes"]).decode(charset)
flat = lambda text: re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text).replace("&nbsp;", " ").replace("\u00a0", " "))
assert flat(found) == flat(why["figure"]["text"]), (found, why["figure"]["text"])
assert why["raw"]["end"] > why["raw"]["start"]
assert why["explanation"] and why["sources"][0]["hop"] == 0
PYTHON
    done
}

@test "why: an unknown id names the next command" {
    run "$MIZAN" why ffffffffffff
    [ "$status" -eq 66 ]
    [[ "$output" == *"mizan query figures"* ]]
    run "$MIZAN" why x
    [ "$status" -eq 64 ]
}

@test "series: an end that no text gives is drawn open" {
    run "$MIZAN" series killed --chart
    [ "$status" -eq 0 ]
    [[ "${lines[1]}" == *"2024-12-20 NIS "*"100 to ?"*"▶" ]]
    [[ "${lines[4]}" == *"2025-09-30 NIS "*"2000"*"●" ]]
    run "$MIZAN" series killed
    [[ "${lines[0]}" == $'topic\tt\torigin'* ]]
}

@test "export: CSV with metadata, JSON Lines, SQLite; all with every figure" {
    all=$(rows "SELECT count(*) FROM figure WHERE is_current = 1")
    "$MIZAN" export "$WORK/f.csv" --to csv
    "$MIZAN" export "$WORK/f.jsonl" --to jsonl
    "$MIZAN" export "$WORK/f.db" --to sqlite
    python3 - "$WORK" "$all" <<'PYTHON'
import csv, json, sqlite3, sys
folder, count = sys.argv[1], int(sys.argv[2])
rows = list(csv.DictReader(open(folder + "/f.csv", encoding="utf-8", newline="")))
meta = json.load(open(folder + "/f.csv-metadata.json"))
lines = [json.loads(line) for line in open(folder + "/f.jsonl", encoding="utf-8")]
assert len(rows) == len(lines) == count
columns = meta["tableSchema"]["columns"]
assert [c["name"] for c in columns] == list(rows[0])
assert {c["name"]: c["datatype"] for c in columns}["value"] == "decimal"
by_id = {line["id"]: line for line in lines}
for row in rows:
    assert {k: v for k, v in row.items() if v}.keys() == by_id[row["id"]].keys()
    assert row["text"] == by_id[row["id"]]["text"]
db = sqlite3.connect(folder + "/f.db")
assert db.execute("SELECT count(*) FROM figure").fetchone()[0] == count
assert db.execute("SELECT m_low, m_high FROM v_latest WHERE topic_id = 'arms_value' AND unit = 'USD'").fetchone() == (5.6e9, 9.8e9)
assert db.execute("SELECT count(*) FROM series").fetchone()[0] > 10
PYTHON
    run "$MIZAN" export "$WORK/f.db" --to sqlite
    [ "$status" -eq 73 ]
    run "$MIZAN" export - --to jsonl --where "topic = 'killed'"
    [ "$status" -eq 0 ]
    run "$MIZAN" export - --to jsonl --where "1) UNION SELECT load_extension('x'"
    [ "$status" -ne 0 ]
    run "$MIZAN" export x --to parquet
    [ "$status" -eq 64 ]
}

@test "export: no spreadsheet runs a cell" {
    cp "$WORK_FILE/mizan.db" "$WORK/mizan.db"
    sqlite3 "$WORK/mizan.db" "UPDATE doc_text SET title = '=HYPERLINK(\"x\")', outlet = '-1.5'"
    "$MIZAN" export "$WORK/g.csv" --to csv --db "sqlite:$WORK/mizan.db"
    grep -q "\"'=HYPERLINK(\"\"x\"\")\"" "$WORK/g.csv"
    ! grep -q ",=" "$WORK/g.csv"
    grep -q ",-1.5," "$WORK/g.csv"
}

@test "review: a verdict holds, with who and why; the rest is listed by its doubt" {
    id=$(id_of "f.value_dec = '9800000000' AND f.lang = 'de'")
    before=$(rows "SELECT docs FROM series WHERE topic_id = 'arms_value' AND edition = 'fnf-2025' AND unit = 'USD'")
    run "$MIZAN" review "$id" --reject
    [ "$status" -eq 64 ]
    run "$MIZAN" review "$id" --reject -m "a test" --by tester
    [ "$status" -eq 0 ]
    [[ "$output" == *$'\treject\ttester\t'*'a test' ]]
    [ "$(rows "SELECT docs FROM series WHERE topic_id = 'arms_value' AND edition = 'fnf-2025' AND unit = 'USD'")" -eq $((before - 1)) ]
    run "$MIZAN" review "$id" --correct value=5 -m "another test" --by tester
    [ "$status" -eq 0 ]
    [ "$(rows "SELECT value_dec || bound FROM figure WHERE id = '$id'")" = 5at_most ]
    [ "$(rows "SELECT count(*) FROM review WHERE who = 'tester'")" -eq 2 ]
    "$MIZAN" why "$id" | grep -q "^review .*tester correct"
    run "$MIZAN" review --limit 5
    [ "${#lines[@]}" -eq 6 ]
    [[ "$output" != *"$id"* ]]
    run sqlite3 "$WORK_FILE/mizan.db" <"$ROOT/tests/data/summary/compare.sql"
    [[ "$output" != *'|'[1-9]* ]]
}

@test "diff: what a page was silently changed to" {
    export MIZAN_DB="sqlite:$WORK/edits.db"
    project
    pipeline
    mkdir in
    printf 'The ministry counted 5,600 tonnes of grain.\n\nIt has 12 ships.\n' >in/a.txt
    "$MIZAN" run p.lua
    first=$(rows "SELECT id FROM run ORDER BY started_at LIMIT 1")
    sleep 1
    printf 'The ministry counted 6,500 tonnes of grain.\n\nIt has 12 ships.\n' >in/a.txt
    "$MIZAN" run p.lua
    second=$(rows "SELECT id FROM run ORDER BY started_at DESC LIMIT 1")
    run "$MIZAN" diff "$first" "$second"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *$'new\t\texact 6500'* ]]
    [[ "$output" == *$'gone\texact 5600'* ]]
    [ "${#lines[@]}" -eq 3 ]
    run "$MIZAN" diff --url "$(rows "SELECT url FROM document LIMIT 1")"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"- "*"5,600 tonnes"*"+ "*"6,500 tonnes"* ]]
    [[ "$output" != *"ships"* ]]
    run "$MIZAN" diff "$second" "$second"
    [ "$status" -eq 0 ]
    run "$MIZAN" diff one
    [ "$status" -eq 64 ]
}
