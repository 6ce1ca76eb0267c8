local mizan = require 'mizan'
local function inner(rec)
  return rec.missing.field
end
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  inner(rec)
  return rec
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
