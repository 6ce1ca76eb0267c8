local mizan = require 'mizan'
local deep = {}
for i = 1, 40 do deep = { deep } end
return mizan.pipeline {
  name = 'test',
  about = deep,
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
