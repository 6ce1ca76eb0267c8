/* Branches and merges: stages whose arms are chains of stages of their own. In the list
 * of stages they stand behind their branch, and the last of each arm leads behind it.
 */
#include "lua/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mz_stage_fetches(const struct mz_stage *stage)
{
    return stage->kind == MZ_STAGE_SOURCE ||
           (stage->kind == MZ_STAGE_PLUGIN &&
            mz_plugin_descriptor(stage->plugin)->kind == MIZAN_KIND_FETCH);
}

/* ---- reading ---- */

/* "branch", "branch-2" …: the first that is free. */
static enum mz_code name_arms(const struct mz_stage_list *list,
                              const struct mz_item *item, struct mz_stage *stage,
                              const char *name)
{
    char fallback[32];
    const char *word = mz_item_word(item);
    snprintf(fallback, sizeof fallback, "%s", word);
    for (size_t i = 0, number = 1; i < list->count; i++) {
        if (strcmp(list->stages[i].name, fallback) == 0) {
            snprintf(fallback, sizeof fallback, "%s-%zu", word, ++number);
            i = (size_t)-1; /* from the start */
        }
    }
    const char *kept = mz_arena_string(list->reader->arena, fallback);
    return kept == NULL ? mz_stages_no_memory(list)
                        : mz_name_stage(list, item, stage, name, kept);
}

/* Field `key` of the table at `index` as text in the arena; NULL when it is nil. */
static enum mz_code text_field(const struct mz_stage_list *list, lua_State *L,
                               int index, const char *key, const struct mz_item *item,
                               const char **out)
{
    const struct mz_reader *reader = list->reader;
    enum mz_code code = MZ_OK;
    lua_pushstring(L, key);
    int type = lua_rawget(L, index);
    *out = NULL;
    if (type == LUA_TSTRING) {
        *out = mz_arena_string(reader->arena, lua_tostring(L, -1));
        code = *out == NULL ? mz_stages_no_memory(list) : MZ_OK;
    } else if (type != LUA_TNIL) {
        code = mz_reader_place(reader, item, mz_item_word(item), key,
                               mz_fail(reader->error, MZ_SCRIPT,
                                       "mizan.%s: '%s' wants text, not %s",
                                       mz_item_word(item), key, lua_typename(L, type)));
    }
    lua_pop(L, 1);
    return code;
}

/* What decides the arm: the name of a field, or a function. */
static enum mz_code read_choice(struct mz_stage_list *list, lua_State *L, int index,
                                const struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    lua_pushliteral(L, "by");
    int type = lua_rawget(L, index);
    if (type == LUA_TFUNCTION) {
        stage->function = luaL_ref(L, LUA_REGISTRYINDEX);
        return MZ_OK;
    }
    lua_pop(L, 1);
    if (type == LUA_TSTRING) {
        return text_field(list, L, index, "by", item, &stage->field);
    }
    enum mz_code code =
        mz_fail(reader->error, MZ_SCRIPT,
                "mizan.branch wants in `by` the name of a field, or a function that "
                "returns the name of an arm, not %s",
                lua_typename(L, type));
    mz_error_help(reader->error,
                  "mizan.branch { by = \"kind\", money = stage, other = stage }");
    return mz_reader_place(reader, item, "branch", type == LUA_TNIL ? "" : "by", code);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct mz_arm *)a)->name, ((const struct mz_arm *)b)->name);
}

/* The names of a branch's arms, in their order. */
static enum mz_code branch_arms(struct mz_stage_list *list, lua_State *L, int index,
                                const struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    struct mz_arm *arms =
        mz_arena_zero(reader->arena, (MZ_STAGES_MOST + 1) * sizeof *arms);
    if (arms == NULL) {
        return mz_stages_no_memory(list);
    }
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (name != NULL && (strcmp(name, "by") == 0 || strcmp(name, "name") == 0)) {
            continue;
        }
        if (name == NULL || stage->arm_count == MZ_STAGES_MOST) {
            lua_pop(L, 1);
            enum mz_code code = mz_fail(
                reader->error, MZ_SCRIPT, "%s",
                name == NULL ? "the arms of mizan.branch have names: money = stage"
                             : "mizan.branch has too many arms");
            return mz_reader_place(reader, item, "branch", "", code);
        }
        arms[stage->arm_count].name = mz_arena_string(reader->arena, name);
        if (arms[stage->arm_count++].name == NULL) {
            lua_pop(L, 1);
            return mz_stages_no_memory(list);
        }
    }
    qsort(arms, stage->arm_count, sizeof *arms, by_name);
    stage->arms = arms;
    return MZ_OK;
}

