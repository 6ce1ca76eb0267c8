/* What a script can reach: the allow-list below, read only, and nothing else.
 * Reading a global that does not exist and assigning to any global are errors.
 */
#include "lua/internal.h"

#include <lualib.h>
#include <string.h>

/* In a metatable: the table is a read-only view. The address is the key. */
static const char frozen_mark;

static const char *const base_names[] = {
    "assert",   "error",    "getmetatable", "ipairs", "next",   "pairs",
    "pcall",    "rawequal", "rawget",       "rawlen", "select", "tonumber",
    "tostring", "type",     "_VERSION",     NULL};
static const char *const string_names[] = {
    "byte",    "char",  "find",   "format", "gmatch",   "gsub",
    "len",     "lower", "match",  "pack",   "packsize", "rep",
    "reverse", "sub",   "unpack", "upper",  NULL};
static const char *const table_names[] = {"concat", "insert", "move",   "pack",
                                          "remove", "sort",   "unpack", NULL};
static const char *const math_names[] = {
    "abs", "acos",       "asin", "atan",      "ceil", "cos",    "deg",
    "exp", "floor",      "fmod", "huge",      "log",  "max",    "maxinteger",
    "min", "mininteger", "modf", "pi",        "rad",  "random", "randomseed",
    "sin", "sqrt",       "tan",  "tointeger", "type", "ult",    NULL};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes",
                                         "len",  "offset",      NULL};
static const char *const coroutine_names[] = {"create", "isyieldable", "running",
                                              "status", "yield",       NULL};

static bool listed(const char *const *names, const char *name)
{
    for (; *names != NULL; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Removes from the library on the top what is not listed. */
static void keep_listed(lua_State *L, const char *const *names)
{
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING || !listed(names, lua_tostring(L, -1))) {
            lua_pushvalue(L, -1);
            lua_pushnil(L);
            lua_rawset(L, -4);
        }
    }
}

static int refuse_write(lua_State *L)
{
    const char *owner = lua_tostring(L, lua_upvalueindex(1));
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    if (strcmp(owner, "_ENV") == 0) {
        return mz_raise(L, MZ_SCRIPT, key, "write `local NAME = …` in front",
                        "'%s' is assigned as a global: scripts have only local names",
                        key);
    }
    return mz_raise(L, MZ_SCRIPT, key, NULL, "'%s' cannot be set: %s is read only", key,
                    owner);
}

/* Upvalues: the owner's name. Argument 1 is the table that lacks the key. */
static int refuse_read(lua_State *L)
{
    const char *owner = lua_tostring(L, lua_upvalueindex(1));
    char near[96];
    if (lua_type(L, 2) != LUA_TSTRING) {
        lua_pushnil(L);
        return 1;
    }
    const char *key = lua_tostring(L, 2);
    mz_did_you_mean(L, 1, key, near, sizeof near);
    if (strcmp(owner, "_ENV") == 0) {
        return mz_raise(L, MZ_SCRIPT, key, NULL, "there is no name '%s' here%s", key,
                        near);
    }
    return mz_raise(L, MZ_SCRIPT, key, NULL, "%s has no '%s'%s", owner, key, near);
}

/* The iterator of pairs() over a view: the table itself must not get out. */
static int next_of_view(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_next(L, lua_upvalueindex(1))) {
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

static int pairs_of_view(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, next_of_view, 1);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

static int length_of_view(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
    return 1;
}

void mz_freeze(lua_State *L, const char *owner, bool strict)
{
    /* table */
    if (strict) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, owner);
        lua_pushcclosure(L, refuse_read, 1);
        lua_setfield(L, -2, "__index");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_setmetatable(L, -2);
    }
    lua_newtable(L);
    lua_createtable(L, 0, 6);
    /* table, view, metatable */
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, owner);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, pairs_of_view, 1);
    lua_setfield(L, -2, "__pairs");
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, length_of_view, 1);
    lua_setfield(L, -2, "__len");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &frozen_mark);
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
    /* view */
}

bool mz_is_frozen(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index)) {
        return false;
    }
    bool frozen = lua_rawgetp(L, -1, &frozen_mark) != LUA_TNIL;
    lua_pop(L, 2);
    return frozen;
}

/* Opens a library, keeps what is listed and sets a view of it in the table on
 * the top. */
static void add_library(lua_State *L, const char *name, lua_CFunction open,
                        const char *const *names, const luaL_Reg *replaced)
{
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    keep_listed(L, names);
    if (replaced != NULL) {
        luaL_setfuncs(L, replaced, 0);
    }
    mz_freeze(L, name, false);
    lua_setfield(L, -2, name);
}

static void lock_string_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

/* The same numbers in every run, so that a run can be repeated. */
static void seed_random(lua_State *L)
{
    lua_getfield(L, -1, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, 1);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}

void mz_sandbox_open(lua_State *L)
{
    lua_newtable(L); /* the globals of scripts */
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1); /* Lua's own globals, unreachable in the end */
    for (const char *const *name = base_names; *name != NULL; name++) {
        lua_getfield(L, -1, *name);
        lua_setfield(L, -3, *name);
    }
    lua_pop(L, 1);
    luaL_setfuncs(L, mz_base_functions, 0);
    add_library(L, "string", luaopen_string, string_names, NULL);
    lock_string_metatable(L);
    add_library(L, "table", luaopen_table, table_names, NULL);
    add_library(L, "math", luaopen_math, math_names, NULL);
    add_library(L, "utf8", luaopen_utf8, utf8_names, NULL);
    add_library(L, "coroutine", luaopen_coroutine, coroutine_names,
                mz_coroutine_functions);
    seed_random(L);
    mz_api_open(L);
    mz_freeze(L, "_ENV", true);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pop(L, 1);
}
