string.trim = function() end
