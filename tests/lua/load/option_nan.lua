local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf { count = 0/0 }, mizan.store.bin {},
  },
}
