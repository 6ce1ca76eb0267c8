#include "lua/interactive.h"

#include <stdio.h>
#include <string.h>

#include "lua/box.h"

#define SHOWN_DEPTH 4
#define SHOWN_ITEMS 100

static const char names_key; /* in the registry: the table that lines assign to */

/* ---- the names ---- */

static int open_names(lua_State *L)
{
    lua_newtable(L); /* names */
    lua_newtable(L); /* its metatable */
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mz_modules_key);
    lua_getfield(L, -1, "mizan");
    lua_remove(L, -2);
    lua_setfield(L, -2, "mizan");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
    return 0;
}

enum mz_code mz_lua_interactive(struct mz_lua *lua, struct mz_error *error)
{
    return mz_lua_enter(lua, open_names, NULL, error);
}

/* ---- showing values ---- */

static void show(lua_State *L, int index, struct mz_buffer *out, int depth);

static void show_text(lua_State *L, int index, struct mz_buffer *out)
{
    size_t size;
    const char *text = luaL_tolstring(L, index, &size);
    mz_buffer_add(out, text, size);
    lua_pop(L, 1);
}

static void show_table(lua_State *L, int index, struct mz_buffer *out, int depth)
{
    lua_Integer position = 1;
    int shown = 0;
    luaL_checkstack(L, LUA_MINSTACK, "a value nests too deep");
    mz_buffer_byte(out, '{');
    lua_pushnil(L);
    while (lua_next(L, index)) {
        mz_buffer_text(out, shown == 0 ? " " : ", ");
        if (shown++ == SHOWN_ITEMS) {
            mz_buffer_text(out, "…");
            lua_pop(L, 2);
            break;
        }
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) == position) {
            position++;
        } else {
            lua_pushvalue(L, -2);
            show_text(L, lua_gettop(L), out);
            lua_pop(L, 1);
            mz_buffer_text(out, " = ");
        }
        show(L, lua_gettop(L), out, depth + 1);
        lua_pop(L, 1);
    }
    mz_buffer_text(out, shown == 0 ? "}" : " }");
}

static void show(lua_State *L, int index, struct mz_buffer *out, int depth)
{
    int top = lua_gettop(L);
    if (lua_type(L, index) == LUA_TSTRING && depth > 0) {
        lua_pushfstring(L, "\"%s\"", lua_tostring(L, index));
        show_text(L, lua_gettop(L), out);
        lua_pop(L, 1);
    } else if (lua_type(L, index) != LUA_TTABLE || depth == SHOWN_DEPTH ||
               mz_is_frozen(L, index) || luaL_getmetafield(L, index, "__tostring")) {
        lua_settop(L, top);
        show_text(L, index, out);
    } else {
        show_table(L, index, out, depth);
    }
}

/* ---- evaluating ---- */

struct evaluation {
    const char *text;
    struct mz_buffer *out;
    bool incomplete;
};

/* The chunk on the stack, or an error; a text that only lacks its end is incomplete. */
static int compile(lua_State *L, const char *text)
{
    lua_pushfstring(L, "return %s", text);
    int status =
        luaL_loadbufferx(L, lua_tostring(L, -1), lua_rawlen(L, -1), "=line", "t");
    lua_remove(L, -2);
    if (status == LUA_OK) {
        return status;
    }
    lua_pop(L, 1);
    return luaL_loadbufferx(L, text, strlen(text), "=line", "t");
}

static bool ends_early(lua_State *L)
{
    size_t size;
    const char *message = lua_tolstring(L, -1, &size);
    return message != NULL && size >= 5 && strcmp(message + size - 5, "<eof>") == 0;
}

static int evaluate(lua_State *L)
{
    struct evaluation *evaluation = lua_touserdata(L, 1);
    char owner[32], key[64];
    lua_settop(L, 0);
    (void)mz_sealed_restore(L, owner, key); /* what an entry left that failed */
    int status = compile(L, evaluation->text);
    if (status == LUA_ERRSYNTAX && ends_early(L)) {
        evaluation->incomplete = true;
        return 0;
    }
    if (status != LUA_OK) {
        return lua_error(L);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
    lua_setupvalue(L, 1, 1);
    lua_call(L, 0, LUA_MULTRET);
    mz_sealed_check(L);
    for (int i = 1; i <= lua_gettop(L); i++) {
        int top = lua_gettop(L);
        show(L, i, evaluation->out, 0);
        lua_settop(L, top);
        mz_buffer_byte(evaluation->out, '\n');
    }
    return 0;
}

enum mz_code mz_lua_evaluate(struct mz_lua *lua, const char *text, int64_t milliseconds,
                             struct mz_buffer *out, bool *incomplete,
                             struct mz_error *error)
{
    struct evaluation evaluation = {text, out, false};
    mz_limit_set(lua, milliseconds);
    enum mz_code code = mz_lua_enter(lua, evaluate, &evaluation, error);
    *incomplete = evaluation.incomplete;
    return code;
}

/* ---- completion ---- */

struct completion {
    const char *text;
    void (*name)(void *context, const char *path);
    void *context;
};

/* Calls for the keys of the table on the top that begin with `word`. A read-only view
 * shows its keys through pairs, so that it is asked as a script would ask. */
static void offer_keys(lua_State *L, const struct completion *completion,
                       size_t path_size, const char *word)
{
    int table = lua_gettop(L);
    size_t size = strlen(word);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_getfield(L, -1, "pairs");
    lua_pushvalue(L, table);
    lua_call(L, 1, 3);
    int iterator = lua_gettop(L) - 2;
    for (;;) {
        lua_pushvalue(L, iterator);
        lua_pushvalue(L, iterator + 1);
        lua_pushvalue(L, iterator + 2);
        lua_call(L, 2, 2);
        if (lua_isnil(L, -2)) {
            break;
        }
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (key != NULL && strncmp(key, word, size) == 0) {
            char path[256];
            snprintf(path, sizeof path, "%.*s%s", (int)path_size, completion->text,
                     key);
            completion->name(completion->context, path);
        }
        lua_replace(L, iterator + 2);
    }
    lua_settop(L, table);
}

static int complete(lua_State *L)
{
    const struct completion *completion = lua_touserdata(L, 1);
    const char *word = completion->text;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
    for (const char *dot = strpbrk(word, ".:"); dot != NULL;
         dot = strpbrk(word, ".:")) {
        lua_pushlstring(L, word, (size_t)(dot - word));
        lua_gettable(L, -2);
        word = dot + 1;
        if (lua_type(L, -1) != LUA_TTABLE) {
            return 0;
        }
    }
    size_t path_size = (size_t)(word - completion->text);
    offer_keys(L, completion, path_size, word);
    if (path_size == 0) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
        offer_keys(L, completion, path_size, word);
    }
    return 0;
}

void mz_lua_complete(struct mz_lua *lua, const char *text,
                     void (*name)(void *context, const char *path), void *context)
{
    struct completion completion = {text, name, context};
    struct mz_error error;
    mz_limit_set(lua, 1000);
    /* A path that leads nowhere has no completion; its error is of no interest. */
    (void)!mz_lua_enter(lua, complete, &completion, &error);
}
