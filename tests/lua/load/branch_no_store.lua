local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf { path = "x" },
    mizan.branch { by = "kind", money = mizan.store.bin {}, other = mizan.extract.mark {} },
  },
}
