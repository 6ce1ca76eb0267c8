local mizan = require 'mizan'
local x = 1
