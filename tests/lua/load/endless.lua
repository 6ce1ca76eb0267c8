local mizan = require 'mizan'
while true do end
