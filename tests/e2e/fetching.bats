# How the program behaves towards servers: when it asks, how often, what it obeys. The
# log of the chaos server is the witness.
load common
setup() {
    work_setup
    project
}
teardown() {
    [ -z "${CHAOS:-}" ] || kill "$CHAOS" 2>/dev/null || true
    work_teardown
}

# chaos [LINE…]: the server, with the lines as its script; sets URL and PORT.
chaos() {
    printf '%s\n' "$@" >script
    rm -f port
    : >asked
    "$BUILD/chaos_server" --port-file port --log asked --script script \
        --max-seconds 120 >/dev/null 2>&1 3>&- &
    CHAOS=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    PORT=$(cat port)
    URL="http://127.0.0.1:$PORT"
}

# pipeline KEYS ADDRESS…: p.lua reads the addresses, a source each.
pipeline() {
    local keys=$1 i=0
    shift
    {
        echo 'local mizan = require "mizan"'
        echo "return mizan.pipeline { name = \"p\", $keys"
        echo '  network = { private = { "127.0.0.1", "127.0.0.2", "localhost" } },'
        echo '  stages = { mizan.fetch.http { sources = {'
        for address in "$@"; do
            i=$((i + 1))
            echo "    { id = \"s$i\", url = \"$address\" },"
        done
        echo '  } },'
        echo '  mizan.extract.article {}, mizan.extract.figures {}, mizan.store.figures {},'
        echo '} }'
    } >p.lua
}

# asks PATTERN: milliseconds at which requests came whose line matches.
asks() {
    awk -F'\t' -v p="$1" '$3 == "ask" && $0 ~ p { print $1 }' asked
}

# apart FILE LEAST: all numbers of the list are at least so far apart.
apart() {
    awk -v least="$1" 'NR > 1 && $1 - last < least { print last, $1; bad = 1 } { last = $1 } END { exit bad }'
}

@test "429 with Retry-After: asked again, and not before" {
    chaos "/robots.txt status=404"
    pipeline 'politeness = "off",' "$URL/a?status=429&retry_after=2&fail=1&body=12+tanks."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(asks /a | wc -l)" -eq 2 ]
    asks /a | apart 2000
    [ "$(rows "SELECT count(*) FROM document")" -eq 1 ]
}

@test "two Retry-After: the longer one; a date; garbage is no wait" {
    chaos "/robots.txt status=404"
    pipeline 'politeness = "off",' \
        "$URL/two?status=503&retry_after=1&retry_after=3&fail=1&body=12+tanks."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    asks /two | apart 3000
    pipeline 'politeness = "off",' "$URL/date?status=503&in=3&fail=1&body=40+boats."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    asks /date | apart 2000
    pipeline 'politeness = "off",' \
        "$URL/odd?status=503&retry_after=soon&retry_after=-5&fail=1&body=7+planes."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(asks /odd | wc -l)" -eq 2 ]
    asks /odd | apart 500
}

@test "a long Retry-After: throttled, not failed; the next run and another pipeline know it" {
    chaos "/robots.txt status=404"
    pipeline '' "$URL/a?status=429&retry_after=1e12&retry_after=7200"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"1 sources throttled"* && "$output" == *"not asked again before"* ]] || { echo "$output"; return 1; }
    [ "$(asks /a | wc -l)" -eq 1 ]
    [ "$(rows "SELECT coalesce(max(fails), 0) FROM source")" -eq 0 ]
    [ "$(rows "SELECT pause || ' ' || throttled FROM host_budget")" = "throttled 1" ]
    [ "$(rows "SELECT (julianday(next_ok) - julianday('now')) * 86400 BETWEEN 7100 AND 7201 FROM host_budget")" = 1 ]
    sed -i 's/name = "p"/name = "q"/' p.lua
    run "$MIZAN" run p.lua
    [[ "$output" == *"wants no request before"* ]] || { echo "$output"; return 1; }
    [ "$(asks /a | wc -l)" -eq 1 ]
}

@test "what fails for good is asked once, what may pass three times, a POST once" {
    chaos "/robots.txt status=404"
    pipeline 'politeness = "off",' "$URL/gone?status=404"
    run "$MIZAN" run p.lua
    [ "$(asks /gone | wc -l)" -eq 1 ]
    pipeline 'politeness = "off",' "$URL/broken?status=500"
    run "$MIZAN" run p.lua
    [ "$(asks /broken | wc -l)" -eq 3 ]
    cat >q.lua <<END
local mizan = require "mizan"
return mizan.pipeline { name = "q", politeness = "off",
  network = { private = { "127.0.0.1" } },
  stages = { mizan.source("s", function(ctx)
      ctx.http:post("$URL/post?status=500", "x")
    end), mizan.store.figures {} } }
END
    run "$MIZAN" run q.lua
    [ "$(asks /post | wc -l)" -eq 1 ] || { echo "$output"; cat asked; return 1; }
}

