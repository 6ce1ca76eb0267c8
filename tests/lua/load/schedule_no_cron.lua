local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { tz = 'UTC' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
