local mizan = require 'mizan'
mizan.param { name = 'n' }
mizan.param { name = 'n' }
