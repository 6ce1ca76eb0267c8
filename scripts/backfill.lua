-- The past of a daily bulletin, page by page: what a subscription that begins today lacks.
--
--   mizan run scripts/backfill.lua -p from=2025-08-01 -p to=2025-08-31
--   mizan run scripts/backfill.lua -p from=2025-08-01 -p to=2025-08-31 --limit 5
--
-- Each run takes up to MOST days and notes the last one it has; run it until it says that
-- nothing is left (every ten minutes, by its schedule). A day without a bulletin is passed over, a
-- server that is down stops the run there. Another span of days is another backfill.
local mizan = require "mizan"
local extract, store = mizan.extract, mizan.store

local from = mizan.param { name = "from", default = "2025-08-01", help = "the first day" }
local to = mizan.param { name = "to", default = "2025-08-31", help = "the last day" }
local MOST = 7
local DAY = 24 * 60 * 60 * 1000 -- milliseconds

local function date(time)
  return mizan.iso(time):sub(1, 10)
end

local function days(ctx)
  local key = from .. "/" .. to
  local done = ctx.state:get(key)
  local first = done and mizan.time(done) + DAY or mizan.time(from)
  local last = math.min(mizan.time(to), first + (MOST - 1) * DAY)
  if first > last then ctx.log.info("nothing is left of " .. key) end
  for time = first, last, DAY do
    local url = ctx.source.url .. date(time) .. ".html"
    local ok, answer = pcall(ctx.http.get, ctx.http, url)
    if not ok and not tostring(answer):find "status 404" then error(answer, 0) end
    ctx.state:set(key, date(time)) -- commits with this day's document
    if ok then
      ctx:emit { url = url, body = answer.body, media_type = answer.media_type,
        charset = answer.charset, published = time, lang = "en" }
    end
  end
end

return mizan.pipeline {
  name     = "backfill",
  about    = { owner = "data@example.org", why = "the bulletins of the months before we began" },
  schedule = { cron = "*/10 * * * *", tz = "UTC" },
  stages   = {
    mizan.source {
      name = "bulletins",
      sources = { { id = "bulletin", url = "https://bulletin.example.org/" } },
      fetch = days,
    },
    extract.article {},
    extract.figures {},
    store.figures {},
  },
}
