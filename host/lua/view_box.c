/* A list or map inside a record, seen without copying. It is read only: a
 * change of a part would not reach the record, so the whole field is assigned.
 */
#include "lua/box.h"

#include <string.h>

void mz_push_view(lua_State *L, const struct mizan_value *value, int owner,
                  uint64_t epoch)
{
    owner = lua_absindex(L, owner);
    struct mz_view_box *box = lua_newuserdatauv(L, sizeof *box, 1);
    box->value = *value;
    box->epoch = epoch;
    lua_pushvalue(L, owner);
    lua_setiuservalue(L, -2, 1);
    mz_set_metatable(L, mz_lua_of(L)->view_meta);
}

struct mz_view_box *mz_test_view(lua_State *L, int index)
{
    bool is_view = mz_has_metatable(L, index, mz_lua_of(L)->view_meta);
    return is_view ? lua_touserdata(L, index) : NULL;
}

static const struct mz_view_box *check_view(lua_State *L, int index)
{
    const struct mz_view_box *box = mz_test_view(L, index);
    if (box == NULL) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "a list of a record is needed here");
    } else if (!mz_alive(mz_lua_of(L), box->epoch)) {
        mz_raise_dead(L, box->value.type == MIZAN_LIST ? "list" : "map");
    }
    return box;
}

static int view_index(lua_State *L)
{
    const struct mz_view_box *box = check_view(L, 1);
    const struct mizan_value *value = &box->value;
    if (value->type == MIZAN_LIST && lua_isinteger(L, 2)) {
        lua_Integer position = lua_tointeger(L, 2);
        if (position >= 1 && (size_t)position <= value->as.list.count) {
            mz_push_field(L, &value->as.list.items[position - 1], 1, box->epoch);
            return 1;
        }
    } else if (value->type == MIZAN_MAP && lua_type(L, 2) == LUA_TSTRING) {
        const struct mizan_value *member = mz_map_member(value, lua_tostring(L, 2));
        if (member != NULL) {
            mz_push_field(L, member, 1, box->epoch);
            return 1;
        }
    }
    lua_pushnil(L);
    return 1;
}

static int view_set(lua_State *L)
{
    return mz_raise(L, MZ_SCRIPT, NULL, "assign the whole field: record.field = { … }",
                    "a list or map that was read from a record cannot be changed");
}

static int view_length(lua_State *L)
{
    const struct mizan_value *value = &check_view(L, 1)->value;
    lua_pushinteger(L,
                    value->type == MIZAN_LIST ? (lua_Integer)value->as.list.count : 0);
    return 1;
}

/* Upvalues: the view, how many entries were given. */
static int view_next(lua_State *L)
{
    const struct mz_view_box *box = check_view(L, lua_upvalueindex(1));
    const struct mizan_value *value = &box->value;
    size_t given = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    bool is_list = value->type == MIZAN_LIST;
    lua_pushinteger(L, (lua_Integer)given + 1);
    lua_copy(L, -1, lua_upvalueindex(2));
    if (given >= (is_list ? value->as.list.count : value->as.map.count)) {
        lua_pushnil(L);
        return 1;
    }
    if (is_list) {
        mz_push_field(L, &value->as.list.items[given], lua_upvalueindex(1), box->epoch);
        return 2;
    }
    const struct mizan_field *field = &value->as.map.fields[given];
    lua_pushlstring(L, field->name.data, field->name.size);
    mz_push_field(L, &field->value, lua_upvalueindex(1), box->epoch);
    return 2;
}

static int view_pairs(lua_State *L)
{
    check_view(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, view_next, 2);
    return 1;
}

static const luaL_Reg operators[] = {
    {"__index", view_index},
    {"__newindex", view_set},
    {"__len", view_length},
    {"__pairs", view_pairs},
    {NULL, NULL},
};

void mz_view_box_open(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    mz_lua_of(L)->view_meta = mz_keep_metatable(L, "list");
}
