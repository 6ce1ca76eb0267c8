# Dead letters: by cause, in full, given back, resolved, forgotten.
load common
setup() {
    work_setup
    project
    mkdir in
}
teardown() { work_teardown; }

broken='mizan.each("figure", "broken", function(f) if f.counted == "ships" then error("no ships") end return f end),'
picky='mizan.each("figure", "large", function(f) if f.value < 10 then return mizan.reject "too small" end return f end),'

letter() { rows "SELECT substr(id, 1, 10) FROM dead_letter WHERE url LIKE '%$1'"; }

@test "the end of a run names causes, count, place and the next command" {
    echo "12 tanks and 3 ships." >in/a.txt
    echo "5 ships." >in/b.txt
    pipeline "$broken"
    run "$MIZAN" run p.lua
    fails_with 1 "2 × broken: no ships"
    [[ "$output" == *"(p.lua:"* || "$output" == *"/p.lua:"* ]]
    [[ "$output" == *"mizan dead show $(rows "SELECT substr(id, 1, 10) FROM dead_letter ORDER BY at DESC, id LIMIT 1")"* ]]
}

@test "list groups by cause, --each does not" {
    echo "3 ships." >in/a.txt
    echo "5 ships." >in/b.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    run "$MIZAN" dead list p --json
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *'"letters":2'*'"reason":"too small"'* ]]
    run "$MIZAN" dead list --each --json
    [ "${#lines[@]}" -eq 2 ]
    run "$MIZAN" dead list other
    [[ "$output" == *"no dead letters"* ]]
}

@test "show prints traceback, record and bytes" {
    echo "12 tanks and 3 ships." >in/a.txt
    pipeline "$broken"
    run "$MIZAN" run p.lua
    id=$(letter a.txt)
    run "$MIZAN" dead show "$id"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"no ships"* && "$output" == *"traceback"* && "$output" == *'"counted":"ships"'* ]]
    "$MIZAN" dead show "$id" --body >body.txt
    cmp body.txt in/a.txt
}

@test "replay: what failed is stored once the script is mended, and resolved" {
    echo "12 tanks and 3 ships." >in/a.txt
    pipeline "$broken"
    run "$MIZAN" run p.lua
    id=$(letter a.txt)
    rm in/a.txt
    echo "40 boats." >in/b.txt
    pipeline
    run "$MIZAN" dead replay "$id"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 replayed"* ]]
    [ "$(rows "SELECT count(*) FROM figure WHERE counted = 'ships'")" -eq 1 ]
    # No source was asked.
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM attempt")" -eq 0 ]
    run "$MIZAN" dead list
    [[ "$output" == *"no dead letters"* ]]
    run "$MIZAN" dead list --resolved --json
    [[ "$output" == *'"letters":1'* ]]
}

@test "replay of a rejected record keeps its document and its figures" {
    echo "12 tanks and 3 ships." >in/a.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    before=$(rows "SELECT id FROM document")
    pipeline
    run "$MIZAN" dead replay "$(letter a.txt)"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT id FROM document")" = "$before" ]
    [ "$(rows "SELECT count(*) FROM figure")" -eq 2 ]
    [ "$(rows "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")" -eq 0 ]
    run "$MIZAN" run p.lua
    [[ "$output" == *"1 unchanged"* ]]
}

@test "replay by cause takes each input once; what fails again stays" {
    echo "3 ships and 4 ships." >in/a.txt
    echo "5 ships." >in/b.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    cause=$(rows "SELECT DISTINCT fingerprint FROM dead_letter")
    run "$MIZAN" dead replay "$cause"
    fails_with 1 "2 replayed"
    [ "$(rows "SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")" -eq 3 ]
    [ "$(rows "SELECT min(attempts) FROM dead_letter")" -eq 2 ]
}

@test "an unknown letter, an unknown verb and a missing id are told" {
    pipeline
    echo "12 tanks." >in/a.txt
    run "$MIZAN" run p.lua
    run "$MIZAN" dead show ffff
    fails_with 66 "no dead letter"
    run "$MIZAN" dead replay ffff
    fails_with 66 "no dead letter"
    run "$MIZAN" dead shw x
    fails_with 64 "did you mean 'show'"
    run "$MIZAN" dead show
    fails_with 64 "needs the id"
}

@test "letters are forgotten after thirty days" {
    echo "3 ships." >in/a.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    sqlite3 mizan.db "UPDATE dead_letter SET at = '2020-01-01T00:00:00.000Z'"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM dead_letter")" -eq 0 ]
}

@test "show takes a cause in full: its last letter; a wrong verb or limit is said once" {
    printf '12 tanks and 3 "ships".\n' >in/a.txt
    printf '13 tanks and 4 "ships".\n' >in/b.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    cause=$(rows "SELECT fingerprint FROM dead_letter GROUP BY 1 HAVING count(*) > 1")
    [ -n "$cause" ]
    run "$MIZAN" dead show "$cause"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"cause      $cause"* ]]
    run "$MIZAN" dead lst
    fails_with 64 "mizan dead has no 'lst'" "did you mean 'list'"
    run "$MIZAN" dead list --limit many
    fails_with 64 "--limit takes a whole number"
    [ "$(grep -c error <<<"$output")" -eq 1 ]
}

@test "keep makes a file and a test that fails until the script is mended" {
    printf '12 tanks and 3 "ships".\n' >in/a.txt
    pipeline "$picky"
    run "$MIZAN" run p.lua
    id=$(letter a.txt)
    run "$MIZAN" dead keep "$id"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    cmp "data/dead-$id.txt" in/a.txt
    run "$MIZAN" test
    fails_with 1 "dead letter $id: too small" "0 passed, 1 failed"
    run "$MIZAN" dead keep "$id"
    fails_with 64 "kept already"
    pipeline
    run "$MIZAN" test
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # A second one goes into the same file.
    pipeline "$broken"
    echo "77 ships." >in/b.txt
    run "$MIZAN" run p.lua
    run "$MIZAN" dead keep "$(letter b.txt)"
    pipeline
    run "$MIZAN" test
    [[ "$output" == *"2 passed, 0 failed in 1 file"* ]]
}
