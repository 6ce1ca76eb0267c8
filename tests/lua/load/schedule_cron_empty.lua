local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
