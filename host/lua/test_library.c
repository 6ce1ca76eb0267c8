/* `require "mizan.test"`: the host's functions behind test.lua, and the running of a
 * test file's cases. */
#include "lua/tester.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "lua/box.h"

extern const unsigned char mz_test_prelude[];
extern const size_t mz_test_prelude_size;

#define CASES_MOST 10000

static const char bodies_key; /* in the registry: list of the cases' functions */

/* The cases of the file that is being loaded. */
struct mz_test_cases {
    struct mz_test_case *items;
    size_t count, capacity;
};

static const struct mz_tester *tester_of(lua_State *L)
{
    return mz_lua_of(L)->tester;
}

static bool grow(struct mz_lua *lua, struct mz_test_cases *cases)
{
    size_t capacity = cases->capacity == 0 ? 16 : cases->capacity * 2;
    struct mz_test_case *items = mz_arena_alloc(lua->arena, capacity * sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (cases->count > 0) {
        memcpy(items, cases->items, cases->count * sizeof *items);
    }
    cases->items = items;
    cases->capacity = capacity;
    return true;
}

/* case(name, body) */
static int test_case(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_test_cases *cases = lua->cases;
    int file;
    static const char usage[] = "t.case(\"what it shows\", function() … end)";
    if (cases == NULL) {
        return mz_raise(L, MZ_SCRIPT, "case", NULL,
                        "cases are made while the file is loaded, not inside one");
    }
    if (lua_type(L, 1) != LUA_TSTRING || lua_type(L, 2) != LUA_TFUNCTION) {
        return mz_raise(L, MZ_SCRIPT, "case", usage,
                        "t.case wants a name and a function");
    }
    if (cases->count == CASES_MOST) {
        return mz_raise(L, MZ_LIMIT, "case", NULL, "a file has no more than %d cases",
                        CASES_MOST);
    }
    const char *name = mz_arena_string(lua->arena, lua_tostring(L, 1));
    if (name == NULL || (cases->count == cases->capacity && !grow(lua, cases))) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for the cases");
    }
    struct mz_test_case *made = &cases->items[cases->count];
    made->name = name;
    mz_user_place(L, &file, &made->line);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &bodies_key);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, (lua_Integer)++cases->count);
    return 0;
}

/* fail(message): never returns. */
static int test_fail(lua_State *L)
{
    return mz_raise(L, MZ_ITEMS_FAILED, NULL, NULL, "%s", luaL_checkstring(L, 1));
}

/* The place of a script's failure goes into the message: the error that is raised here
 * has its own, in the test file. */
static int raise_failure(lua_State *L, struct mz_error *error)
{
    if (error->file[0] != '\0' && error->line > 0) {
        mz_error_prefix(error, "%s:%d", mz_path_name(error->file), error->line);
    }
    return mz_raise_error(L, error, NULL);
}

/* run(file, options, again): the result as a table. */
static int test_run(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    const struct mz_tester *tester = tester_of(L);
    struct mizan_value options, result;
    struct mz_error error;
    luaL_checktype(L, 2, LUA_TTABLE);
    if (lua->cases != NULL) {
        return mz_raise(L, MZ_SCRIPT, "run", "t.case(\"…\", function() … end)",
                        "pipelines are run inside a case");
    }
    mz_to_map(L, 2, lua->arena, "options", NULL, &options);
    lua->test_turn++;
    if (tester->run(tester->owner, luaL_checkstring(L, 1), &options,
                    lua_toboolean(L, 3), &result, &error) != MZ_OK) {
        return raise_failure(L, &error);
    }
    mz_push_plain(L, &result);
    return 1;
}

/* turn(): counts the runs, so that a result knows whether it is the last. */
static int test_turn(lua_State *L)
{
    lua_pushinteger(L, mz_lua_of(L)->test_turn);
    return 1;
}

static int test_rows(lua_State *L)
{
    const struct mz_tester *tester = tester_of(L);
    struct mizan_value rows;
    struct mz_error error;
    if (tester->rows(tester->owner, luaL_checkstring(L, 1), &rows, &error) != MZ_OK) {
        return mz_raise_error(L, &error, NULL);
    }
    mz_push_plain(L, &rows);
    return 1;
}

