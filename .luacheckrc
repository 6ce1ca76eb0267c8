std = "lua54"
max_line_length = 100
files["host/lua/prelude.lua"] = { ignore = { "111", "113" } }
