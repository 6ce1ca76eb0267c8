local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf { count = 4 }, mizan.store.bin { count = 20 },
  },
}
