local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = 'x', overlap = 'stack' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
