-- Tables of web pages as rows: a program of the project's own reads the HTML, the script says
-- what the cells mean.
--
--   mizan run scripts/html_tables.lua
--
-- `programs = { "/usr/bin/python3" }` in mizan.lua allows the program. html_tables/rows.py gets
-- the page on its standard input and prints a JSON object a line; a page without a table is
-- rejected with the program's own words. Any program that does so will do, in any language.
local mizan = require "mizan"

local MILLION = mizan.decimal(1000000)

local function amount(row, ctx)
  local cells = row.cells
  local text = cells["Spent (million €)"]
  if not text then return mizan.drop "another table" end
  if cells.Item == "Total" then return mizan.drop "a total" end
  local plain = text:gsub(",", "")
  if not plain:find "^%d+%.?%d*$" then
    return mizan.reject("table " .. row.table .. ", row " .. row.row .. ": no number: " .. text)
  end
  return mizan.record("amount", {
    year = math.tointeger(cells.Year), item = cells.Item, value = mizan.decimal(plain) * MILLION,
    currency = "EUR", page = ctx.doc.url:match "[^/]*$",
  })
end

return mizan.pipeline {
  name   = "html_tables",
  about  = { owner = "data@example.org", why = "budgets that are published as tables" },
  stages = {
    mizan.fetch.file { path = "html_tables/in/*.html" },
    mizan.extract.exec {
      name = "rows", program = "/usr/bin/python3", arguments = { "html_tables/rows.py" },
      type = "row", timeout = "20s",
    },
    mizan.each("row", "amount", amount),
    mizan.store.jsonl { path = "amounts.jsonl", types = { "amount" } },
  },
}
