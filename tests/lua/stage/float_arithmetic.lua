local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  rec.value = rec.value * 1.5
  return rec
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
