-- A register of permits behind an API with pages, read as rows without a line of Lua that asks:
-- what changed since the last run, each row a record, its numbers exact.
--
--   (umask 077; mkdir -p scripts/secrets; echo 'the key' >scripts/secrets/PERMITS_API)
--   mizan run scripts/permits.lua -p api=https://api.example.org
--   mizan source probe https://api.example.org/v2/permits     suggests the stage
--
-- The cursor is the latest change that was seen; it moves when the last page is there. The next
-- run asks from a day before it, since permits are entered late.
local mizan = require "mizan"

local api = mizan.param {
  name = "api", type = "url", default = "https://api.example.org", help = "where the API is",
}

local HECTARE = mizan.decimal "0.0001" -- of a square metre

local function checked(permit)
  if permit.state == "draft" then return mizan.drop "a draft" end
  if not permit.area then return mizan.reject "a permit without an area" end
  permit.hectares = permit.area * HECTARE
  return permit
end

return mizan.pipeline {
  name     = "permits",
  about    = { owner = "data@example.org", why = "what may be built, and how large" },
  schedule = { cron = "15 5 * * *", tz = "Europe/Berlin" },
  stages   = {
    mizan.fetch.http {
      name = "permits", url = api .. "/v2/permits",
      auth = { header = "X-Api-Key", secret = "PERMITS_API" },
      pages = { cursor = "/page/next", send = "after" },
      records = "/permits", type = "permit",
      cursor = { field = "/changed", send = "changed_from", start = "2025-01-01", lag = "1d" },
    },
    mizan.each("permit", "checked", checked),
    mizan.store.jsonl { path = "permits.jsonl", types = { "permit" } },
  },
}
