local mizan = require 'mizan'
mizan.param { name = 'n', type = 'integer', default = 'x' }
