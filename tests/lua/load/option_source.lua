local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf { sources = {
      { id = 'a' },
      { ib = 'b' },
    } }, mizan.store.bin {},
  },
}
