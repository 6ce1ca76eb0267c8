# From bytes to text, tables and fields, through to the database.
load common
setup() {
    work_setup
    project
    mkdir in
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*.html" },'
        echo '  mizan.extract.article {}, mizan.extract.table {},'
        echo '  mizan.extract.figures {},'
        echo '  mizan.each("row", "rows", function() return mizan.drop "row" end),'
        echo '  mizan.store.figures {},'
        echo '} }'
    } >p.lua
}
teardown() { work_teardown; }

# page FILE TEXT [TAIL]: a page with one long paragraph.
page() {
    printf '<html lang="en"><title>%s</title><article><h1>%s</h1><p>%s</p>%s</article>' \
        "Grain at the quay" "Grain at the quay" "$2" "${3:-}" >"in/$1.html"
}

LONG="The port handled more goods than ever before, the authority said on Monday, and it
expects another year of growth although fees for a berth have gone up twice since spring
and a second crane that was to come in autumn has been put off until the year after next."

@test "figures in cells have heads, unit, period and the place in the table" {
    page a "$LONG" '<table><thead><tr><th rowspan=2>Good<th colspan=2>Exports (million
      euros)<th>Change<tr><th>2024<th>2025<th>in %</thead><tr><td>Grain<td>398.5
      <td>412<sup>1</sup><td>3.4<tr><td>Oil<td>1,204<td>1,190<td>-1.2</table>'
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    run rows "SELECT value_dec, unit, as_of, locator FROM figure ORDER BY start_byte"
    echo "$output"
    [[ "$output" == *'398500000'*'EUR'*'2024'*'"table":1,"row":3,"col":2'* ]]
    [[ "$output" == *'412000000'*'EUR'*'2025'*'"table":1,"row":3,"col":3'* ]]
    [[ "$output" == *'1190000000'*'EUR'*'2025'*'"table":1,"row":4,"col":3'* ]]
    [[ "$output" == *'3.4'*'percent'*'"table":1,"row":3,"col":4'* ]]
    [ "$(rows "SELECT count(*) FROM figure WHERE kind = 'time'")" -eq 0 ]
    # The offsets index the text that is stored.
    run rows "SELECT count(*) FROM figure f JOIN doc_text t ON t.document_id =
      f.document_id WHERE f.text <> CAST(substr(CAST(t.text AS BLOB), f.start_byte + 1,
      f.end_byte - f.start_byte) AS TEXT)"
    [ "$output" = 0 ]
}

@test "one report in five papers is one report with five appearances" {
    page a "$LONG It moved 41,300 tonnes."
    page b "KELLEN (Agency) $LONG It moved 41,300 tonnes."
    page c "$LONG It moved 41,300 tonnes. Read more tomorrow."
    page d "$LONG It moved 41,300 tonnes. (agency)"
    page e "From our newsroom: $LONG It moved 41,300 tonnes."
    page f "$LONG It moved 52,100 tonnes."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    [ "$(rows 'SELECT count(*) FROM doc_text')" -eq 6 ]
    [ "$(rows 'SELECT count(*) FROM doc_text WHERE dup_of IS NULL')" -eq 2 ]
    [ "$(rows 'SELECT count(DISTINCT dup_of) FROM doc_text')" -eq 1 ]
}

@test "the encoding that was declared and the one that was used are both kept" {
    page a "Der Fährmann möchte für 12 Euro über die Brücke, sagte er, und müsste dafür
      nur zwölf Minuten länger warten als früher."
    iconv -f UTF-8 -t WINDOWS-1252 in/a.html >b && mv b in/a.html
    sed -i 's/<title>/<meta charset=utf-8><title>/' in/a.html
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    run rows "SELECT charset_declared, charset_used FROM document"
    [ "$output" = "$(printf 'utf-8\twindows-1252')" ]
    [[ "$(rows "SELECT counts FROM run")" == *charset_mismatches* ]]
}
