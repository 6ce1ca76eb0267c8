local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf { count = 'many' }, mizan.store.bin { count = 2 },
  },
}
