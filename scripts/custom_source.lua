-- A source of one's own: the pages that a site's map lists, each when it has changed.
--
--   mizan run scripts/custom_source.lua
--
-- `changed_pages` reads as if it waited for each answer. Meanwhile the other sources go on,
-- up to 16 at once; two requests to the same host keep the pipeline's pause all the same.
-- The pages are taken from the oldest change to the newest, and the mark in ctx.state moves
-- with each: a run that is broken off goes on where it was.
local mizan = require "mizan"
local extract, store = mizan.extract, mizan.store

-- The pages of a map (sitemaps.org), the oldest change first.
local function pages_of(map, base)
  local pages = {}
  for entry in map:gmatch "<url>(.-)</url>" do
    local address = entry:match "<loc>%s*([^<%s]+)%s*</loc>"
    local changed = entry:match "<lastmod>%s*([^<%s]+)%s*</lastmod>"
    if address and changed then
      pages[#pages + 1] = {
        url = mizan.url.resolve(base, (address:gsub("&amp;", "&"))), changed = mizan.time(changed),
      }
    end
  end
  table.sort(pages, function(a, b) return a.changed < b.changed end)
  return pages
end

local function changed_pages(ctx)
  local mark = ctx.state:get "mark"
  local since = mark and mizan.time(mark) or 0
  local map = ctx.http:get(ctx.source.url)
  for _, page in ipairs(pages_of(map.body, map.final_url)) do
    if page.changed >= since then
      -- A page that is gone is left out; any other failure ends this source until next time.
      local ok, answer = pcall(ctx.http.get, ctx.http, page.url, { conditional = true })
      if not ok and not tostring(answer):find("status 4[01][04]") then error(answer, 0) end
      ctx.state:set("mark", mizan.iso(page.changed))
      if not ok then
        ctx.log.warning(page.url .. " is listed and gone")
      elseif not answer.unchanged then
        ctx:emit { url = page.url, final_url = answer.final_url, body = answer.body,
          media_type = answer.media_type, charset = answer.charset, etag = answer.etag,
          lang = ctx.source.lang }
      end
    end
  end
end

return mizan.pipeline {
  name     = "custom_source",
  about    = { owner = "data@example.org", why = "the reports of three offices" },
  schedule = { cron = "40 */6 * * *", tz = "UTC" },
  gap      = "1s",
  stages   = {
    mizan.source {
      name = "maps",
      sources = {
        { id = "ports", url = "https://ports.example.org/sitemap.xml", lang = "en" },
        { id = "rivers", url = "https://rivers.example.org/sitemap.xml", lang = "en" },
        { id = "roads", url = "https://roads.example.org/sitemap.xml", lang = "en" },
      },
      fetch = changed_pages,
    },
    extract.article {},
    extract.figures {},
    store.figures {},
  },
}
