local mizan = require 'mizan'
mizan.param { name = 'n', defualt = 5 }
