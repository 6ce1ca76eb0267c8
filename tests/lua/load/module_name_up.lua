local mizan = require 'mizan'
local x = require '../secret'
