local mizan = require 'mizan'
mizan.each('figure', 'sure')