@test "polite: one request at a time, a second between them, also of two runs together" {
    chaos "/robots.txt status=404"
    pipeline '' "$URL/a1?size=10" "$URL/a2?size=10" "http://127.0.0.2:$PORT/x?size=10"
    sed 's/name = "p"/name = "q"/; s/a1/b1/; s/a2/b2/' p.lua >q.lua
    "$MIZAN" run q.lua >q.log 2>&1 3>&- &
    local other=$!
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    wait "$other" || { cat q.log; return 1; }
    asks $'\t127.0.0.1\t' >times
    [ "$(wc -l <times)" -ge 5 ]
    apart 1000 <times || { cat asked; return 1; }
    [ "$(rows "SELECT requests FROM host_budget WHERE host = '127.0.0.1'")" -eq "$(wc -l <times)" ]
}

@test "a slow answer makes the gap twice as long as it took" {
    chaos "/robots.txt status=404"
    pipeline '' "$URL/a?delay=1500&size=10" "$URL/b?delay=1500&size=10"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    asks '/[ab]\?' | apart 4500
}

@test "politeness off: no waiting, no row of a host, and the run says so" {
    chaos "/robots.txt status=404"
    pipeline 'politeness = "off", robots = "off",' "$URL/a?size=10" "$URL/b?size=10"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM host_budget")" -eq 0 ]
    [ "$(rows "SELECT json_extract(settings, '$.politeness') || json_extract(settings, '$.robots') FROM run")" = offoff ]
    [ "$(asks robots.txt | wc -l)" -eq 0 ]
}

@test "robots.txt is read first, once a day, obeyed, and told" {
    chaos "/robots.txt body=User-agent:+mizan%0ADisallow:+/private%0ACrawl-delay:+2"
    echo 'return { contact = "https://example.org/robot" }' >mizan.lua
    pipeline '' "$URL/private/a" "$URL/b?size=10"
    run "$MIZAN" run p.lua
    fails_with 1 "robots.txt closes it"
    [ "$(asks /private | wc -l)" -eq 0 ]
    asks "GET" | apart 2000
    [ "$(asks '\+https://example.org/robot' | wc -l)" -eq 2 ] || { cat asked; return 1; }
    run "$MIZAN" run p.lua
    [ "$(asks /robots.txt | wc -l)" -eq 1 ]
    sed -i 's/name = "p"/name = "q", robots = "off"/' p.lua
    run "$MIZAN" run p.lua
    [ "$(asks /private | wc -l)" -eq 1 ]
    [ "$(rows "SELECT json_extract(settings, '$.robots') FROM run WHERE pipeline = 'q'")" = off ]
}

@test "robots.txt: 404 and 403 open all, 500 and silence close all, a redirect is followed" {
    for status in 404 403 401; do
        chaos "/robots.txt status=$status"
        pipeline 'politeness = "off",' "$URL/a?size=10"
        run "$MIZAN" run p.lua
        [ "$status" -eq 0 ] || { echo "$status: $output"; return 1; }
        kill "$CHAOS"
    done
    chaos "/robots.txt status=500"
    pipeline 'politeness = "off",' "$URL/a?size=10"
    run "$MIZAN" run p.lua
    fails_with 69 "robots.txt could not be read"
    [ "$(asks /a | wc -l)" -eq 0 ]
    kill "$CHAOS"
    chaos "/robots.txt status=301&location=/elsewhere.txt" \
        "/elsewhere.txt body=User-agent:+*%0ADisallow:+/a"
    pipeline 'politeness = "off",' "$URL/a?size=10"
    run "$MIZAN" run p.lua
    fails_with 69 "closes it"
    kill "$CHAOS"
    chaos "/robots.txt hops=6"
    pipeline 'politeness = "off",' "$URL/a?size=10"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    kill "$CHAOS"
    chaos "/robots.txt body=User-agent:+*%0ACrawl-delay:+1e9"
    pipeline 'politeness = "off",' "$URL/a?size=10"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *"it gets 30"* ]] || { echo "$output"; return 1; }
}

@test "OAuth 2: one token for many requests, a 401 renews it once, nothing shows it" {
    chaos "/robots.txt status=404" \
        '/token body=%7B"access_token":"first-token"%7D&later=%7B"access_token":"second-token"%7D' \
        "/a need=Bearer+first-token&body=12+tanks" "/b need=Bearer+first-token&body=12+tanks" \
        "/c need=Bearer+second-token&body=12+tanks" "/d need=Bearer+second-token&body=12+tanks" \
        "/e need=Bearer+third"
    cat >p.lua <<END
local mizan = require "mizan"
local auth = mizan.auth.oauth2 { url = "$URL/token", client = "me", scope = "read all",
  secret = mizan.secret { name = "API", host = "127.0.0.1" }, host = "127.0.0.1" }
return mizan.pipeline { name = "p", politeness = "off",
  network = { private = { "127.0.0.1" } },
  stages = { mizan.source("s", function(ctx)
      for _, path in ipairs { "a", "b", "c", "d" } do
        local r = ctx.http:get("$URL/" .. path, { auth = auth })
        ctx:emit { url = r.url, body = r.body, media_type = "text/plain" }
      end
      local ok, failure = pcall(function()
        ctx.http:get("$URL/e", { auth = auth })
      end)
      assert(not ok, "a token that is refused twice is a failure")
    end),
    mizan.extract.article {}, mizan.extract.figures {}, mizan.store.figures {} } }
END
    MIZAN_SECRET_API=quite-secret run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT count(*) FROM document")" -eq 4 ]
    # The first, one for c, one for e.
    [ "$(asks $'\t/token' | wc -l)" -eq 3 ] || { cat asked; return 1; }
    [ "$(asks '/[abd]\t' | wc -l)" -eq 3 ]
    [ "$(asks '/[ce]\t' | wc -l)" -eq 4 ]
    [ "$(asks "Basic $(printf 'me:quite-secret' | base64)" | wc -l)" -eq 3 ]
    [[ "$output" != *token* ]]
    if grep -aq "first-token\|second-token\|quite-secret" mizan.db*; then return 1; fi
}

