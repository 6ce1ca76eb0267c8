local mizan = require 'mizan'
return mizan.pipeline {
  name = 'test',
}
