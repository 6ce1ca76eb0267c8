local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', timeout = '0s' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
