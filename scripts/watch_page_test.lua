-- Tests of watch_page.lua, on recorded pages: mizan test scripts/watch_page_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "watch_page.lua"

local function at(name)
  return { http = "watch_page/" .. name .. ".jsonl", now = "2025-09-01T12:00Z" }
end

t.case("the first look tells the value, other figures of the page do not matter", function()
  local r = p:run(at "morning")
  t.eq(r:count("alert", {}), 1)
  t.eq(r:has("alert", { now = 412, unit = "centimeter" }).was, nil)
  t.eq(r.drops["another figure"], 1)
end)

t.case("the same page again: not even read", function()
  local again = p:again(p:run(at "morning"))
  t.eq(again.new, 0)
  t.eq(#again.records, 0)
end)

t.case("another page with the same level is no alert", function()
  local again = p:again(p:run(at "morning"), at "noon")
  t.eq(again.new, 1)
  t.eq(again:count("alert", {}), 0)
  t.eq(again.drops["as before"], 1)
end)

t.case("another level is told with what it was, exactly, and told once", function()
  local evening = p:again(p:run(at "morning"), at "evening")
  evening:has("alert", { was = 412, now = mizan.decimal "447.5",
    change = mizan.decimal "35.5", at = "2025-09-01T12:00:00Z" })
  t.eq(p:again(evening):count("alert", {}), 0)
end)
