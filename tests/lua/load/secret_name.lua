local mizan = require "mizan"
return mizan.secret "../../etc/passwd"
