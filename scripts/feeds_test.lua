-- Tests of feeds.lua, without a network: mizan test scripts/feeds_test.lua
local t = require "mizan.test"

local p = t.pipeline "feeds.lua"
local recorded = { http = "feeds/tape.jsonl", now = "2025-09-03T08:00Z" }

local function page(published, text)
  local meta = published and '<meta property="article:published_time" content="'
    .. published .. '">' or ""
  return p:run { into = "article", type = "text/html", url = "https://harbour.example.org/1",
    text = '<html lang="en"><head><title>A report</title>' .. meta
      .. "</head><body><article><p>" .. text .. "</p></article></body></html>",
    now = "2025-09-03T08:00Z" }
end

t.case("three feeds in three languages give the same sum", function()
  local r = p:run(recorded)
  t.eq(r.status, "ok")
  t.eq(r.new, 3)
  for _, lang in ipairs { "en", "de", "es" } do
    r:has("figure", { kind = "money", value = 36500000, unit = "EUR", lang = lang })
  end
end)

t.case("a second run finds the feeds unchanged", function()
  local again = p:again(p:run(recorded))
  t.eq(again.new, 0)
  t.eq(again:rows "SELECT count(*) AS n FROM document"[1].n, 3)
end)

t.case("an article without a date is rejected, not read", function()
  local r = page(nil, "The harbour bought 14 cranes.")
  t.eq(#r.rejects, 1)
  t.eq(r.rejects[1].reason, "no date")
  t.eq(r.rejects[1].stage, "recent")
  t.eq(r:count("figure", {}), 0)
end)

t.case("an article of last month is dropped and counted", function()
  local r = page("2025-08-03T08:00:00Z", "The harbour bought 14 cranes.")
  t.eq(r.drops, { older = 1 })
  t.eq(r:count("figure", {}), 0)
end)

t.case("a figure that is not sure is dropped, one that is stays", function()
  local figure = { record = "figure", kind = "count", value = 3, confidence = 0.3 }
  t.eq(p:run { into = "sure", record = figure }.drops, { ["low confidence"] = 1 })
  figure.confidence = 0.9
  t.eq(#p:run { into = "sure", record = figure }.records, 1)
end)
