local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf { path = "x" },
    mizan.batch { type = "figure", field = { "value" }, run = function(rows) return rows end },
    mizan.store.bin {},
  },
}
