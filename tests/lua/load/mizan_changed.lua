local mizan = require 'mizan'
mizan.drop = print
