local mizan = require 'mizan'
local loop = { owner = 'x' }
loop.why = { deep = { loop } }
return mizan.pipeline {
  name = 'test',
  about = loop,
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
