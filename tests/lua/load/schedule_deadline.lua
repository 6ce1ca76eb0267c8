local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', start_deadline = '0s' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
