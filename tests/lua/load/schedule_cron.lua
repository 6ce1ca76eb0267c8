local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '0 25 * * *' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
