local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  while true do
    pcall(coroutine.wrap(function() while true do pcall(error) end end))
  end
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
