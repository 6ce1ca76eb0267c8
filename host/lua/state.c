#include "lua/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define DEFAULT_MEMORY    ((size_t)256 * 1024 * 1024)
#define DEFAULT_LOAD_TIME 5000
#define SCRATCH_CEILING   ((size_t)64 * 1024 * 1024)

static void release(struct mz_lua *lua, void *block, size_t size)
{
    if (block != NULL && mz_blocks_gives(size)) {
        mz_blocks_give(&lua->blocks, block, size);
    } else {
        free(block);
    }
}

/* NULL leaves the old block as it is. */
static void *resize(struct mz_lua *lua, void *block, size_t old, size_t size)
{
    bool was_small = block != NULL && mz_blocks_gives(old);
    if (!was_small && !mz_blocks_gives(size)) {
        return realloc(block, size);
    }
    void *moved =
        mz_blocks_gives(size) ? mz_blocks_take(&lua->blocks, size) : malloc(size);
    if (moved != NULL && block != NULL) {
        memcpy(moved, block, old < size ? old : size);
        release(lua, block, old);
    }
    return moved;
}

/* Lua's allocator: counts, and refuses what would pass the limit. With no
 * block, `old` is a type tag. Shrinking never fails. */
static void *allocate(void *user, void *block, size_t old, size_t size)
{
    struct mz_lua *lua = user;
    if (block == NULL) {
        old = 0;
    }
    if (size == 0) {
        release(lua, block, old);
        lua->memory -= old;
        return NULL;
    }
    if (size > old && (lua->memory >= lua->memory_limit ||
                       size - old > lua->memory_limit - lua->memory)) {
        lua->refused = true;
        return NULL;
    }
    void *moved = block == NULL && mz_blocks_gives(size)
                      ? mz_blocks_take(&lua->blocks, size)
                      : resize(lua, block, old, size);
    if (moved == NULL) {
        return size <= old ? block : NULL;
    }
    lua->memory = lua->memory - old + size;
    return moved;
}

int mz_lua_protect(struct mz_lua *lua, lua_CFunction body, void *request)
{
    lua_State *L = lua->main;
    mz_failure_clear(lua);
    if (!mz_limit_enter(lua)) {
        struct mz_error error;
        mz_fail_errno(&error, MZ_INTERNAL, "the timer of the script cannot be started");
        lua->failure.code = error.code;
        memcpy(lua->failure.message, error.message, sizeof lua->failure.message);
        return LUA_ERRRUN;
    }
    int top = lua_gettop(L);
    int status = LUA_ERRMEM;
    if (lua_checkstack(L, LUA_MINSTACK)) {
        lua_pushcfunction(L, mz_failure_handler);
        lua_pushcfunction(L, body);
        lua_pushlightuserdata(L, request);
        status = lua_pcall(L, 1, 0, top + 1);
    }
    lua_settop(L, top);
    mz_limit_leave(lua);

    if (lua->tripped) {
        mz_failure_deadline(lua);
        return LUA_ERRRUN;
    }
    if (status == LUA_ERRMEM) {
        mz_failure_memory(lua);
    } else if (status == LUA_ERRERR && lua->failure.code == MZ_OK) {
        lua->failure.code = MZ_SCRIPT;
        memcpy(lua->failure.message, "an error while an error was handled", 36);
    }
    return status;
}

enum mz_code mz_lua_enter(struct mz_lua *lua, lua_CFunction body, void *request,
                          struct mz_error *error)
{
    if (mz_lua_protect(lua, body, request) == LUA_OK) {
        return MZ_OK;
    }
    enum mz_code code = lua->failure.code;
    mz_failure_report(lua, error);
    return code;
}

static int open_body(lua_State *L)
{
    mz_sandbox_open(L);
    return 0;
}

static bool copy_settings(struct mz_lua *lua, const struct mz_lua_settings *settings)
{
    lua->folder = strdup(settings->folder != NULL ? settings->folder : ".");
    if (lua->folder == NULL) {
        return false;
    }
    if (settings->parameter_count == 0) {
        return true;
    }
    lua->given = calloc(settings->parameter_count, sizeof *lua->given);
    if (lua->given == NULL) {
        return false;
    }
    for (size_t i = 0; i < settings->parameter_count; i++) {
        lua->given[i] = strdup(settings->parameters[i]);
        if (lua->given[i] == NULL) {
            return false;
        }
        lua->given_count++;
    }
    return true;
}

enum mz_code mz_lua_create(const struct mz_lua_settings *settings, struct mz_lua **out,
                           struct mz_error *error)
{
    *out = NULL;
    struct mz_lua *lua = calloc(1, sizeof *lua);
    if (lua == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a Lua state");
    }
    lua->memory_limit = settings->memory != 0 ? settings->memory : DEFAULT_MEMORY;
    lua->registry = settings->registry;
    lua->tester = settings->tester;
    lua->epoch = 1;
    lua->run_context.trigger = "manual";
    lua->run_context.attempt = 1;
    lua->loading = true;
    lua->declared_end = &lua->declared;
    enum mz_code code = MZ_OK;
    lua->scratch = mz_arena_create(SCRATCH_CEILING);
    if (lua->scratch == NULL || !copy_settings(lua, settings)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for a Lua state");
        goto failed;
    }
    lua->main = lua_newstate(allocate, lua);
    if (lua->main == NULL) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for a Lua state");
        goto failed;
    }
    *(struct mz_lua **)lua_getextraspace(lua->main) = lua;
    mz_limit_set(lua,
                 settings->load_time != 0 ? settings->load_time : DEFAULT_LOAD_TIME);
    code = mz_lua_enter(lua, open_body, NULL, error);
    if (code != MZ_OK) {
        goto failed;
    }
    *out = lua;
    return MZ_OK;

failed:
    mz_lua_destroy(lua);
    return code;
}

void mz_lua_destroy(struct mz_lua *lua)
{
    if (lua == NULL) {
        return;
    }
    mz_limit_finish(lua);
    if (lua->main != NULL) {
        lua_close(lua->main);
    }
    for (size_t i = 0; i < lua->file_count; i++) {
        free(lua->files[i].name);
        free(lua->files[i].path);
        free(lua->files[i].source);
    }
    free(lua->files);
    for (size_t i = 0; i < lua->given_count; i++) {
        free(lua->given[i]);
    }
    free(lua->given);
    free(lua->folder);
    free(lua->script_folder);
    mz_arena_destroy(lua->scratch);
    mz_arena_destroy(lua->zones);
    mz_buffer_finish(&lua->text);
    mz_blocks_finish(&lua->blocks);
    free(lua);
}

size_t mz_lua_memory(const struct mz_lua *lua)
{
    return lua->memory;
}
