local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  about = { 'x', owner = 'y' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
