local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  limits = { memory = '64k' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
