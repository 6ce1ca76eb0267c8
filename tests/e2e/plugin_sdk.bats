# The SDK: plugins made by `plugin new` build outside the tree and pass `plugin check`;
# every deliberately wrong one fails the check that it is wrong in, by name.
load common
setup() {
    work_setup
    BAD="$BUILD/tests/plugins/bad"
    GOOD="$BUILD/tests/plugins/good"
}
teardown() { work_teardown; }

# check_fails FILE CHECK: the check of that name fails, with advice. What ends only at its
# limit gets a short one.
check_fails() {
    local file=$1 wanted=$2 limit=60
    [[ "$file" != extract_l[oa][ot]* ]] || limit=4
    run timeout 300 "$MIZAN" plugin check --limit-time $limit "$BAD/$file.so"
    [ "$status" -eq 1 ] || {
        echo "$file: exit $status: $output"
        return 1
    }
    grep -qE "^FAIL +$wanted " <<<"$output" || {
        echo "$file does not fail '$wanted': $output"
        return 1
    }
    grep -qE "^ +to do: " <<<"$output" || {
        echo "$file: no advice: $output"
        return 1
    }
}

@test "a wrong file or descriptor fails its check by name" {
    while read -r file check; do
        check_fails "extract_$file" "$check"
        [ "$(grep -c '^FAIL' <<<"$output")" -eq 1 ] || {
            echo "$output"
            return 1
        }
    done <<'TABLE'
truncated elf
machine elf
text elf
empty elf
missing load
crash_load load
abi2 symbol
function symbol
no_symbol symbol
magic magic
major version
minor version
future version
small size
large size
tiny size
misnamed name
kind name
unknown_kind name
stability texts
summary texts
no_open functions
no_extract functions
home_flag functions
consumes types
option_name options
option_twice options
option_common options
option_type options
option_default options
option_bound options
option_minimum options
option_size options
option_list options
TABLE
}

@test "wrong behaviour fails its check by name" {
    while read -r file check; do
        check_fails "$file" "$check"
    done <<'TABLE'
extract_crash_open open
extract_abort_open open
extract_exit_open open
extract_overflow_open open
extract_fail_open open
extract_meddle_load surroundings
extract_meddle_open surroundings
extract_leaves_files surroundings
extract_closes_files surroundings
extract_changes_folder surroundings
extract_changes_environment surroundings
extract_changes_signals surroundings
extract_sqlite copies
extract_crash_extract ordinary input
extract_loop ordinary input
extract_late ordinary input
extract_bogus ordinary input
extract_unknown ordinary input
extract_silent ordinary input
extract_stale secret refused
extract_needs_text empty input
extract_trusts_types malformed input
extract_recurses huge input
extract_deaf cancelled
extract_renames_cancel cancelled
extract_unchecked_memory memory refused
extract_forgets_memory memory refused
extract_swallows_emit emit refused
fetch_swallows_http http refused
store_swallows_db db refused
store_invents_ids repeated unit
store_keeps_unit repeated unit
extract_counts_calls instances
extract_races threads
extract_impure claims
fetch_online claims
extract_leaks leaks
TABLE
}

@test "rejecting and failing in order is no fault" {
    for file in extract_reject extract_partial; do
        run "$MIZAN" plugin check "$BAD/$file.so"
        [ "$status" -eq 0 ] || { echo "$output"; return 1; }
        [[ "$output" == *"takes no such record"* ]]
    done
}

