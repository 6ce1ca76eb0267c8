local mizan = require 'mizan'
if true then
