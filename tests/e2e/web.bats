# The dashboard: its pages in three forms, and what a stranger tries.
load common

# start_web ARGUMENT…: serves on a free port; sets WEB (its process) and PAGE (its address).
start_web() {
    "$MIZAN" web --listen 127.0.0.1:0 "$@" 2>"$WORK_FILE/web.err" 3>&- &
    WEB=$!
    for _ in $(seq 200); do
        grep -q '^mizan web: ' "$WORK_FILE/web.err" && break
        sleep 0.05
    done
    PAGE=$(sed -n 's,^mizan web: \(http.*\)/$,\1,p' "$WORK_FILE/web.err")
    [ -n "$PAGE" ]
}

setup_file() {
    export WORK_FILE
    WORK_FILE=$(mktemp -d "${TMPDIR:-/tmp}/mizan-web.XXXXXX")
    export MIZAN_DB="sqlite:$WORK_FILE/mizan.db"
    cd "$WORK_FILE" || return 1
    mkdir in
    echo 'They sent up to 9.8 billion dollars <script>alert(1)</script> & "more".' >in/a.txt
    cat >'p.lua' <<'LUA'
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.article {},
  mizan.each("document", "names", function(document)
    document.title = [["><script>alert("title")</script>]]
    document.outlet = "<img src=x onerror=alert(2)>"
    return document
  end),
  mizan.extract.figures {},
  mizan.store.figures {},
} }
LUA
    echo 'return {}' >mizan.lua
    "$BUILD/mizan" run p.lua 2>/dev/null
}

teardown_file() {
    rm -rf "$WORK_FILE"
}

setup() {
    cd "$WORK_FILE" || return 1
    WEB=
}

teardown() {
    [ -z "$WEB" ] || kill "$WEB" 2>/dev/null || true
}

get() { curl -s --max-time 20 "$@"; }
status_of() { get -o /dev/null -w '%{http_code}' "$@"; }

@test "every page is there in HTML, JSON and CSV" {
    start_web
    local figure document run path
    figure=$(rows "SELECT id FROM figure LIMIT 1")
    document=$(rows "SELECT id FROM document LIMIT 1")
    run=$(rows "SELECT id FROM run LIMIT 1")
    for path in /overview "/pipeline/p" "/run/$run" /sources /documents "/document/$document" \
        /figures "/figure/$figure" /topics /balance /review /query /query/figures; do
        [ "$(status_of "$PAGE$path")" = 200 ] || { echo "$path"; return 1; }
        get "$PAGE$path" | grep -q '</html>'
        get "$PAGE$path.json" | python3 -c 'import json, sys; assert json.load(sys.stdin)["v"] == 1'
        [ "$(status_of "$PAGE$path.csv")" = 200 ]
    done
    [ "$(get "$PAGE/figures.csv" | head -n 1 | cut -d, -f1-3)" = outlet,lang,kind ]
    get "$PAGE/feed.atom" | python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin)'
    get "$PAGE/figures?since=2020-01-01" | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert any(line["value_dec"] == "9800000000" and line["bound"] == "at_most" for line in lines)'
    [ "$(status_of "$PAGE/figures?since=yesterday")" = 400 ]
    [ "$(status_of "$PAGE/figure/none")" = 404 ]
    [ "$(status_of "$PAGE/nowhere")" = 404 ]
}

@test "what was fetched runs no code, wherever it is shown" {
    start_web
    local figure document path
    figure=$(rows "SELECT id FROM figure LIMIT 1")
    document=$(rows "SELECT id FROM document LIMIT 1")
    for path in / "/document/$document" /documents "/figure/$figure" /figures /review \
        "/query/documents" "/query?sql=SELECT+title,outlet+FROM+doc_text" \
        '/query?sql=%3C/textarea%3E%3Cscript%3Ealert(3)%3C/script%3E' \
        '/%3Cscript%3Ealert(4)%3C/script%3E' '/topic/%22%3E%3Cscript%3Ealert(5)'; do
        if get "$PAGE$path" | grep -qE '<script>|<img src=x'; then
            echo "$path"
            return 1
        fi
    done
    get "$PAGE/document/$document" | grep -q '&lt;script&gt;'
    get -D - -o /dev/null "$PAGE/" | grep -qi "^content-security-policy: default-src 'none'"
}

@test "other names, other sites and other methods are refused" {
    start_web
    [ "$(status_of -H 'Host: rebound.example' "$PAGE/")" = 403 ]
    [ "$(status_of -H 'Host: 127.0.0.1.rebound.example' "$PAGE/")" = 403 ]
    [ "$(status_of -H 'Host: localhost:99' "$PAGE/")" = 200 ]
    [ "$(status_of -X DELETE "$PAGE/")" = 400 ]
    local figure
    figure=$(rows "SELECT id FROM figure LIMIT 1")
    [ "$(status_of -d verdict=reject -d who=me "$PAGE/figure/$figure")" = 403 ]
    [ "$(status_of -H 'Origin: http://evil.example' -d token=x "$PAGE/figure/$figure")" = 403 ]
    [ "$(status_of -H 'Sec-Fetch-Site: cross-site' -d token=x "$PAGE/figure/$figure")" = 403 ]
    [ "$(rows "SELECT count(*) FROM review")" = 0 ]
}

