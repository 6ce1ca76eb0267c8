-- Tests of custom_source.lua, on recorded answers: mizan test scripts/custom_source_test.lua
local t = require "mizan.test"

local p = t.pipeline "custom_source.lua"
local monday = { http = "custom_source/monday.jsonl", now = "2025-09-01T12:00Z" }
local tuesday = { http = "custom_source/tuesday.jsonl", now = "2025-09-02T12:00Z" }

local function mark(r, source)
  local row = r:rows("SELECT value FROM source_state WHERE key = 'mark' AND source_id = '"
    .. source .. "'")[1]
  return row and row.value
end

t.case("the pages of all maps are read, the oldest change first", function()
  local r = p:run(monday)
  t.eq(r.new, 3)
  r:has("figure", { kind = "count", value = 310000, counted = "containers" })
  r:has("figure", { kind = "measure", value = 480, unit = "meter" })
  t.eq(mark(r, "ports"), "2025-09-01T10:00:00Z")
end)

t.case("a page that is gone is passed over, its source goes on", function()
  local r = p:run(monday)
  r:has("figure", { value = 1900 })
  t.eq(mark(r, "rivers"), "2025-08-31T10:00:00Z")
end)

t.case("a source that is refused fails alone and keeps its place", function()
  local r = p:run(monday)
  t.eq(r.failed_sources, 1)
  t.eq(r.status, "finished with failures")
  t.eq(mark(r, "roads"), nil)
end)

t.case("the next day brings the new page and what had failed", function()
  local r = p:again(p:run(monday), tuesday)
  t.eq(r.failed_sources, 0)
  t.eq(r.new, 2)
  r:has("figure", { kind = "money", value = 12000000, unit = "EUR" })
  r:has("figure", { kind = "count", value = 250, counted = "people" })
  t.eq(mark(r, "ports"), "2025-09-02T06:00:00Z")
end)
