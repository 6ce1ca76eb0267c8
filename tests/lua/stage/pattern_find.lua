local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      return rec.kind and ("a"):rep(3000):find(".-.-.-.-b") and rec
    end),
    mizan.store.bin {},
  },
}
