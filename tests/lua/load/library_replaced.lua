local mizan = require 'mizan'
local text = string.format("%s", mizan.version)
string.format = function() return text end
return mizan.pipeline { name = "main", stages = { mizan.fetch.shelf { path = "x" }, mizan.store.bin {} } }
