local mizan = require 'mizan'
local shown = print
function print(...) shown(...) end
return mizan.pipeline { name = "main", stages = { mizan.fetch.shelf { path = "x" }, mizan.store.bin {} } }
