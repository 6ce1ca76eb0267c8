# Every command as a stranger meets it.
load common
setup() { work_setup; }
teardown() { work_teardown; }

@test "no command: an overview, exit 64" {
    run "$MIZAN"
    fails_with 64 "mizan run" "Everyday"
}

@test "an unknown command names the nearest" {
    run "$MIZAN" chekc
    fails_with 64 "no command 'chekc'" "did you mean 'mizan check'"
}

@test "an unknown option names the nearest" {
    run "$MIZAN" run x.lua --limti 3
    fails_with 64 "no option '--limti'" "did you mean --limit"
}

@test "an option without its value, a switch with one" {
    run "$MIZAN" run x.lua --limit
    fails_with 64 "needs a value"
    run "$MIZAN" run x.lua --json=yes
    fails_with 64 "takes no value"
}

@test "every command has help with examples" {
    for command in init check run try test list describe runs next figures query dead plugin explain version help; do
        run "$MIZAN" "$command" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *"usage: mizan $command"* ]]
    done
}

@test "version" {
    run "$MIZAN" version
    [ "$status" -eq 0 ]
    [[ "$output" == "mizan "*"plugin ABI 1.2"* ]]
    "$MIZAN" version --json | python3 -c 'import json,sys; assert json.load(sys.stdin)["abi"] == "1.2"'
}

@test "init, check, run, query: the first three minutes" {
    unset MIZAN_DB
    run "$MIZAN" init new
    [ "$status" -eq 0 ]
    cd new
    run "$MIZAN" check pipelines/first.lua
    [ "$status" -eq 0 ]
    run "$MIZAN" run pipelines/first.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" query "SELECT kind, bound, value_dec, low_dec, high_dec, unit FROM figure WHERE kind IN ('count', 'money') ORDER BY start_byte" --tsv
    [[ "$output" == *$'count\tat_least\t1200\t\t\t'* ]] || { echo "$output"; return 1; }
    [[ "$output" == *$'money\trange\t\t3500000\t4000000\tEUR'* ]] || { echo "$output"; return 1; }
    run "$MIZAN" list
    [ "$status" -eq 0 ]
    [[ "$output" == *first*ok* ]]
    run "$MIZAN" runs first --json
    [ "$status" -eq 0 ]
    [[ "$output" == *'"status":"ok"'* ]]
}

@test "init does not touch a project that is there" {
    "$MIZAN" init p >/dev/null
    echo "-- mine" >p/mizan.lua
    run "$MIZAN" init p
    fails_with 73 "exists already"
    [ "$(cat p/mizan.lua)" = "-- mine" ]
}

@test "describe shows stages and versions, also as JSON" {
    run "$MIZAN" describe "$ROOT/scripts/partnership.lua"
    [ "$status" -eq 0 ]
    [[ "$output" == *"extract.figures"* ]]
    "$MIZAN" describe --json "$ROOT/scripts/partnership.lua" |
        python3 -c 'import json,sys; d=json.load(sys.stdin); assert len(d["stages"]) == 5, d'
}

@test "plugin list shows every plugin; one by name with its options" {
    run "$MIZAN" plugin list
    [ "$status" -eq 0 ]
    for name in fetch.http fetch.file fetch.feed extract.article extract.figures store.figures store.jsonl; do
        [[ "$output" == *"$name"* ]]
    done
    run "$MIZAN" plugin list fetch.feed
    [[ "$output" == *"sources"* ]]
    "$MIZAN" plugin list --json | python3 -c 'import json,sys
for line in sys.stdin: json.loads(line)'
    run "$MIZAN" plugin list fetch.fed
    fails_with 66 "no plugin named"
}

@test "figures: JSON, documents and marked text" {
    run bash -c "echo 'They sent up to 9.8 billion dollars.' | '$MIZAN' figures --json"
    [ "$status" -eq 0 ]
    echo "$output" | python3 -c 'import json,sys
f = json.loads(sys.stdin.read()); assert f["value"] == 9800000000 and f["bound"] == "at_most" and f["unit"] == "USD", f'
    run bash -c "echo 'They sent up to 9.8 billion dollars.' | '$MIZAN' figures"
    [[ "$output" == *"[up to 9.8 billion dollars]"* ]]
    [[ "$output" == *"money: at most 9800000000 USD"* ]]
    printf '%s\n' '{"id":7,"text":"five tanks"}' '{"id":"b","text":"nothing here"}' |
        "$MIZAN" figures --docs >out
    [ "$(wc -l <out)" -eq 2 ]
    tail -n 1 out | grep -qx '{"id":"b","figures":\[\]}'
}

