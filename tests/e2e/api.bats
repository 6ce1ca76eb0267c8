# fetch.http reading APIs: every way to page, cursors that move only when they may, rows
# with their places, secrets that go where they should.
load common
setup() {
    work_setup
    project
    mkdir api
    item() { printf '{"id":%s,"changed":"2025-09-%02dT10:00:00Z","amount":%s}\n' "$1" "$2" "$3"; }
    for i in 1 2 3 4 5 6 7 8; do item $i $i "$i.50"; done >api/items.jsonl
    timeout 300 python3 "$ROOT/tests/support/api_server.py" "$WORK/api" "$WORK/port" \
        >"$WORK/server.log" 2>&1 3>&- &
    SERVER=$!
    for _ in $(seq 200); do
        [ -s port ] && break
        sleep 0.05
    done
    URL="http://127.0.0.1:$(cat port)"
}
teardown() { work_teardown; }

# pipeline OPTIONS: writes p.lua, which reads with them.
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } }, politeness = "off", stages = {
  mizan.fetch.http { name = "api", type = "grant", records = "/data", $1 },
  mizan.each("grant", "placed", function(rec, ctx)
    -- placed
    return rec
  end),
  mizan.store.jsonl { path = "out.jsonl", types = { "grant" } },
} }
LUA
}

ids() { grep -o '"id":[0-9]*' out.jsonl | cut -d: -f2 | tr '\n' ' '; }
cursor() { rows "SELECT value FROM source_state WHERE key = 'cursor'"; }
asked() { grep -c "$1" api/log; }

@test "every way to page gives all rows once, typed, in order" {
    for way in 'url = "%s/pointer", pages = { next = "/meta/next" }' \
        'url = "%s/link", pages = { next = "link" }' \
        'url = "%s/number", pages = { number = "page" }' \
        'url = "%s/number", pages = { number = "page", size = 3 }' \
        'url = "%s/offset", pages = { offset = "offset" }' \
        'url = "%s/cursor", pages = { cursor = "/meta/after", send = "after" }' \
        'url = "%s/search", json = { kind = "all" }, fields = "json", pages = { number = "page" }'; do
        rm -f mizan.db* out.jsonl
        # shellcheck disable=SC2059
        pipeline "$(printf "$way" "$URL")"
        run "$MIZAN" run p.lua
        [ "$status" -eq 0 ] || { echo "$way: $output"; return 1; }
        [ "$(ids)" = "1 2 3 4 5 6 7 8 " ] || { echo "$way"; cat out.jsonl; return 1; }
    done
    # Numbers are exact.
    [[ "$(sed -n 5p out.jsonl)" == *'"amount":5.5'* ]] || { cat out.jsonl; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 3 ]
}

@test "a failing third page keeps the cursor; the next run repeats what it must, no row twice" {
    pipeline "url = '$URL/pointer', pages = { next = '/meta/next' }, cursor = { field = '/changed', send = 'since' }"
    echo 3 >api/fail
    run "$MIZAN" run p.lua
    fails_with 69 "status 500" "2 new"
    [ "$(ids)" = "1 2 3 4 5 6 " ]
    [ -z "$(cursor)" ]
    rm api/fail
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 new"*"2 unchanged"* ]] || { echo "$output"; return 1; }
    [ "$(ids)" = "1 2 3 4 5 6 7 8 " ]
    [ "$(cursor)" = 2025-09-08T10:00:00Z ]
    : >api/log
    item 9 9 9 >>api/items.jsonl
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ]
    [ "$(asked 'since=2025-09-08T10%3A00%3A00Z')" -eq 1 ] || { cat api/log; return 1; }
    [ "$(cursor)" = 2025-09-09T10:00:00Z ]
}

@test "in ascending order the cursor moves with each page; rows out of order are an error" {
    pipeline "url = '$URL/pointer', pages = { next = '/meta/next' },
      cursor = { field = '/changed', send = 'since', start = '2025-09-02', order = 'ascending', lag = '1d' }"
    echo 3 >api/fail
    run "$MIZAN" run p.lua
    fails_with 69 "status 500" "2 new"
    [ "$(cursor)" = 2025-09-07T10:00:00Z ] || { cursor; return 1; }
    rm api/fail
    : >api/log
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # A day of lag: from the 6th.
    [ "$(asked 'since=2025-09-06T10%3A00%3A00Z')" -eq 1 ] || { cat api/log; return 1; }
    [ "$(cursor)" = 2025-09-08T10:00:00Z ]
    item 10 1 1 >>api/items.jsonl
    sed -i 's/lag = .1d./lag = "30d"/' p.lua
    run "$MIZAN" run p.lua
    fails_with 69 "not in ascending order"
    [ "$(cursor)" = 2025-09-08T10:00:00Z ]
}

@test "a login page, a missing list, too few rows: unexpected content, what was stored stays" {
    pipeline "url = '$URL/number', pages = { number = 'page' }, expect = { min = 5 }"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    touch api/html
    run "$MIZAN" run p.lua
    fails_with 69 "unexpected content: an HTML page, perhaps an error or a login"
    rm api/html
    head -n 2 api/items.jsonl >api/less && mv api/less api/items.jsonl
    run "$MIZAN" run p.lua
    fails_with 69 "unexpected content: 2 rows where at least 5 are expected"
    sed -i 's,records = "/data",records = "/rows",' p.lua
    run "$MIZAN" run p.lua
    fails_with 69 'unexpected content: no list of rows at "/rows"'
    [ "$(rows "SELECT count(*) FROM document WHERE prev_id IS NULL")" -eq 3 ]
}

