local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  schedule = { tz = 'UTC', cron = [[0 0 */10 * 5]] },
  stages = { mizan.fetch.shelf {}, mizan.store.bin {} },
}
