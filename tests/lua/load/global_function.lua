local mizan = require 'mizan'
function helper() end
