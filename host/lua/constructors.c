/* The functions that make what a pipeline consists of, and what its stages answer. */
#include "lua/box.h"

static void refuse_outside_load(lua_State *L)
{
    if (!mz_lua_of(L)->loading) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL,
                 "stages are made while the file is loaded, not by a stage");
    }
}

/* Makes an item whose user values are the arguments. */
static int make_item(lua_State *L, enum mz_item_kind kind, int values)
{
    refuse_outside_load(L);
    lua_settop(L, values);
    mz_push_item(L, kind);
    for (int i = 1; i <= values; i++) {
        lua_pushvalue(L, i);
        lua_setiuservalue(L, -2, i);
    }
    return 1;
}

static void expect_type(lua_State *L, int index, int type, const char *message,
                        const char *help)
{
    if (lua_type(L, index) != type) {
        mz_raise(L, MZ_SCRIPT, NULL, help, "%s, not %s", message,
                 lua_isnoneornil(L, index) ? "nil" : luaL_typename(L, index));
    }
}

static int api_pipeline(lua_State *L)
{
    expect_type(L, 1, LUA_TTABLE, "mizan.pipeline wants a table",
                "mizan.pipeline { name = …, stages = { … } }");
    return make_item(L, MZ_ITEM_PIPELINE, 1);
}

static int api_chain(lua_State *L)
{
    expect_type(L, 1, LUA_TTABLE, "mizan.chain wants a list of stages",
                "mizan.chain { stage, stage }");
    return make_item(L, MZ_ITEM_CHAIN, 1);
}

/* each(type, name, function) or each(type, function) */
static int api_each(lua_State *L)
{
    static const char usage[] =
        "mizan.each(\"figure\", \"name\", function(rec, ctx) … end)";
    lua_settop(L, 3);
    if (lua_isnil(L, 3) && lua_isfunction(L, 2)) {
        lua_insert(L, 2); /* type, nil, function */
    }
    expect_type(L, 1, LUA_TSTRING, "mizan.each wants a type of records first", usage);
    if (!lua_isnil(L, 2)) {
        expect_type(L, 2, LUA_TSTRING, "the name of a stage is text", usage);
    }
    expect_type(L, 3, LUA_TFUNCTION, "mizan.each wants a function last", usage);
    return make_item(L, MZ_ITEM_EACH, 3);
}

/* The function in field `key` of the table at 1, behind it on the stack. */
static void take_function(lua_State *L, const char *key, const char *message,
                          const char *usage)
{
    lua_settop(L, 1);
    lua_pushstring(L, key);
    lua_rawget(L, 1);
    expect_type(L, 2, LUA_TFUNCTION, message, usage);
}

/* source(function), source(name, function) or source { fetch = function, … }: user
 * values 1 the table or nil, 2 the function, 3 the name or nil. */
static int api_source(lua_State *L)
{
    static const char usage[] = "mizan.source(function(ctx) ctx:emit { url = … } end), "
                                "or mizan.source { sources = …, fetch = function(ctx) "
                                "… end }";
    if (lua_type(L, 1) == LUA_TTABLE) {
        take_function(L, "fetch", "mizan.source wants a function in `fetch`", usage);
        return make_item(L, MZ_ITEM_SOURCE, 3);
    }
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_insert(L, 1); /* nil, function */
    }
    if (!lua_isnil(L, 1)) {
        expect_type(L, 1, LUA_TSTRING, "the name of a stage is text", usage);
    }
    expect_type(L, 2, LUA_TFUNCTION, "mizan.source wants a function", usage);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    lua_replace(L, 1);
    return make_item(L, MZ_ITEM_SOURCE, 3);
}

static int api_batch(lua_State *L)
{
    static const char usage[] =
        "mizan.batch { type = \"figure\", fields = { \"value\" }, "
        "run = function(rows, ctx) … return rows end }";
    expect_type(L, 1, LUA_TTABLE, "mizan.batch wants a table", usage);
    take_function(L, "run", "mizan.batch wants a function in `run`", usage);
    return make_item(L, MZ_ITEM_BATCH, 2);
}

static int api_branch(lua_State *L)
{
    expect_type(L, 1, LUA_TTABLE, "mizan.branch wants a table",
                "mizan.branch { by = \"kind\", money = stage, other = stage }");
    return make_item(L, MZ_ITEM_BRANCH, 1);
}

static int api_merge(lua_State *L)
{
    expect_type(L, 1, LUA_TTABLE, "mizan.merge wants a list of stages",
                "mizan.merge { stage, mizan.chain { stage, stage } }");
    return make_item(L, MZ_ITEM_MERGE, 1);
}

static int make_outcome(lua_State *L, enum mz_outcome outcome, const char *word)
{
    if (lua_type(L, 1) != LUA_TSTRING || lua_rawlen(L, 1) == 0) {
        return mz_raise(L, MZ_SCRIPT, word, NULL,
                        "mizan.%s wants the reason as text: mizan.%s(\"no date\")",
                        word, word);
    }
    mz_push_outcome(L, outcome);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int api_drop(lua_State *L)
{
    return make_outcome(L, MZ_DROP, "drop");
}

static int api_reject(lua_State *L)
{
    return make_outcome(L, MZ_REJECT, "reject");
}

const luaL_Reg mz_constructors[] = {
    {"pipeline", api_pipeline}, {"chain", api_chain}, {"each", api_each},
    {"source", api_source},     {"batch", api_batch}, {"branch", api_branch},
    {"merge", api_merge},       {"drop", api_drop},   {"reject", api_reject},
    {"csv", mz_csv_read},       {NULL, NULL},
};
