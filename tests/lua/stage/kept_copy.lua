local mizan = require 'mizan'
local old
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  if old then return mizan.drop(old.kind .. old.tags[1]) end
  old = rec:copy()
  return rec
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
