local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      table.move({}, 1, 1 << 50, 2) return rec
    end),
    mizan.store.bin {},
  },
}
