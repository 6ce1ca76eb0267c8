local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = { mizan.extract.mark {}, mizan.store.bin {} },
}
