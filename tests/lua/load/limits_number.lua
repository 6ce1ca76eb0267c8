local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  limits = { unit = 30 },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
