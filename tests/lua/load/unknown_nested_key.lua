local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = {
    cron = '* * * * *',
    catch_up = 'all',
  },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
