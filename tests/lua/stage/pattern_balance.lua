local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      return ("("):rep(200000):match("%b()") or rec
    end),
    mizan.store.bin {},
  },
}
