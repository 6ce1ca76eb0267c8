/* What a script can reach: the allow-list below, read only, and nothing else.
 * Reading a global that does not exist and assigning to any global are errors.
 */
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "lua/match.h"
#include "lua/source_map.h"

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

/* ---- sealed tables ---- */

/* In the registry: a list of {table, copy, owner}. The address is the key. */
static const char sealed_key;

/* Makes the table on the top one that scripts read at full speed: a view costs a
 * metamethod for each `math.floor`. New keys are refused at once; a key that is there
 * can be assigned to, which is found when the load or the unit ends and is undone, so
 * that every unit begins with the same libraries. */
static void seal(lua_State *L, const char *owner, bool strict)
{
    int table = lua_gettop(L);
    lua_createtable(L, 0, 4);
    if (strict) {
        lua_pushstring(L, owner);
        lua_pushcclosure(L, refuse_read, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pushstring(L, owner);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &frozen_mark);
    lua_setmetatable(L, table);

    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &sealed_key) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &sealed_key);
    }
    lua_createtable(L, 3, 0);
    lua_pushvalue(L, table);
    lua_rawseti(L, -2, 1);
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, -5);
    }
    lua_rawseti(L, -2, 2);
    lua_pushstring(L, owner);
    lua_rawseti(L, -2, 3);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_settop(L, table);
}

/* Compares the table at `table` with its copy; puts back and pushes the first key that
 * differs, else nil. */
static bool restore_one(lua_State *L, int table, int copy)
{
    for (lua_pushnil(L); lua_next(L, copy); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_rawget(L, table);
        if (!lua_rawequal(L, -1, -2)) {
            lua_pop(L, 1);
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, table);
            return true;
        }
        lua_pop(L, 1);
    }
    return false;
}

bool mz_sealed_restore(lua_State *L, char owner[32], char key[64])
{
    int top = lua_gettop(L);
    bool found = false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &sealed_key);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, top + 1, i);
        lua_rawgeti(L, top + 2, 1);
        lua_rawgeti(L, top + 2, 2);
        while (restore_one(L, top + 3, top + 4)) {
            if (!found) {
                lua_rawgeti(L, top + 2, 3);
                snprintf(owner, 32, "%s", lua_tostring(L, -1));
                snprintf(key, 64, "%s", lua_tostring(L, -2));
                found = true;
            }
            lua_settop(L, top + 4);
        }
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
    return found;
}

/* The line of the file that assigns to `key` or defines it; 0: not found. */
static int assigning_line(const struct mz_script_file *file, const char *key)
{
    const char *at = file->source, *end = at + file->size;
    for (int line = 1; at < end; line++) {
        struct mz_spot spot;
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (mz_source_token(file->source, file->size, line, key, &spot) > 0) {
            const char *behind = at + spot.column - 1 + strlen(key);
            while (behind < end && *behind == ' ') {
                behind++;
            }
            bool assigned = behind + 1 < end && behind[0] == '=' && behind[1] != '=';
            bool defined =
                spot.column > 9 && strncmp(at + spot.column - 10, "function ", 9) == 0;
            if (assigned || defined) {
                return line;
            }
        }
        at = stop != NULL ? stop + 1 : end;
    }
    return 0;
}

void mz_sealed_check(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    char owner[32], key[64];
    struct mz_error error;
    if (!mz_sealed_restore(L, owner, key)) {
        return;
    }
    if (strcmp(owner, "_ENV") == 0) {
        mz_fail(&error, MZ_SCRIPT,
                "'%s' is assigned as a global: scripts have only local names", key);
        mz_error_help(&error, "write `local NAME = …` in front");
    } else {
        mz_fail(&error, MZ_SCRIPT, "'%s' cannot be set: %s is read only", key, owner);
    }
    for (size_t i = 0; i < lua->file_count; i++) {
        int line = assigning_line(&lua->files[i], key);
        if (line > 0) {
            mz_raise_there(L, (int)i, line, key, &error);
        }
    }
    mz_raise_error(L, &error, key);
}

/* ---- the whole ---- */

/* Sets guards in the library on the top, each before the function of its name. */
static void add_guards(lua_State *L, const luaL_Reg *guards)
{
    for (; guards->name != NULL; guards++) {
        lua_getfield(L, -1, guards->name);
        lua_pushcclosure(L, guards->func, 1);
        lua_setfield(L, -2, guards->name);
    }
}

/* Opens a library, keeps what is listed and sets it in the table on the top. */
static void add_library(lua_State *L, const char *name, lua_CFunction open,
                        const char *const *names, const luaL_Reg *replaced)
{
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    keep_listed(L, names);
    if (replaced != NULL) {
        luaL_setfuncs(L, replaced, 0);
    }
    if (replaced == mz_table_functions) {
        add_guards(L, mz_table_guards);
    }
    seal(L, name, false);
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
    add_library(L, "string", luaopen_string, string_names, mz_string_functions);
    lock_string_metatable(L);
    add_library(L, "table", luaopen_table, table_names, mz_table_functions);
    add_library(L, "math", luaopen_math, math_names, NULL);
    add_library(L, "utf8", luaopen_utf8, utf8_names, NULL);
    add_library(L, "coroutine", luaopen_coroutine, coroutine_names,
                mz_coroutine_functions);
    seed_random(L);
    mz_api_open(L);
    seal(L, "_ENV", true);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pop(L, 1);
}
