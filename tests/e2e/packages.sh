#!/bin/sh
# The Debian packages of a release build: made by cpack, looked at by lintian, their services
# by systemd-analyze. With MIZAN_FRESH_ROOT=1 they are also installed, used, upgraded and
# purged in a Debian 12 root made by mmdebstrap (minutes, and as root); with
# MIZAN_FRESH_ROOT=FILE in a copy of that tar archive. ROOT comes from ctest; MIZAN_RELEASE
# names the build folder (default: build/release). 77: skipped.
set -eu

skip() {
    echo "skipped: $1"
    exit 77
}

fail() {
    echo "$1" >&2
    exit 1
}

build=${MIZAN_RELEASE:-$ROOT/build/release}
[ -x "$build/mizan" ] || skip "there is no release build in $build"
command -v dpkg-shlibdeps >/dev/null || skip "there is no dpkg-shlibdeps (dpkg-dev)"
work=$(mktemp -d "${TMPDIR:-/tmp}/mizan-packages.XXXXXX")
root=
cleanup() {
    [ -z "$root" ] || umount "$root/proc" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT INT TERM

# make VERSION: the packages, in $work/VERSION.
make_packages() {
    (cd "$build" && cpack -R "$1" -B "$work/$1" >"$work/cpack.log" 2>&1) || {
        cat "$work/cpack.log"
        exit 1
    }
}

make_packages 0.1.0
for package in mizan mizan-dev mizan-doc; do
    [ -f "$(find "$work/0.1.0" -maxdepth 1 -name "${package}_0.1.0_*.deb")" ] || fail "no $package"
done

if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error,warning "$work"/0.1.0/*.deb || fail "lintian is not content"
else
    echo "no lintian: not looked at by it"
fi
if command -v systemd-analyze >/dev/null; then
    for unit in mizan mizan-web mizan-deliver; do
        systemd-analyze security --offline=true --threshold=20 --no-pager \
            "$ROOT/config/packaging/$unit.service" >"$work/security" 2>&1 || {
            tail -n 3 "$work/security"
            fail "$unit.service is exposed above 2.0"
        }
        tail -n 1 "$work/security"
    done
fi

[ -n "${MIZAN_FRESH_ROOT:-}" ] || {
    echo "not tried in a fresh root (MIZAN_FRESH_ROOT=1)"
    exit 0
}
[ "$(id -u)" -eq 0 ] || skip "a fresh root needs root"
root=$work/root
mkdir "$root"
if [ -f "$MIZAN_FRESH_ROOT" ]; then
    tar -xf "$MIZAN_FRESH_ROOT" -C "$root"
else
    command -v mmdebstrap >/dev/null || skip "there is no mmdebstrap"
    mmdebstrap --variant=minbase bookworm "$root" >"$work/root.log" 2>&1 ||
        skip "no Debian 12 root can be made: $(tail -n 1 "$work/root.log")"
fi
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
# What there is, without what apt and dpkg keep for themselves.
listing() {
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./var/lib/apt -o -path ./var/lib/dpkg \
        -o -path ./var/cache -o -path ./var/log \) -prune -o -print | sort)
}

inside apt-get update -qq
# What the packages need comes first, so that what is left over is theirs alone.
make_packages 0.1.1
mkdir "$root/tmp/old" "$root/tmp/new"
cp "$work"/0.1.0/*.deb "$root/tmp/old"
cp "$work"/0.1.1/*.deb "$root/tmp/new"
needed=$(dpkg-deb -f "$work"/0.1.0/mizan_*.deb Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086  # a list
inside apt-get install -y -qq --no-install-recommends $needed >/dev/null
listing >"$work/before"
cat "$root/etc/passwd" "$root/etc/group" | sort >"$work/users.before"

inside sh -c 'apt-get install -y -qq --no-install-recommends /tmp/old/*.deb' >"$work/install.log" 2>&1 || {
    cat "$work/install.log"
    fail "the packages cannot be installed"
}
inside mizan version
inside getent passwd mizan >/dev/null || fail "there is no user mizan"
[ "$(inside stat -c '%U %a' /var/lib/mizan)" = "mizan 700" ] || fail "/var/lib/mizan is not its own"

# The steps of the tutorial, by the user that the services have, started without systemd.
cp "$ROOT/tests/e2e/tutorial.sh" "$root/tmp/tutorial.sh"
inside setpriv --reuid=mizan --regid=mizan --clear-groups sh /tmp/tutorial.sh || fail "the tutorial does not work"

echo "-- mine" >>"$root/etc/mizan/mizan.lua"
inside sh -c 'apt-get install -y -qq --no-install-recommends /tmp/new/*.deb' >"$work/upgrade.log" 2>&1 || {
    cat "$work/upgrade.log"
    fail "the packages cannot be upgraded"
}
# shellcheck disable=SC2016  # dpkg-query's own variable
[ "$(inside dpkg-query -W -f '${Version}' mizan)" = 0.1.1 ] || fail "it was not upgraded"
grep -q '^-- mine' "$root/etc/mizan/mizan.lua" || fail "the upgrade lost a change of the configuration"
[ -d "$root/var/lib/mizan" ] || fail "the upgrade lost what was stored"

inside apt-get purge -y -qq mizan mizan-dev mizan-doc >"$work/purge.log" 2>&1 || {
    cat "$work/purge.log"
    fail "the packages cannot be purged"
}
rm -rf "$root/tmp/old" "$root/tmp/new" "$root/tmp/tutorial.sh"
listing >"$work/after"
cat "$root/etc/passwd" "$root/etc/group" | sort >"$work/users.after"
diff "$work/users.before" "$work/users.after" || fail "purge left a user"
# passwd keeps a copy of what it changed last.
diff "$work/before" "$work/after" | grep -v '^[0-9]' | grep -vE '^> \./etc/(passwd|group|shadow|gshadow)-$' >"$work/left" || true
[ ! -s "$work/left" ] || {
    cat "$work/left"
    fail "purge left this"
}
echo "installed, used, upgraded and purged in a fresh root: nothing is left"
