local mizan = require 'mizan'
local feeds = require 'feeds'
