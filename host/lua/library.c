/* The functions of Lua's libraries that scripts get in another form than Lua's
 * own. All of them are here. */
#include "lua/visiting.h"

#include <string.h>

#include "base/log.h"

/* ---- base ---- */

static int replaced_print(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) {
            luaL_addchar(&line, ' ');
        }
        luaL_tolstring(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    struct mz_lua *lua = mz_lua_of(L);
    if (lua->stage != NULL) {
        mz_log(MZ_LOG_INFO, NULL, "%s: %s", lua->stage->name, lua_tostring(L, -1));
    } else {
        mz_log(MZ_LOG_INFO, NULL, "%s", lua_tostring(L, -1));
    }
    return 0;
}

static int replaced_collectgarbage(lua_State *L)
{
    const char *option = luaL_optstring(L, 1, "count");
    if (strcmp(option, "count") != 0) {
        return mz_raise(L, MZ_SCRIPT, option, NULL,
                        "collectgarbage knows only \"count\" here");
    }
    lua_pushnumber(L, (lua_Number)mz_lua_of(L)->memory / 1024);
    return 1;
}

/* Finalizers run with hooks off, so that nothing could stop them; weak tables
 * would make a run depend on the collector. */
static int replaced_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    int type = lua_type(L, 2);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
        return luaL_error(L, "cannot change a protected metatable");
    }
    static const char *const refused[] = {"__gc", "__mode"};
    for (size_t i = 0; type == LUA_TTABLE && i < 2; i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL) {
            return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                            "setmetatable: '%s' is not available in scripts",
                            refused[i]);
        }
        lua_pop(L, 1);
    }
    lua_setmetatable(L, 1);
    return 1;
}

static int replaced_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (mz_is_frozen(L, 1)) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL, "rawset: this table is read only");
    }
    lua_rawset(L, 1);
    return 1;
}

/* Upvalue: the script's message handler. When the deadline raised the error, Lua runs
 * handlers with hooks off, so that a loop in one could not be ended: it is left out. */
static int guarded_handler(lua_State *L)
{
    if (mz_lua_of(L)->tripped) {
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* Stack: function, handler, true, results; after an error: function, handler, true,
 * what the handler gave. */
static int finish_xpcall(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - 2;
}

static int replaced_xpcall(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, guarded_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    /* function, handler, true, function, arguments */
    int status = lua_pcallk(L, count - 2, LUA_MULTRET, 2, 2, finish_xpcall);
    return finish_xpcall(L, status, 2);
}

const luaL_Reg mz_base_functions[] = {
    {"print", replaced_print},
    {"collectgarbage", replaced_collectgarbage},
    {"setmetatable", replaced_setmetatable},
    {"rawset", replaced_rawset},
    {"xpcall", replaced_xpcall},
    {"require", mz_require},
    {NULL, NULL},
};

/* ---- coroutine: every resumption tells the limits which coroutine runs ----
 */

static lua_State *check_coroutine(lua_State *L)
{
    lua_State *coroutine = lua_tothread(L, 1);
    luaL_argexpected(L, coroutine != NULL, 1, "coroutine");
    return coroutine;
}

/* Resumes with the `count` values on the top of L. Returns how many results
 * came over, or -1 with the error value there. */
static int resume(lua_State *L, lua_State *coroutine, int count)
{
    struct mz_lua *lua = mz_lua_of(L);
    int results;
    if (!lua_checkstack(coroutine, count)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, coroutine, count);
    lua_State *from = mz_limit_switch(lua, coroutine);
    int status = lua_resume(coroutine, L, count, &results);
    mz_limit_switch(lua, from);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(coroutine, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(coroutine, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(coroutine, L, results);
    return results;
}

/* True when the one result is the mark of a source that waits for the run: visit.c. */
static bool waits_for_run(lua_State *L, int results)
{
    return results == 1 && lua_touserdata(L, -1) == (void *)mz_lua_of(L);
}

static int finish_resume(lua_State *L, int results);

static int go_on_resume(lua_State *L, int status, lua_KContext context)
{
    lua_State *coroutine = lua_tothread(L, 1);
    (void)status;
    (void)context;
    return finish_resume(L, resume(L, coroutine, 0));
}

static int finish_resume(lua_State *L, int results)
{
    if (waits_for_run(L, results)) {
        mz_visit_may_wait(L, "a source's function");
        lua_settop(L, 1);
        return mz_visit_yield(L, go_on_resume, 0);
    }
    lua_pushboolean(L, results >= 0);
    results = results < 0 ? 1 : results;
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int replaced_resume(lua_State *L)
{
    lua_State *coroutine = check_coroutine(L);
    return finish_resume(L, resume(L, coroutine, lua_gettop(L) - 1));
}

static int close_coroutine(lua_State *L, lua_State *coroutine)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_State *from = mz_limit_switch(lua, coroutine);
    int status = lua_resetthread(coroutine);
    mz_limit_switch(lua, from);
    return status;
}

static int finish_wrapped(lua_State *L, int results);

static int go_on_wrapped(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return finish_wrapped(L, resume(L, lua_tothread(L, lua_upvalueindex(1)), 0));
}

static int finish_wrapped(lua_State *L, int results)
{
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    if (waits_for_run(L, results)) {
        mz_visit_may_wait(L, "a source's function");
        lua_settop(L, 0);
        return mz_visit_yield(L, go_on_wrapped, 0);
    }
    if (results >= 0) {
        return results;
    }
    int status = lua_status(coroutine);
    /* After the deadline hooks are off in it: its __close functions must not run. */
    if (status != LUA_OK && status != LUA_YIELD && !mz_lua_of(L)->tripped) {
        close_coroutine(L, coroutine);
        lua_xmove(coroutine, L, 1); /* the error, or one of a to-be-closed variable */
    }
    return lua_error(L); /* its text has the place already */
}

static int call_wrapped(lua_State *L)
{
    return finish_wrapped(
        L, resume(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L)));
}

static int replaced_wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    lua_pushcclosure(L, call_wrapped, 1);
    return 1;
}

static int replaced_close(lua_State *L)
{
    lua_State *coroutine = check_coroutine(L);
    int status = lua_status(coroutine);
    lua_Debug frame;
    bool running = status == LUA_OK && lua_getstack(coroutine, 0, &frame);
    if (coroutine == L || running) {
        return luaL_error(L, "cannot close a coroutine that runs");
    }
    if (close_coroutine(L, coroutine) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_xmove(coroutine, L, 1);
    return 2;
}

const luaL_Reg mz_coroutine_functions[] = {
    {"resume", replaced_resume},
    {"wrap", replaced_wrap},
    {"close", replaced_close},
    {NULL, NULL},
};
