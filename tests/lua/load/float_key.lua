local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  about = { [1.5] = 'x' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
