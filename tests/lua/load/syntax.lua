local mizan = require 'mizan'
local x = ) 1
return x
