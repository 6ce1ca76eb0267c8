local mizan = require 'mizan'
return mizan.pipeline {
  name = 5,
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