/* golden(path, list): nil, or what differs. */
static int test_golden(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    const struct mz_tester *tester = tester_of(L);
    const char *difference = NULL;
    struct mizan_value list;
    struct mz_error error;
    luaL_checktype(L, 2, LUA_TTABLE);
    mz_to_value(L, 2, lua->arena, "records", &list);
    if (tester->golden(tester->owner, luaL_checkstring(L, 1), &list, &difference,
                       &error) != MZ_OK) {
        return mz_raise_error(L, &error, NULL);
    }
    lua_pushstring(L, difference);
    return 1;
}

static bool to_decimal(lua_State *L, int index, struct mz_decimal *out)
{
    if (mz_test_decimal(L, index, out)) {
        return true;
    }
    if (lua_isinteger(L, index)) {
        *out = mz_decimal_from_integer(lua_tointeger(L, index));
        return true;
    }
    size_t size;
    const char *text =
        lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &size) : NULL;
    return text != NULL && mz_decimal_parse(text, size, out) == MZ_DECIMAL_OK;
}

static int test_decimal_equal(lua_State *L)
{
    struct mz_decimal left, right;
    lua_pushboolean(L, to_decimal(L, 1, &left) && to_decimal(L, 2, &right) &&
                           mz_decimal_compare(left, right) == 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"case", test_case},
    {"fail", test_fail},
    {"run", test_run},
    {"turn", test_turn},
    {"rows", test_rows},
    {"golden", test_golden},
    {"decimal_equal", test_decimal_equal},
    {NULL, NULL},
};

void mz_test_open(lua_State *L)
{
    int globals = lua_gettop(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &bodies_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mz_modules_key);
    if (luaL_loadbufferx(L, (const char *)mz_test_prelude, mz_test_prelude_size,
                         "=mizan.test", "t") != LUA_OK) {
        lua_error(L);
    }
    lua_pushvalue(L, globals);
    lua_setupvalue(L, -2, 1);
    luaL_newlib(L, functions);
    lua_getfield(L, -3, "mizan");
    lua_call(L, 2, 1);
    mz_freeze(L, "mizan.test", true);
    lua_setfield(L, -2, "mizan.test");
    lua_pop(L, 1);
}

/* ---- running ---- */

static int load_body(lua_State *L)
{
    mz_source_load(L, lua_touserdata(L, 1));
    lua_call(L, 0, 0);
    return 0;
}

enum mz_code mz_lua_load_test(struct mz_lua *lua, const char *path,
                              struct mz_arena *arena, const struct mz_test_case **cases,
                              size_t *count, struct mz_error *error)
{
    struct mz_test_cases collected = {0};
    char absolute[MZ_PATH], folder[MZ_PATH];
    if (lua->tester == NULL || lua->loaded) {
        return mz_fail(error, MZ_INTERNAL, "this Lua state loads no test file");
    }
    if (!mz_file_exists(path) || realpath(path, absolute) == NULL) {
        return mz_fail(error, MZ_NO_FILE, "there is no file %s", path);
    }
    mz_path_folder(folder, absolute);
    lua->script_folder = strdup(folder);
    if (lua->script_folder == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory");
    }
    lua->loaded = true;
    lua->arena = arena;
    lua->cases = &collected;
    enum mz_code code = mz_lua_enter(lua, load_body, absolute, error);
    lua->cases = NULL;
    lua->arena = NULL;
    lua->loading = false;
    *cases = collected.items;
    *count = collected.count;
    return code;
}

static int case_body(lua_State *L)
{
    const size_t *index = lua_touserdata(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &bodies_key);
    lua_rawgeti(L, -1, (lua_Integer)*index + 1);
    lua_call(L, 0, 0);
    return 0;
}

enum mz_code mz_lua_run_case(struct mz_lua *lua, size_t index, int64_t milliseconds,
                             struct mz_arena *arena, struct mz_error *error)
{
    mz_limit_set(lua, milliseconds);
    lua->arena = arena;
    enum mz_code code = mz_lua_enter(lua, case_body, &index, error);
    lua->arena = NULL;
    return code;
}
