-- Tests of drop_folder.lua: mizan test scripts/drop_folder_test.lua
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "drop_folder.lua"
local now = "2025-09-03T08:00Z"

local function file(text)
  return p:run { text = text, url = "file:///gauges/weir.txt", now = now }
end

t.case("the files of the folder, each length in metres", function()
  local r = p:run { now = now }
  t.eq(r.new, 2)
  t.eq(r:count("reading", {}), 4)
  r:has("reading", { station = "lower-bridge", metres = mizan.decimal "4.12", line = 2 })
  r:has("reading", { station = "mill", metres = mizan.decimal "0.905", file = "mill.txt" })
end)

t.case("a bad line is rejected with its number, the others are kept", function()
  local r = p:run { now = now }
  t.eq(#r.rejects, 2)
  t.eq(r.rejects[1].reason, "line 4: not station;time;level;unit")
  t.eq(r.rejects[2].reason, "line 6: no unit of length: ft")
end)

t.case("a file that was read is not read again", function()
  local again = p:again(p:run { now = now })
  t.eq(again.new, 0)
  t.eq(again.unchanged, 2)
end)

t.case("times have a zone and lie in the past", function()
  local r = file("weir;2025-09-31T06:00Z;1;m\nweir;2025-12-01T06:00Z;1;m\n"
    .. "weir;2025-09-01T06:00+02:00;1;m\n")
  t.eq(r.rejects[1].reason, "line 1: no time: 2025-09-31T06:00Z")
  t.eq(r.rejects[2].reason, "line 2: a reading of the future")
  r:has("reading", { at = "2025-09-01T04:00:00Z" })
end)

t.case("a file with comments alone is dropped", function()
  t.eq(file("# nothing today\n").drops, { ["an empty file"] = 1 })
end)
