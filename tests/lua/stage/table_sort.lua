local mizan = require "mizan"
return mizan.pipeline {
  name = "main",
  stages = {
    mizan.fetch.shelf {},
    mizan.each("figure", "sure", function(rec)
      table.sort(setmetatable({}, { __len = function() return 1 << 30 end })) return rec
    end),
    mizan.store.bin {},
  },
}
