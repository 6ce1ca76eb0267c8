/* Units and the calls of the script's functions. */
#include "lua/box.h"

#include <string.h>

#include "base/log.h"
#include "plug/activity.h"

struct call {
    const struct mz_stage *stage;
    struct mz_each_call *each;
    struct mz_stage_result result; /* of the record in work */
    struct mz_record_box *box;
};

void mz_lua_set_run(struct mz_lua *lua, const struct mz_unit_context *context)
{
    lua->run_context = *context;
}

void mz_lua_begin_unit(struct mz_lua *lua, const struct mz_pipeline *pipeline,
                       const struct mz_unit_context *context)
{
    lua->pipeline = pipeline;
    lua->context = *context;
    lua->in_unit = true;
    lua->unit++;
    lua->epoch++;
    mz_limit_set(lua, pipeline->unit_time);
}

/* The names that the script set in the libraries, if any. */
struct restored {
    bool any;
    char owner[32], key[64];
};

static int restore_body(lua_State *L)
{
    struct restored *restored = lua_touserdata(L, 1);
    restored->any = mz_sealed_restore(L, restored->owner, restored->key);
    return 0;
}

void mz_lua_end_unit(struct mz_lua *lua)
{
    struct restored restored = {.any = false};
    if (lua->called && mz_lua_protect(lua, restore_body, &restored) == LUA_OK &&
        restored.any) {
        mz_log(MZ_LOG_WARNING, NULL,
               "the script set '%s' of %s, which is read only: undone after the unit",
               restored.key, restored.owner);
    }
    lua->called = false;
    memset(&lua->context, 0, sizeof lua->context);
    lua->in_unit = false;
    lua->epoch++;
    lua->run_unit = 0;
}

/* The function's own line: the place of what it returned. */
int mz_refuse_result(lua_State *L, const struct mz_stage *stage, const char *what,
                     const char *help)
{
    lua_Debug function;
    lua_rawgeti(L, LUA_REGISTRYINDEX, stage->function);
    lua_getinfo(L, ">S", &function);
    int file = mz_file_index(mz_lua_of(L), function.source);
    mz_raise_at(L, file, function.linedefined, "stage '%s' returned %s; %s",
                stage->name, what, help);
}

/* The record of the box at `index`, copied when the script owns it. */
static struct mizan_record *take_record(lua_State *L, const struct mz_stage *stage,
                                        int index)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_record_box *box = mz_check_record(L, index);
    if (box->read_only) {
        mz_refuse_result(L, stage, "a record that is read only", "return a copy of it");
    }
    if (box->returned == lua->epoch) {
        mz_refuse_result(L, stage, "the same record twice",
                         "return rec:copy() beside it");
    }
    box->returned = lua->epoch;
    if (box->arena == NULL) {
        return box->record;
    }
    struct mizan_record *copy = mz_record_copy(lua->arena, box->record);
    if (copy == NULL) {
        mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a record");
    }
    return copy;
}

static void take_list(lua_State *L, const struct mz_stage *stage,
                      struct mz_stage_result *result)
{
    size_t count = lua_rawlen(L, -1), keys = 0;
    int list = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, list); lua_pop(L, 1)) {
        keys++;
    }
    if (keys == 0) {
        mz_refuse_result(L, stage, "an empty list",
                         "return mizan.drop(reason), so that it is counted");
    }
    if (keys != count) {
        mz_refuse_result(L, stage, "a table that is no list of records",
                         "a new record is made with mizan.record(type, fields)");
    }
    result->records =
        mz_arena_alloc(mz_lua_of(L)->arena, count * sizeof *result->records);
    if (result->records == NULL) {
        mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a list of records");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        if (mz_test_record(L, -1) == NULL) {
            mz_refuse_result(L, stage, "a list with something else than records",
                             "a new record is made with mizan.record(type, fields)");
        }
        result->records[i] = take_record(L, stage, -1);
        lua_pop(L, 1);
    }
    result->count = count;
}

static void take_outcome(lua_State *L, const struct mz_outcome_box *box,
                         struct mz_stage_result *result)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_getiuservalue(L, -1, 1);
    result->outcome = box->outcome;
    result->reason = mz_arena_string(lua->arena, lua_tostring(L, -1));
    if (box->outcome == MZ_REJECT) {
        result->place = mz_place_text(lua, lua->arena, box->file, box->line);
    }
    if (result->reason == NULL) {
        mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory");
    }
}

/* What the function returned is on the top of the stack. */
static void take_result(lua_State *L, struct call *call)
{
    struct mz_stage_result *result = &call->result;
    result->outcome = MZ_PASS;
    bool same = lua_touserdata(L, -1) == (void *)call->box;
    if (same || mz_test_record(L, -1) != NULL) {
        struct mizan_record *record =
            same ? call->box->record : take_record(L, call->stage, -1);
        result->records = mz_arena_alloc(mz_lua_of(L)->arena, sizeof *result->records);
        if (result->records == NULL) {
            mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a record");
            return;
        }
        result->records[0] = record;
        result->count = 1;
        return;
    }
    const struct mz_outcome_box *outcome = mz_test_outcome(L, -1);
    if (outcome != NULL) {
        take_outcome(L, outcome, result);
    } else if (lua_istable(L, -1)) {
        take_list(L, call->stage, result);
    } else {
        mz_refuse_result(L, call->stage,
                         lua_isnil(L, -1) ? "nothing"
                                          : lua_typename(L, lua_type(L, -1)),
                         "return the record, a list, mizan.drop(reason) or "
                         "mizan.reject(reason)");
    }
}

/* Argument 1: the call. Begins with the record at `at`, and leaves `at` where it was
 * when the function of that record raises. */
