# `mizan try`: where its document comes from, and trying again at every save.
load common
setup() {
    work_setup
    project
    mkdir site
    echo '<html><body><p>The army counted 15,000 soldiers and 3 ships.</p></body></html>' >site/page.html
    serve site
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } }, politeness = "off", stages = {
  mizan.fetch.http { url = "$URL/page.html" },
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.each("figure", "large", function(f) if f.value < 10 then return mizan.reject "too small" end return f end),
  mizan.store.figures {},
} }
LUA
    "$MIZAN" run p.lua 2>/dev/null || [ $? -eq 1 ]
}
teardown() { work_teardown; }

@test "a stored document by id and by address, a dead letter, an address live" {
    run "$MIZAN" try p.lua --doc "$(rows "SELECT id FROM document")" --json
    fails_with 1 '"value":15000' '"what":"reject"'
    run "$MIZAN" try p.lua --url "$URL/page.html" --json
    fails_with 1 '"value":15000'
    run "$MIZAN" try p.lua --dead "$(rows "SELECT substr(id, 1, 8) FROM dead_letter")"
    fails_with 1 "too small"
    echo '<html><body><p>The army counted 16,000 soldiers today.</p></body></html>' >site/page.html
    run "$MIZAN" try p.lua --url "$URL/page.html" --live --json
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *'"value":16000'* ]]
    # Nothing was stored by any of them.
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
}

@test "what is not there, and options that say two things" {
    run "$MIZAN" try p.lua --url http://other.example/
    fails_with 66 "--live asks for it"
    run "$MIZAN" try p.lua --dead ffff
    fails_with 66 "no dead letter"
    run "$MIZAN" try p.lua --live
    fails_with 64 "--live goes with --url"
    run "$MIZAN" try p.lua --doc a --dead b
    fails_with 64 "say two things"
}

@test "--watch tries again when the script is saved, and ends at a signal" {
    echo "12 tanks." >in.txt
    "$MIZAN" try p.lua in.txt --watch >out.txt 2>&1 3>&- &
    watcher=$!
    for _ in $(seq 100); do
        grep -q "waits for a change" out.txt && break
        sleep 0.1
    done
    [ "$(grep -c "waits for a change" out.txt)" -eq 1 ]
    sed -i 's/too small/much too small/; s/< 10/< 20/' p.lua
    for _ in $(seq 100); do
        grep -q "much too small" out.txt && break
        sleep 0.1
    done
    kill -INT "$watcher"
    ended=0
    wait "$watcher" || ended=$?
    grep -q "much too small" out.txt
    [ "$ended" -eq 130 ]
}
