#!/bin/sh
# Installs what the tests need, builds, runs all tests and prints `N passed, N failed`.
# MIZAN_PRESETS names the builds to test (default: dev asan); the rules run once.
set -eu
cd "$(dirname "$0")/.."

sh scripts/install-packages.sh test

passed=0
failed=0
skipped=0
presets=${MIZAN_PRESETS:-dev asan}
jobs=$(nproc)

count() { # count WORD FILE: the number of ctest lines that end so
    grep -cE "Test +#[0-9]+: .*$1" "$2" || true
}

for preset in $presets release; do
    mkdir -p "build/$preset"
    echo "== build $preset"
    if ! { cmake --preset "$preset" -DMIZAN_WERROR=ON &&
        cmake --build --preset "$preset" -j "$jobs"; } >"build/$preset/build.log" 2>&1; then
        tail -n 60 "build/$preset/build.log"
        failed=$((failed + 1))
        echo "$passed passed, $failed failed"
        exit 1
    fi
done

for preset in $presets; do
    echo "== test $preset"
    log="build/$preset/test.log"
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
        UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
        ctest --preset "$preset" -j "$jobs" >"$log" 2>&1 || true
    grep -E '(Passed|Failed|Timeout|Not Run|\*\*\*)' "$log" || true
    good=$(count 'Passed' "$log")
    left=$(count 'Skipped' "$log")
    all=$(grep -cE 'Test +#[0-9]+:' "$log" || true)
    if [ "$all" -eq 0 ]; then
        echo "no test ran"
        tail -n 20 "$log"
        failed=$((failed + 1))
    fi
    if [ $((good + left)) -ne "$all" ]; then
        sed -n '/The following tests FAILED/,$p' "$log"
        grep -vE '^ *[0-9]+/[0-9]+ Test|^ +Start ' "$log" | tail -n 200
    fi
    passed=$((passed + good))
    skipped=$((skipped + left))
    failed=$((failed + all - good - left))
done

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
