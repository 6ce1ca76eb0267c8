local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  limits = { unit = '0s' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
