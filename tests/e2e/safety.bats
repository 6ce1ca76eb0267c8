# What hostile or broken servers get: a refusal with its cause, in time, within memory.
# Rows 21 to 32 of the list of bad inputs, driven by the chaos server, which is another
# host on each address of 127/8.
load common
setup() {
    work_setup
    project
    rm -f port
    "$BUILD/chaos_server" --port-file port --log asked --max-seconds 120 \
        >/dev/null 2>&1 3>&- &
    CHAOS=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    PORT=$(cat port)
    count=0
    : >cases
}
teardown() {
    kill "$CHAOS" 2>/dev/null || true
    work_teardown
}

# expect WHAT ADDRESS: a source; `@` in the address is a host of its own. WHAT is a part
# of its failure, or `stored TEXT`: the body that is kept.
expect() {
    count=$((count + 1))
    printf '%s\t%s\t%s\n' "$count" "$1" \
        "${2//@/http://127.0.1.$count:$PORT}" >>cases
}

# fetched [KEYS]: runs a pipeline of all cases and judges each.
fetched() {
    local id what address bad=0
    {
        echo 'local mizan = require "mizan"'
        echo "return mizan.pipeline { name = \"p\", politeness = \"off\", robots = \"off\", ${1:-}"
        echo '  network = { private = {'
        for i in $(seq "$count"); do echo "    \"127.0.1.$i\","; done
        echo '  } }, stages = { mizan.fetch.http { sources = {'
        while IFS=$'\t' read -r id what address; do
            echo "    { id = \"case$id\", url = [[$address]] },"
        done <cases
        echo '  } }, mizan.store.jsonl { path = "out.jsonl" } } }'
    } >p.lua
    run timeout 100 "$MIZAN" run p.lua
    printf '%s\n' "$output" >output
    while IFS=$'\t' read -r id what address; do
        if [ "${what%% *}" = stored ]; then
            [ "$(rows "SELECT count(*) FROM document WHERE source_id = 'case$id'")" = 1 ] || {
                echo "not stored: $address: $(grep "case$id:" output)"
                bad=1
            }
        else
            grep -q "source case$id: .*$what" output || {
                echo "expected '$what' of $address: $(grep "case$id:" output)"
                bad=1
            }
            [ "$(rows "SELECT count(*) FROM document WHERE source_id = 'case$id'")" = 0 ] || {
                echo "stored: $address"
                bad=1
            }
        fi
    done <cases
    [ "$bad" = 0 ] || head -5 output
    return $bad
}

@test "23: redirects: too many, to private, to file, bad, without a target, away from https" {
    expect "more than 5 redirects" "@/r?hops=9"
    expect "private address" "@/r?status=302&location=http://10.0.0.1/"
    expect "private address" "@/r?status=302&location=http://127.9.9.9/"
    expect "not an http" "@/r?status=302&location=file:///etc/passwd"
    expect "without saying where" "@/r?status=301"
    expect "status 301" "@/r?status=301"
    expect "." "@/r?status=302&location=http://:99999999/"
    expect "stored" "@/r?hops=5"
    fetched
}

@test "24: encodings: bombs, cut, wrong, double and stacked ones" {
    expect "200 times" "@/e?encode=bomb&as=gzip&size=1"
    expect "not in its Content-Encoding" "@/e?as=gzip&body=not+gzip"
    expect "cut short" "@/e?encode=truncated&as=gzip&size=5000"
    expect "was not asked for" "@/e?as=compress&body=what"
    expect "status 404" "@/e?as=gzip&status=404&body=not+gzip"
    expect "stored" "@/e?encode=gzip&as=gzip&size=500"
    expect "stored" "@/e?encode=double&as=gzip,gzip&size=500"
    expect "stored" "@/e?encode=deflate&as=deflate&size=500"
    expect "stored" "@/e?encode=raw&as=deflate&size=500"
    expect "was not asked for" "@/e?encode=stack8&as=gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip&size=500"
    fetched
}

@test "25: lies about length: short, cut, reset, negative, twice, huge; chunks; both" {
    expect "." "@/l?truncate=10&size=100"
    expect "." "@/l?reset=10&size=100"
    expect "." "@/l?length=-5&body=hello"
    expect "leave open\|Content-Length" "@/l?length=5&length=9&body=hello"
    expect "." "@/l?length=100000000000000000000&body=hello&close=1&truncate=5"
    expect "." "@/l?chunk=FFFFFFFFFFFFFFFF&body=hello&truncate=5"
    expect "." "@/l?chunk=zz&body=hello"
    expect "leave open" "@/l?both=1&length=5&body=hello"
    expect "stored" "@/l?open=1&body=hello"
    fetched
}

@test "26: headers: 200,000, 10 MB, endless, without colon, NUL; 1,000 cookies" {
    expect "headers over" "@/h?headers=200000"
    expect "." "@/h?bigheader=10000000"
    expect "headers over" "@/h?endless=headers"
    expect "headers over" "@/h?cookies=1000"
    expect "." "@/h?odd=nul"
    expect "." "@/h?odd=nocolon&body=hello"
    fetched
    # The client is well afterwards.
    : >cases
    count=0
    expect "stored" "@/well?body=hello"
    fetched
}

@test "28: statuses nobody asked for" {
    expect "status 204" "@/s?status=204"
    expect "status 205" "@/s?status=205&size=0"
    expect "status 206" "@/s?status=206"
    expect "status 304" "@/s?status=304"
    expect "status 999" "@/s?status=999"
    expect "." "@/s?line=hello"
    expect "." "@/s?first=some+text+before&body=hello"
    fetched
}

@test "14, 15: endless bodies and headers and a bomb end within 64 MB, with the cause" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    [ -z "${ASAN_OPTIONS:-}" ] || skip "sanitizers need more"
    expect "body over 32 MiB" "@/b?endless=body"
    cases_memory
    expect "headers over" "@/b?endless=headers"
    cases_memory
    expect "200 times" "@/b?encode=bomb&as=gzip&size=1"
    cases_memory
}

# cases_memory: the last case alone, with its peak of memory.
cases_memory() {
    tail -n 1 cases >one && mv one cases
    fetched
    /usr/bin/time -f '%M' -o peak "$MIZAN" run p.lua >/dev/null 2>&1 || true
    # Kilobytes of the largest process.
    [ "$(tail -n 1 peak)" -lt 65536 ] || { cat cases peak; return 1; }
}
