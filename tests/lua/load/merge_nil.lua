local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf { path = "x" },
    mizan.merge { mizan.extract.mark {}, nil, mizan.store.bin {} },
  },
}
