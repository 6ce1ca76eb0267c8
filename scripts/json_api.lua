-- A JSON API with pages and OAuth 2: the grants that were changed since the last run, a
-- line of JSON each.
--
--   mkdir -m 700 scripts/secrets
--   (umask 077; echo 'the client secret' >scripts/secrets/GRANTS_API)
--   mizan run scripts/json_api.lua -p api=https://api.example.org -p client=mizan
--
-- The cursor is the latest change that was seen. The next run asks from LAG before it, since
-- rows may become visible late; those that did not change are recognised and not stored again.
local mizan = require "mizan"

local api = mizan.param {
  name = "api", type = "url", default = "https://api.example.org", help = "where the API is",
}
local client = mizan.param {
  name = "client", default = "mizan", help = "the client that the secret GRANTS_API belongs to",
}
local LAG = 10 * 60 * 1000 -- milliseconds

-- Client credentials (RFC 6749, 4.4): the secret goes into the header, where nothing logs it.
local function access_token(ctx)
  local answer = ctx.http:post(api .. "/oauth/token", {
    form = { grant_type = "client_credentials", scope = "grants.read" },
    auth = mizan.auth.basic(client, mizan.secret "GRANTS_API"),
  })
  return mizan.json.parse(answer.body).access_token or error "the API gave no access_token"
end

local function changed_grants(ctx)
  local before = ctx.state:get "latest"
  local latest = before and mizan.time(before) or mizan.time "2020-01-01T00:00Z"
  local pages = ctx.http:pages(ctx.source.url, {
    params = { changed_since = mizan.iso(before and latest - LAG or latest), page_size = 100 },
    headers = { Authorization = "Bearer " .. access_token(ctx) },
    next = "/links/next",
  })
  for page in pages do
    for _, grant in ipairs(page.json.data) do
      latest = math.max(latest, mizan.time(grant.changed))
      ctx:emit {
        url = ctx.source.url .. "/" .. mizan.url.escape(grant.id),
        body = mizan.json.text(grant),
        media_type = "application/json",
      }
    end
  end
  ctx.state:set("latest", mizan.iso(latest)) -- commits with the end of the source, not before
end

local function row(document)
  local grant = mizan.json.parse(document.body)
  if grant.status == "withdrawn" then return mizan.drop "withdrawn" end
  local amount = mizan.json.at(grant, "/amount/value")
  if not amount then return mizan.reject "a grant without an amount" end
  return mizan.record("grant", {
    id = grant.id, title = grant.title, changed = grant.changed,
    amount = amount, currency = grant.amount.currency,
  })
end

return mizan.pipeline {
  name     = "json_api",
  about    = { owner = "data@example.org", why = "the register of grants, kept up to date" },
  schedule = { cron = "*/15 * * * *", tz = "UTC" },
  stages   = {
    mizan.source {
      name = "grants",
      sources = { { id = "grants", url = api .. "/v1/grants" } },
      fetch = changed_grants,
    },
    mizan.each("document", "row", row),
    mizan.store.jsonl { path = "grants.jsonl", types = { "grant" } },
  },
}
