local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  report = { { quary = 'ratio' } },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
