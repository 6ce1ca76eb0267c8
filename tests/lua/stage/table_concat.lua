local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      return table.concat({}, "", 1, 1 << 50) and rec
    end),
    mizan.store.bin {},
  },
}
