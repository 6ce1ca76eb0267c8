local mizan = require 'mizan'
local function check(x)
  error('x is wrong', 2)
end
check(1)
