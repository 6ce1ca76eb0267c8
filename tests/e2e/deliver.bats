# The outbox: what store.webhook writes and `mizan deliver` sends, whatever happens between.
load common
setup() {
    work_setup
    mkdir in secrets
    printf 'whsec_c2VjcmV0IGtleSBvZiB0ZXN0cw==' >secrets/HOOK
    chmod 600 secrets/HOOK
    receiver
    cat >mizan.lua <<LUA
return { deliver = { private = { "127.0.0.1" }, attempts = 3 } }
LUA
}
teardown() {
    [ -z "${RECEIVER:-}" ] || kill "$RECEIVER" 2>/dev/null || true
    work_teardown
}

receiver() {
    python3 "$ROOT/tests/support/receiver.py" "$WORK" >"$WORK/receiver.log" 2>&1 3>&- &
    RECEIVER=$!
    for _ in $(seq 200); do
        [ -s "$WORK/port" ] && break
        sleep 0.05
    done
    HOOK="http://127.0.0.1:$(cat "$WORK/port")/hook"
}

# hook OPTION…: a pipeline whose last stage posts what the first ones find.
hook() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.store.figures {},
  mizan.store.webhook { url = "$HOOK", $* },
} }
LUA
}

received() { if [ -e "$WORK/received" ]; then cat "$WORK/received"; fi; }

# fields NAME…: of each request, one a line; a header by its name.
fields() {
    received | python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    print("\t".join(str(row.get(n, row["headers"].get(n, ""))) for n in sys.argv[1:]))' "$@"
}

due_now() { sqlite3 mizan.db "UPDATE outbox SET next_at = '2020-01-01T00:00:00Z' WHERE state = 'due'"; }

@test "a unit's records are a message of the commit, posted with id and signature" {
    hook 'secret = "HOOK"'
    echo "12 tanks and 3 ships." >in/a.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*), min(state) FROM outbox")" = "1	due" ]
    [ -z "$(received)" ] # nothing goes out with the run
    run "$MIZAN" deliver
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 sent, 0 to be tried again, 0 given up"* ]]
    [ "$(rows "SELECT state, attempts, claim IS NULL FROM outbox")" = "sent	1	1" ]
    received | python3 -c '
import base64, hashlib, hmac, json, sys
row = json.loads(sys.stdin.read())
head, body = row["headers"], json.loads(row["body"])
assert row["method"] == "POST" and head["content-type"] == "application/json", row
assert body["id"] == head["webhook-id"] == head["idempotency-key"], head
assert [r["counted"] for r in body["records"]] == ["tanks", "ships"], body
assert body["records"][0]["value"] == 12 and len(body["records"][0]["id"]) == 32, body
assert body["pipeline"] == "p" and body["run_id"] and body["document_id"], body
assert "run_id" not in body["records"][0]
text = ".".join([head["webhook-id"], head["webhook-timestamp"], row["body"]]).encode()
mac = hmac.new(b"secret key of tests", text, hashlib.sha256).digest()
assert head["webhook-signature"] == "v1," + base64.b64encode(mac).decode(), head'
    # The ids are those of the home database, and no secret is in it.
    id=$(received | sed 's/.*\\"id\\": *\\"\([0-9a-f]\{32\}\)\\".*/\1/')
    [ -n "$id" ]
    for f in $(received | grep -o '_type\\":\\"figure\\",\\"id\\":\\"[0-9a-f]*' | grep -o '[0-9a-f]*$'); do
        [ "$(rows "SELECT count(*) FROM figure WHERE id = '$f'")" -eq 1 ]
    done
    ! grep -q "c2VjcmV0IGtleSBvZiB0ZXN0cw" mizan.db mizan.db-wal
}

