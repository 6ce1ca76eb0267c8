error(setmetatable({}, { __tostring = function() return 'the shelf is empty' end }))
