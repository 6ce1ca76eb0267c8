local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      return ("x"):rep(200000):gsub(".-b", "") and rec
    end),
    mizan.store.bin {},
  },
}
