/* JSON and addresses in scripts: mizan.json, mizan.url. */
#ifndef MIZAN_LUA_JSON_VALUES_H
#define MIZAN_LUA_JSON_VALUES_H

#include "lua/internal.h"

/* Pushes what the text at `index` means as JSON; raises with the offset. */
void mz_push_json(lua_State *L, int index);
/* Pushes the part of the value at `index` that a JSON Pointer leads to, or nil. */
void mz_push_json_part(lua_State *L, int index, const char *pointer);
extern const luaL_Reg mz_json_functions[];
extern const luaL_Reg mz_url_functions[];

#endif
