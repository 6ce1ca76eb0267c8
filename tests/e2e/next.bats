# mizan next, and the schedule in check, describe and list.
load common
setup() { work_setup; }
teardown() { work_teardown; }

# pipeline SCHEDULE: a pipeline p.lua with that schedule.
pipeline() {
    project
    cat >p.lua <<END
local mizan = require "mizan"
return mizan.pipeline {
  name = "p",
  schedule = { $1 },
  stages = { mizan.fetch.file { path = "a.txt" }, mizan.store.figures {} },
}
END
}

@test "both changes of the clock are told" {
    run "$MIZAN" next '30 2 * * *' --tz Europe/Berlin --from 2025-03-30 --count 2 --explain
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "Sun 2025-03-30 03:00:00 +02:00  2025-03-30T01:00:00Z  GAP-MOVED from 2025-03-30 02:30:00" ]
    [ "${lines[1]}" = "Mon 2025-03-31 02:30:00 +02:00  2025-03-31T00:30:00Z" ]
    run "$MIZAN" next '30 2 * * *' --tz Europe/Berlin --from 2025-10-26 --count 2 --explain
    [ "${lines[0]}" = "Sun 2025-10-26 02:30:00 +02:00  2025-10-26T00:30:00Z  OVERLAP-FIRST" ]
    [ "${lines[1]}" = "Mon 2025-10-27 02:30:00 +01:00  2025-10-27T01:30:00Z" ]
    run "$MIZAN" next '30 2 * * *' --tz Europe/Berlin --from 2025-10-26 --count 1
    [ "$output" = "Sun 2025-10-26 02:30:00 +02:00  2025-10-26T00:30:00Z" ]
}

@test "ten by default, from the program's clock, in UTC" {
    MIZAN_NOW=2025-01-01T00:00:30.5Z run "$MIZAN" next '* * * * *'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 10 ]
    [ "${lines[0]}" = "Wed 2025-01-01 00:01:00 +00:00  2025-01-01T00:01:00Z" ]
}

@test "json, alone and explained" {
    "$MIZAN" next '30 2 * * *' --tz Europe/Berlin --from 2025-03-30 --count 1 --json |
        python3 -c 'import json,sys
assert json.load(sys.stdin) == {"v": 1, "expr": "30 2 * * *", "tz": "Europe/Berlin",
    "from": "2025-03-30T00:00:00Z", "next": ["2025-03-30T01:00:00Z"]}'
    "$MIZAN" next '30 2 * * *' --tz Europe/Berlin --from 2025-03-30 --count 1 --json --explain |
        python3 -c 'import json,sys
answer = json.load(sys.stdin)
assert answer["explain"] == [{"time": "2025-03-30T01:00:00Z",
    "local": "2025-03-30T03:00:00+02:00", "notes": ["GAP-MOVED"],
    "missed": "2025-03-30T02:30:00"}], answer
assert answer["tzdata"]'
}

@test "a refused expression: exit 78, a caret under the place" {
    for bad in '60 * * * *' '* * * * 8' '*/0 * * * *' '5-1 * * * *' '0 0 30 2 *' '' '* * * *' \
        '1 2 3 4 5 6 7 8' '1,,2 * * * *' '1, * * * *' '0 0 */10 * 5' '@reboot'; do
        run "$MIZAN" next "$bad"
        fails_with 78 "error[CONFIGURATION]" "= help: "
    done
    run "$MIZAN" next '0 0 */10 * 5'
    [ "${lines[2]}" = "   | 0 0 */10 * 5" ]
    [ "${lines[3]}" = "   |     ^^^^" ]
}

@test "a never matching date answers at once" {
    run timeout 2 "$MIZAN" next '0 0 31 4,6,9,11 *'
    fails_with 78 "never matches"
    run timeout 2 "$MIZAN" next '0 0 29 2 +MON' --from 9990-01-01
    [ "$status" -eq 0 ]
    [[ "$output" == *"nothing is due"* ]]
}

@test "wrong zones: no other file is opened" {
    run "$MIZAN" next '@daily' --tz Mars/Olympus
    fails_with 78 'no time zone "Mars/Olympus"'
    run "$MIZAN" next '@daily' --tz Europe/Berln
    fails_with 78 "did you mean Europe/Berlin?"
    run "$MIZAN" next '@daily' --tz "$(printf 'A%.0s' $(seq 300))"
    fails_with 78 "at most 63 bytes"
    # The leak sanitizer does not work under ptrace.
    export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
    run strace -f -e trace=open,openat -o trace.txt "$MIZAN" next '@daily' --tz ../../etc/passwd
    fails_with 78 "is no time zone"
    [ -s trace.txt ]
    run grep -E 'passwd|zoneinfo' trace.txt
    [ "$status" -ne 0 ]
}

@test "the process's own zone does not matter" {
    here=$("$MIZAN" next '30 2 * * *' --tz Asia/Tehran --from 2016-03-20)
    there=$(TZ=America/New_York "$MIZAN" next '30 2 * * *' --tz Asia/Tehran --from 2016-03-20)
    [ "$here" = "$there" ]
}