static int each_body(lua_State *L)
{
    struct call *call = lua_touserdata(L, 1);
    struct mz_each_call *each = call->each;
    struct mz_lua *lua = mz_lua_of(L);
    bool go_on = true;
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->stage->function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, lua->context_reference);
    while (go_on && each->at < each->count) {
        memset(&call->result, 0, sizeof call->result);
        lua_pushvalue(L, 2);
        call->box = mz_push_call_record(L, each->records[each->at]);
        lua_pushvalue(L, 3);
        lua_call(L, 2, 1);
        take_result(L, call);
        lua_settop(L, 3);
        lua->epoch++;
        go_on = each->done(each->owner, each->records[each->at], &call->result);
        each->at++;
    }
    return 0;
}

/* The failure of the script becomes the result. */
static enum mz_code take_failure(struct mz_lua *lua, struct mz_arena *arena,
                                 struct mz_stage_result *result, struct mz_error *error)
{
    const struct mz_failure *failure = &lua->failure;
    bool of_script = failure->code != MZ_MEMORY || lua->refused;
    if (failure->code == MZ_DEADLINE || failure->code == MZ_INTERNAL || !of_script) {
        enum mz_code code = failure->code;
        mz_failure_report(lua, error);
        return code;
    }
    memset(result, 0, sizeof *result);
    result->outcome = MZ_ERROR;
    result->reason =
        failure->help[0] == '\0'
            ? mz_arena_string(arena, failure->message)
            : mz_arena_printf(arena, "%s; %s", failure->message, failure->help);
    result->place = mz_place_text(lua, arena, failure->file, failure->line);
    if (failure->traceback[0] != '\0') {
        result->traceback = mz_arena_string(arena, failure->traceback);
    }
    return result->reason != NULL ? MZ_OK
                                  : mz_fail(error, MZ_MEMORY, "not enough memory");
}

static const char *address_of(const struct mizan_record *document)
{
    const struct mizan_value *url =
        document != NULL ? mz_record_find(document, "url") : NULL;
    return url != NULL && url->type == MIZAN_TEXT ? url->as.text.data : NULL;
}

enum mz_code mz_stage_call(struct mz_lua *lua, const struct mz_stage *stage,
                           lua_CFunction body, void *call, struct mz_arena *arena,
                           struct mz_stage_result *result, struct mz_error *error)
{
    memset(result, 0, sizeof *result);
    lua->arena = arena;
    lua->stage = stage;
    lua->called = true;
    /* The budget is of CPU time; the watcher's wall limit leaves room for a busy
     * machine and ends what no hook can. */
    mz_activity_begin("script", mz_stage_word(stage), stage->name,
                      address_of(lua->context.document), 3 * lua->budget + 5000);
    int status = mz_lua_protect(lua, body, call);
    mz_activity_end();
    lua->epoch++;
    enum mz_code code = MZ_OK;
    if (status != LUA_OK) {
        code = take_failure(lua, arena, result, error);
    }
    lua->stage = NULL;
    lua->arena = NULL;
    return code;
}

enum mz_code mz_lua_each_of(struct mz_lua *lua, const struct mz_stage *stage,
                            struct mz_each_call *each, struct mz_error *error)
{
    struct call call = {.stage = stage, .each = each};
    bool go_on = true;
    while (go_on && each->at < each->count) {
        struct mz_stage_result failed;
        enum mz_code code =
            mz_stage_call(lua, stage, each_body, &call, each->arena, &failed, error);
        if (code != MZ_OK) {
            return code;
        }
        if (failed.outcome != MZ_ERROR) {
            return MZ_OK;
        }
        go_on = each->done(each->owner, each->records[each->at], &failed);
        each->at++;
    }
    return MZ_OK;
}

static bool keep_result(void *owner, struct mizan_record *record,
                        const struct mz_stage_result *result)
{
    (void)record;
    *(struct mz_stage_result *)owner = *result;
    return false;
}

enum mz_code mz_lua_each(struct mz_lua *lua, const struct mz_stage *stage,
                         struct mizan_record *record, struct mz_arena *arena,
                         struct mz_stage_result *result, struct mz_error *error)
{
    struct mz_each_call call = {&record, 1, 0, arena, keep_result, result};
    memset(result, 0, sizeof *result);
    return mz_lua_each_of(lua, stage, &call, error);
}

/* ---- branches ---- */

struct choice {
    const struct mz_stage *stage;
    struct mizan_record *record;
    const char **name;
    struct mz_stage_result *result;
};

static int branch_body(lua_State *L)
{
    const struct choice *choice = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, choice->stage->function);
    mz_push_record(L, choice->record, true);
    lua_rawgeti(L, LUA_REGISTRYINDEX, mz_lua_of(L)->context_reference);
    lua_call(L, 2, 1);
    const struct mz_outcome_box *outcome = mz_test_outcome(L, -1);
    choice->result->outcome = MZ_PASS;
    if (outcome != NULL) {
        take_outcome(L, outcome, choice->result);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        *choice->name = mz_arena_string(mz_lua_of(L)->arena, lua_tostring(L, -1));
    } else if (!lua_isnil(L, -1)) {
        return mz_refuse_result(
            L, choice->stage, luaL_typename(L, -1),
            "return the name of an arm as text, mizan.drop(reason) or "
            "mizan.reject(reason)");
    }
    return 0;
}

enum mz_code mz_lua_branch(struct mz_lua *lua, const struct mz_stage *stage,
                           struct mizan_record *record, struct mz_arena *arena,
                           const char **name, struct mz_stage_result *result,
                           struct mz_error *error)
{
    struct choice choice = {stage, record, name, result};
    *name = NULL;
    return mz_stage_call(lua, stage, branch_body, &choice, arena, result, error);
}
