# Alerts: told when something begins to be wrong and when it is over, through the outbox.
load common
setup() {
    work_setup
    echo 'return { programs = { "/bin/cat" }, alerts = { to = { mail = "ops@example.org" } } }' >mizan.lua
}
teardown() { work_teardown; }

# watched KEY…: a pipeline that fails, or finds N records, as its parameters say.
watched() {
    cat >p.lua <<LUA
local mizan = require "mizan"
local n = mizan.param { name = "n", type = "integer", default = 10, help = "records" }
return mizan.pipeline { name = "p", $*
  stages = {
    mizan.source { sources = { { id = "s" } }, fetch = function(ctx)
      if n < 0 then error "the source is down" end
      ctx:emit { url = "x:" .. mizan.now() .. "/" .. n, body = ("a\n"):rep(n), media_type = "text/plain" }
    end },
    mizan.each("document", "lines", function(doc)
      local rows = { doc }
      for i = 1, n do rows[#rows + 1] = mizan.record("line", { i = i }) end
      return rows
    end),
    mizan.store.jsonl { path = "out.jsonl" },
  } }
LUA
}
now() { export MIZAN_NOW="2026-03-01T$1Z"; }
runs() { for n in "$@"; do "$MIZAN" run --quiet p.lua -p "n=$n" 2>/dev/null || true; done; }
told() { rows "SELECT json_extract(payload, '\$.alert') || ' ' || json_extract(payload, '\$.state')
    FROM outbox ORDER BY created_at, id" | tr '\n' ';'; }

@test "failing three times gives one alert, recovery one" {
    watched
    now 10:00; runs -1
    [ "$(told)" = "failure begun;" ] || { told; return 1; }
    now 10:10; runs -1
    now 10:20; runs -1
    [ "$(told)" = "failure begun;" ]
    run "$MIZAN" alerts
    fails_with 1 "p" "failure" "the source is down"
    now 10:30; runs 10
    [ "$(told)" = "failure begun;failure over;" ]
    now 10:40; runs 10
    [ "$(told)" = "failure begun;failure over;" ]
    run "$MIZAN" alerts
    [ "$status" -eq 0 ]
    [[ "$output" == *"nothing is wrong"* ]]
    now 10:50; runs -1
    [ "$(told)" = "failure begun;failure over;failure begun;" ]
}

@test "a run whose process is killed is a failure like any other" {
    watched
    sed -i 's|error "the source is down"|local s = "" while true do s = s .. "x" if #s > 1e6 then s = "" end end|; s|name = "p",|name = "p", limits = { unit = "60s", plugin = "60s" },|' p.lua
    "$MIZAN" run --quiet p.lua -p n=-1 2>/dev/null 3>&- &
    parent=$!
    for _ in $(seq 100); do
        [ "$(rows "SELECT count(*) FROM run" 2>/dev/null)" = 1 ] && break
        sleep 0.05
    done
    kill -9 "$(pgrep -P "$parent" | head -n 1)"
    wait "$parent" || true
    [ "$(told)" = "failure begun;" ] || { told; return 1; }
    [[ "$(rows "SELECT json_extract(payload, '\$.reason') FROM outbox")" == *"killed"* ]]
}

@test "after = 3: told at the third failure in a row" {
    watched 'alerts = { after = 3 },'
    now 10:00; runs -1
    now 10:10; runs -1
    now 10:20; runs 10
    now 10:30; runs -1
    now 10:40; runs -1
    [ -z "$(told)" ]
    now 10:50; runs -1
    [ "$(told)" = "failure begun;" ]
    [[ "$(rows "SELECT json_extract(payload, '\$.reason') FROM outbox")" == "3 runs in a row failed: "* ]]
}

@test "far fewer records than the median of the last ten runs" {
    watched
    for m in 00 01 02 03; do now "10:$m"; runs 100; done
    now 10:10; runs 40
    [ -z "$(told)" ]
    now 10:11; runs 20
    [ "$(told)" = "few begun;" ] || { told; return 1; }
    [[ "$(rows "SELECT reason FROM alert")" == "20 records; the median of the 5 runs before is 100" ]]
    now 10:12; runs -1
    [ "$(told)" = "few begun;failure begun;" ]
    now 10:13; runs 100
    [[ "$(told)" == "few begun;failure begun;"*"few over;"* && "$(told)" == *"failure over;"* ]]
}

@test "too few runs to know what is usual; a pipeline that finds nothing is not told" {
    watched
    now 10:00; runs 100 100
    now 10:01; runs 1
    [ -z "$(told)" ]
    rm mizan.db*
    for m in 00 01 02 03 04; do now "10:$m"; runs 0; done
    [ -z "$(told)" ]
}

@test "late: no run ended for a tick; told by deliver, once, and over with the next run" {
    watched 'schedule = { cron = "0 * * * *" }, alerts = { late = "20m" },'
    now 10:30; runs 10
    now 11:15; run "$MIZAN" alerts
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    now 11:21; run "$MIZAN" alerts
    fails_with 1 "late" "11:00:00Z"
    now 12:40; run "$MIZAN" alerts
    fails_with 1 "late"
    [ "$(told)" = "late begun;" ]
    now 12:50; runs 10
    [ "$(told)" = "late begun;late over;" ]
    run "$MIZAN" alerts
    [ "$status" -eq 0 ]
}

@test "a schedule that is new has missed nothing" {
    watched
    now 08:00; runs 10
    watched 'schedule = { cron = "0 * * * *" }, alerts = { late = "20m" },'
    now 10:30; runs 10
    now 10:40; run "$MIZAN" alerts
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "on = {…} chooses; without alerts nothing is watched" {
    watched 'alerts = { on = { "late" } },'
    now 10:00; runs -1 -1
    [ -z "$(told)" ]
    watched 'alerts = { on = { "failure" } },'
    now 10:10; runs -1
    [ "$(told)" = "failure begun;" ]
    now 10:20; runs 10
    [ "$(told)" = "failure begun;" ]
    [ "$(rows "SELECT count(*) FROM alert")" -eq 0 ]
    echo 'return {}' >mizan.lua
    watched
    now 10:30; runs -1
    [ "$(told)" = "failure begun;" ]
    [ "$(rows "SELECT count(*) FROM alert_rule")" -eq 0 ]
}

@test "mail and programs: what they get" {
    cat >sendmail <<'SH'
#!/bin/sh
{ echo "args $*"; cat; } >>mail.txt
SH
    cat >page <<'SH'
#!/bin/sh
echo "$1" >page.txt
cat >>page.txt
[ ! -e broken ] || { echo "no line" >&2; exit 1; }
SH
    chmod +x sendmail page
    cat >mizan.lua <<LUA
return { programs = { "$WORK/page" }, deliver = { sendmail = "$WORK/sendmail" },
  alerts = { to = { { mail = "ops@example.org", from = "mizan@example.org" },
                    { command = { "$WORK/page", "-x" } } } } }
LUA
    watched
    runs -1
    [ "$(rows "SELECT count(*) FROM outbox")" -eq 2 ]
    run "$MIZAN" deliver
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    grep -qx 'args -i -- ops@example.org' mail.txt
    grep -qx 'To: ops@example.org' mail.txt
    grep -qx 'From: mizan@example.org' mail.txt
    python3 - <<'PY'
import email, email.header, email.utils
text = open("mail.txt").read().split("\n", 1)[1]
mail = email.message_from_string(text)
subject = str(email.header.make_header(email.header.decode_header(mail["Subject"])))
assert subject == "mizan: p failed", subject
assert email.utils.parsedate_to_datetime(mail["Date"]).year >= 2026, mail["Date"]
body = mail.get_payload(decode=True).decode()
assert "the source is down" in body and "mizan runs p" in body, body
PY
    [ "$(head -n 1 page.txt)" = "-x" ]
    [[ "$(cat page.txt)" == *'"alert":"failure","state":"begun","pipeline":"p"'* ]]
    touch broken
    runs 10
    run "$MIZAN" deliver
    fails_with 1 "status 1: no line" "1 sent, 1 to be tried again"
    # What mizan.lua no longer allows does not run.
    sed -i "s|programs = { \"$WORK/page\" }|programs = {}|" mizan.lua
    rm page.txt
    sqlite3 mizan.db "UPDATE outbox SET next_at = '2020-01-01T00:00:00Z'"
    run "$MIZAN" deliver
    fails_with 1 "does not allow the program"
    [ ! -e page.txt ]
}

@test "mistakes in alerts are said with their place" {
    check() { # check ALERTS TEXT
        watched "alerts = $1,"
        run "$MIZAN" check p.lua
        [ "$status" -ne 0 ] && [[ "$output" == *"$2"* ]] || { echo "$1: $output"; return 1; }
    }
    check '{ onn = { "late" } }' "did you mean 'on'"
    check '{ on = { "failures" } }' "did you mean failure"
    check '{ late = "soon" }' "'late' wants"
    check '{ to = "ops@example.org" }' "'to' wants tables"
    check '{ to = { { mial = "a@b.org" } } }' "did you mean 'mail'"
    check '{ to = { { mail = "a@b.org", webhook = "https://a.org" } } }' "one of webhook, mail and command"
    check '{ to = { { mail = "a@b.org", secret = "X" } } }' "goes with a webhook"
    check '{ to = { { webhook = "https://a.org", secret = "no name" } } }' "no name of a secret"
    check '{ to = { { command = { "/bin/false" } } } }' "does not allow the program /bin/false"
    check '{ to = { { command = {} } } }' "one of webhook, mail and command"
    watched
    echo 'return { alerts = { to = { { mail = 5 } } } }' >mizan.lua
    run "$MIZAN" check p.lua
    fails_with 78 "mizan.lua:1" "'mail' wants"
}
