-- A folder into which others drop files: gauges send their readings as text, a line each.
--
--   mizan run scripts/drop_folder.lua
--   mizan run scripts/drop_folder.lua -p folder=/srv/gauges
--   mizan dead list                                the lines that were not understood
--
-- A line is `station;time;level;unit`, comments begin with '#'. A bad line is rejected with
-- its number, the others of its file are stored. A file that was read is not read again
-- unless it changes.
local mizan = require "mizan"

local folder = mizan.param {
  name = "folder", default = "drop_folder/in", help = "the folder that the files come to",
}

local METRES = { m = mizan.decimal "1", cm = mizan.decimal "0.01", mm = mizan.decimal "0.001" }

-- A record for each line that says something, with its number in the file.
local function lines(document)
  local records, number = {}, 0
  for text in document.body:gmatch "([^\r\n]*)\r?\n?" do
    number = number + 1
    if text:find "%S" and text:sub(1, 1) ~= "#" then
      records[#records + 1] = mizan.record("line", { number = number, text = text })
    end
  end
  if #records == 0 then return mizan.drop "an empty file" end
  return records
end

local function reading(line, ctx)
  local function reject(why) return mizan.reject("line " .. line.number .. ": " .. why) end
  local station, at, level, unit =
    line.text:match "^%s*([%w%-]+)%s*;%s*([%d%-T:Z+]+)%s*;%s*(%-?%d+%.?%d*)%s*;%s*(%a+)%s*$"
  if not station then return reject "not station;time;level;unit" end
  if not METRES[unit] then return reject("no unit of length: " .. unit) end
  local ok, time = pcall(mizan.time, at)
  if not ok then return reject("no time: " .. at) end
  if time > mizan.now() then return reject "a reading of the future" end
  return mizan.record("reading", {
    station = station, at = mizan.iso(time), metres = mizan.decimal(level) * METRES[unit],
    file = ctx.doc.url:match "[^/]*$", line = line.number,
  })
end

return mizan.pipeline {
  name     = "drop_folder",
  about    = { owner = "data@example.org", why = "water levels as the gauges send them" },
  schedule = { cron = "*/5 * * * *", tz = "UTC" },
  stages   = {
    mizan.fetch.file { path = folder .. "/*.txt" },
    mizan.each("document", "lines", lines),
    mizan.each("line", "reading", reading),
    mizan.store.jsonl { path = "readings.jsonl", types = { "reading" } },
  },
}
