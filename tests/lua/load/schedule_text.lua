local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = '0 * * * *',
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
