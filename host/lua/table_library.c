/* table.insert, remove, move, concat, unpack and sort of scripts: as Lua's, but no call
 * runs over more elements than a script's memory can hold, since no hook ends a loop in
 * C. */
#include <limits.h>

#include "lua/match.h"

#define ELEMENTS_MOST ((lua_Integer)1 << 24)

static void check_span(lua_State *L, const char *function, lua_Integer count)
{
    if (count > ELEMENTS_MOST) {
        mz_raise(L, MZ_SCRIPT, function, NULL,
                 "table.%s: %lld elements, %lld is the limit for one call", function,
                 (long long)count, (long long)ELEMENTS_MOST);
    }
}

/* The elements from `first` to `last`, without overflow. */
static lua_Integer span(lua_Integer first, lua_Integer last)
{
    if (first > last) {
        return 0;
    }
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    return count >= (lua_Unsigned)LUA_MAXINTEGER ? LUA_MAXINTEGER
                                                 : (lua_Integer)count + 1;
}

/* The length; a table without metatable is not asked for __len. */
static lua_Integer length(lua_State *L, int index)
{
    if (luaL_getmetafield(L, index, "__len") == LUA_TNIL) {
        return (lua_Integer)lua_rawlen(L, index);
    }
    lua_pop(L, 1);
    return luaL_len(L, index);
}

static int table_insert(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer end = length(L, 1);
    end = (lua_Integer)((lua_Unsigned)end + 1);
    switch (lua_gettop(L)) {
    case 2:
        lua_seti(L, 1, end);
        return 0;
    case 3: {
        lua_Integer position = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2,
                      "position out of bounds");
        check_span(L, "insert", span(position, end));
        for (lua_Integer i = end; i > position; i--) {
            lua_geti(L, 1, i - 1);
            lua_seti(L, 1, i);
        }
        lua_seti(L, 1, position);
        return 0;
    }
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
}

static int table_remove(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer size = length(L, 1);
    lua_Integer position = luaL_optinteger(L, 2, size);
    if (position != size) {
        luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2,
                      "position out of bounds");
    }
    check_span(L, "remove", span(position, size));
    lua_geti(L, 1, position);
    for (; position < size; position++) {
        lua_geti(L, 1, position + 1);
        lua_seti(L, 1, position);
    }
    lua_pushnil(L);
    lua_seti(L, 1, position);
    return 1;
}

static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    check_span(L, "move", span(first, last));
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L);
}

static int table_concat(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer first = luaL_optinteger(L, 3, 1);
    lua_Integer last = lua_isnoneornil(L, 4) ? length(L, 1) : luaL_checkinteger(L, 4);
    check_span(L, "concat", span(first, last));
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_pushinteger(L, first);
    lua_pushinteger(L, last);
    lua_call(L, 4, 1);
    return 1;
}

static int table_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    check_span(L, "sort", length(L, 1));
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 0);
    return 0;
}

/* Lua's own unpack raises for more results than the stack holds. */
const luaL_Reg mz_table_functions[] = {
    {"insert", table_insert},
    {"remove", table_remove},
    {NULL, NULL},
};
const luaL_Reg mz_table_guards[] = {
    {"move", table_move},
    {"concat", table_concat},
    {"sort", table_sort},
    {NULL, NULL},
};
