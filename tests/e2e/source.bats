# `mizan source`: health, rest after failures, pauses, and a look at an address.
load common
setup() {
    work_setup
    project
    mkdir site
    echo one >site/a.txt
    serve "$WORK/site"
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } }, politeness = "off", stages = {
  mizan.fetch.http { sources = {
    { id = "good", url = "$URL/a.txt" }, { id = "bad", url = "$URL/b.txt" } } },
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
}
teardown() { work_teardown; }

state() { "$MIZAN" source list p --json | grep "\"source\":\"$1\""; }

@test "a paused source is skipped and counted, a resumed one is asked again" {
    run "$MIZAN" source list
    [ "$status" -ne 0 ] || [[ "$output" == *"no source was asked yet"* ]] || { echo "$output"; return 1; }
    run "$MIZAN" run p.lua
    fails_with 1 "1 source failed"
    [[ "$(state bad)" == *'"state":"failing","fails":1,'*'status 404'* ]] || { state bad; return 1; }
    [[ "$(state good)" == *'"state":"ok","fails":0,'*'"documents":1,'* ]] || { state good; return 1; }
    run "$MIZAN" source pause p bad
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 paused source"* ]] || { echo "$output"; return 1; }
    [[ "$(state bad)" == *'"state":"paused"'* ]]
    run "$MIZAN" source pause p goof
    fails_with 66 "has asked no source 'goof'" "did you mean 'good'?"
    run "$MIZAN" source resume p bad good
    [ "$status" -eq 0 ]
    [[ "$(state bad)" == *'"state":"ok"'* ]] || { state bad; return 1; }
    run "$MIZAN" run p.lua
    fails_with 1 "1 source failed"
    run "$MIZAN" source stop p
    fails_with 64 "list, pause, resume and probe"
    run "$MIZAN" source pause p
    fails_with 64 "which source?"
}

@test "a source that fails again and again is asked less often, by hand at once" {
    for i in 1 2 3; do run "$MIZAN" run p.lua; done
    next=$(rows "SELECT next_at FROM source WHERE id = 'bad'")
    seconds=$(($(date -d "$next" +%s) - $(date +%s)))
    # After the third failure: 20 minutes.
    [ "$seconds" -gt 1100 ] && [ "$seconds" -le 1200 ] || { echo "$seconds s"; return 1; }
    run "$MIZAN" run p.lua
    fails_with 1 "1 source failed"
    echo two >site/b.txt
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT fails FROM source WHERE next_at IS NULL AND last_error IS NULL" | tr '\n' ' ')" = "0 0 " ]
}

@test "probe tells what an address gives and how to read it" {
    cat >site/feed.xml <<'XML'
<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><guid>1</guid><title>First</title><link>/1.html</link><pubDate>Wed, 03 Sep 2025 10:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Second</title><link>/2.html</link></item></channel></rss>
XML
    cat >site/page.html <<HTML
<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Haushalt</title>
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body><article><h1>Haushalt</h1>
<p>Die Stadt gab im vergangenen Jahr 1.250.000 Euro für Schulen aus, im Jahr davor waren es noch 980.000 Euro gewesen.</p>
<p>Der Kämmerer rechnet für das kommende Jahr mit Ausgaben von 1.400.000 Euro, weil neue Räume gebaut werden.</p>
</article></body></html>
HTML
    echo '{"meta":{"total":2},"result":{"rows":[{"id":1},{"id":2}]}}' >site/data.json
    printf 'User-agent: *\nDisallow: /page\nAllow: /page.html$\nSitemap: https://example.org/map.xml\n' >site/robots.txt
    probe() { run "$MIZAN" source probe --private "$@"; [ "$status" -eq 0 ] || { echo "$output"; return 1; }; }
    probe "$URL/feed.xml"
    for text in "feed, RSS 2.0" "items            2" "First" "2025-09-03T10:00:00" \
        "fetch.feed { sources = { { id = \"127.0.0.1\", url = \"$URL/feed.xml\" } }, follow = true }"; do
        [[ "$output" == *"$text"* ]] || { echo "no '$text' in: $output"; return 1; }
    done
    probe "$URL/data.json"
    [[ "$output" == *"rows             2"*'records = "/result/rows"'* ]] || { echo "$output"; return 1; }
    probe "$URL/page.html" --json
    for text in '"kind":"page"' '"language":"de"' '"numbers":"1.234,5 (3 of 3)"' \
        "\"feeds\":[\"$URL/feed.xml\"]" 'allowed: Allow: /page.html$' 'https://example.org/map.xml'; do
        [[ "$output" == *"$text"* ]] || { echo "no '$text' in: $output"; return 1; }
    done
    # A group for us is the one that counts, as in a run.
    printf 'User-agent: *\nAllow: /\nUser-agent: Mizan\nDisallow: /p*.html\nCrawl-delay: 90\n' >site/robots.txt
    probe "$URL/page.html"
    [[ "$output" == *"not allowed: Disallow: /p*.html (for mizan)"* && "$output" == *"90 s, of which 30"* ]] || { echo "$output"; return 1; }
    run "$MIZAN" source probe "$URL/page.html"
    [ "$status" -ne 0 ] && [[ "$output" == *"private"* || "$output" == *"loopback"* ]] || { echo "$output"; return 1; }
    run "$MIZAN" source probe feed.xml
    fails_with 64 "is no address"
}
