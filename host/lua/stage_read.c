/* One stage of the pipeline from the item that the script made: its name, its options,
 * its function. */
#include "lua/reader.h"

#include <string.h>

bool mz_is_plain_name(const char *text)
{
    if (text[0] < 'a' || text[0] > 'z') {
        return false;
    }
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static bool is_taken(const struct mz_stage_list *list, const char *name)
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
enum mz_code mz_name_stage(const struct mz_stage_list *list, const struct mz_item *item,
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
                      stage->kind == MZ_STAGE_EACH
                          ? "mizan.each(type, \"name\", function)"
                          : "name = \"…\" among its options");
    }
    return mz_reader_place(list->reader, item, mz_stage_word(stage), path, code);
}

static enum mz_code check_options(const struct mz_stage_list *list,
                                  const struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    struct mz_schema schema = mz_plugin_schema(stage->plugin);
    char key[MZ_OPTION_KEY] = "";
    enum mz_code code =
        mz_options_check(reader->arena, &schema, &stage->given, reader->lua->folder,
                         &stage->options, key, reader->error);
    return mz_reader_place(reader, item, mz_stage_word(stage), key, code);
}

/* The item at the top of the stack is a plugin's. */
static enum mz_code read_plugin(struct mz_stage_list *list, lua_State *L,
                                struct mz_item *item, struct mz_stage *stage)
{
    struct mz_arena *arena = list->reader->arena;
    stage->kind = MZ_STAGE_PLUGIN;
    stage->plugin = item->plugin;
    lua_getiuservalue(L, -1, 1);
    mz_auth_spell_out(L);
    mz_to_map(L, -1, arena, "", NULL, &stage->given);
    lua_pop(L, 1);
    const struct mizan_value *name = mz_map_member(&stage->given, "name");
    const char *fallback =
        mz_arena_string(arena, mz_plugin_descriptor(item->plugin)->name);
    if (fallback == NULL) {
        return mz_stages_no_memory(list);
    }
    if (name != NULL && name->type != MIZAN_TEXT) {
        enum mz_code code =
            mz_fail(list->reader->error, MZ_SCRIPT,
                    "the name of a stage is text, not %s", mz_value_kind(name));
        return mz_reader_place(list->reader, item, fallback, "name", code);
    }
    enum mz_code code = mz_name_stage(
        list, item, stage, name != NULL ? name->as.text.data : NULL, fallback);
    return code != MZ_OK ? code : check_options(list, item, stage);
}

/* User value `slot` of the item on the top as text in the arena, or NULL for
 * nil. */
static bool take_text(struct mz_stage_list *list, lua_State *L, int slot,
                      const char **out)
{
    lua_getiuservalue(L, -1, slot);
    const char *text = lua_tostring(L, -1);
    *out = text != NULL ? mz_arena_string(list->reader->arena, text) : NULL;
    lua_pop(L, 1);
    return text == NULL || *out != NULL;
}

/* The type of records that a stage of the script sees. */
static enum mz_code check_type(const struct mz_stage_list *list,
                               const struct mz_item *item, const struct mz_stage *stage)
{
    if (strcmp(stage->type, "*") == 0 || mz_is_plain_name(stage->type)) {
        return MZ_OK;
    }
    enum mz_code code =
        mz_fail(list->reader->error, MZ_SCRIPT,
                "'%.60s' is no type of records: write \"figure\", or \"*\" for all",
                stage->type);
    return mz_reader_place(list->reader, item, mz_stage_word(stage), "", code);
}

static enum mz_code read_each(struct mz_stage_list *list, lua_State *L,
                              struct mz_item *item, struct mz_stage *stage)
{
    const char *name;
    stage->kind = MZ_STAGE_EACH;
    if (!take_text(list, L, 1, &stage->type) || !take_text(list, L, 2, &name)) {
        return mz_stages_no_memory(list);
    }
    enum mz_code code = check_type(list, item, stage);
    if (code != MZ_OK) {
        return code;
    }
    lua_getiuservalue(L, -1, 3);
    stage->function = luaL_ref(L, LUA_REGISTRYINDEX);
    const char *fallback = strcmp(stage->type, "*") == 0 ? "each" : stage->type;
    return mz_name_stage(list, item, stage, name, fallback);
}

static const struct mizan_option source_options[] = {
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "the list that the function is called for, once for each; without it the "
             "stage is one source"},
};

