-- Several news feeds: the figures of the last days, each sure enough and dated.
--
--   mizan run scripts/feeds.lua
--   mizan query figures
--
-- An article without a date is rejected (a dead letter that says so), an older one and
-- a figure that is not sure are dropped and counted. Change the feeds, DAYS and SURE.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local DAYS, SURE = 7, 0.5
local DAY = 24 * 60 * 60 * 1000 -- milliseconds

local function recent(document)
  if not document.published then return mizan.reject "no date" end
  if mizan.now() - document.published > DAYS * DAY then return mizan.drop "older" end
  return document
end

local function sure(figure)
  if figure.confidence < SURE then return mizan.drop "low confidence" end
  return figure
end

return mizan.pipeline {
  name     = "feeds",
  about    = { owner = "data@example.org", why = "figures of the week, from three outlets" },
  schedule = { cron = "*/30 * * * *", tz = "Europe/Berlin" },
  stages   = {
    fetch.feed {
      sources = {
        { id = "harbour", url = "https://harbour.example.org/feed.xml", lang = "en" },
        { id = "kurier", url = "https://kurier.example.org/feed.xml", lang = "de" },
        { id = "mirador", url = "https://mirador.example.org/feed.xml", lang = "es" },
      },
      follow = true,
      first = DAYS .. "d",
    },
    extract.article {},
    mizan.each("document", "recent", recent),
    extract.figures {},
    mizan.each("figure", "sure", sure),
    store.figures {},
  },
}
