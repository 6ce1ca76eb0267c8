/* `ctx`, the second argument of a stage's function: one userdata for the whole
 * state, whose fields show the unit in work. */
#include "lua/visiting.h"

#include <string.h>

#include "base/log.h"

/* User values of the ctx userdata. */
enum {
    SLOT_DOCUMENT = 1,
    SLOT_RUN,
    SLOT_PARAMS,
    SLOT_LOG,
    SLOT_STATE,
    SLOT_HTTP,
    SLOT_COUNT = 6
};

static void require_unit(lua_State *L, const struct mz_lua *lua)
{
    if (lua->stage == NULL) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "ctx is only there while a stage runs");
    }
}

/* ---- doc, source, run, params ---- */

static int push_document(lua_State *L, struct mz_lua *lua)
{
    if (lua->context.document == NULL) {
        lua_pushnil(L);
    } else if (lua->document_epoch == lua->epoch) {
        lua_getiuservalue(L, 1, SLOT_DOCUMENT);
    } else {
        mz_push_record(L, lua->context.document, true);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, SLOT_DOCUMENT);
        lua->document_epoch = lua->epoch;
    }
    return 1;
}

/* Records are reached through a pointer that can write; the box is read only.
 */
static int push_source(lua_State *L, const struct mz_lua *lua)
{
    const struct mizan_record *source = lua->context.source;
    if (source == NULL) {
        lua_pushnil(L);
    } else {
        mz_push_record(L, (struct mizan_record *)(uintptr_t)source, true);
    }
    return 1;
}

static void set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text); /* NULL gives nil */
    lua_setfield(L, -2, name);
}

/* What a run may lack is false, so that a misspelt name is still an error. */
static void set_optional(lua_State *L, const char *name, const char *text)
{
    if (text == NULL) {
        lua_pushboolean(L, 0);
    } else {
        lua_pushstring(L, text);
    }
    lua_setfield(L, -2, name);
}

static int push_run(lua_State *L, struct mz_lua *lua)
{
    if (lua->run_unit == lua->unit) {
        lua_getiuservalue(L, 1, SLOT_RUN);
        return 1;
    }
    lua_createtable(L, 0, 6);
    set_text(L, "id", lua->context.run_id);
    set_optional(L, "tick", lua->context.tick);
    set_text(L, "trigger", lua->context.trigger);
    set_optional(L, "from", lua->context.from);
    set_optional(L, "to", lua->context.to);
    lua_pushinteger(L, lua->context.attempt);
    lua_setfield(L, -2, "attempt");
    mz_freeze(L, "ctx.run", true);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, SLOT_RUN);
    lua->run_unit = lua->unit;
    return 1;
}

static int push_params(lua_State *L, const struct mz_lua *lua)
{
    if (lua_getiuservalue(L, 1, SLOT_PARAMS) != LUA_TNIL) {
        return 1;
    }
    const struct mz_pipeline *pipeline = lua->pipeline;
    lua_createtable(L, 0, (int)pipeline->parameter_count);
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        mz_push_plain(L, &pipeline->parameters[i].value);
        lua_setfield(L, -2, pipeline->parameters[i].name);
    }
    mz_freeze(L, "ctx.params", true);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, SLOT_PARAMS);
    return 1;
}

static int context_index(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL, "a field of ctx has a name");
    }
    require_unit(L, lua);
    const char *key = lua_tostring(L, 2);
    if (strcmp(key, "doc") == 0) {
        return push_document(L, lua);
    }
    if (strcmp(key, "source") == 0) {
        return push_source(L, lua);
    }
    if (strcmp(key, "run") == 0) {
        return push_run(L, lua);
    }
    if (strcmp(key, "params") == 0) {
        return push_params(L, lua);
    }
    if (strcmp(key, "log") == 0) {
        lua_getiuservalue(L, 1, SLOT_LOG);
        return 1;
    }
    if (strcmp(key, "state") == 0) {
        lua_getiuservalue(L, 1, SLOT_STATE);
        return 1;
    }
    if (strcmp(key, "http") == 0) {
        (void)mz_visit_in_work(L, "ctx.http");
        lua_getiuservalue(L, 1, SLOT_HTTP);
        return 1;
    }
    if (strcmp(key, "emit") == 0) {
        (void)mz_visit_in_work(L, "ctx:emit");
        lua_pushcfunction(L, mz_visit_emit);
        return 1;
    }
    return mz_raise(L, MZ_SCRIPT, key, NULL,
                    "ctx has no '%s': it has doc, source, run, params, log, state, and "
                    "in a source http and emit",
                    key);
}

static int context_set(lua_State *L)
{
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    return mz_raise(L, MZ_SCRIPT, key, NULL, "ctx cannot be changed");
}

