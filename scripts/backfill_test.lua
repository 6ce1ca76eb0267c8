-- Tests of backfill.lua, on recorded bulletins: mizan test scripts/backfill_test.lua
local t = require "mizan.test"

local p = t.pipeline "backfill.lua"
local ten_days = { http = "backfill/august.jsonl", now = "2025-10-01T08:00Z",
  params = { from = "2025-08-01", to = "2025-08-10" } }

local function done(r)
  local row = r:rows "SELECT value FROM source_state WHERE key = '2025-08-01/2025-08-10'"[1]
  return row and row.value
end

t.case("the first run takes seven days, one has no bulletin", function()
  local r = p:run(ten_days)
  t.eq(r.new, 6)
  t.eq(done(r), "2025-08-07")
  r:has("figure", { kind = "count", value = 21, counted = "ships" })
  r:none("figure", { value = 28 })
end)

t.case("the second takes the rest, the third finds nothing left", function()
  local second = p:again(p:run(ten_days))
  t.eq(second.new, 2)
  t.eq(done(second), "2025-08-10")
  local third = p:again(second)
  t.eq(third.fetched, 0)
  t.eq(third.status, "ok")
end)

t.case("a document is dated by its day, not by the day of the run", function()
  local r = p:run(ten_days)
  local row = r:rows "SELECT published_at AS at FROM doc_text ORDER BY published_at"[1]
  t.eq(row.at:sub(1, 10), "2025-08-01")
end)

t.case("a server that is down stops it at that day, and the next run begins there", function()
  local r = p:run { http = "backfill/down.jsonl", params = ten_days.params }
  t.eq(r.new, 2)
  t.eq(r.throttled_sources, 1)
  t.eq(done(r), "2025-08-02")
  local again = p:again(r, ten_days)
  t.eq(again.fetched, 6)
  t.eq(done(again), "2025-08-09")
end)
