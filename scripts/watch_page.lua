-- A page that is watched: an alert whenever the figure on it is another than before.
--
--   mizan run scripts/watch_page.lua -p page=https://rivers.example.org/now.html
--   tail -f out/alerts.jsonl
--
-- The value that was seen last is state of the source and is committed with the document: a
-- run that is killed before tells the change the next time instead of losing it.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local page = mizan.param {
  name = "page", type = "url", default = "https://rivers.example.org/now.html",
  help = "the page that is watched",
}
local WORDS, UNIT = "water level", "centimeter"

local function watched(figure, ctx)
  local sentence = ctx.doc.text:sub(figure.sentence[1] + 1, figure.sentence[2]):lower()
  if figure.unit ~= UNIT or not sentence:find(WORDS, 1, true) then
    return mizan.drop "another figure"
  end
  local before, now = ctx.state:get "level", figure.value
  if before and now:eq(mizan.decimal(before)) then return mizan.drop "as before" end
  ctx.state:set("level", now)
  return mizan.record("alert", {
    page = ctx.doc.url, at = mizan.iso(mizan.now()), was = before and mizan.decimal(before),
    now = now, change = before and now - mizan.decimal(before), unit = UNIT,
  })
end

return mizan.pipeline {
  name     = "watch_page",
  about    = { owner = "data@example.org", why = "who must know that the river rises" },
  schedule = { cron = "*/10 * * * *", tz = "UTC" },
  stages   = {
    fetch.http { url = page },
    extract.article {},
    extract.figures {},
    mizan.each("figure", "watched", watched),
    store.jsonl { path = "alerts.jsonl", types = { "alert" } },
  },
}
