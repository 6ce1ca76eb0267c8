local mizan = require "mizan"
return mizan.source { sources = {} }
