-- The case that Mizan is measured by: what one state supplied to another, what came back,
-- and what outlets in ten languages made of the study that says so.
--
--   sh scripts/quickstart.sh                       builds, serves the demo site, runs this
--   mizan run scripts/partnership.lua -p site=URL  the same on a site of yours
--
-- The topics, works and entities stand in partnership/topics.lua as data.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local data = require "partnership.topics"
local case = require("topics").new(data)

local site = mizan.param {
  name = "site", type = "url", default = "http://127.0.0.1:8907",
  help = "where the demo site is served",
}

-- The rows that figures point to, once for each document: a repeat changes nothing.
local function with_references(document)
  local out = { document }
  for id, entity in pairs(data.entities) do
    out[#out + 1] = mizan.record("entity", { id = id, kind = entity.kind, name = entity.name,
      iso3 = entity.iso3, wikidata = entity.wikidata })
  end
  for id, work in pairs(data.works) do
    out[#out + 1] = mizan.record("work", { id = id, title = work.title,
      publisher_id = work.publisher, issued = work.issued })
  end
  for id, topic in pairs(data.topics) do
    out[#out + 1] = mizan.record("topic", { id = id, label = topic.label, kind = topic.kind,
      returns = topic.returns, measure = topic.measure, stage = topic.stage })
  end
  return out
end

local function with_topic(figure, ctx)
  local text, span = ctx.doc.text, figure.sentence
  local seen = figure:totable()
  seen.end_ = seen["end"]
  local published = ctx.doc.published
  local topic, from, to, work, origin = case:assign(seen, text:sub(span[1] + 1, span[2]), text,
    { lang = ctx.doc.lang, published = published and mizan.iso(published) })
  figure.topic, figure.from, figure.to = topic, from, to
  figure.work, figure.origin = work, origin
  return figure
end

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
    mizan.each("document", "references", with_references),
    mizan.each("figure", "topics", with_topic),
    store.figures {},
  },
}