@test "wrong options" {
    run "$MIZAN" next
    fails_with 64 "needs an expression"
    run "$MIZAN" next '@daily' --from yesterday
    fails_with 64 "takes a time, not 'yesterday'"
    run "$MIZAN" next '@daily' --count 0
    fails_with 64 "from 1 to 100000"
    run "$MIZAN" next '@daily' --count x
    fails_with 64 "whole number"
    run "$MIZAN" next missing.lua
    fails_with 66 "no file missing.lua"
    run "$MIZAN" next --batch missing.jsonl
    fails_with 66 "missing.jsonl"
}

@test "a batch answers each line, and says that some failed" {
    cat >rows.jsonl <<'END'
{"id": 1, "expr": "30 2 * * *", "tz": "Europe/Berlin", "from": "2025-03-30T00:00:00Z"}
{"id": "b", "expr": "60 * * * *", "tz": "UTC", "from": "2025-03-30T00:00:00Z"}

{"id": null, "expr": "@daily", "tz": "Mars/Olympus", "from": "2025-03-30T00:00:00Z"}
{"id": 4, "expr": "@daily", "tz": "UTC", "from": "soon"}
{"id": 5, "expr": "@daily", "tz": "UTC"}
{"id": 6, "expr": 7, "tz": "UTC", "from": "2025-03-30"}
not json
[1]
{"id": {"a": [1]}, "expr": "@hourly", "from": "2025-03-30T00:00:00Z"}
END
    run --separate-stderr "$MIZAN" next --batch rows.jsonl
    [ "$status" -eq 1 ]
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 9 ]
    python3 - "$output" <<'END'
import json, sys
rows = [json.loads(line) for line in sys.argv[1].splitlines()]
assert rows[0]["id"] == 1 and len(rows[0]["next"]) == 10
assert rows[0]["next"][0] == "2025-03-30T01:00:00Z"
for row, text in zip(rows[1:8], ("column 1: minute: 60", "Mars/Olympus", '"from" wants a time',
                                 '"from" wants text', '"expr" wants text', "", "an object")):
    assert set(row) == {"id", "error"} and text in row["error"], row
assert rows[1]["id"] == "b" and rows[6]["id"] is None
assert rows[8]["id"] == {"a": [1]} and rows[8]["next"][0] == "2025-03-30T01:00:00Z"
END
    run "$MIZAN" next --batch --count 2 <<<'{"id":0,"expr":"@daily","tz":"UTC","from":"2025-01-01"}'
    [ "$status" -eq 0 ]
    [ "$output" = '{"id":0,"next":["2025-01-02T00:00:00Z","2025-01-03T00:00:00Z"]}' ]
}

@test "H is drawn from the name: the same each time, others elsewhere" {
    first=$("$MIZAN" next 'H H * * *' --id one --from 2025-01-01 --count 1)
    again=$("$MIZAN" next 'H H * * *' --id one --from 2025-01-01 --count 1)
    other=$("$MIZAN" next 'H H * * *' --id two --from 2025-01-01 --count 1)
    [ "$first" = "$again" ]
    [ "$first" != "$other" ]
    run "$MIZAN" next 'H H * * *'
    [ "$status" -eq 0 ]
    [[ "$output" == *"--id NAME"* ]]
    pipeline 'cron = "H H * * *"'
    [ "$("$MIZAN" next p.lua --from 2025-01-01)" = "$("$MIZAN" next 'H H * * *' --id p --from 2025-01-01)" ]
}

@test "a pipeline's schedule" {
    pipeline 'cron = "30 2 * * *", tz = "Europe/Berlin"'
    run "$MIZAN" next p.lua --from 2025-03-30 --count 1 --explain
    [ "$status" -eq 0 ]
    [[ "$output" == *"2025-03-30T01:00:00Z  GAP-MOVED"* ]]
    "$MIZAN" next p.lua --from 2025-03-30 --count 1 --json | python3 -c 'import json,sys
answer = json.load(sys.stdin)
assert answer["pipeline"] == "p" and answer["next"] == ["2025-03-30T01:00:00Z"]'
    run "$MIZAN" next p.lua --tz UTC
    fails_with 64 "the pipeline's own"
    export MIZAN_NOW=2025-03-30T00:00:00Z
    run "$MIZAN" describe p.lua
    [[ "$output" == *"next      Sun 2025-03-30 03:00:00 +02:00  2025-03-30T01:00:00Z  GAP-MOVED"* ]]
    "$MIZAN" describe p.lua --json | python3 -c 'import json,sys
assert json.load(sys.stdin)["next"] == ["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z",
    "2025-04-01T00:30:00Z"]'
    "$MIZAN" list --json | python3 -c 'import json,sys
assert json.load(sys.stdin)["next"][0] == "2025-03-30T01:00:00Z"'
    sed -i '/schedule/d' p.lua
    run "$MIZAN" next p.lua
    fails_with 78 "the pipeline p has no schedule"
    "$MIZAN" list --json | python3 -c 'import json,sys; assert json.load(sys.stdin)["next"] is None'
}

@test "check points into the schedule, and the others are still checked" {
    pipeline 'cron = "*/15 25 * * *"'
    cp p.lua bad.lua
    pipeline 'cron = "@daily"'
    run "$MIZAN" check bad.lua p.lua
    fails_with 78 "bad.lua:4:29" "hour: 25 is not from 0 to 23" "p.lua: ok"
    run "$MIZAN" run bad.lua
    fails_with 78 "hour: 25"
}

@test "the examples of docs/scheduling.md" {
    python3 "$ROOT/tests/e2e/examples.py" "$ROOT/docs/scheduling.md" "$BUILD"
}
