local mizan = require "mizan"
return mizan.csv "nowhere.csv"
