local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  scheduel = { cron = '* * * * *' },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
