local mizan = require 'mizan'
mizan.record('row', {})