/* ---- log ---- */

/* ctx.log("…"), ctx.log:warning("…"): the values are joined by spaces. Argument
 * 1 is ctx.log itself, except in ctx.log.warning("…"). */
static int write_log(lua_State *L, enum mz_log_level level)
{
    const struct mz_lua *lua = mz_lua_of(L);
    require_unit(L, lua);
    int first = mz_is_frozen(L, 1) ? 2 : 1, count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = first; i <= count; i++) {
        if (i > first) {
            luaL_addchar(&line, ' ');
        }
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    char fields[256] = "stage=";
    mz_log_quote(fields + 6, sizeof fields - 6, lua->stage->name);
    mz_log(level, fields, "%s", lua_tostring(L, -1));
    return 0;
}

static int log_debug(lua_State *L)
{
    return write_log(L, MZ_LOG_DEBUG);
}

static int log_info(lua_State *L)
{
    return write_log(L, MZ_LOG_INFO);
}

static int log_warning(lua_State *L)
{
    return write_log(L, MZ_LOG_WARNING);
}

static int log_error(lua_State *L)
{
    return write_log(L, MZ_LOG_ERROR);
}

static const luaL_Reg log_functions[] = {
    {"debug", log_debug},  {"info", log_info},   {"warning", log_warning},
    {"warn", log_warning}, {"error", log_error}, {NULL, NULL},
};

/* ---- state ---- */

static const char *check_key(lua_State *L, const struct mz_lua *lua)
{
    require_unit(L, lua);
    if (lua_type(L, 2) != LUA_TSTRING) {
        mz_raise(L, MZ_SCRIPT, NULL, "ctx.state:get(\"key\")",
                 "a key of ctx.state is text, not %s", luaL_typename(L, 2));
    }
    return lua_tostring(L, 2);
}

static int state_get(lua_State *L)
{
    const struct mz_lua *lua = mz_lua_of(L);
    const char *key = check_key(L, lua);
    struct mizan_slice value = {NULL, 0};
    struct mz_error error;
    bool found = false;
    if (lua->context.state_get == NULL) {
        return mz_raise(L, MZ_SCRIPT, "state", NULL, "there is no state to read here");
    }
    enum mz_code code = lua->context.state_get(lua->context.owner, key, lua->arena,
                                               &value, &found, &error);
    if (code != MZ_OK) {
        return mz_raise(L, code, NULL, NULL, "the state '%s' cannot be read: %s", key,
                        error.message);
    }
    if (found) {
        lua_pushlstring(L, value.data, value.size);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

static int state_set(lua_State *L)
{
    const struct mz_lua *lua = mz_lua_of(L);
    const char *key = check_key(L, lua);
    struct mz_decimal decimal;
    struct mizan_slice value = {NULL, 0};
    if (lua->context.state_set == NULL) {
        return mz_raise(L, MZ_SCRIPT, "state", NULL, "there is no state to set here");
    }
    lua_settop(L, 3);
    if (lua_isstring(L, 3) || mz_test_decimal(L, 3, &decimal)) {
        value.data = luaL_tolstring(L, 3, &value.size);
    } else if (!lua_isnil(L, 3)) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "ctx.state keeps text, numbers and nil, not %s",
                        luaL_typename(L, 3));
    }
    lua->context.state_set(lua->context.owner, key, value);
    return 0;
}

static const luaL_Reg state_functions[] = {
    {"get", state_get},
    {"set", state_set},
    {NULL, NULL},
};

/* A read-only table of functions, as a user value of the ctx at `index`. */
static void add_part(lua_State *L, int index, int slot, const char *name,
                     const luaL_Reg *functions, lua_CFunction call)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    mz_freeze(L, name, true);
    if (call != NULL) {
        lua_getmetatable(L, -1);
        lua_pushcfunction(L, call);
        lua_setfield(L, -2, "__call");
        lua_pop(L, 1);
    }
    lua_setiuservalue(L, index, slot);
}

void mz_context_open(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_newuserdatauv(L, 0, SLOT_COUNT);
    int context = lua_gettop(L);
    add_part(L, context, SLOT_LOG, "ctx.log", log_functions, log_info);
    add_part(L, context, SLOT_STATE, "ctx.state", state_functions, NULL);
    add_part(L, context, SLOT_HTTP, "ctx.http", mz_http_functions, NULL);
    lua_newtable(L);
    lua_pushcfunction(L, context_index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, context_set);
    lua_setfield(L, -2, "__newindex");
    const void *address = mz_keep_metatable(L, "ctx");
    mz_set_metatable(L, address);
    lua->context_reference = luaL_ref(L, LUA_REGISTRYINDEX);
}
