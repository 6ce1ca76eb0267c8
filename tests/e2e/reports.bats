# PDF: the figures of a report are those of its page.
load common
REPORTS="$ROOT/tests/data/reports"
setup() {
    work_setup
    echo 'return { programs = { "pdftotext" } }' >mizan.lua
    mkdir in
    {
        echo 'local mizan = require "mizan"'
        echo 'return mizan.pipeline { name = "p", stages = {'
        echo '  mizan.fetch.file { path = "in/*" },'
        echo '  mizan.extract.article {}, mizan.extract.pdf {},'
        echo '  mizan.extract.figures {},'
        echo '  mizan.store.figures {},'
        echo '} }'
    } >p.lua
}
teardown() { work_teardown; }

# figures NAME: those of one document, in order of the text.
figures() {
    rows "SELECT f.kind, f.value_dec, f.low_dec, f.high_dec, f.unit, f.counted, f.as_of,
      f.approx FROM figure f JOIN document d ON d.id = f.document_id
      WHERE d.url LIKE '%/$1' ORDER BY f.start_byte"
}

@test "an Arabic report as PDF of two programs gives the figures of its page" {
    cp "$REPORTS"/port-ar.html "$REPORTS"/port-ar-chromium.pdf "$REPORTS"/port-ar-writer.pdf in/
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    wanted=$(figures port-ar.html)
    [ "$(wc -l <<<"$wanted")" -ge 11 ]
    diff <(echo "$wanted") <(figures port-ar-chromium.pdf)
    diff <(echo "$wanted") <(figures port-ar-writer.pdf)
    # Logical order, lam-alef, brackets.
    run rows "SELECT count(*) FROM doc_text WHERE text LIKE
      '%خلال%الأرقام%الآلات%Blue Gulf Lines (12 سفينة) سارية%'"
    [ "$output" -ge 2 ]
}

@test "pages are kept, page numbers are no figures, words are whole" {
    cp "$REPORTS"/pages-en.pdf in/
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    run rows "SELECT locator, value_dec, unit FROM figure WHERE value_dec IS NOT NULL
      ORDER BY start_byte"
    echo "$output"
    [[ "$output" == *'{"page":1}'*41300* ]]
    [[ "$output" == *'{"page":1}'*12000000*EUR* ]]
    [[ "$output" == *'{"page":2}'*3200000*USD* ]]
    [ "$(rows "SELECT count(*) FROM figure WHERE locator = '{\"page\":2}'")" -eq 3 ]
    [ "$(rows "SELECT count(*) FROM doc_text WHERE text LIKE
      '%internationalisation%within eighteen%'")" -eq 1 ]
}

@test "a PDF without text, damaged or unreadable is rejected with what to do" {
    cp "$REPORTS"/scan.pdf "$REPORTS"/lines-ar.pdf in/
    head -c 3000 "$REPORTS"/pages-en.pdf >in/cut.pdf
    run "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    run rows "SELECT reason FROM dead_letter ORDER BY reason"
    echo "$output"
    [[ "$output" == *"no text: it is scanned or drawn; run text recognition"* ]]
    [[ "$output" == *"name whole lines in place of letters"* ]]
    [[ "$output" == *"damaged"* || "$output" == *"1 pages"* ]]
    [ "$(rows "SELECT count(*) FROM figure")" -eq 0 ]
}

@test "the project must allow pdftotext, and the message says how" {
    echo 'return {}' >mizan.lua
    cp "$REPORTS"/pages-en.pdf in/
    run "$MIZAN" run p.lua
    fails_with 77 'does not allow the program pdftotext' 'programs = { "pdftotext" }'
}

@test "the program that reads a PDF has no network, no files, bounded memory and time" {
    cat >reader <<'END'
#!/usr/bin/python3
import resource, socket, sys
sys.stdin.buffer.read()
try:
    socket.socket()
    found = "socket"
except OSError:
    found = "alone"
limits = [resource.getrlimit(r)[0] for r in (resource.RLIMIT_AS, resource.RLIMIT_CPU,
                                             resource.RLIMIT_FSIZE)]
print('<page width="1"><block xMin="1"><line xMin="1"><word xMin="0" yMin="0" xMax="9" '
      'yMax="9">%s %s</word></line></block></page>' % (found, limits))
END
    chmod +x reader
    echo "return { programs = { \"$PWD/reader\" } }" >mizan.lua
    options="program = \"$PWD/reader\", memory = \"512M\", timeout = \"20s\""
    sed -i "s|extract.pdf {}|extract.pdf { $options }|" p.lua
    cp "$REPORTS"/pages-en.pdf in/
    run "$MIZAN" run p.lua
    echo "$output"
    [ "$status" -eq 0 ]
    run rows "SELECT text FROM doc_text"
    [ "$output" = "alone [536870912, 21, 0]" ]
}
