-- Tests of alerts_webhook.lua, on recorded pages: mizan test scripts/alerts_webhook_test.lua
-- A test posts nothing: what a store leaves in the outbox of a test dies with it.
local t = require "mizan.test"
local mizan = require "mizan"

local p = t.pipeline "alerts_webhook.lua"

local function at(name)
  return { http = "alerts_webhook/" .. name .. ".jsonl", now = "2025-09-01T12:00Z" }
end

t.case("below the mark nothing is posted", function()
  local r = p:run(at "calm")
  t.eq(r.new, 1)
  t.eq(r:count("alert", {}), 0)
  t.eq(r.drops["below the mark"], 1)
  t.eq(r.drops["another figure"], 1)
end)

t.case("above it the alert says how much, where, and in whose words", function()
  local r = p:run(at "high")
  local alert = r:has("alert", { level = mizan.decimal "487.5", mark = 450,
    page = "https://rivers.example.org/now.html" })
  t.eq(alert.text, "The water level is 487.5 cm: The water level at the old bridge is 487.5 cm.")
end)

t.case("the same page again is told once", function()
  t.eq(p:again(p:run(at "high")).new, 0)
end)
