local mizan = require 'mizan'
local stage = mizan.fetch.shelf('x')
