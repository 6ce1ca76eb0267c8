local mizan = require 'mizan'
return mizan.pipeline {
  name = 'My Pipeline',
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
