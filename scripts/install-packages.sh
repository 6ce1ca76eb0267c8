#!/bin/sh
# Installs what is missing from Debian's packages: `build` (what the program needs) or
# `test` (that and what the tests need). Works as root or with sudo, asks for nothing, does
# nothing when all is there.
set -eu

build="build-essential cmake ninja-build pkg-config liblua5.4-dev libcurl4-openssl-dev
libcjson-dev libsqlite3-dev nettle-dev libzstd-dev libbrotli-dev zlib1g-dev libxml2-dev libuchardet-dev
libicu-dev libmicrohttpd-dev libargon2-dev libseccomp-dev libedit2 tzdata libuv1-dev
libpq-dev libpcre2-dev libutf8proc-dev libarchive-dev poppler-utils"
test="$build bats libcmocka-dev clang clang-format libclang-rt-14-dev lua5.4 lua-check
python3 sqlite3 strace zstd time curl argon2 procps git postgresql lintian chromium"
# Node.js from elsewhere brings its own npm, beside which Debian's cannot be installed.
command -v npm >/dev/null 2>&1 || test="$test nodejs npm"

case "${1:-build}" in
build) wanted=$build ;;
test) wanted=$test ;;
*)
    echo "usage: install-packages.sh [build|test]" >&2
    exit 64
    ;;
esac

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "missing packages:$missing" >&2
        echo "install them as root, or install sudo, and start again" >&2
        exit 77
    }
    as_root="sudo -n"
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086  # the list is meant to be split
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
