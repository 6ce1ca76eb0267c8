# Stored documents once more, through the stages as they are now.
load common

setup() {
    work_setup
    project
    mkdir in
    printf 'The ministry counted 5,600 tonnes of grain.\n\nIt has 12 ships and 30 trucks.\n' >in/a.txt
    printf 'The port counted 7,100 tonnes of coal.\n' >in/b.txt
    printf 'The mine counted 8,200 tonnes of salt.\n' >in/c.txt
    pipeline
    "$MIZAN" run p.lua
}

teardown() { work_teardown; }

current() {
    rows "SELECT value_dec FROM figure WHERE is_current = 1 ORDER BY value_dec" | tr '\n' ' '
}

@test "backfill: the new reading supersedes the old one, sources are not asked" {
    [ "$(current)" = "12 30 5600 7100 8200 " ]
    first=$(rows "SELECT id FROM run ORDER BY started_at LIMIT 1")
    state=$(rows "SELECT url, etag, checked_at, document_id FROM url_state ORDER BY url")
    rm -r in
    sleep 1
    pipeline 'mizan.each("figure", "sure", function(f) if f.kind == "count" then return mizan.drop "counts" end return f end),'
    run "$MIZAN" backfill --from-raw p.lua
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(current)" = "5600 7100 8200 " ]
    [ "$(rows "SELECT count(*) FROM document")" -eq 3 ]
    [ "$(rows "SELECT kind FROM run ORDER BY started_at DESC LIMIT 1")" = backfill ]
    [ "$state" = "$(rows "SELECT url, etag, checked_at, document_id FROM url_state ORDER BY url")" ]
    last=$(rows "SELECT id FROM run ORDER BY started_at DESC LIMIT 1")
    run "$MIZAN" diff "$first" "$last"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *$'gone\texact 12'* && "$output" == *$'gone\texact 30'* ]]
    [ "${#lines[@]}" -eq 3 ]
}

@test "backfill: what a person rejected or corrected stays so" {
    ship=$(rows "SELECT id FROM figure WHERE value_dec = '12'")
    coal=$(rows "SELECT id FROM figure WHERE value_dec = '7100'")
    "$MIZAN" review "$ship" --reject -m "no ships" --by tester
    "$MIZAN" review "$coal" --correct value=7200 -m "misprint" --by tester
    run "$MIZAN" backfill --from-raw p.lua
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(rows "SELECT value_dec FROM figure WHERE id = '$coal'")" = 7200 ]
    run "$MIZAN" why "$ship"
    [[ "$output" == *"tester reject"* ]]
}

@test "backfill: an interval, a limit, a source that left, a failing script" {
    run "$MIZAN" backfill --from-raw --to 2001-01-01 p.lua --json
    [ "$status" -eq 0 ]
    [[ "$output" != *'"reprocessed"'* ]]
    run "$MIZAN" backfill --from-raw --from 2001-01-01 --reverse --limit 2 p.lua --json
    [ "$status" -eq 0 ]
    [[ "$output" == *'"reprocessed":2'* ]]
    pipeline 'mizan.each("figure", "sure", function(f) error("broken") end),'
    run "$MIZAN" backfill --from-raw p.lua
    [ "$status" -eq 1 ]
    # The stored figures count as before, and no live run tries these bodies again.
    [ "$(current)" = "12 30 5600 7100 8200 " ]
    [ "$(rows "SELECT count(*) FROM attempt")" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM dead_letter")" -gt 0 ]
    sed -i 's/mizan.fetch.file { /mizan.fetch.file { name = "other", /' p.lua
    run "$MIZAN" backfill --from-raw p.lua
    echo "$output"
    [[ "$output" == *"3 documents are of sources that the script has no more"* ]]
    run "$MIZAN" backfill p.lua
    [ "$status" -eq 64 ]
}
