local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.source {
      fetch = function() end,
      sources = { { url = "http://a" } },
    },
    mizan.store.bin {},
  },
}
