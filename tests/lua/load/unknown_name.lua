local mizan = require 'mizan'
pritn('x')
