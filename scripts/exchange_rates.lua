-- Daily reference rates: a row for each currency, with the exact decimals that were published.
--
--   mizan run scripts/exchange_rates.lua
--   tail out/rates.jsonl
--
-- On weekends and holidays the bank shows the rates of the last working day with a new time
-- stamp; what is kept is the table of a date, so such a day is "unchanged" and adds nothing.
local mizan = require "mizan"

local WANTED = { USD = true, GBP = true, JPY = true, UAH = true, KRW = true }

local function daily_table(ctx)
  local answer = ctx.http:get(ctx.source.url, { conditional = true })
  if answer.unchanged then return end
  local published = mizan.json.parse(answer.body)
  ctx:emit {
    url = ctx.source.url .. "#" .. published.date,
    body = mizan.json.text { base = published.base, date = published.date,
      rates = published.rates },
    media_type = "application/json",
  }
end

-- A record for each currency of the table, in the order of their codes.
local function split(document)
  local day, records = mizan.json.parse(document.body), {}
  if not day.date:find "^%d%d%d%d%-%d%d%-%d%d$" then return mizan.reject "no ISO date" end
  for currency, rate in pairs(day.rates) do
    records[#records + 1] = mizan.record("rate", {
      date = day.date, base = day.base, currency = currency, rate = mizan.decimal(rate),
    })
  end
  table.sort(records, function(a, b) return a.currency < b.currency end)
  return records
end

local function checked(rate)
  if not WANTED[rate.currency] then return mizan.drop "not wanted" end
  if rate.rate:sign() <= 0 then return mizan.reject("no rate for " .. rate.currency) end
  rate.inverse = mizan.decimal(1):div(rate.rate, 12) -- what one unit of it is worth
  return rate
end

return mizan.pipeline {
  name     = "exchange_rates",
  about    = { owner = "data@example.org", why = "amounts of money in one currency" },
  schedule = { cron = "20 16 * * *", tz = "Europe/Berlin" },
  stages   = {
    mizan.source {
      name = "rates",
      sources = { { id = "bank", url = "https://bank.example.org/rates/daily.json" } },
      fetch = daily_table,
    },
    mizan.each("document", "currencies", split),
    mizan.each("rate", "checked", checked),
    mizan.store.jsonl { path = "rates.jsonl", types = { "rate" } },
  },
}