@test "figures --docs: a bad line is named, the others are answered, exit 65" {
    printf '%s\n' '{"id":1,"text":"five tanks"}' 'no json' '{"text":"x"}' '{"id":2,"text":"six tanks"}' >in
    run bash -c "'$MIZAN' figures --docs in 2>err"
    [ "$status" -eq 65 ]
    [ "${#lines[@]}" -eq 2 ]
    grep -q 'in line 2' err
    grep -q 'in line 3.*expected' err
}

@test "figures: invalid UTF-8 shifts no offset" {
    printf 'x\xff\xfe y 12 tanks' | "$MIZAN" figures --json | python3 -c 'import json,sys
f = json.loads(sys.stdin.read()); assert (f["start"], f["value"]) == (6, 12), f'
}

@test "figures: a missing file, an unknown language" {
    run "$MIZAN" figures nowhere.txt
    fails_with 66 "nowhere.txt"
    run "$MIZAN" figures --lang xx /dev/null
    fails_with 78 "xx"
}

@test "query: list, named, unknown, parameters, formats" {
    "$MIZAN" init p >/dev/null && "$MIZAN" run p/pipelines/first.lua 2>/dev/null
    run "$MIZAN" query
    [ "$status" -eq 0 ]
    [[ "$output" == *ratio* ]]
    run "$MIZAN" query figurse
    fails_with 64 "did you mean 'figures'"
    run "$MIZAN" query figures lnag=ar
    fails_with 64 "lnag"
    for form in --json --csv --md --tsv --table; do
        run "$MIZAN" query figures "$form"
        [ "$status" -eq 0 ]
        [ -n "$output" ]
    done
}

@test "query: SQL may read and nothing else" {
    "$MIZAN" init p >/dev/null && "$MIZAN" run p/pipelines/first.lua 2>/dev/null
    for sql in "DELETE FROM figure" "ATTACH 'x.db' AS x" "PRAGMA journal_mode = DELETE" \
        "UPDATE run SET status = 'x'" "DROP TABLE figure"; do
        run "$MIZAN" query "$sql"
        [ "$status" -ne 0 ] || { echo "allowed: $sql"; return 1; }
    done
    [ "$(rows "SELECT count(*) > 0 FROM figure")" -eq 1 ]
    run "$MIZAN" query --limit-time 1 "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"
    fails_with 70 "longer"
}

@test "query without a database says where it looked" {
    run "$MIZAN" query figures
    fails_with 66 "mizan.db"
}

@test "output that cannot be written is an error" {
    run bash -c "'$MIZAN' help >/dev/full"
    fails_with 74 "standard output"
}

@test "explain: all codes, by name, by exit status, an unknown one" {
    run "$MIZAN" explain
    [ "$status" -eq 0 ]
    codes=${#lines[@]}
    for code in $("$MIZAN" explain | cut -d' ' -f1); do
        run "$MIZAN" explain "$code"
        [ "$status" -eq 0 ] && [[ "$output" == *"What to do"* ]]
    done
    [ "$codes" -ge 20 ]
    run "$MIZAN" explain 78
    [[ "$output" == *"SCRIPT"* && "$output" == *"CONFIGURATION"* ]]
    run "$MIZAN" explain scrpt
    fails_with 64 "did you mean 'SCRIPT'"
}

@test "repl: values, names that stay, chunks of several lines, errors, the sandbox" {
    project
    printf 'x = 3\nx + 1, "a"\nmizan.decimal "0.1" * 3\nfor i = 1, 2 do\n  x = x + i\nend\nx\n{ 1, a = { b = 1 } }\n' >in.lua
    run "$MIZAN" repl <in.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$output" = $'4\na\n0.3\n6\n{ 1, a = { b = 1 } }' ]
    run "$MIZAN" repl <<<'mizan.fetch.fiel {}'
    fails_with 78 "did you mean fetch.file"
    # A library is as it was, whether the entry that changed it failed or not.
    run "$MIZAN" repl <<<$'math.floor = nil\nmath.floor(2.5)\nmath.floor = 1 error("x")\nmath.floor(2.5)'
    fails_with 78 "'floor' cannot be set: math is read only"
    [ "$(grep -c '^2$' <<<"$output")" -eq 2 ] || { echo "$output"; return 1; }
    run "$MIZAN" repl <<<'os.exit(1)'
    fails_with 78 "no name 'os'"
    run "$MIZAN" repl <<<'for i = 1, 2 do'
    fails_with 78 "ended in the middle"
}

@test "repl on a terminal: prompt, completion, history" {
    project
    export HOME="$WORK" TERM=xterm
    run python3 "$ROOT/tests/e2e/terminal.py" 20 'mizan.deci\t| "2.5" * 2\n|\x04' "$MIZAN" repl
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"> "* && "$output" == *$'\n5'* ]]
    grep -q "mizan.decimal" .mizan_history
}
