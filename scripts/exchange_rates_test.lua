-- Tests of exchange_rates.lua, on recorded days: mizan test scripts/exchange_rates_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "exchange_rates.lua"

local function day(name)
  return { http = "exchange_rates/" .. name .. ".jsonl" }
end

t.case("a row for each currency that is wanted, exact and dated", function()
  local r = p:run(day "friday")
  t.eq(r:count("rate", {}), 3)
  r:has("rate", { currency = "USD", base = "EUR", date = "2025-09-05",
    rate = mizan.decimal "1.1655" })
  r:has("rate", { currency = "JPY", inverse = mizan.decimal "0.00578368999422" })
  t.eq(r.drops, { ["not wanted"] = 1 })
end)

t.case("Sunday shows Friday's table with a new time stamp: nothing is added", function()
  local again = p:again(p:run(day "friday"), day "sunday")
  t.eq(again.new, 0)
  t.eq(again.unchanged, 1)
  t.eq(#again.records, 0)
end)

t.case("Monday's table is another one; twenty places stay twenty", function()
  local again = p:again(p:run(day "friday"), day "monday")
  t.eq(again.new, 1)
  again:has("rate", { currency = "USD", date = "2025-09-08",
    rate = mizan.decimal "1.17200000000000000001" })
end)

t.case("a rate of nought is rejected, the others of that day are kept", function()
  local r = p:run(day "broken")
  t.eq(r.rejects[1].reason, "no rate for USD")
  t.eq(#r.rejects, 1)
  t.eq(r:count("rate", { date = "2025-09-09" }), 3)
end)

t.case("a table without an ISO date is rejected as a whole", function()
  local r = p:run(day "no_date")
  t.eq(r.rejects[1].reason, "no ISO date")
  t.eq(#r.records, 0)
end)
