local mizan = require 'mizan'
local stage = mizan.fetch.shlef {}
