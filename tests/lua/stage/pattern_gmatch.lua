local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      for m in ("a"):rep(400):gmatch(".*.*.*.*.*b") do return rec end return rec
    end),
    mizan.store.bin {},
  },
}