@test "a verdict is given once, by a form of this server" {
    start_web
    local figure token
    figure=$(rows "SELECT id FROM figure WHERE bound = 'at_most' LIMIT 1")
    token=$(get "$PAGE/figure/$figure" | sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p')
    [ "$(status_of -d "token=$token" -d verdict=correct -d who=Ada "$PAGE/figure/$figure")" = 400 ]
    [ "$(status_of -d "token=$token" -d verdict=maybe -d who=Ada "$PAGE/figure/$figure")" = 400 ]
    [ "$(status_of -d "token=$token" -d verdict=correct -d who=Ada -d value=9700000000 "$PAGE/figure/$figure")" = 303 ]
    run rows "SELECT r.verdict, r.who, f.value_dec FROM review r, figure f WHERE f.id = '$figure'"
    [ "$output" = $'correct\tAda\t9700000000' ]
    get "$PAGE/figure/$figure" | grep -q 'data-status="correct"'
    kill "$WEB"
    start_web --read-only
    [ "$(status_of -d "token=$token" -d verdict=reject -d who=Ada "$PAGE/figure/$figure")" = 403 ]
}

@test "no path leaves the pages, no query writes" {
    start_web
    for path in /assets/../../../etc/passwd /assets/%2e%2e/%2e%2e/etc/passwd \
        '/assets/..%2f..%2fetc%2fpasswd' /assets/mizan.css%00 //etc/passwd; do
        get --path-as-is "$PAGE$path" | { ! grep -q root:; }
    done
    local before sql
    before=$(sha256sum mizan.db)
    for sql in 'DELETE+FROM+figure' 'DROP+TABLE+figure' 'PRAGMA+user_version=9' \
        "ATTACH+'/tmp/x'+AS+x" 'SELECT+1;DELETE+FROM+figure' \
        "SELECT+load_extension('x')" 'UPDATE+run+SET+status=1+RETURNING+id'; do
        [ "$(status_of "$PAGE/query?sql=$sql")" != 200 ] || { echo "$sql"; return 1; }
    done
    [ "$(sha256sum mizan.db)" = "$before" ]
}

@test "beyond this machine a password is asked for" {
    run "$MIZAN" web --listen 0.0.0.0:0
    fails_with 78 'no password is set' "secret 'web'"
    run "$MIZAN" web --listen nonsense
    fails_with 64 'no address to listen on'
    MIZAN_SECRET_WEB=correct-horse start_web
    [ "$(status_of "$PAGE/")" = 401 ]
    [ "$(status_of "$PAGE/figures.json")" = 401 ]
    get "$PAGE/figures.json" | { ! grep -q 9800000000; }
    [ "$(status_of -d password=wrong "$PAGE/login")" = 403 ]
    get -c jar -o /dev/null -d password=correct-horse "$PAGE/login"
    grep -q mizan_session jar
    [ "$(status_of -b jar "$PAGE/figures.json")" = 200 ]
    [ "$(status_of -b 'mizan_session=0000000000000000000000000000000000000000000000000000000000000000' "$PAGE/")" = 401 ]
    get -b jar -c jar "$PAGE/" -o page.html
    local token
    token=$(sed -n 's/.*action="\/logout"><input type="hidden" name="token" value="\([0-9a-f]*\)".*/\1/p' page.html)
    [ "$(status_of -b jar -d "token=0$token" "$PAGE/logout")" = 403 ]
    [ "$(status_of -b jar -d "token=$token" "$PAGE/logout")" = 303 ]
    [ "$(status_of -b jar "$PAGE/")" = 401 ]
}

@test "guessing gets slower" {
    MIZAN_SECRET_WEB=correct-horse start_web
    for _ in 1 2 3 4 5; do
        last=$(status_of -d password=wrong "$PAGE/login")
    done
    [ "$last" = 429 ]
    [ "$(status_of -d password=correct-horse "$PAGE/login")" = 429 ]
}

@test "a password may be kept as its Argon2 hash" {
    command -v argon2 >/dev/null || skip "no program argon2"
    MIZAN_SECRET_WEB=$(printf 'correct-horse' | argon2 saltsaltsalt -id -e) start_web
    [ "$(status_of -d password=wrong "$PAGE/login")" = 403 ]
    [ "$(status_of -d password=correct-horse "$PAGE/login")" = 303 ]
}

@test "a unix socket serves, and its file goes with the process" {
    "$MIZAN" web --listen "unix:$WORK_FILE/web.sock" 2>web.err 3>&- &
    WEB=$!
    for _ in $(seq 100); do
        [ -S web.sock ] && break
        sleep 0.05
    done
    [ "$(status_of --unix-socket web.sock http://localhost/)" = 200 ]
    [ "$(stat -c %a web.sock)" = 700 ]
    kill "$WEB" && wait "$WEB" || true
    [ ! -e web.sock ]
}

@test "many and slow visitors do not keep others out" {
    start_web
    timeout 60 python3 - "$PAGE" <<'PY'
import socket, sys, time, urllib.parse, urllib.request
page = urllib.parse.urlparse(sys.argv[1])
held = []
for number in range(600):
    visitor = socket.create_connection((page.hostname, page.port), 5)
    visitor.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    held.append(visitor)
start = time.time()
assert urllib.request.urlopen(sys.argv[1] + "/figures.json", timeout=10).status == 200
assert time.time() - start < 5
for visitor in held:
    visitor.close()
PY
    [ "$(status_of -d "$(head -c 100000 /dev/zero | tr '\0' x)" "$PAGE/login")" = 400 ]
    [ "$(status_of -H "X-Long: $(head -c 60000 /dev/zero | tr '\0' x)" "$PAGE/")" != 200 ]
    [ "$(status_of "$PAGE/")" = 200 ]
}

@test "the queue of the page is that of the command" {
    start_web
    get "$PAGE/review.json" | python3 -c 'import json, sys; print(*[row["id"] for row in json.load(sys.stdin)["queue"]])' >page.ids
    "$MIZAN" review --limit 100 --json | python3 -c 'import json, sys; print(*[json.loads(line)["id"] for line in sys.stdin])' >command.ids
    [ -s page.ids ]
    diff page.ids command.ids
}