/* The arms of a merge are numbered. */
static enum mz_code merge_arms(struct mz_stage_list *list, lua_State *L, int index,
                               const struct mz_item *item, struct mz_stage *stage)
{
    const struct mz_reader *reader = list->reader;
    lua_pushliteral(L, "name");
    lua_pushnil(L);
    lua_rawset(L, index); /* read before; the rest is a list */
    lua_Integer length = mz_list_length(L, index);
    if (length < 1 || length > MZ_STAGES_MOST) {
        enum mz_code code = mz_fail(reader->error, MZ_SCRIPT,
                                    "mizan.merge wants a list of stages and chains");
        return mz_reader_place(reader, item, "merge", "", code);
    }
    struct mz_arm *arms = mz_arena_zero(reader->arena, (size_t)length * sizeof *arms);
    if (arms == NULL) {
        return mz_stages_no_memory(list);
    }
    for (lua_Integer i = 0; i < length; i++) {
        arms[i].name = mz_arena_printf(reader->arena, "%lld", (long long)i + 1);
        if (arms[i].name == NULL) {
            return mz_stages_no_memory(list);
        }
    }
    stage->arms = arms;
    stage->arm_count = (size_t)length;
    return MZ_OK;
}

/* Reads the stages of one arm; those that end it lead to `end` later. */
static enum mz_code read_arm(struct mz_stage_list *list, lua_State *L,
                             const struct mz_item *item, struct mz_arm *arm,
                             size_t number, int depth)
{
    char path[128];
    int index = lua_gettop(L); /* the table of arms */
    if (item->kind == MZ_ITEM_BRANCH) {
        lua_pushstring(L, arm->name);
        lua_rawget(L, index);
        snprintf(path, sizeof path, "%s", arm->name);
    } else {
        lua_rawgeti(L, index, (lua_Integer)number + 1);
        snprintf(path, sizeof path, "merge[%zu]", number + 1);
    }
    arm->first = list->count;
    enum mz_code code = mz_read_entry(list, L, item, path, depth + 1);
    arm->end = list->count;
    lua_settop(L, index);
    return code;
}

enum mz_code mz_read_arms(struct mz_stage_list *list, lua_State *L,
                          struct mz_item *item, size_t position, int depth)
{
    struct mz_stage *stage = &list->stages[position];
    const char *name;
    bool branch = item->kind == MZ_ITEM_BRANCH;
    stage->kind = branch ? MZ_STAGE_BRANCH : MZ_STAGE_MERGE;
    stage->type = "*";
    if (depth >= MZ_CHAIN_DEPTH) {
        return mz_fail(list->reader->error, MZ_SCRIPT, "stages nest deeper than %d",
                       MZ_CHAIN_DEPTH);
    }
    lua_getiuservalue(L, -1, 1);
    int index = lua_gettop(L);
    enum mz_code code = text_field(list, L, index, "name", item, &name);
    if (code == MZ_OK && branch) {
        code = read_choice(list, L, index, item, stage);
    }
    if (code == MZ_OK) {
        code = branch ? branch_arms(list, L, index, item, stage)
                      : merge_arms(list, L, index, item, stage);
    }
    if (code == MZ_OK) {
        code = name_arms(list, item, stage, name);
    }
    if (code == MZ_OK) {
        list->count++;
    }
    /* The arms were made here, the pipeline only reads them. */
    struct mz_arm *arms = (struct mz_arm *)(uintptr_t)stage->arms;
    for (size_t i = 0; code == MZ_OK && i < stage->arm_count; i++) {
        code = read_arm(list, L, item, &arms[i], i, depth);
    }
    lua_settop(L, index - 1);
    if (code != MZ_OK) {
        return code;
    }
    stage->next = list->count;
    for (size_t a = 0; a < stage->arm_count; a++) {
        for (size_t i = arms[a].first; i < arms[a].end; i++) {
            if (list->stages[i].next == arms[a].end) {
                list->stages[i].next = list->count;
            }
        }
    }
    return MZ_OK;
}

