-- Tests of permits.lua, on recorded answers and without the key:
--   mizan test scripts/permits_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "permits.lua"
local recorded = { http = "permits/tape.jsonl", now = "2025-09-03T05:15Z" }

t.case("two pages are rows, their numbers exact", function()
  local r = p:run(recorded)
  t.eq(r.fetched, 2)
  r:has("permit", { id = 7, hectares = mizan.decimal "1.25005" })
  r:has("permit", { id = 11, area = mizan.decimal "90000000000000000001" })
  t.eq(r.drops, { ["a draft"] = 1 })
  t.eq(r.rejects[1].reason, "a permit without an area")
end)

t.case("the next run asks from a day before the latest change, wherever it stood", function()
  local r = p:run(recorded)
  t.eq(r:rows "SELECT value FROM source_state WHERE key = 'cursor'"[1].value,
    "2025-09-02T07:30:00Z")
  local again = p:again(r)
  t.eq(again.new, 1)
  again:has("permit", { id = 9, state = "granted" })
end)
