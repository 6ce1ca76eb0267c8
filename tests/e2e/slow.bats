# Slow hosts and bad certificates: what they cost, and whom they do not.
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
}
teardown() {
    kill "$CHAOS" $(cat tls.pids 2>/dev/null) 2>/dev/null || true
    work_teardown
}

# sources KEYS: p.lua reads the list `id address` of standard input.
sources() {
    local id address
    {
        echo 'local mizan = require "mizan"'
        echo "return mizan.pipeline { name = \"p\", robots = \"off\", $1"
        echo '  stages = { mizan.fetch.http { sources = {'
        while read -r id address; do
            echo "    { id = \"$id\", url = \"$address\" },"
        done
        echo '  } }, mizan.store.jsonl { path = "out.jsonl" } } }'
    } >p.lua
}

@test "of 60 hosts 6 dribble: the others are asked as if those were not there" {
    local private="" i
    for i in $(seq 60); do private="$private\"127.0.2.$i\", "; done
    list() {
        for i in $(seq 60); do
            # Spread over the list, the first ones among them.
            if [ "$1" = slow ] && [ $((i % 10)) -eq 1 ]; then
                echo "s$i http://127.0.2.$i:$PORT/slow?dribble=400&size=25"
            else
                echo "s$i http://127.0.2.$i:$PORT/quick?size=100"
            fi
        done
    }
    # The time from the first request to the last quick answer, milliseconds.
    took() {
        awk -F'\t' 'NR == 1 { first = $1 } $3 == "end" && /quick/ { last = $1 } END { print last - first }' asked
    }
    list even | sources "network = { private = { $private } },"
    "$MIZAN" run p.lua >/dev/null 2>&1
    local even slow
    even=$(took)
    : >asked
    rm -f mizan.db*
    list slow | sources "network = { private = { $private } },"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    slow=$(took)
    # Ten seconds of dribbling; a second of difference is the machine's own.
    echo "even $even ms, with slow hosts $slow ms"
    [ "$slow" -lt $((even + 3000)) ]
    [ "$(rows "SELECT count(*) FROM document")" -eq 60 ]
}

# tls NAME OPTION…: openssl's server with the certificate of that name; sets TPORT.
tls() {
    local name=$1
    shift
    openssl s_server -accept 127.0.0.1:0 -cert "$name.pem" -key "$name.key" -www "$@" \
        >"tls.$name" 2>&1 3>&- </dev/null &
    echo "$!" >>tls.pids # a pipeline starts some of them: a variable would be lost
    TPORT=
    for _ in $(seq 100); do
        TPORT=$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' "tls.$name")
        [ -n "$TPORT" ] && break
        sleep 0.05
    done
    [ -n "$TPORT" ]
}

# certificate NAME DAYS ALTERNATIVE [signed]: a key, and a certificate that the test's
# own authority signed, or itself.
certificate() {
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.req" -subj "/CN=$1" \
        >/dev/null 2>&1
    printf 'subjectAltName=%s\n' "$3" >"$1.ext"
    if [ "${4:-}" = signed ]; then
        openssl x509 -req -in "$1.req" -CA ca.pem -CAkey ca.key -CAcreateserial \
            -days "$2" -extfile "$1.ext" -out "$1.pem" >/dev/null 2>&1
    else
        openssl x509 -req -in "$1.req" -signkey "$1.key" -days "$2" \
            -extfile "$1.ext" -out "$1.pem" >/dev/null 2>&1
    fi
}

@test "32: TLS: expired, self-signed, of another host: failed with the cause, asked once" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 \
        -subj "/CN=test authority" >/dev/null 2>&1
    certificate good 1 "IP:127.0.0.1" signed
    certificate expired -1 "IP:127.0.0.1" signed
    certificate self 1 "IP:127.0.0.1"
    certificate other 1 "DNS:elsewhere.example" signed
    local name
    for name in expired self other good; do
        tls "$name"
        echo "$name https://127.0.0.1:$TPORT/"
    done | sources 'politeness = "off", network = { private = { "127.0.0.1" }, authorities = "ca.pem" },'
    run "$MIZAN" run p.lua
    [[ "$output" == *"source expired: "*"expired"* ]] || { echo "$output"; return 1; }
    [[ "$output" == *"source self: "*"self"*"signed"* ]] || { echo "$output"; return 1; }
    [[ "$output" == *"source other: "*"no alternative certificate subject name matches"* ]] || { echo "$output"; return 1; }
    [ "$(rows "SELECT group_concat(source_id) FROM document")" = good ] || { echo "$output"; return 1; }
}

@test "a certificate of ours is shown to the hosts that it is for" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 \
        -subj "/CN=test authority" >/dev/null 2>&1
    certificate good 1 "IP:127.0.0.1" signed
    certificate me 1 "DNS:me.example" signed
    tls good -Verify 1 -CAfile ca.pem -verify_return_error
    local network="private = { \"127.0.0.1\" }, authorities = \"ca.pem\", certificate = \"me.pem\", key = \"me.key\""
    echo "asks https://127.0.0.1:$TPORT/" |
        sources "politeness = \"off\", network = { $network, certificate_hosts = { \"other.example\" } },"
    run "$MIZAN" run p.lua
    [ "$status" -eq 69 ] || { echo "$output"; return 1; }
    sed -i 's/other.example/127.0.0.1/' p.lua
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    sed -i 's/, certificate_hosts = {[^}]*}//' p.lua
    run "$MIZAN" run p.lua
    fails_with 78 "certificate and certificate_hosts belong together"
}

