local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  local t = {}
  for i = 1, 1e9 do t[i] = i end
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
