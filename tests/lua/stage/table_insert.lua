local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      table.insert(setmetatable({}, { __len = function() return 1 << 53 end }), 1, 2) return rec
    end),
    mizan.store.bin {},
  },
}