@test "no bad plugin is without its line in these tables" {
    for path in "$BAD"/*.so; do
        file=$(basename "$path" .so)
        grep -qE "(^|[ _])${file#extract_}( |;|$)" "$BATS_TEST_FILENAME" || {
            echo "$file is in no table"
            return 1
        }
    done
}

@test "the plugins of the tree and the good ones pass" {
    for path in "$BUILD"/plugins/*.so "$GOOD"/*.so; do
        run timeout 300 "$MIZAN" plugin check "$path"
        [ "$status" -eq 0 ] || { echo "$path: $output"; return 1; }
    done
}

@test "check --json: an object per check" {
    run "$MIZAN" plugin check --json "$GOOD/extract_echo.so"
    [ "$status" -eq 0 ]
    python3 - "$output" <<'PY'
import json, sys
rows = [json.loads(line) for line in sys.argv[1].splitlines()]
assert len(rows) == 32, len(rows)
assert {row["verdict"] for row in rows} == {"passed", "skipped"}
assert all(row["check"] and row["about"] for row in rows)
PY
}

@test "list survives plugins that crash when they are loaded, and names them" {
    mkdir plugins
    cp "$BAD/extract_crash_load.so" "$BAD/extract_abi2.so" "$GOOD/extract_echo.so" plugins/
    MIZAN_PLUGIN_PATH="$WORK/plugins" run "$MIZAN" plugin list
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"extract_crash_load.so"*"refused: plugin extract.crash_load (load"* ]]
    [[ "$output" == *"extract_abi2.so"*"refused"* ]]
    [[ "$output" == *"extract.echo"* ]]
    MIZAN_PLUGIN_PATH="$WORK/plugins" run "$MIZAN" plugin list --json
    [ "$status" -eq 0 ]
    python3 - "$output" "$WORK" <<'PY'
import json, sys
rows = {row["path"]: row for row in map(json.loads, sys.argv[1].splitlines())}
folder = sys.argv[2] + "/plugins/"
assert "extract.crash_load (load" in rows[folder + "extract_crash_load.so"]["refused"]
assert rows[folder + "extract_echo.so"]["name"] == "extract.echo"
PY
}

@test "plugin new: wrong use is told" {
    run "$MIZAN" plugin new words
    fails_with 64 "kind" "--kind fetch|extract|store"
    run "$MIZAN" plugin new Words --kind extract
    fails_with 64 "'Words'" "a-z"
    mkdir full && touch full/x
    run "$MIZAN" plugin new words --kind extract full
    fails_with 73 "full" "not empty"
    run "$MIZAN" plugin make
    fails_with 64 "make" "list|check|new"
}

# new_builds KIND PREFIX: makes, builds and tests a plugin against an SDK.
new_builds() {
    "$2/bin/mizan" plugin new words --kind "$1" "made-$1" >steps 2>&1 || {
        cat steps
        return 1
    }
    grep -q "CMAKE_PREFIX_PATH=$2" steps
    cmake -S "made-$1" -B "made-$1/build" "-DCMAKE_PREFIX_PATH=$2" \
        -DCMAKE_C_FLAGS="-Wall -Wextra -Werror" >log 2>&1 || { cat log; return 1; }
    cmake --build "made-$1/build" >log 2>&1 || { cat log; return 1; }
    ctest --test-dir "made-$1/build" --output-on-failure >log 2>&1 || { cat log; return 1; }
    grep -q "2 tests\|100% tests passed, 0 tests failed out of 2" log || { cat log; return 1; }
    run "$2/bin/mizan" plugin check "made-$1/build/${1}_words.so"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "plugin new: each kind builds outside the tree against an installed prefix" {
    DESTDIR='' cmake --install "$BUILD" --prefix "$WORK/prefix" >log 2>&1 || { cat log; return 1; }
    for kind in fetch extract store; do
        new_builds "$kind" "$WORK/prefix"
        if command -v clang-format >/dev/null; then
            clang-format --dry-run -Werror "made-$kind"/*.c
        fi
    done
    # The prefix may be moved: nothing in it is absolute.
    mv "$WORK/prefix" "$WORK/moved"
    flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$WORK/moved" -name mizan.pc)") \
        pkg-config --cflags mizan)
    # shellcheck disable=SC2086
    cc -shared -fPIC $flags made-store/store_words.c -o store_words.so
    chmod go-w store_words.so
    run "$WORK/moved/bin/mizan" plugin check store_words.so
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$WORK/moved/bin/mizan" plugin list
    [[ "$output" == *"extract.figures"* ]]
}

@test "plugin new: the build folder is an SDK too" {
    "$MIZAN" plugin new words --kind extract >steps
    cmake -S extract_words -B b "-DCMAKE_PREFIX_PATH=$BUILD" >log 2>&1 || { cat log; return 1; }
    cmake --build b >log 2>&1 || { cat log; return 1; }
    run "$MIZAN" plugin check b/extract_words.so
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "a plugin built with the address sanitizer is checked with it" {
    "$MIZAN" plugin new words --kind extract >steps
    sed -i 's|    return stage->host->emit(task, record);|    (void)!malloc(7);\n&|' \
        extract_words/extract_words.c
    gcc -shared -fPIC -fsanitize=address -g "-I$ROOT/host/include" \
        extract_words/extract_words.c -o extract_words.so || skip "no gcc with sanitizers"
    chmod go-w extract_words.so
    run "$MIZAN" plugin check extract_words.so
    [ "$status" -eq 1 ] || { echo "$output"; return 1; }
    grep -qE "^FAIL +leaks .*leak sanitizer" <<<"$output"
    [[ "$output" == *"LeakSanitizer"*"extract_words"* ]]
}