@test "cookies: none unless the pipeline wants them, and only of their host" {
    chaos "/robots.txt status=404"
    for keys in "" 'cookies = "on",'; do
        cat >p.lua <<END
local mizan = require "mizan"
return mizan.pipeline { name = "p", politeness = "off",
  network = { $keys private = { "127.0.0.1", "127.0.0.2" } },
  stages = { mizan.source("s", function(ctx)
      ctx.http:get("$URL/in?header=Set-Cookie:+session=one")
      ctx.http:get("$URL/page")
      ctx.http:get("http://127.0.0.2:$PORT/page")
    end), mizan.store.figures {} } }
END
        run "$MIZAN" run p.lua
        [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    done
    [ "$(asks 'cookie: session=one' | wc -l)" -eq 1 ] || { cat asked; return 1; }
    [ "$(asks $'127.0.0.2\t.*cookie' | wc -l)" -eq 0 ]
    [ "$(rows "SELECT count(*) FROM run WHERE json_extract(settings, '$.cookies') = 'on'")" -eq 1 ]
}

@test "X-Robots-Tag: what its owner wants in no index is not kept, and told" {
    chaos "/robots.txt status=404"
    local tag="header=X-Robots-Tag:"
    pipeline 'politeness = "off",' "$URL/a?$tag+noindex&body=12+tanks." \
        "$URL/b?$tag+otherbot:+noindex&body=12+tanks." "$URL/c?$tag+mizan:+none&body=12+tanks." \
        "$URL/d?$tag+unavailable_after:+25+Jun+2010+15:00:00+GMT&body=12+tanks."
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT source_id FROM document")" = s2 ]
    [[ "$output" == *"X-Robots-Tag: noindex"* && "$output" == *"X-Robots-Tag: none"* ]] || { echo "$output"; return 1; }
    # A pipeline that does not ask for leave gets all, and the run says so.
    sed -i 's/name = "p"/name = "q", robots = "off"/' p.lua
    run "$MIZAN" run p.lua
    [ "$(rows "SELECT count(*) FROM document WHERE pipeline = 'q'")" -eq 4 ]
    # The same of a source that is a function.
    cat >f.lua <<END
local mizan = require "mizan"
return mizan.pipeline { name = "f", politeness = "off", network = { private = { "127.0.0.1" } },
  stages = { mizan.source("s", function(ctx)
      for _, rule in ipairs { "noindex", "nofollow" } do
        local r = ctx.http:get("$URL/f?$tag+" .. rule .. "&body=12+tanks.")
        ctx:emit { url = r.url, body = r.body, media_type = "text/plain" }
      end
    end), mizan.extract.article {}, mizan.extract.figures {}, mizan.store.figures {} } }
END
    run "$MIZAN" run f.lua
    [ "$(rows "SELECT count(*) || max(url) FROM document WHERE pipeline = 'f'")" = "1$URL/f?$tag+nofollow&body=12+tanks." ] || { echo "$output"; return 1; }
}

@test "headers of request and answer are stored with the document, secrets are not" {
    chaos "/robots.txt status=404"
    pipeline 'politeness = "off",' "$URL/a?etag=%22x%22&header=X-More:+one&header=X-More:+two&header=Set-Cookie:+s=canary&body=12+tanks."
    sed -i 's/fetch.http { sources/fetch.http { headers = { ["X-Own"] = "mine", Cookie = "s=canary" }, sources/' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$(rows "SELECT json_extract(headers, '$.request.x-own') || json_extract(headers, '$.request.method') FROM document")" = mineGET ] ||
        { rows "SELECT headers FROM document"; return 1; }
    [ "$(rows "SELECT json_extract(headers, '$.response.x-more') || json_extract(headers, '$.response.etag') FROM document")" = 'one, two"x"' ] ||
        { rows "SELECT headers FROM document"; return 1; }
    [ "$(rows "SELECT json_extract(headers, '$.request.cookie') || json_extract(headers, '$.response.set-cookie') FROM document")" = '******' ]
}
