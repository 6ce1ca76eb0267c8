local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  return rec.value:truncate()
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