static const struct mizan_option exec_options[] = {
    {.name = "program",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "the program, as the list `programs` of mizan.lua has it"},
    {.name = "arguments",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "its arguments, as they are: no shell reads them"},
    {.name = "input",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "body",
     .help = "the field of the document that it reads from its standard input"},
    {.name = "output",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "jsonl",
     .choices = "jsonl|text",
     .help = "jsonl: an object a line, each a record; text: a field of the document"},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "type of the records that lines of JSON become"},
    {.name = "field",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "text",
     .help = "field of the document that gets the text"},
    {.name = "timeout",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "30s",
     .minimum = "1s",
     .help = "it is killed when it takes longer for one document"},
    {.name = "most",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "16M",
     .maximum = "256M",
     .help = "it is killed when it writes more for one document"},
};

struct mz_schema mz_stage_schema(const struct mz_stage *stage)
{
    if (stage->plugin != NULL) {
        return mz_plugin_schema(stage->plugin);
    }
    if (stage->kind == MZ_STAGE_EXEC) {
        return (struct mz_schema){"extract.exec", exec_options,
                                  sizeof exec_options / sizeof *exec_options,
                                  sizeof *exec_options};
    }
    return (struct mz_schema){"mizan.source", source_options,
                              sizeof source_options / sizeof *source_options,
                              sizeof *source_options};
}

const char *mz_stage_word(const struct mz_stage *stage)
{
    switch (stage->kind) {
    case MZ_STAGE_EACH:
        return "each";
    case MZ_STAGE_SOURCE:
        return "source";
    case MZ_STAGE_BATCH:
        return "batch";
    case MZ_STAGE_EXEC:
        return "exec";
    case MZ_STAGE_BRANCH:
        return "branch";
    case MZ_STAGE_MERGE:
        return "merge";
    case MZ_STAGE_PLUGIN:
    default:
        return mz_plugin_descriptor(stage->plugin)->name;
    }
}

/* The options of the item on the top, without the function in `skip`, and the text that
 * its key `name` holds, or NULL. */
static enum mz_code take_options(struct mz_stage_list *list, lua_State *L,
                                 const struct mz_item *item, struct mz_stage *stage,
                                 const char *skip, const char **name)
{
    *name = NULL;
    memset(&stage->given, 0, sizeof stage->given);
    stage->given.type = MIZAN_MAP;
    lua_getiuservalue(L, -1, 1);
    if (!lua_isnil(L, -1)) {
        mz_to_map(L, -1, list->reader->arena, "", skip, &stage->given);
    }
    lua_pop(L, 1);
    const struct mizan_value *value = mz_map_member(&stage->given, "name");
    if (value != NULL && value->type != MIZAN_TEXT) {
        enum mz_code code =
            mz_fail(list->reader->error, MZ_SCRIPT,
                    "the name of a stage is text, not %s", mz_value_kind(value));
        return mz_reader_place(list->reader, item, mz_stage_word(stage), "name", code);
    }
    *name = value != NULL ? value->as.text.data : NULL;
    return MZ_OK;
}

static enum mz_code read_source(struct mz_stage_list *list, lua_State *L,
                                struct mz_item *item, struct mz_stage *stage)
{
    const char *name, *given;
    stage->kind = MZ_STAGE_SOURCE;
    stage->type = "document";
    enum mz_code code = take_options(list, L, item, stage, "fetch", &name);
    if (code == MZ_OK && !take_text(list, L, 3, &given)) {
        return mz_stages_no_memory(list);
    }
    if (code != MZ_OK) {
        return code;
    }
    lua_getiuservalue(L, -1, 2);
    stage->function = luaL_ref(L, LUA_REGISTRYINDEX);
    code = mz_name_stage(list, item, stage, name != NULL ? name : given, "source");
    if (code != MZ_OK) {
        return code;
    }
    const struct mz_reader *reader = list->reader;
    struct mz_schema schema = mz_stage_schema(stage);
    char key[MZ_OPTION_KEY] = "";
    code = mz_options_check(reader->arena, &schema, &stage->given, reader->lua->folder,
                            &stage->options, key, reader->error);
    return mz_reader_place(reader, item, "source", key, code);
}

static enum mz_code read_exec(struct mz_stage_list *list, lua_State *L,
                              struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    const char *name;
    char key[MZ_OPTION_KEY] = "";
    stage->kind = MZ_STAGE_EXEC;
    stage->type = "document";
    enum mz_code code = take_options(list, L, item, stage, NULL, &name);
    if (code == MZ_OK) {
        code = mz_name_stage(list, item, stage, name, "exec");
    }
    if (code != MZ_OK) {
        return code;
    }
    struct mz_schema schema = mz_stage_schema(stage);
    code = mz_options_check(reader->arena, &schema, &stage->given, reader->lua->folder,
                            &stage->options, key, reader->error);
    return mz_reader_place(reader, item, "exec", key, code);
}

