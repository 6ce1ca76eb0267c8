/* Metatables of boxes, and the boxes that a pipeline is made of. */
#include "lua/box.h"

#include <string.h>

const void *mz_keep_metatable(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    const void *address = lua_topointer(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, address);
    return address;
}

void mz_set_metatable(lua_State *L, const void *address)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, address);
    lua_setmetatable(L, -2);
}

bool mz_has_metatable(lua_State *L, int index, const void *address)
{
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) {
        return false;
    }
    bool same = lua_topointer(L, -1) == address;
    lua_pop(L, 1);
    return same;
}

const char *mz_item_word(const struct mz_item *item)
{
    switch (item->kind) {
    case MZ_ITEM_EACH:
        return "each";
    case MZ_ITEM_SOURCE:
        return "source";
    case MZ_ITEM_BATCH:
        return "batch";
    case MZ_ITEM_EXEC:
        return "exec";
    case MZ_ITEM_CHAIN:
        return "chain";
    case MZ_ITEM_BRANCH:
        return "branch";
    case MZ_ITEM_MERGE:
        return "merge";
    case MZ_ITEM_PIPELINE:
        return "pipeline";
    case MZ_ITEM_PLUGIN:
        break;
    }
    return NULL;
}

/* A stage has no fields: what a script reads or sets there is a mistake. */
static int refuse_item_access(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    return mz_raise(L, MZ_SCRIPT, key, NULL,
                    "a stage has no fields: give it its options in the braces");
}

void mz_item_box_open(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_newtable(L);
    lua_pushcfunction(L, refuse_item_access);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_item_access);
    lua_setfield(L, -2, "__newindex");
    lua->item_meta = mz_keep_metatable(L, "stage");
    lua_newtable(L);
    lua->outcome_meta = mz_keep_metatable(L, "outcome");
}

struct mz_item *mz_push_item(lua_State *L, enum mz_item_kind kind)
{
    struct mz_item *item = lua_newuserdatauv(L, sizeof *item, 3);
    memset(item, 0, sizeof *item);
    item->kind = kind;
    mz_user_place(L, &item->file, &item->line);
    mz_set_metatable(L, mz_lua_of(L)->item_meta);
    return item;
}

struct mz_item *mz_test_item(lua_State *L, int index)
{
    bool is_item = mz_has_metatable(L, index, mz_lua_of(L)->item_meta);
    return is_item ? lua_touserdata(L, index) : NULL;
}

void mz_push_outcome(lua_State *L, enum mz_outcome outcome)
{
    struct mz_outcome_box *box = lua_newuserdatauv(L, sizeof *box, 1);
    box->outcome = outcome;
    box->file = -1;
    box->line = 0;
    if (outcome == MZ_REJECT) {
        mz_user_place(L, &box->file, &box->line); /* a drop's place is not shown */
    }
    mz_set_metatable(L, mz_lua_of(L)->outcome_meta);
}

struct mz_outcome_box *mz_test_outcome(lua_State *L, int index)
{
    bool is_outcome = mz_has_metatable(L, index, mz_lua_of(L)->outcome_meta);
    return is_outcome ? lua_touserdata(L, index) : NULL;
}
