/* The list of stages: chains flattened, every entry a stage. */
#include "lua/reader.h"

#include <stdio.h>
#include <string.h>

enum mz_code mz_stages_no_memory(const struct mz_stage_list *list)
{
    return mz_fail(list->reader->error, MZ_MEMORY, "not enough memory for the stages");
}

static enum mz_code add_stage(struct mz_stage_list *list, lua_State *L,
                              struct mz_item *item, int depth)
{
    struct mz_lua *lua = list->reader->lua;
    struct mz_stage *stage = &list->stages[list->count];
    memset(stage, 0, sizeof *stage);
    if (list->count == MZ_STAGES_MOST) {
        return mz_fail(list->reader->error, MZ_LIMIT,
                       "a pipeline has no more than %d stages", MZ_STAGES_MOST);
    }
    if (item->file >= 0) {
        stage->file = mz_arena_string(list->reader->arena, lua->files[item->file].path);
        stage->line = item->line;
        if (stage->file == NULL) {
            return mz_stages_no_memory(list);
        }
    }
    stage->next = list->count + 1;
    stage->function = LUA_NOREF;
    if (item->kind == MZ_ITEM_BRANCH || item->kind == MZ_ITEM_MERGE) {
        return mz_read_arms(list, L, item, list->count, depth);
    }
    enum mz_code code = mz_read_stage(list, L, item, stage);
    list->count += code == MZ_OK;
    return code;
}

/* Why the value on the top of the stack is no stage. */
static enum mz_code refuse_value(const struct mz_stage_list *list, lua_State *L,
                                 const struct mz_item *owner, const char *path)
{
    struct mz_error *error = list->reader->error;
    const char *constructor = mz_item_word(owner);
    enum mz_code code;
    if (lua_isnil(L, -1)) {
        code = mz_fail(error, MZ_SCRIPT, "%s is nil: no stage came out there", path);
        mz_error_help(error,
                      "a name may be misspelt; to leave a stage out write false");
    } else if (lua_istable(L, -1)) {
        code = mz_fail(error, MZ_SCRIPT, "%s is a plain list: stages do not nest so",
                       path);
        mz_error_help(error,
                      "write mizan.chain { … } around stages that belong together");
    } else if (lua_isfunction(L, -1)) {
        code = mz_fail(error, MZ_SCRIPT, "%s is a function, not a stage", path);
        mz_error_help(
            error, "call the constructor with its options: fetch.file { … }, or wrap a "
                   "function of yours: mizan.each(type, name, function)");
    } else {
        code = mz_fail(error, MZ_SCRIPT, "%s is a %s, not a stage", path,
                       luaL_typename(L, -1));
    }
    bool own_list = owner->kind == MZ_ITEM_CHAIN || owner->kind == MZ_ITEM_MERGE;
    const char *place = own_list ? strchr(path, '[') : path;
    return mz_reader_place(list->reader, owner, constructor, place, code);
}

/* The value on the top of the stack, at `path`. */
enum mz_code mz_read_entry(struct mz_stage_list *list, lua_State *L,
                           const struct mz_item *owner, const char *path, int depth)
{
    struct mz_error *error = list->reader->error;
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        return MZ_OK;
    }
    struct mz_item *item = mz_test_item(L, -1);
    if (item == NULL) {
        return refuse_value(list, L, owner, path);
    }
    if (item->kind == MZ_ITEM_PIPELINE) {
        enum mz_code code = mz_fail(
            error, MZ_SCRIPT, "%s is a pipeline: a pipeline cannot be a stage", path);
        return mz_reader_place(list->reader, item, "pipeline", "", code);
    }
    if (item->kind != MZ_ITEM_CHAIN) {
        return add_stage(list, L, item, depth);
    }
    if (depth == MZ_CHAIN_DEPTH) {
        return mz_fail(error, MZ_SCRIPT, "%s: stages nest deeper than %d", path,
                       MZ_CHAIN_DEPTH);
    }
    lua_getiuservalue(L, -1, 1);
    enum mz_code code = mz_read_list(list, L, lua_gettop(L), item, depth + 1);
    lua_pop(L, 1);
    return code;
}

/* The greatest position of the list, so that a nil inside it is seen; -1 when
 * it has keys that are no positions. */
lua_Integer mz_list_length(lua_State *L, int index)
{
    lua_Integer most = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) {
            lua_pop(L, 1);
            return -1;
        }
        most = lua_tointeger(L, -1) > most ? lua_tointeger(L, -1) : most;
    }
    return most;
}

enum mz_code mz_read_list(struct mz_stage_list *list, lua_State *L, int index,
                          const struct mz_item *owner, int depth)
{
    bool of_pipeline = owner->kind == MZ_ITEM_PIPELINE;
    const char *name = of_pipeline ? "stages" : mz_item_word(owner);
    lua_Integer length = mz_list_length(L, index);
    luaL_checkstack(L, LUA_MINSTACK, "chains");
    if (length < 0) {
        enum mz_code code = mz_fail(list->reader->error, MZ_SCRIPT,
                                    "%s is a list: its entries have no names", name);
        return mz_reader_place(list->reader, owner, mz_item_word(owner),
                               of_pipeline ? "stages" : "", code);
    }
    for (lua_Integer i = 1; i <= length; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s[%lld]", name, (long long)i);
        lua_rawgeti(L, index, i);
        enum mz_code code = mz_read_entry(list, L, owner, path, depth);
        lua_settop(L, index);
        if (code != MZ_OK) {
            return code;
        }
    }
    return MZ_OK;
}

enum mz_code mz_read_stages(const struct mz_reader *reader, int index)
{
    struct mz_stage_list list = {reader, NULL, 0};
    lua_State *L = reader->lua->main;
    index = lua_absindex(L, index);
    list.stages =
        mz_arena_alloc(reader->arena, (MZ_STAGES_MOST + 1) * sizeof *list.stages);
    if (list.stages == NULL) {
        return mz_stages_no_memory(&list);
    }
    enum mz_code code = mz_read_list(&list, L, index, reader->item, 0);
    if (code == MZ_OK) {
        code = mz_check_order(&list);
    }
    reader->pipeline->stages = list.stages;
    reader->pipeline->stage_count = list.count;
    return code;
}
