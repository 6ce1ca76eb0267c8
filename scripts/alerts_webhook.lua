-- Alerts by webhook: what passes a mark is posted to an address as it is stored, and the
-- operator hears when the pipeline itself fails, is late or finds far less than usual.
--
--   mizan run scripts/alerts_webhook.lua -p hook=https://hooks.example.org/rivers
--   mizan deliver          sends what the run left in the outbox; from cron or `--follow`
--
-- The message is written in the commit of its page: no page is stored without it, and a run
-- that is killed leaves neither. It goes out at least once, with an id that stays the same,
-- and is signed with the secret in secrets/RIVER_HOOK (mode 0600), which no script sees.
local mizan = require "mizan"
local fetch, extract, store = mizan.fetch, mizan.extract, mizan.store

local hook = mizan.param {
  name = "hook", type = "url", default = "https://hooks.example.org/rivers",
  help = "where alerts are posted",
}
local WORDS, UNIT, MARK = "water level", "centimeter", 450

local function alert(figure, ctx)
  local sentence = ctx.doc.text:sub(figure.sentence[1] + 1, figure.sentence[2])
  if figure.unit ~= UNIT or not sentence:lower():find(WORDS, 1, true) then
    return mizan.drop "another figure"
  end
  if figure.value < MARK then return mizan.drop "below the mark" end
  return mizan.record("alert", {
    text = "The water level is " .. figure.value:format {} .. " cm: " .. sentence,
    level = figure.value, mark = MARK, page = ctx.doc.url,
  })
end

return mizan.pipeline {
  name     = "alerts_webhook",
  about    = { owner = "data@example.org", why = "who must act when the river rises" },
  schedule = { cron = "*/10 * * * *", tz = "UTC" },
  alerts   = {
    on = { "failure", "late", "few", "recovery" }, late = "30m",
    to = { { webhook = "https://hooks.example.org/operators", secret = "RIVER_HOOK" } },
  },
  stages   = {
    fetch.http { url = "https://rivers.example.org/now.html" },
    extract.article {},
    extract.figures {},
    mizan.each("figure", "alert", alert),
    store.webhook { url = hook, types = { "alert" }, batch = 1, secret = "RIVER_HOOK" },
  },
}
