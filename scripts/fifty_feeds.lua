-- Fifty feeds from a table: who looks after the list edits a CSV file, not a script.
--
--   mizan run scripts/fifty_feeds.lua
--   mizan dead list                        what failed, by cause
--
-- fifty_feeds/feeds.csv has the columns id, url, lang and outlet. Each feed has state and
-- failures of its own: one that is gone is named at the end of the run, with exit status
-- 1, and the others are stored all the same.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local feeds = mizan.csv "fifty_feeds/feeds.csv"

return mizan.pipeline {
  name     = "fifty_feeds",
  about    = { owner = "data@example.org", why = "what fifty outlets say in figures" },
  schedule = { cron = "5 * * * *", tz = "UTC" },
  stages   = {
    -- The text of the feed itself: one request for each outlet and hour.
    fetch.feed { sources = feeds, limit = 50 },
    extract.article {},
    extract.figures { minimum_confidence = "0.4" },
    store.figures {},
  },
}
