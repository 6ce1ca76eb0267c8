local mizan = require 'mizan'
local feeds = {}
feeds.open('x')
