local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', tz = 'Europe/Berln' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
