local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf { path = "x" },
    mizan.branch { money = mizan.extract.mark {} },
    mizan.store.bin {},
  },
}
