local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
  stages = {
    mizan.fetch.shelf {
      pathh = 'x',
    },
    mizan.store.bin {},
  },
}
