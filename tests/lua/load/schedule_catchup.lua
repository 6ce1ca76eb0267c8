local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', catchup = 'some' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