/* ---- batches ---- */

#define BATCH_SIZE 1024
#define BATCH_MOST 100000

static const struct mz_key batch_keys[] = {
    {"type", MZ_KEY_TEXT, NULL},    {"name", MZ_KEY_TEXT, NULL},
    {"size", MZ_KEY_COUNT, NULL},   {"fields", MZ_KEY_TEXTS, NULL},
    {"writes", MZ_KEY_TEXTS, NULL},
};

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The names of `writes` first, then those of `fields`, each once. */
static enum mz_code read_fields(struct mz_stage_list *list, struct mz_stage *stage)
{
    static const char *const keys[] = {"writes", "fields"};
    static const char *const own[] = {"n", "drop", "reject"};
    const struct mizan_value *lists[2];
    size_t most = 0;
    for (size_t k = 0; k < 2; k++) {
        lists[k] = mz_map_member(&stage->given, keys[k]);
        most += lists[k] != NULL && lists[k]->type == MIZAN_LIST
                    ? lists[k]->as.list.count
                    : 0;
    }
    const char **names =
        mz_arena_alloc(list->reader->arena, (most + 1) * sizeof *names);
    if (names == NULL) {
        return mz_stages_no_memory(list);
    }
    for (size_t k = 0; k < 2; k++) {
        size_t count = lists[k] != NULL && lists[k]->type == MIZAN_LIST
                           ? lists[k]->as.list.count
                           : 0;
        for (size_t i = 0; i < count; i++) {
            const char *name = lists[k]->as.list.items[i].as.text.data;
            if (is_listed(own, 3, name)) {
                return mz_fail(list->reader->error, MZ_SCRIPT,
                               "a batch cannot have a column '%s': n, drop and reject "
                               "are its own",
                               name);
            }
            if (!is_listed(names, stage->field_count, name)) {
                names[stage->field_count++] = name;
            }
        }
        stage->written_count = k == 0 ? stage->field_count : stage->written_count;
    }
    stage->fields = names;
    return MZ_OK;
}

static enum mz_code read_batch(struct mz_stage_list *list, lua_State *L,
                               struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    const char *name;
    char path[MZ_KEY_PATH] = "";
    stage->kind = MZ_STAGE_BATCH;
    enum mz_code code = take_options(list, L, item, stage, "run", &name);
    if (code == MZ_OK) {
        code = mz_keys_check(batch_keys, sizeof batch_keys / sizeof *batch_keys,
                             &stage->given, "mizan.batch", path, reader->error);
        code = mz_reader_place(reader, item, "batch", path, code);
    }
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *type = mz_map_member(&stage->given, "type");
    const struct mizan_value *size = mz_map_member(&stage->given, "size");
    stage->type = type != NULL ? type->as.text.data : "*";
    stage->batch_size = size != NULL ? (size_t)size->as.integer : BATCH_SIZE;
    if (stage->batch_size > BATCH_MOST) {
        return mz_reader_place(reader, item, "batch", "size",
                               mz_fail(reader->error, MZ_SCRIPT,
                                       "mizan.batch: 'size' is %d at most",
                                       BATCH_MOST));
    }
    lua_getiuservalue(L, -1, 2);
    stage->function = luaL_ref(L, LUA_REGISTRYINDEX);
    code = check_type(list, item, stage);
    if (code == MZ_OK) {
        code =
            mz_reader_place(reader, item, "batch", "fields", read_fields(list, stage));
    }
    return code != MZ_OK ? code : mz_name_stage(list, item, stage, name, "batch");
}

enum mz_code mz_read_stage(struct mz_stage_list *list, lua_State *L,
                           struct mz_item *item, struct mz_stage *stage)
{
    switch (item->kind) {
    case MZ_ITEM_EACH:
        return read_each(list, L, item, stage);
    case MZ_ITEM_SOURCE:
        return read_source(list, L, item, stage);
    case MZ_ITEM_BATCH:
        return read_batch(list, L, item, stage);
    case MZ_ITEM_EXEC:
        return read_exec(list, L, item, stage);
    case MZ_ITEM_PLUGIN:
    case MZ_ITEM_CHAIN:
    case MZ_ITEM_BRANCH:
    case MZ_ITEM_MERGE:
    case MZ_ITEM_PIPELINE:
        break;
    }
    return read_plugin(list, L, item, stage);
}