@test "batches and types; the same records are not sent again, changed ones are" {
    hook 'batch = 2, types = { "figure" }'
    echo "12 tanks, 3 ships and 9 planes." >in/a.txt
    "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 2 ]
    run "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 2 ]
    hook 'batch = 1, types = { "row" }'
    echo "77 tanks." >in/b.txt
    "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 2 ]
    hook 'batch = 1'
    echo "78 tanks and 5 ships." >in/c.txt
    "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 4 ]
}

@test "killed between sending and marking: the same id again, and nothing is lost" {
    hook 'batch = 1'
    echo "12 tanks and 3 ships." >in/a.txt
    "$MIZAN" run p.lua
    echo die >answers
    "$MIZAN" deliver >/dev/null 2>&1 3>&- &
    parent=$!
    # Its child is the one that sends; the receiver kills both when the message is there.
    for _ in $(seq 100); do
        child=$(pgrep -P $parent | head -n 1) && [ -n "$child" ] && break
    done
    echo "$child $parent" >pids.tmp
    mv pids.tmp pids
    wait "$parent" || true
    for _ in $(seq 50); do [ -s received ] && break; sleep 0.1; done
    [ "$(fields webhook-id | wc -l)" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM outbox WHERE state = 'due'")" -eq 2 ]
    echo 200 >answers
    run "$MIZAN" deliver
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    # The claims of the dead one hold nobody up; three posts, two ids, one of them twice.
    [ "$(fields webhook-id | wc -l)" -eq 3 ]
    [ "$(fields webhook-id | sort | uniq -d | wc -l)" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM outbox WHERE state = 'sent'")" -eq 2 ]
}

@test "Retry-After is kept, attempts are counted, the last failure is final and told" {
    hook 'batch = 1'
    echo "12 tanks." >in/a.txt
    "$MIZAN" run p.lua
    echo 503:600 >answers
    run "$MIZAN" deliver
    fails_with 1 "status 503" "1 to be tried again"
    wait=$(rows "SELECT round(86400 * (julianday(next_at) - julianday('now'))) FROM outbox")
    [ "${wait%.*}" -ge 590 ] && [ "${wait%.*}" -le 601 ] || { echo "$wait"; return 1; }
    run "$MIZAN" deliver
    [ "$status" -eq 0 ]
    [ "$(fields answer | wc -l)" -eq 1 ] # not before its time
    for _ in 1 2; do due_now; run "$MIZAN" deliver; done
    fails_with 1 "1 given up" "status 503"
    [ "$(rows "SELECT state, attempts FROM outbox")" = "dead	3" ]
    run "$MIZAN" deliver list --state dead
    [[ "$output" == *"status 503"* ]]
    echo 200 >answers
    run "$MIZAN" deliver retry dead
    [[ "$output" == *"1 due again"* ]]
    run "$MIZAN" deliver
    [ "$status" -eq 0 ]
    [ "$(fields webhook-id | sort -u | wc -l)" -eq 1 ]
}

@test "a receiver that is down is asked once; a redirect is no delivery; 410 is final" {
    hook 'batch = 1'
    echo "1 tank, 2 ships, 3 planes." >in/a.txt
    "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 3 ]
    printf '302:/elsewhere\n410\n503\n' >answers
    run "$MIZAN" deliver
    fails_with 1 "status 302"
    [ "$(fields method path | sort -u)" = "POST	/hook" ]
    [ "$(fields answer | sort | tr '\n' ' ')" = "302:/elsewhere 410 503 " ]
    [ "$(rows "SELECT state, count(*) FROM outbox GROUP BY 1" | tr '\t\n' '= ')" = "dead=1 due=2 " ]
    # Down: the first is tried, the other waits for it without an attempt.
    kill "$RECEIVER"; wait "$RECEIVER" 2>/dev/null || true
    due_now
    sqlite3 mizan.db "UPDATE outbox SET attempts = 0"
    run "$MIZAN" deliver
    [ "$status" -eq 1 ]
    [ "$(rows "SELECT sum(attempts) FROM outbox WHERE state = 'due'")" -eq 1 ]
}

