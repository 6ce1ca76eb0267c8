local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  report = { 'a', nil, 'c' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
