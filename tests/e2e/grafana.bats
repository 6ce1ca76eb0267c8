# Dashboards for Grafana: what each panel asks, on a home database.
load common
setup() { work_setup; project; pipeline; }
teardown() { work_teardown; }

# queries FILE MEMBER: the SQL of each panel, a line each.
queries() {
    python3 - "$ROOT/config/grafana/$1" "$2" <<'PY'
import json, sys
for panel in json.load(open(sys.argv[1], encoding="utf-8"))["panels"]:
    print(panel["targets"][0][sys.argv[2]])
PY
}

@test "every panel of the dashboard for SQLite has an answer" {
    mkdir in
    echo 'They sent 9.8 billion dollars.' >in/a.txt
    "$MIZAN" run p.lua
    queries sqlite.json queryText >asked
    [ "$(wc -l <asked)" -ge 8 ]
    while read -r sql; do
        "$MIZAN" query --tsv "$sql" >answer || { echo "$sql"; return 1; }
    done <asked
    [ "$("$MIZAN" query --tsv "$(sed -n 2p asked)" | tail -n 1 | cut -f 2)" -ge 1 ]
}

@test "the dashboard for PostgreSQL asks the same" {
    # Times are times there.
    diff <(queries sqlite.json queryText) <(queries postgres.json rawSql |
        sed 's/SELECT CAST(\(substr([^)]*)\) AS TIMESTAMPTZ) AS time/SELECT \1 AS time/')
}
