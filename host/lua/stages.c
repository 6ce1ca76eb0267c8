/* The list of stages: chains flattened, names made unique, options checked. */
#include "lua/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAGES_MOST 256
#define CHAIN_DEPTH 8

struct list {
    const struct mz_reader *reader;
    struct mz_stage *stages; /* STAGES_MOST, in the arena */
    size_t count;
};

bool mz_is_plain_name(const char *text)
{
    if (text[0] < 'a' || text[0] > 'z') {
        return false;
    }
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static const char *constructor_of(const struct mz_stage *stage)
{
    if (stage->kind == MZ_STAGE_EACH) {
        return "each";
    }
    return mz_plugin_descriptor(stage->plugin)->name;
}

static enum mz_code no_memory(const struct list *list)
{
    return mz_fail(list->reader->error, MZ_MEMORY, "not enough memory for the stages");
}

static bool is_taken(const struct list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->stages[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Names the stage `name` (or NULL) or, failing that, `fallback`: the plugin's name, or
 * with its kind where another stage has that one (extract.figures, store.figures). */
static enum mz_code name_stage(const struct list *list, const struct mz_item *item,
                               struct mz_stage *stage, const char *name,
                               const char *fallback)
{
    struct mz_error *error = list->reader->error;
    const char *path = stage->kind == MZ_STAGE_PLUGIN && name != NULL ? "name" : "";
    enum mz_code code = MZ_OK;
    if (name == NULL && stage->kind == MZ_STAGE_PLUGIN && is_taken(list, fallback)) {
        fallback = mz_plugin_label(stage->plugin);
    }
    stage->name = name != NULL ? name : fallback;
    if (name != NULL && !mz_is_plain_name(name)) {
        code =
            mz_fail(error, MZ_SCRIPT,
                    "'%.60s' cannot name a stage: a-z, digits, '_' and '-', a letter "
                    "first",
                    name);
    }
    if (code == MZ_OK && is_taken(list, stage->name)) {
        code = mz_fail(error, MZ_SCRIPT, "two stages are named '%s'", stage->name);
        mz_error_help(error, "give one of them a name of its own: %s",
                      stage->kind == MZ_STAGE_PLUGIN
                          ? "name = \"…\" among its options"
                          : "mizan.each(type, \"name\", function)");
    }
    return mz_reader_place(list->reader, item, constructor_of(stage), path, code);
}

static enum mz_code check_options(const struct list *list, const struct mz_item *item,
                                  struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    struct mz_schema schema = mz_plugin_schema(stage->plugin);
    char key[MZ_OPTION_KEY] = "";
    enum mz_code code =
        mz_options_check(reader->arena, &schema, &stage->given, reader->lua->folder,
                         &stage->options, key, reader->error);
    return mz_reader_place(reader, item, constructor_of(stage), key, code);
}

/* The item at the top of the stack is a plugin's. */
static enum mz_code read_plugin(struct list *list, lua_State *L, struct mz_item *item,
                                struct mz_stage *stage)
{
    struct mz_arena *arena = list->reader->arena;
    stage->kind = MZ_STAGE_PLUGIN;
    stage->plugin = item->plugin;
    lua_getiuservalue(L, -1, 1);
    mz_to_map(L, -1, arena, "", NULL, &stage->given);
    lua_pop(L, 1);
    const struct mizan_value *name = mz_map_member(&stage->given, "name");
    const char *fallback =
        mz_arena_string(arena, mz_plugin_descriptor(item->plugin)->name);
    if (fallback == NULL) {
        return no_memory(list);
    }
    if (name != NULL && name->type != MIZAN_TEXT) {
        enum mz_code code =
            mz_fail(list->reader->error, MZ_SCRIPT,
                    "the name of a stage is text, not %s", mz_value_kind(name));
        return mz_reader_place(list->reader, item, fallback, "name", code);
    }
    enum mz_code code = name_stage(list, item, stage,
                                   name != NULL ? name->as.text.data : NULL, fallback);
    return code != MZ_OK ? code : check_options(list, item, stage);
}

/* User value `slot` of the item on the top as text in the arena, or NULL for
 * nil. */
static bool take_text(struct list *list, lua_State *L, int slot, const char **out)
{
    lua_getiuservalue(L, -1, slot);
    const char *text = lua_tostring(L, -1);
    *out = text != NULL ? mz_arena_string(list->reader->arena, text) : NULL;
    lua_pop(L, 1);
    return text == NULL || *out != NULL;
}

static enum mz_code read_each(struct list *list, lua_State *L, struct mz_item *item,
                              struct mz_stage *stage)
{
    const char *name;
    stage->kind = MZ_STAGE_EACH;
    if (!take_text(list, L, 1, &stage->type) || !take_text(list, L, 2, &name)) {
        return no_memory(list);
    }
    if (strcmp(stage->type, "*") != 0 && !mz_is_plain_name(stage->type)) {
        enum mz_code code =
            mz_fail(list->reader->error, MZ_SCRIPT,
                    "'%.60s' is no type of records: write \"figure\", or "
                    "\"*\" for all",
                    stage->type);
        return mz_reader_place(list->reader, item, "each", "", code);
    }
    lua_getiuservalue(L, -1, 3);
    stage->function = luaL_ref(L, LUA_REGISTRYINDEX);
    const char *fallback = strcmp(stage->type, "*") == 0 ? "each" : stage->type;
    return name_stage(list, item, stage, name, fallback);
}

static enum mz_code read_list(struct list *list, lua_State *L, int index,
                              const struct mz_item *owner, int depth);

static enum mz_code add_stage(struct list *list, lua_State *L, struct mz_item *item)
{
    struct mz_lua *lua = list->reader->lua;
    struct mz_stage *stage = &list->stages[list->count];
    memset(stage, 0, sizeof *stage);
    if (list->count == STAGES_MOST) {
        return mz_fail(list->reader->error, MZ_LIMIT,
                       "a pipeline has no more than %d stages", STAGES_MOST);
    }
    if (item->file >= 0) {
        stage->file = mz_arena_string(list->reader->arena, lua->files[item->file].path);
        stage->line = item->line;
        if (stage->file == NULL) {
            return no_memory(list);
        }
    }
    enum mz_code code = item->kind == MZ_ITEM_EACH ? read_each(list, L, item, stage)
                                                   : read_plugin(list, L, item, stage);
    list->count += code == MZ_OK;
    return code;
}

/* Why the value on the top of the stack is no stage. */
static enum mz_code refuse_value(const struct list *list, lua_State *L,
                                 const struct mz_item *owner, const char *path)
{
    struct mz_error *error = list->reader->error;
    const char *constructor = owner->kind == MZ_ITEM_CHAIN ? "chain" : "pipeline";
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
    const char *place = owner->kind == MZ_ITEM_CHAIN ? strchr(path, '[') : path;
    return mz_reader_place(list->reader, owner, constructor, place, code);
}

/* The value on the top of the stack, at `path`. */
static enum mz_code read_entry(struct list *list, lua_State *L,
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
        return add_stage(list, L, item);
    }
    if (depth == CHAIN_DEPTH) {
        return mz_fail(error, MZ_SCRIPT, "%s: chains nest deeper than %d", path,
                       CHAIN_DEPTH);
    }
    lua_getiuservalue(L, -1, 1);
    enum mz_code code = read_list(list, L, lua_gettop(L), item, depth + 1);
    lua_pop(L, 1);
    return code;
}

/* The greatest position of the list, so that a nil inside it is seen; -1 when
 * it has keys that are no positions. */
static lua_Integer length_of(lua_State *L, int index)
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

static enum mz_code read_list(struct list *list, lua_State *L, int index,
                              const struct mz_item *owner, int depth)
{
    const char *name = owner->kind == MZ_ITEM_CHAIN ? "chain" : "stages";
    lua_Integer length = length_of(L, index);
    luaL_checkstack(L, LUA_MINSTACK, "chains");
    if (length < 0) {
        enum mz_code code = mz_fail(list->reader->error, MZ_SCRIPT,
                                    "%s is a list: its entries have no names", name);
        return mz_reader_place(list->reader, owner,
                               owner->kind == MZ_ITEM_CHAIN ? "chain" : "pipeline",
                               owner->kind == MZ_ITEM_CHAIN ? "" : "stages", code);
    }
    for (lua_Integer i = 1; i <= length; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s[%lld]", name, (long long)i);
        lua_rawgeti(L, index, i);
        enum mz_code code = read_entry(list, L, owner, path, depth);
        lua_settop(L, index);
        if (code != MZ_OK) {
            return code;
        }
    }
    return MZ_OK;
}

static bool is_kind(const struct mz_stage *stage, enum mizan_kind kind)
{
    return stage->kind == MZ_STAGE_PLUGIN &&
           mz_plugin_descriptor(stage->plugin)->kind == kind;
}

/* First a fetch stage, last a store, and no second fetch. */
static enum mz_code check_order(const struct list *list)
{
    const struct mz_reader *reader = list->reader;
    struct mz_error *error = reader->error;
    enum mz_code code = MZ_OK;
    if (list->count == 0) {
        code = mz_fail(error, MZ_SCRIPT, "the pipeline has no stages");
        mz_error_help(error, "it begins with a fetch stage and ends with a store");
    } else if (!is_kind(&list->stages[0], MIZAN_KIND_FETCH)) {
        code =
            mz_fail(error, MZ_SCRIPT, "the first stage must fetch, and '%s' does not",
                    list->stages[0].name);
        mz_error_help(error, "begin with fetch.file, fetch.http or fetch.feed");
    } else if (!is_kind(&list->stages[list->count - 1], MIZAN_KIND_STORE)) {
        code = mz_fail(error, MZ_SCRIPT, "the last stage must store, and '%s' does not",
                       list->stages[list->count - 1].name);
        mz_error_help(error, "end with store.figures or store.jsonl");
    }
    for (size_t i = 1; code == MZ_OK && i < list->count; i++) {
        if (is_kind(&list->stages[i], MIZAN_KIND_FETCH)) {
            code = mz_fail(error, MZ_SCRIPT,
                           "'%s' fetches, which only the first stage can",
                           list->stages[i].name);
        }
    }
    return mz_reader_place(reader, reader->item, "pipeline", "stages", code);
}

enum mz_code mz_read_stages(const struct mz_reader *reader, int index)
{
    struct list list = {reader, NULL, 0};
    lua_State *L = reader->lua->main;
    index = lua_absindex(L, index);
    list.stages =
        mz_arena_alloc(reader->arena, (STAGES_MOST + 1) * sizeof *list.stages);
    if (list.stages == NULL) {
        return no_memory(&list);
    }
    enum mz_code code = read_list(&list, L, index, reader->item, 0);
    if (code == MZ_OK) {
        code = check_order(&list);
    }
    reader->pipeline->stages = list.stages;
    reader->pipeline->stage_count = list.count;
    return code;
}
