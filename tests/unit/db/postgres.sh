#!/bin/sh
# postgres.sh HOST_DB_FOLDER CASE.sql: loads schema and case in a PostgreSQL of its own,
# reached by a socket in a folder of its own, and in SQLite; runs every named query with
# its defaults in both and compares. Exit 77 (skipped) where either is not installed.
set -eu
db=$1
case=$2
binaries=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -n "$binaries" ] && [ -x "$binaries/initdb" ] || exit 77
command -v sqlite3 >/dev/null && command -v psql >/dev/null || exit 77

folder=$(mktemp -d)
chmod 0755 "$folder"
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || exit 77
    mkdir "$folder/server" && chown postgres "$folder/server"
    as_server() { setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; }
    name=postgres
else
    mkdir "$folder/server"
    as_server() { "$@"; }
    name=$(id -un)
fi
stop() {
    as_server "$binaries/pg_ctl" -D "$folder/server/data" -m immediate stop \
        >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM

as_server "$binaries/initdb" -D "$folder/server/data" -A trust -U "$name" -E UTF8 \
    --locale=C.UTF-8 -N >/dev/null
as_server "$binaries/pg_ctl" -D "$folder/server/data" -l "$folder/server/log" -w \
    -o "-k $folder/server -c listen_addresses= -c fsync=off" start >/dev/null
ask() { psql -X -h "$folder/server" -U "$name" -d postgres -v ON_ERROR_STOP=1 -q "$@"; }

ask -1 -f "$db/schema.sql"
sqlite3 -bail "$folder/case.db" <"$db/schema.sql"

# Numbers as both print them: no ".0" behind whole ones, no exponent.
normal() {
    sed -E ':again; s/(^|\|)(-?[0-9]+)\.0(\||$)/\1\2\3/; t again' | sort
}

compare() {
    for file in "$db"/queries/*.sql; do
        # -- param: NAME TYPE =DEFAULT help  ->  'DEFAULT', …
        values=$(sed -n "s/^-- param: [a-z_]* [a-z]* =\([^ ]*\) .*/'\1'/p" "$file" |
            paste -sd, -)
        places=$(sed -n 's/^-- param: .*/x/p' "$file" | wc -l)
        [ "$places" -gt 0 ] || { echo "$file: no parameter" >&2; exit 1; }
        { echo 'PREPARE named AS'; cat "$file"; echo ';'; echo "EXECUTE named($values);"
        } | ask -At -F '|' | normal >"$folder/postgres.out"
        {
            number=1
            echo "$values" | tr ',' '\n' | while read -r value; do
                echo ".parameter set \$$number \"$value\""
                number=$((number + 1))
            done
            cat "$file"
            echo ';'
        } | sqlite3 -bail -list "$folder/case.db" | normal >"$folder/sqlite.out"
        if ! diff "$folder/sqlite.out" "$folder/postgres.out" >&2; then
            echo "$(basename "$file") differs: < SQLite, > PostgreSQL" >&2
            exit 1
        fi
        printf '%s %s\n' "$(basename "$file" .sql)" "$(wc -l <"$folder/sqlite.out")"
    done
}

compare >"$folder/empty"
if grep -vq ' 0$' "$folder/empty"; then
    echo "a query gives rows on an empty database" >&2
    exit 1
fi
{
    cat "$case"
    echo 'INSERT INTO summary_document(document_id) SELECT id FROM document;'
    cat "$db/summary.sql"
} >"$folder/case.sql"
ask -1 -f "$folder/case.sql"
sqlite3 -bail "$folder/case.db" <"$folder/case.sql"
compare | tee "$folder/full"
if grep -q ' 0$' "$folder/full"; then
    echo "a query gives no row on the case" >&2
    exit 1
fi
