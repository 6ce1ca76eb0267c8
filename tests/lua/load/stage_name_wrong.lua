local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = { mizan.fetch.shelf { name = 'The Shelf' }, mizan.store.bin {} },
}
