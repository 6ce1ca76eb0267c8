local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { cron = '@daily', shards = 257 },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
