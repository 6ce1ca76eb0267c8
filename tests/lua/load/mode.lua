setmetatable({}, { __mode = 'k' })
