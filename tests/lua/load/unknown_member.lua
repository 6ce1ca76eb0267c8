local mizan = require 'mizan'
local stage = mizan.fecth.shelf {}
