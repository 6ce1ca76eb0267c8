# The pages of docs/ whose examples can be run say what the program does.
load common

@test "docs/figures.md: every example holds" {
    run python3 "$ROOT/tests/e2e/page.py" "$ROOT/docs/figures.md" "$BUILD"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a page whose example does not hold fails, one without examples too" {
    page=$BATS_TEST_TMPDIR/page.md
    printf '```console\n$ echo one\ntwo\n```\n' >"$page"
    run python3 "$ROOT/tests/e2e/page.py" "$page" "$BUILD"
    [ "$status" -eq 1 ]
    [[ "$output" == *"-two"*"+one"* ]]
    echo "no example" >"$page"
    run python3 "$ROOT/tests/e2e/page.py" "$page" "$BUILD"
    [ "$status" -eq 2 ]
}
