local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf { path = function() end }, mizan.store.bin {},
  },
}