@test "27: phases have their time: silence, endless 1xx; the slot is free again" {
    # The phases are the program's own (10 s, 20 s): one case each, side by side.
    {
        echo "silent http://127.0.3.1:$PORT/?silent=1"
        echo "interim http://127.0.3.2:$PORT/?endless=interim&dribble=200"
        echo "well http://127.0.3.3:$PORT/?size=10"
    } | sources 'limits = { plugin = "120s" }, politeness = "off", network = { private = { "127.0.3.1", "127.0.3.2", "127.0.3.3" } },'
    sed -i 's/robots = "off",/robots = "off", retries = "off",/' p.lua
    # Beside it, row 31: a robots.txt that never comes closes its host.
    printf '/robots.txt silent=1\n' >silent
    rm -f port2
    "$BUILD/chaos_server" --port-file port2 --log asked2 --script silent \
        --max-seconds 120 >/dev/null 2>&1 3>&- &
    local other=$!
    for _ in $(seq 100); do [ -s port2 ] && break; sleep 0.05; done
    sed "s/name = \"p\", robots = \"off\",/name = \"q\",/; s/:$PORT/:$(cat port2)/" p.lua >q.lua
    "$MIZAN" run q.lua >q.log 2>&1 3>&- &
    local beside=$!
    SECONDS=0
    run timeout 100 "$MIZAN" run p.lua
    [ "$SECONDS" -lt 60 ]
    wait "$beside" || true
    kill "$other"
    grep -q "source well: .*robots.txt could not be read (.*no complete headers within 20 seconds)" q.log || { cat q.log; return 1; }
    [ "$(awk -F'\t' '$3 == "ask" && $0 !~ /robots.txt/' asked2 | wc -l)" -eq 0 ]
    [[ "$output" == *"source silent: "*"no complete headers within 20 seconds"* ]] || { echo "$output"; return 1; }
    [[ "$output" == *"source interim: "*"no complete headers within 20 seconds"* || "$output" == *"source interim: "*"headers over"* ]] || { echo "$output"; return 1; }
    [ "$(rows "SELECT group_concat(source_id) FROM document")" = well ]
}

# spoken FILE NAME OPTION…: openssl's server whose answer is written by hand: the file is
# what goes in at its standard input, a line `R` asks for a renegotiation. Sets TPORT.
spoken() {
    local file=$1 name=$2
    shift 2
    rm -f spoken.in && mkfifo spoken.in
    openssl s_server -accept 127.0.0.1:0 -cert "$name.pem" -key "$name.key" "$@" \
        <spoken.in >"tls.spoken" 2>&1 3>&- &
    SPOKEN=$!
    echo "$SPOKEN" >>tls.pids
    # Held open for writing, so that the server does not see its end.
    (
        exec 4>spoken.in
        for _ in $(seq 200); do
            grep -q "GET / HTTP" tls.spoken && break
            sleep 0.05
        done
        while IFS= read -r line; do
            printf '%s\r\n' "${line%$'\r'}" | sed "s/^R\\r\$/R/" >&4
            sleep 0.1
        done <"$file"
        [ ! -e cut ] || kill -9 "$SPOKEN"
        sleep 8
    ) >/dev/null 2>&1 3>&- &
    echo "$!" >>tls.pids
    TPORT=
    for _ in $(seq 100); do
        TPORT=$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' tls.spoken)
        [ -n "$TPORT" ] && break
        sleep 0.05
    done
    [ -n "$TPORT" ]
}

@test "32: TLS: a name that the server does not know, a connection cut without goodbye, renegotiation" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 \
        -subj "/CN=test authority" >/dev/null 2>&1
    certificate good 1 "IP:127.0.0.1,DNS:localhost" signed
    local keys='retries = "off", politeness = "off", network = { private = { "127.0.0.1", "localhost" }, authorities = "ca.pem" },'
    # The server wants the name in the greeting to be another one.
    tls good -servername elsewhere.example -servername_fatal -cert2 good.pem -key2 good.key
    echo "name https://localhost:$TPORT/" | sources "$keys"
    run timeout 30 "$MIZAN" run p.lua
    [ "$status" -eq 69 ] || { echo "$output"; return 1; }
    [[ "$output" == *"source name: "*"unrecognized name"* ]] || { echo "$output"; return 1; }
    # The connection ends without a goodbye of TLS, in the middle of the body.
    printf '%s\n' "HTTP/1.0 200 OK" "Content-Type: text/plain" "Content-Length: 20" "" "half of it" >said
    touch cut
    spoken said good
    echo "cut https://localhost:$TPORT/" | sources "$keys"
    run timeout 30 "$MIZAN" run p.lua
    [ "$status" -eq 69 ] || { echo "$output"; return 1; }
        [[ "$output" == *"source cut: "*"bytes remaining to read"* ]] || { echo "$output"; return 1; }
    # Renegotiation in the middle of an answer: whole, or failed with its cause.
    rm cut
    printf '%s\n' "HTTP/1.0 200 OK" "Content-Type: text/plain" "Content-Length: 11" "" R "hello" "you" >said
    spoken said good -tls1_2
    echo "again https://localhost:$TPORT/" | sources "$keys"
    run timeout 30 "$MIZAN" run p.lua
    if [ "$status" -eq 0 ]; then
        [ "$(rows "SELECT r.size FROM document d JOIN raw r ON r.sha256 = d.raw_sha256 WHERE d.source_id = 'again'")" -eq 11 ]
    else
        [[ "$output" == *"source again: "* ]] || { echo "$output"; return 1; }
        [ "$(rows "SELECT count(*) FROM document")" -eq 0 ]
    fi
    [ -z "${WATCH:-}" ] || { echo "$status $output"; return 1; }
}
