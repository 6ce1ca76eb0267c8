local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', tz = '../../etc/passwd' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
