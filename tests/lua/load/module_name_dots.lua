local x = require '..secret'
