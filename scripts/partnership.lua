-- The case that Mizan is measured by: what one state supplied to another, what came back,
-- and what outlets in ten languages made of the study that says so.
--
--   sh scripts/quickstart.sh                       builds, serves the demo site, runs this
--   mizan run scripts/partnership.lua -p site=URL  the same on a site of yours
--
-- The topics, works and entities stand in partnership/topics.lua as data.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local site = mizan.param {
  name = "site", type = "url", default = "http://127.0.0.1:8907",
  help = "where the demo site is served",
}

return mizan.pipeline {
  name     = "partnership",
  about    = { owner = "data@example.org", why = "both flows of the study, and who said what" },
  schedule = { cron = "17 */2 * * *", tz = "Europe/Berlin" },
  -- The demo site is this machine's own: no pauses between requests, loopback allowed.
  politeness = "off",
  network  = { private = { "127.0.0.1" } },
  report   = { { query = "figures", limit = 24 } },
  stages   = {
    fetch.feed {
      sources = { { id = "demo", url = site .. "/feed.xml" } },
      follow = true,
    },
    extract.article {},
    extract.figures {},
    extract.topics { file = "partnership/topics.lua" },
    store.figures {},
  },
}
