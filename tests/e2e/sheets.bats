# Office documents: the figures of a table are the same in whatever form it came.
load common
REPORTS="$ROOT/tests/data/reports"
setup() {
    work_setup
    project
    mkdir in
}
teardown() { work_teardown; }

# figures NAME: those of one document, in order of the text.
figures() {
    rows "SELECT f.kind, f.value_dec, f.low_dec, f.high_dec, f.unit, f.counted, f.as_of,
      f.approx FROM figure f JOIN document d ON d.id = f.document_id
      WHERE d.url LIKE '%/$1' ORDER BY f.start_byte"
}

@test "a table of Calc, Gnumeric and Writer gives the figures of its page, with its cells" {
    cp "$REPORTS"/trade-ar* in/
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*" },'
        echo '  mizan.extract.article {}, mizan.extract.table {}, mizan.extract.office {},'
        echo '  mizan.extract.figures {},'
        echo '  mizan.each("row", "rows", function() return mizan.drop "row" end),'
        echo '  mizan.store.figures {},'
        echo '} }'
    } >p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    wanted=$(figures trade-ar.html)
    [ "$(wc -l <<<"$wanted")" -eq 10 ]
    for name in trade-ar-calc.xlsx trade-ar-gnumeric.xlsx trade-ar.ods trade-ar.odt trade-ar.docx; do
        diff <(echo "$wanted") <(figures "$name")
    done
    run rows "SELECT f.locator FROM figure f JOIN document d ON d.id = f.document_id
      WHERE d.url LIKE '%-calc.xlsx' AND f.value_dec = '412000000'"
    [ "$output" = '{"table":1,"row":4,"col":3}' ]
}

@test "rows of a sheet have typed numbers, dates by their format, shares and fees" {
    cp "$REPORTS"/dates.xlsx in/
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*" }, mizan.extract.office {},'
        echo '  mizan.store.jsonl { path = "rows.jsonl" },'
        echo '} }'
    } >p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    grep '"type":"row"\|"Tonnes"\|"Good"' rows.jsonl >rows || cat rows.jsonl
    cat rows
    grep -q '"Day":"2025-03-01T00:00:00Z","Tonnes":1250.5,"Share":0.125,"Fees":1200,"Open":true' rows
    grep -q '"Day":"2025-03-02T14:30:00Z","Tonnes":0.3,"Share":0.5,"Fees":1.204,"Open":false' rows
    grep -q '"Good":"Grain","Exports, 2024":41300,"Exports, 2025":52100' rows
}

@test "bombs, document types, locked and damaged office files are rejected" {
    cp "$REPORTS"/trade-ar.docx whole.docx
    head -c 3000 whole.docx >in/cut.docx
    printf '\320\317\021\340\241\261\032\341%600s' x >in/old.xls
    python3 - <<'END'
import zipfile
def package(name, part, text):
    with zipfile.ZipFile("in/" + name, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(part, text)
laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>'
package("laughs.docx", "word/document.xml", laughs)
package("bomb.docx", "word/document.xml", "<r>" + " " * 60000000 + "</r>")
package("deep.odt", "content.xml", "<p>" * 3000)
END
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*" }, mizan.extract.office {},'
        echo '  mizan.extract.figures {}, mizan.store.figures {},'
        echo '} }'
    } >p.lua
    run "$MIZAN" run p.lua
    run rows "SELECT outcome, reason FROM dead_letter ORDER BY reason"
    echo "$output"
    [ "$(wc -l <<<"$output")" -eq 5 ]
    [[ "$output" == *"document type"* ]]
    [[ "$output" == *"times the file"* ]]
    [[ "$output" == *"cut short"* ]]
    [[ "$output" == *"Excessive depth"* || "$output" == *"line 1:"* ]]
    [[ "$output" == *"binary file of old, or encrypted"* ]]
}
