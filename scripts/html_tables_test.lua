-- Tests of html_tables.lua, with its program: mizan test scripts/html_tables_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "html_tables.lua"

local function page(body)
  return p:run { text = body, type = "text/html", url = "https://port.example.org/budget" }
end

t.case("a row of the table is a record, its amount exact", function()
  local r = p:run {}
  t.eq(r:count("amount", {}), 2)
  r:has("amount", { year = 2023, item = "Cranes & rails", value = 36500000, currency = "EUR" })
  r:has("amount", { year = 2024, value = mizan.decimal "1204750000", page = "budget.html" })
end)

t.case("a total is dropped, what is no number rejected with its place", function()
  local r = p:run {}
  t.eq(r.drops, { ["a total"] = 1 })
  t.eq(#r.rejects, 1)
  t.eq(r.rejects[1].reason, "table 2, row 3: no number: n/a")
end)

t.case("a page without a table is rejected in the program's words", function()
  local r = page "<p>The budget will be published in May.</p>"
  t.eq(r.rejects[1].reason, "no table with headings")
  t.eq(r.rejects[1].stage, "rows")
end)

t.case("a table about something else is dropped", function()
  local r = page "<table><tr><th>Tide</th></tr><tr><td>06:12</td></tr></table>"
  t.eq(r.drops, { ["another table"] = 1 })
end)

t.case("a second run reads no page again", function()
  local again = p:again(p:run {})
  t.eq(again.new, 0)
  t.eq(again.unchanged, 1)
end)
