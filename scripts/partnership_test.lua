-- Tests of partnership.lua, on pages of the demo site and without a server:
--   mizan test scripts/partnership_test.lua
local t = require "mizan.test"

local p = t.pipeline "partnership.lua"

local function page(name)
  return p:run { file = "partnership/site/" .. name, url = "http://demo.example/" .. name,
    now = "2025-12-01", into = "article" }
end

t.case("an Arabic article gives both flows, each with its topic", function()
  local r = page "ar/alminaa-balance.html"
  t.eq(r.status, "ok")
  local supplied = r:has("figure",
    { kind = "money", value = "9800000000", unit = "USD", lang = "ar" })
  local returned = r:has("figure",
    { kind = "money", low = 457000000, high = "1190000000", bound = "range" })
  t.ok(supplied.topic and returned.topic)
  t.ok(supplied.topic ~= returned.topic, "the two flows are two topics")
  t.eq(supplied.from, returned.to)
  t.eq(supplied.to, returned.from)
end)

t.case("a second run over the same page stores nothing new", function()
  local r = page "ar/alminaa-balance.html"
  local before = r:rows "SELECT count(*) AS n FROM figure"[1].n
  t.ok(before > 0)
  local again = p:again(r)
  t.eq(again.new, 0)
  t.eq(again.unchanged, 1)
  t.eq(again:rows "SELECT count(*) AS n FROM figure"[1].n, before)
end)

t.case("each document brings the rows that its figures point to", function()
  local r = page "ar/sanabil-agency.html"
  t.ok(r:rows "SELECT count(*) AS n FROM work w JOIN entity e ON e.id = w.publisher_id"[1].n > 0)
  t.ok(r:rows "SELECT count(*) AS n FROM figure f JOIN topic t ON t.id = f.topic_id"[1].n > 0)
end)

t.case("a page without figures stores its document alone", function()
  local r = p:run { text = "Nothing was counted here.", now = "2025-06-01" }
  t.eq(r.new, 1)
  t.eq(r:count("figure", {}), 0)
end)

t.case("a figure of another subject gets no topic", function()
  local r = p:run { text = "The bridge over the river is 120 km long.", lang = "en",
    now = "2025-06-01" }
  local figure = r:has("figure", { kind = "measure", value = 120 })
  t.eq(figure.topic, nil)
  t.eq(r:count("topic", {}), 0)
end)