@test "two deliverers at once: each message once" {
    hook 'batch = 1'
    for i in $(seq 40); do echo "$i tanks." >"in/$i.txt"; done
    "$MIZAN" run p.lua --quiet
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 40 ]
    "$MIZAN" deliver --quiet 3>&- &
    first=$!
    "$MIZAN" deliver --quiet 3>&- &
    second=$!
    wait "$first"
    wait "$second"
    [ "$(rows "SELECT count(*) FROM outbox WHERE state = 'sent'")" -eq 40 ]
    [ "$(fields webhook-id | wc -l)" -eq 40 ]
    [ "$(fields webhook-id | sort -u | wc -l)" -eq 40 ]
}

@test "--follow sends what comes later and stops when told" {
    hook 'batch = 1'
    echo "1 tank." >in/a.txt
    "$MIZAN" run p.lua --quiet
    "$MIZAN" deliver --follow --quiet 3>&- &
    follower=$!
    for _ in $(seq 100); do [ "$(fields path | wc -l)" -ge 1 ] && break; sleep 0.1; done
    echo "2 tanks." >in/b.txt
    "$MIZAN" run p.lua --quiet
    for _ in $(seq 100); do [ "$(fields path | wc -l)" -ge 2 ] && break; sleep 0.1; done
    [ "$(fields path | wc -l)" -eq 2 ]
    kill -TERM "$follower"
    code=0
    wait "$follower" || code=$?
    [ "$code" -eq 143 ]
}

@test "a private receiver must be allowed; a bearer needs https or loopback; bad input is said" {
    echo 'return {}' >mizan.lua
    hook 'batch = 1'
    echo "1 tank." >in/a.txt
    "$MIZAN" run p.lua --quiet
    run "$MIZAN" deliver
    fails_with 1 "127.0.0.1"
    [[ "$(rows "SELECT last_error FROM outbox")" == *"mizan.lua: deliver = { private"* ]]
    [ -z "$(received)" ]
    hook 'token = "HOOK"'
    sed -i 's|http://127.0.0.1:[0-9]*|http://hooks.example.org|' p.lua
    echo "2 tanks." >in/b.txt
    "$MIZAN" run p.lua --quiet
    run "$MIZAN" deliver
    fails_with 1
    [[ "$(rows "SELECT last_error FROM outbox")" == *"not sent without encryption"* ]]
    hook 'secret = "NO SUCH"'
    run "$MIZAN" run p.lua
    fails_with 78 "name of a secret"
    run "$MIZAN" deliver lst
    fails_with 64 "did you mean 'list'"
    run "$MIZAN" deliver show ffff
    fails_with 66 "no such message"
    run "$MIZAN" deliver show
    fails_with 64 "needs the id"
    run "$MIZAN" deliver list --state gone
    fails_with 64 "due, sent or dead"
}

@test "a bearer token and a missing secret" {
    hook 'token = "HOOK"'
    echo "1 tank." >in/a.txt
    "$MIZAN" run p.lua --quiet
    "$MIZAN" deliver --quiet
    [ "$(fields authorization)" = "Bearer whsec_c2VjcmV0IGtleSBvZiB0ZXN0cw==" ]
    hook 'secret = "GONE"'
    echo "2 tanks." >in/b.txt
    "$MIZAN" run p.lua --quiet
    run "$MIZAN" deliver
    fails_with 1 "there is no secret 'GONE'"
}

@test "a run that fails sends nothing of the failed unit; tests of pipelines send nothing" {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", stages = {
  mizan.fetch.file { path = "in/*.txt" },
  mizan.extract.article {},
  mizan.extract.figures {},
  mizan.store.webhook { url = "$HOOK" },
  mizan.each("figure", "picky", function(f) if f.value < 5 then error "small" end return f end),
  mizan.store.figures {},
} }
LUA
    echo "3 tanks." >in/a.txt
    echo "30 tanks." >in/b.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 1 ]
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 1 ]
}
