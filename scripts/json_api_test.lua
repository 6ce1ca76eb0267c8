-- Tests of json_api.lua, on recorded answers and without the secret:
--   mizan test scripts/json_api_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "json_api.lua"
local recorded = { http = "json_api/tape.jsonl", now = "2025-09-01T12:00Z" }

t.case("two pages of grants, amounts exact", function()
  local r = p:run(recorded)
  t.eq(r.fetched, 4)
  t.eq(r:count("grant", {}), 2)
  r:has("grant", { id = "g-1", amount = mizan.decimal "1250000.10", currency = "EUR" })
end)

t.case("a withdrawn grant is dropped, one without an amount rejected", function()
  local r = p:run(recorded)
  t.eq(r.drops, { withdrawn = 1 })
  t.eq(#r.rejects, 1)
  t.eq(r.rejects[1].reason, "a grant without an amount")
end)

t.case("the next run asks from ten minutes before the latest change", function()
  local r = p:run(recorded)
  t.eq(r:rows "SELECT value FROM source_state WHERE key = 'latest'"[1].value,
    "2025-09-01T07:00:00Z")
  -- Its cassette has no other address: g-4 is seen again, g-2 has another amount.
  local again = p:again(r)
  t.eq(again.new, 1)
  t.eq(again.unchanged, 1)
  again:has("grant", { id = "g-2", amount = 52500 })
end)

t.case("without a token nothing is asked and the cursor stays", function()
  local r = p:run { http = "json_api/no_token.jsonl" }
  t.eq(r.status, "failed")
  t.ok(r.failure:find("status 401", 1, true), r.failure)
  t.eq(r:rows "SELECT count(*) AS n FROM source_state"[1].n, 0)
end)
