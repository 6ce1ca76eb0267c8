return { name = 'x' }
