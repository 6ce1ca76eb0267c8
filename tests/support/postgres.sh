#!/bin/sh
# A throw-away PostgreSQL for tests, reached by a socket in a folder of its own alone.
#
#   postgres.sh start FILE [SETTING…]  FILE being absolute: starts one and writes its address to FILE; exit 77
#                                      where PostgreSQL is not installed
#   postgres.sh restart FILE [SIGNAL]  ends it (QUIT: at once, as a crash would) and starts
#                                      it again
#   postgres.sh stop FILE              ends it and removes its folder
#
# SETTING is as in postgresql.conf; the default is fsync=off. Whatever happens, the server
# ends by itself after an hour.
set -eu

binaries=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# The server refuses to run as root: then it runs as the user postgres.
user=
[ "$(id -u)" != 0 ] || user="setpriv --reuid=postgres --regid=postgres --clear-groups --"

folder_of() {
    sed -n 's/.*host=\([^&]*\).*/\1/p' "$1"
}

# launch FOLDER: starts the server of the folder and waits until it answers.
launch() {
    set -- "$1" -D "$1/data" -k "$1"
    while read -r setting; do
        set -- "$@" -c "$setting"
    done <"$1/settings"
    folder=$1
    shift
    # No function: one that is started behind keeps what was open before its redirections.
    # shellcheck disable=SC2086  # the words of $user are meant to be split
    $user timeout 3600 "$binaries/postgres" "$@" -c listen_addresses= \
        -c unix_socket_permissions=0777 >>"$folder.log" 2>&1 </dev/null 3>&- &
    tries=0
    until "$binaries/pg_isready" -q -h "$folder"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ]; then
            cat "$folder.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

start() {
    file=$1
    shift
    rm -f "$file"
    if [ ! -x "$binaries/initdb" ] || ! command -v psql >/dev/null; then
        exit 77
    fi
    if [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; then
        exit 77
    fi
    folder=$(mktemp -d /tmp/mizan-pg.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    chmod 0755 "$folder"
    # shellcheck disable=SC2086
    (cd / && $user "$binaries/initdb" -D "$folder/data" -A trust -U mizan -E UTF8 \
        --locale=C.UTF-8 -N) >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        exit 1
    }
    [ "$#" -gt 0 ] || set -- fsync=off
    printf '%s\n' "$@" >"$folder/settings"
    cd /
    launch "$folder"
    echo "postgres://mizan@/postgres?host=$folder" >"$file"
}

# end FOLDER SIGNAL
end() {
    server=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 0
    kill "-$2" "$server" 2>/dev/null || return 0
    tries=0
    while kill -0 "$server" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || kill -KILL "$server"
        sleep 0.05
    done
}

case ${1:-} in
start)
    shift
    start "$@"
    ;;
restart)
    folder=$(folder_of "$2")
    end "$folder" "${3:-QUIT}"
    cd /
    launch "$folder"
    ;;
stop)
    [ -s "$2" ] || exit 0
    folder=$(folder_of "$2")
    end "$folder" QUIT
    rm -rf "$folder" "$folder.log" "$2"
    ;;
*)
    echo "usage: postgres.sh start FILE [SETTING…] | restart FILE [SIGNAL] | stop FILE" >&2
    exit 64
    ;;
esac