/* ---- the order of kinds ---- */

/* The last of the stages from `first` to `end` that is on the way through. */
static const struct mz_stage *last_of(const struct mz_stage_list *list, size_t first,
                                      size_t end)
{
    const struct mz_stage *last = NULL;
    for (size_t i = first; i < end; i = list->stages[i].next) {
        last = &list->stages[i];
    }
    return last;
}

/* The stage that does not store though it ends a way, or NULL. */
static const struct mz_stage *not_storing(const struct mz_stage_list *list,
                                          const struct mz_stage *stage)
{
    if (stage->kind == MZ_STAGE_PLUGIN) {
        return mz_plugin_descriptor(stage->plugin)->kind == MIZAN_KIND_STORE ? NULL
                                                                             : stage;
    }
    const struct mz_stage *found = stage->arm_count == 0 ? stage : NULL;
    for (size_t i = 0; found == NULL && i < stage->arm_count; i++) {
        const struct mz_stage *last =
            last_of(list, stage->arms[i].first, stage->arms[i].end);
        found = last == NULL ? stage : not_storing(list, last);
    }
    return found;
}

/* True for a fetch stage, and for a merge of arms that all begin with one. */
static bool begins_with_fetch(const struct mz_stage_list *list, size_t position)
{
    const struct mz_stage *stage = &list->stages[position];
    if (stage->kind != MZ_STAGE_MERGE) {
        return mz_stage_fetches(stage);
    }
    for (size_t i = 0; i < stage->arm_count; i++) {
        if (stage->arms[i].first == stage->arms[i].end ||
            !mz_stage_fetches(&list->stages[stage->arms[i].first])) {
            return false;
        }
    }
    return true;
}

static bool may_fetch(const struct mz_stage_list *list, size_t position)
{
    const struct mz_stage *first = &list->stages[0];
    bool found = position == 0;
    for (size_t i = 0; first->kind == MZ_STAGE_MERGE && i < first->arm_count; i++) {
        found = found || first->arms[i].first == position;
    }
    return found;
}

enum mz_code mz_check_order(const struct mz_stage_list *list)
{
    const struct mz_reader *reader = list->reader;
    struct mz_error *error = reader->error;
    enum mz_code code = MZ_OK;
    const struct mz_stage *last = last_of(list, 0, list->count);
    const struct mz_stage *open = last != NULL ? not_storing(list, last) : NULL;
    if (list->count == 0) {
        code = mz_fail(error, MZ_SCRIPT, "the pipeline has no stages");
        mz_error_help(error, "it begins with a fetch stage and ends with a store");
    } else if (!begins_with_fetch(list, 0)) {
        code =
            mz_fail(error, MZ_SCRIPT, "the first stage must fetch, and '%s' does not",
                    list->stages[0].name);
        mz_error_help(error, "begin with fetch.file, fetch.http, fetch.feed, "
                             "mizan.source or a mizan.merge of such");
    } else if (open != NULL) {
        code = mz_fail(error, MZ_SCRIPT, "the last stage must store, and '%s' does not",
                       open->name);
        mz_error_help(error, "end with store.figures or store.jsonl");
    }
    for (size_t i = 0; code == MZ_OK && i < list->count; i++) {
        if (mz_stage_fetches(&list->stages[i]) && !may_fetch(list, i)) {
            code = mz_fail(error, MZ_SCRIPT,
                           "'%s' fetches, which only the first stage can",
                           list->stages[i].name);
            mz_error_help(error, "mizan.merge { fetch, fetch } in the first place "
                                 "fetches from both");
        }
    }
    return mz_reader_place(reader, reader->item, "pipeline", "stages", code);
}
