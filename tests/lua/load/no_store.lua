local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = { mizan.fetch.shelf {}, mizan.extract.mark {} },
}
