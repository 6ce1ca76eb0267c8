#!/bin/sh
# Fuzzes every target for SECONDS each (60), one after the other; findings are left in
# build/fuzz/findings. A found input belongs into tests/fuzz/corpus/TARGET with its fix.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz >build/fuzz/build.log 2>&1 || { tail -n 40 build/fuzz/build.log; exit 1; }
mkdir -p build/fuzz/findings
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    corpus=tests/fuzz/corpus/${name#fuzz_}
    mkdir -p "build/fuzz/corpus/$name"
    echo "== $name"
    "build/fuzz/$name" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
        -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" "$corpus" \
        2>&1 | tail -n 3
done
