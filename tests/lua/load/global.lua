local mizan = require 'mizan'
local a = 1
count = 5
