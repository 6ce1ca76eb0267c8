local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf {},
    nil,
    mizan.store.bin {},
  },
}
