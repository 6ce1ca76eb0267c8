local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf { path = "x" },
    mizan.batch { type = "figure", fields = { "drop" }, run = function(rows) return rows end },
    mizan.store.bin {},
  },
}
