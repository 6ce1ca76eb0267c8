-- Tests of fifty_feeds.lua, on recorded answers: mizan test scripts/fifty_feeds_test.lua
local t = require "mizan.test"

local p = t.pipeline "fifty_feeds.lua"
local recorded = { http = "fifty_feeds/tape.jsonl", now = "2025-09-02T08:00Z" }

t.case("every outlet gives its article, the one that is gone fails alone", function()
  local r = p:run(recorded)
  t.eq(r.status, "finished with failures")
  t.eq(r.failed_sources, 1)
  t.eq(r.new, 49)
  local kept = r:rows "SELECT count(DISTINCT source_id) AS n FROM document"[1].n
  t.eq(kept, 49)
end)

t.case("a feed is read in the language that the table gives", function()
  local r = p:run(recorded)
  r:has("figure", { kind = "money", value = 21000000, unit = "EUR", lang = "de" })
  r:has("figure", { kind = "count", value = 42, counted = "barcos", lang = "es" })
end)

t.case("a second run asks all again and stores nothing twice", function()
  local r = p:run(recorded)
  local again = p:again(r)
  t.eq(again.new, 0)
  t.eq(again.failed_sources, 1)
  t.eq(again:rows "SELECT count(*) AS n FROM document"[1].n, 49)
end)
