std = "lua54"
max_line_length = 100
files["host/lua/prelude.lua"] = { ignore = { "111", "113" } }
files["host/lua/types.lua"] = { ignore = { "212", "241", "631" } }