@test "a token is asked for once, renewed when it is refused, and stands nowhere" {
    mkdir -m 700 secrets
    (umask 077; echo canary-51c2 >secrets/KEY)
    pipeline "url = '$URL/secure/pointer', pages = { next = '/meta/next' },
      auth = { oauth2 = '$URL/token', client = 'client', secret = 'KEY' }"
    touch api/refuse
    run "$MIZAN" run p.lua --verbose
    [ "$status" -eq 0 ] || run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(asked 'POST /token')" -eq 2 ] || { cat api/log; return 1; }
    [ "$(ids)" = "1 2 3 4 5 6 7 8 " ]
    for auth in 'bearer = "KEY"' 'header = "Authorization", secret = "KEY"'; do
        rm -f mizan.db* out.jsonl
        pipeline "url = '$URL/secure/pointer', auth = { $auth }"
        run "$MIZAN" run p.lua
        if [[ "$auth" == bearer* ]]; then
            [ "$status" -eq 0 ] || { echo "$output"; return 1; }
        else
            fails_with 69 "status 401"
        fi
    done
    run grep -rlE 'canary-51c2|Y2xpZW50' --exclude-dir=secrets --exclude-dir=api .
    [ -z "$output" ] || { echo "found in $output"; return 1; }
    pipeline "url = 'http://api.example.org/x', auth = { bearer = 'KEY' }"
    run "$MIZAN" run p.lua
    fails_with 69 "sends nothing without encryption"
}

@test "a page of 25,000 rows is cut; a row that breaks fails alone and is tried again from its body" {
    awk 'BEGIN { for (i = 1; i <= 25000; i++) printf "{\"id\":%d,\"changed\":%d}\n", i, i }' >api/items.jsonl
    printf '%s' "$(paste -sd, api/items.jsonl)" | sed '1s/^/{"data":[/; $s/$/]}/' >big.json
    mkdir site && mv big.json site/
    kill "$SERVER"
    serve "$WORK/site"
    pipeline "url = '$URL/big.json', cursor = { field = '/changed', send = 'since', lag = '10' }"
    sed -i 's/-- placed/assert(rec.id ~= 15000 or ctx.run.attempt > 1, "broken")/' p.lua
    run "$MIZAN" run p.lua
    [ "$(wc -l <out.jsonl)" -eq 15000 ] || { echo "$output"; wc -l out.jsonl; return 1; }
    fails_with 1 "2 new" "1 failed"
    [ "$(cursor)" = 25000 ]
    run "$MIZAN" run p.lua
    [ "$(wc -l <out.jsonl)" -ge 25000 ] || { echo "$output"; return 1; }
    [ "$(grep -o '"id":[0-9]*' out.jsonl | sort -u | wc -l)" -eq 25000 ]
    # The letter tells the row and its place in the piece.
    [[ "$(rows "SELECT record FROM dead_letter")" == *'"id":15000,'*'/4999'* ]] || { rows "SELECT record FROM dead_letter"; return 1; }
}

@test "options that do not go together are told with the key" {
    while IFS='|' read -r options text; do
        pipeline "url = '$URL/pointer', $options"
        run "$MIZAN" run p.lua
        [ "$status" -ne 0 ] && [[ "$output" == *"$text"* ]] || { echo "$options: $output"; return 1; }
    done <<'ROWS'
pages = { nxt = "/a" }|pages knows no 'nxt'
pages = { next = "a" }|wants a JSON pointer
pages = { next = "/a", number = "page" }|wants one of next
pages = { cursor = "/a" }|wants send
cursor = { field = "/a", send = "b", lag = "soon" }|wants a lag
cursor = { field = "/a" }|cursor wants send
auth = { bearer = "A", basic = "b", secret = "C" }|auth wants one of
auth = { bearer = "NOWHERE" }|NOWHERE
expect = { least = 1 }|expect knows no 'least'
json = { a = 1 }, body = "x"|give body or json
ROWS
}

@test "what mizan.auth makes does for fetch.http too, and goes where it is bound to alone" {
    mkdir -m 700 secrets
    (umask 077; echo canary-51c2 >secrets/KEY)
    for auth in "mizan.auth.oauth2 { url = '$URL/token', client = 'client',
          secret = mizan.secret { name = 'KEY', host = '127.0.0.1' }, host = '127.0.0.1' }" \
        'mizan.auth.bearer(mizan.secret "KEY")' \
        '{ bearer = mizan.secret "KEY" }'; do
        rm -f mizan.db* out.jsonl
        pipeline "url = '$URL/secure/pointer', auth = $auth"
        run "$MIZAN" run p.lua
        [ "$status" -eq 0 ] || { echo "$auth: $output"; return 1; }
        [ -n "$(ids)" ]
    done
    for auth in "mizan.auth.bearer(mizan.secret { name = 'KEY', host = 'api.example.org' })" \
        "mizan.auth.oauth2 { url = '$URL/token', client = 'client',
          secret = mizan.secret { name = 'KEY', host = '127.0.0.1' }, host = 'api.example.org' }" \
        "mizan.auth.oauth2 { url = '$URL/token', client = 'client',
          secret = mizan.secret { name = 'KEY', host = 'login.example.org' } }"; do
        pipeline "url = '$URL/secure/pointer', auth = $auth"
        run "$MIZAN" run p.lua
        [ "$status" -ne 0 ] && [[ "$output" == *"is not bound to the host 127.0.0.1"* ]] || { echo "$auth: $output"; return 1; }
    done
}
