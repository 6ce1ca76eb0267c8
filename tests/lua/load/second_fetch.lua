local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = { mizan.fetch.shelf {}, mizan.fetch.feed {}, mizan.store.bin {} },
}
