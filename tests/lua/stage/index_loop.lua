local mizan = require 'mizan'
local stage = mizan.each('figure', 'sure', function(rec, ctx)
  local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end })
  while true do pcall(function() return t[1] end) end
end)
return mizan.pipeline {
  name = 'test',
  limits = { unit = '300ms', memory = '16M' },
  stages = { mizan.fetch.shelf {}, stage, mizan.store.bin {} },
}
