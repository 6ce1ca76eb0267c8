local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  local c = rec:copy()
  local text = ('x'):rep(100000)
  while true do c.text = text end
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
