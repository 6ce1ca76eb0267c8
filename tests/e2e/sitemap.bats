# fetch.sitemap: indexes, gzip, text, lastmod as a hint, cycles, caps, other hosts, patterns.
load common
setup() {
    work_setup
    project
    mkdir -p site/news
    serve "$WORK/site"
    for i in 1 2 3 4; do echo "<p>page $i" >site/news/$i.html; done
}
teardown() { work_teardown; }

url() { echo "<url><loc>$URL/news/$1.html</loc>${2:+<lastmod>$2</lastmod>}</url>"; }
urlset() { echo "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>$*</urlset>"; }
index() {
    echo '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    for map in "$@"; do echo "<sitemap><loc>$map</loc></sitemap>"; done
    echo '</sitemapindex>'
}
pipeline() {
    cat >p.lua <<LUA
local mizan = require "mizan"
return mizan.pipeline { name = "p", network = { private = { "127.0.0.1" } }, politeness = "off", stages = {
  mizan.fetch.sitemap { name = "map", $1 },
  mizan.each("document", "row", function(doc) return mizan.record("row", { url = doc.url, at = doc.sitemap_modified }) end),
  mizan.store.jsonl { path = "out.jsonl" },
} }
LUA
}
pages() { grep -o '"url":"[^"]*' out.jsonl | sed 's,.*/,,' | sort | tr '\n' ' '; }
asked() { grep -c "$1" requests.log; }

@test "an index of packed, plain and text sitemaps; a cycle is cut, other hosts are not asked" {
    urlset "$(url 1 2025-09-01)" "$(url 2 2025-09-02T10:00:00+02:00)" "<url><loc>http://other.example/x.html</loc></url>" | gzip >site/a.xml.gz
    urlset "$(url 3)" >site/b.xml
    printf '%s\n' "$URL/news/4.html" "$URL/news/3.html" >site/c.txt
    index "$URL/index.xml" "$URL/a.xml.gz" "$URL/b.xml" "$URL/c.txt" "$URL/missing.xml" "http://other.example/map.xml" >site/index.xml
    pipeline "url = '$URL/index.xml'"
    run "$MIZAN" run p.lua --json
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *'"map.failed_sitemaps":1'* && "$output" == *'"map.foreign_items":2'* ]] || { echo "$output"; return 1; }
    [ "$(pages)" = "1.html 2.html 3.html 4.html " ] || { pages; return 1; }
    grep -q '"at":1756800000000,"url":"[^"]*2.html"' out.jsonl || { cat out.jsonl; return 1; }
    [ "$(asked 'GET /index.xml')" -eq 1 ]
}

@test "lastmod is a hint: known pages are not asked for until it changes, or recheck is over" {
    urlset "$(url 1 2025-09-01)" "$(url 2 2025-09-02)" >site/map.xml
    pipeline "url = '$URL/map.xml'"
    run "$MIZAN" run p.lua
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    echo '<p>changed unseen' >site/news/1.html
    : >requests.log
    run "$MIZAN" run p.lua
    [[ "$output" == *"0 new, 2 unchanged"* ]] || { echo "$output"; return 1; }
    [ "$(asked '/news/')" -eq 0 ]
    urlset "$(url 1 2025-09-01)" "$(url 2 2025-09-03)" >site/map.xml
    run "$MIZAN" run p.lua
    [ "$(asked '/news/2.html')" -eq 1 ] && [ "$(asked '/news/1.html')" -eq 0 ] || { cat requests.log; return 1; }
    pipeline "url = '$URL/map.xml', recheck = '1ms'"
    run "$MIZAN" run p.lua
    [[ "$output" == *"1 new, 1 unchanged"* ]] || { echo "$output"; return 1; }
    # Where pages were, none at all is not believed.
    urlset "" >site/map.xml
    run "$MIZAN" run p.lua
    fails_with 69 "no address where there were some before"
}

@test "include, exclude, limit and first; a pattern that works too hard is stopped" {
    urlset "$(url 1 2025-09-01)" "$(url 2 2025-09-02)" "$(url 3 2025-09-03)" "$(url 4 2001-01-01)" >site/map.xml
    pipeline "url = '$URL/map.xml', include = '/news/[0-9]+\\\\.html\$', exclude = { '/2\\\\.' }, limit = 1"
    run "$MIZAN" run p.lua --json
    [ "$status" -eq 0 ] && [ "$(pages)" = "3.html " ] || { echo "$output"; pages; return 1; }
    [[ "$output" == *'"map.unwanted_items":1'*'"map.postponed_items":2'* ]] || { echo "$output"; return 1; }
    run "$MIZAN" run p.lua
    [ "$(pages)" = "1.html 3.html " ]
    pipeline "url = '$URL/map.xml', include = '(a+'"
    run "$MIZAN" run p.lua
    [ "$status" -ne 0 ] && [[ "$output" == *"include: '(a+' is no pattern: missing closing parenthesis"* ]] || { echo "$output"; return 1; }
    urlset "<url><loc>$URL/$(printf 'a%.0s' $(seq 60))</loc></url>" >site/map.xml
    pipeline "url = '$URL/map.xml', include = '(a+)+[xy]'"
    run "$MIZAN" run p.lua
    fails_with 69 "needs too much work"
    rm -f mizan.db* out.jsonl
    urlset "$(url 1 2025-09-01)" "$(url 4 2001-01-01)" >site/map.xml
    pipeline "url = '$URL/map.xml', first = '3650d'"
    run "$MIZAN" run p.lua --json
    [ "$(pages)" = "1.html " ] && [[ "$output" == *'"map.old_items":1'* ]] || { echo "$output"; return 1; }
}

@test "floods and bombs are capped, what is no sitemap is told" {
    awk -v u="$URL" 'BEGIN { print "<urlset>"; for (i = 0; i < 60000; i++) printf "<url><loc>%s/news/x%d.html</loc></url>\n", u, i; print "</urlset>" }' >site/flood.xml
    pipeline "url = '$URL/flood.xml', include = 'x5999[0-9]'"
    run "$MIZAN" run p.lua --json
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ "$output" == *'"map.cut_sitemaps":1'* && "$output" == *'"map.unwanted_items":50000'* ]] || { echo "$output"; return 1; }
    refused() {
        pipeline "url = '$URL/$1'"
        run "$MIZAN" run p.lua
        fails_with 69 "$2"
    }
    { echo '<urlset>'; head -c 80000000 /dev/zero | tr '\0' ' '; } | gzip >site/bomb.xml.gz
    refused bomb.xml.gz "unpacks to more than"
    gzip <site/flood.xml | head -c 20000 >site/cut.xml.gz
    refused cut.xml.gz "damaged or cut"
    echo '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>' >site/lol.xml
    refused lol.xml "declares a document type"
    echo '<html><body>Sign in' >site/login.xml
    refused login.xml "an HTML page, not a sitemap"
    echo '{"a":1}' >site/data.xml
    refused data.xml "neither a sitemap"
    refused none.xml "status 404"
}
