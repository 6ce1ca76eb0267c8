local mizan = require 'mizan'
return mizan.pipeline {
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
