local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  local function run()
    while true do coroutine.yield() end
  end
  local a, b = coroutine.create(run), coroutine.create(run)
  while true do coroutine.resume(a) coroutine.resume(b) end
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
