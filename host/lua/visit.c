#include "lua/visit.h"

#include <stdlib.h>
#include <string.h>

#include "lua/visiting.h"
#include "plug/activity.h"

#define REQUEST_CEILING ((size_t)64 << 20)
#define ANSWER_CEILING  ((size_t)256 << 20)

/* ---- waiting ---- */

struct mz_visit *mz_visit_in_work(lua_State *L, const char *what)
{
    struct mz_visit *visit = mz_lua_of(L)->visit;
    if (visit == NULL) {
        mz_raise(L, MZ_SCRIPT, what, NULL,
                 "%s is there in the function of mizan.source alone", what);
    }
    return visit;
}

/* The library function that called back into the script, or "a metamethod". */
static const char *function_in_the_way(lua_State *L, lua_Debug *frame)
{
    for (int level = 1; lua_getstack(L, level, frame); level++) {
        lua_getinfo(L, "Sn", frame);
        if (frame->what[0] == 'C' && frame->name != NULL) {
            return frame->name;
        }
    }
    return "a metamethod or iterator";
}

void mz_visit_may_wait(lua_State *L, const char *what)
{
    lua_Debug frame;
    if (lua_isyieldable(L)) {
        return;
    }
    mz_raise(L, MZ_SCRIPT, NULL,
             "collect the addresses first, then ask for them in a loop of your own",
             "%s waits, and inside '%s' it cannot: attempt to yield across a C-call "
             "boundary",
             what, function_in_the_way(L, &frame));
}

/* A coroutine of the script's own passes this value on to the one that resumed it:
 * library.c. */
int mz_visit_yield(lua_State *L, lua_KFunction resumed, lua_KContext context)
{
    lua_pushlightuserdata(L, mz_lua_of(L));
    return lua_yieldk(L, 1, context, resumed);
}

/* ---- documents ---- */

/* The record at index 2, or one made of the table there. */
static const struct mizan_record *take_document(lua_State *L, struct mz_visit *visit)
{
    if (mz_test_record(L, 2) != NULL) {
        return mz_check_record(L, 2)->record;
    }
    if (lua_type(L, 2) != LUA_TTABLE) {
        mz_raise(L, MZ_SCRIPT, "emit", "ctx:emit { url = …, body = … }",
                 "ctx:emit wants a document, not %s", luaL_typename(L, 2));
    }
    struct mizan_value fields;
    mz_arena_reset(visit->answer);
    struct mizan_record *document = mz_record_create(visit->answer, "document");
    mz_to_map(L, 2, visit->answer, "document", NULL, &fields);
    for (size_t i = 0; i < fields.as.map.count; i++) {
        const struct mizan_field *field = &fields.as.map.fields[i];
        bool body =
            strcmp(field->name.data, "body") == 0 && field->value.type == MIZAN_TEXT;
        struct mizan_value value =
            body ? mz_bytes(field->value.as.text.data, field->value.as.text.size)
                 : field->value;
        if (document == NULL ||
            mz_record_put(document, field->name.data, &value) != MIZAN_OK) {
            mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a document");
        }
    }
    return document;
}

static int emitted(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 0;
}

int mz_visit_emit(lua_State *L)
{
    struct mz_visit *visit = mz_visit_in_work(L, "ctx:emit");
    struct mz_error error;
    mz_visit_may_wait(L, "ctx:emit");
    const struct mizan_record *document = take_document(L, visit);
    const struct mizan_value *url =
        document != NULL ? mz_record_find(document, "url") : NULL;
    if (url == NULL || url->type != MIZAN_TEXT) {
        return mz_raise(L, MZ_SCRIPT, "emit", NULL,
                        "ctx:emit: the document has no url: documents are known by it");
    }
    enum mz_code code = visit->services->emit(visit->owner, document, &error);
    if (code != MZ_OK && code != MZ_CANCELLED) {
        return mz_raise_error(L, &error, "emit");
    }
    mz_arena_reset(visit->answer);
    visit->state = MZ_VISIT_EMITTED;
    visit->ticks = -1; /* a new document, a new budget */
    return mz_visit_yield(L, emitted, 0);
}

/* ---- the coroutine ---- */

struct mz_visit_call {
    struct mz_visit *visit;
    bool failed;
};

static int begin_body(lua_State *L)
{
    const struct mz_visit_call *call = lua_touserdata(L, 1);
    lua_State *coroutine = lua_newthread(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, call->visit->stage->function);
    lua_xmove(L, coroutine, 1);
    call->visit->coroutine = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static int resume_body(lua_State *L)
{
    struct mz_visit_call *call = lua_touserdata(L, 1);
    struct mz_visit *visit = call->visit;
    lua_rawgeti(L, LUA_REGISTRYINDEX, visit->coroutine);
    lua_State *coroutine = lua_tothread(L, -1);
    int count = 0, results;
    if (!visit->started) {
        visit->started = true;
        lua_rawgeti(L, LUA_REGISTRYINDEX, mz_lua_of(L)->context_reference);
        lua_xmove(L, coroutine, 1);
        count = 1;
    }
    lua_State *from = mz_limit_switch(visit->lua, coroutine);
    int status = lua_resume(coroutine, L, count, &results);
    mz_limit_switch(visit->lua, from);
    if (status == LUA_YIELD) {
        bool ours = results == 1 && lua_touserdata(coroutine, -1) == visit->lua;
        lua_pop(coroutine, results);
        if (!ours) {
            return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                            "the function of mizan.source yields itself: only "
                            "coroutines that it makes may");
        }
        return 0;
    }
    visit->state = MZ_VISIT_ENDED;
    if (status != LUA_OK) {
        mz_failure_of_coroutine(L, coroutine);
        call->failed = true;
    }
    return 0;
}

/* Its to-be-closed variables are the script's code: they run under its limits. */
static int end_body(lua_State *L)
{
    const struct mz_visit_call *call = lua_touserdata(L, 1);
    struct mz_visit *visit = call->visit;
    lua_rawgeti(L, LUA_REGISTRYINDEX, visit->coroutine);
    lua_State *coroutine = lua_tothread(L, -1);
    luaL_unref(L, LUA_REGISTRYINDEX, visit->coroutine);
    visit->coroutine = LUA_NOREF;
    if (!visit->lua->tripped) {
        lua_State *from = mz_limit_switch(visit->lua, coroutine);
        lua_resetthread(coroutine);
        mz_limit_switch(visit->lua, from);
    }
    return 0;
}

/* What the state shows while a visit is in work. */
struct mz_before {
    struct mz_unit_context context;
    uint64_t epoch;
};

static void enter(struct mz_visit *visit, struct mz_before *before)
{
    struct mz_lua *lua = visit->lua;
    before->context = lua->context;
    before->epoch = lua->epoch;
    lua->context = lua->run_context;
    lua->context.source = visit->source;
    lua->context.owner = visit->owner;
    lua->context.state_get = visit->services->state_get;
    lua->context.state_set = visit->services->state_set;
    lua->epoch = visit->epoch;
    lua->unit++;
    lua->visit = visit;
    lua->stage = visit->stage;
    lua->arena = visit->answer;
    lua->in_unit = true;
    mz_limit_set(lua, visit->pipeline->unit_time);
    lua->ticks = visit->ticks;
    visit->ticks = 0;
}

static void leave(struct mz_visit *visit, const struct mz_before *before)
{
    struct mz_lua *lua = visit->lua;
    visit->ticks = visit->ticks < 0 ? 0 : lua->ticks;
    lua->context = before->context;
    lua->epoch = before->epoch;
    lua->run_unit = 0;
    lua->visit = NULL;
    lua->stage = NULL;
    lua->arena = NULL;
    lua->in_unit = false;
}

static int call_in_visit(struct mz_visit *visit, lua_CFunction body,
                         struct mz_visit_call *call)
{
    struct mz_before before;
    const struct mizan_value *id =
        visit->source != NULL ? mz_record_find(visit->source, "id") : NULL;
    enter(visit, &before);
    mz_activity_begin("script", "source", visit->stage->name,
                      id != NULL && id->type == MIZAN_TEXT ? id->as.text.data : NULL,
                      3 * visit->lua->budget + 5000);
    int status = mz_lua_protect(visit->lua, body, call);
    mz_activity_end();
    leave(visit, &before);
    return status;
}

enum mz_code mz_visit_begin(struct mz_lua *lua, const struct mz_pipeline *pipeline,
                            const struct mz_stage *stage,
                            const struct mizan_record *source,
                            const struct mz_visit_services *services, void *owner,
                            struct mz_visit **out, struct mz_error *error)
{
    struct mz_visit *visit = calloc(1, sizeof *visit);
    *out = NULL;
    if (visit == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a source");
    }
    *visit = (struct mz_visit){.lua = lua,
                               .pipeline = pipeline,
                               .stage = stage,
                               .source = source,
                               .services = services,
                               .owner = owner,
                               .coroutine = LUA_NOREF,
                               .request = mz_arena_create(REQUEST_CEILING),
                               .answer = mz_arena_create(ANSWER_CEILING),
                               .epoch = ++lua->epoch};
    lua->epoch++;
    lua->pipeline = pipeline;
    struct mz_visit_call call = {visit, false};
    if (visit->request == NULL || visit->answer == NULL) {
        mz_visit_end(visit);
        return mz_fail(error, MZ_MEMORY, "not enough memory for a source");
    }
    if (call_in_visit(visit, begin_body, &call) != LUA_OK) {
        enum mz_code code = lua->failure.code;
        mz_failure_report(lua, error);
        mz_visit_end(visit);
        return code;
    }
    *out = visit;
    return MZ_OK;
}

/* "feeds.lua:12: …", since what a source failed of is kept as one sentence. */
static void report(struct mz_visit *visit, struct mz_error *error)
{
    const struct mz_failure *failure = &visit->lua->failure;
    mz_failure_report(visit->lua, error);
    if (error != NULL && failure->file >= 0 && failure->line > 0) {
        mz_error_prefix(error, "%s:%d", visit->lua->files[failure->file].name,
                        failure->line);
    }
}

enum mz_code mz_visit_resume(struct mz_visit *visit, enum mz_visit_state *state,
                             struct mz_error *error)
{
    struct mz_visit_call call = {visit, false};
    int status = call_in_visit(visit, resume_body, &call);
    enum mz_code code = MZ_OK;
    if (status != LUA_OK || call.failed) {
        code = visit->lua->failure.code;
        visit->state = MZ_VISIT_ENDED;
        report(visit, error);
    }
    *state = visit->state;
    return code;
}

void mz_visit_end(struct mz_visit *visit)
{
    if (visit == NULL) {
        return;
    }
    if (visit->asked) {
        visit->services->drop(visit->owner);
    }
    if (visit->coroutine != LUA_NOREF) {
        struct mz_visit_call call = {visit, false};
        (void)call_in_visit(visit, end_body, &call);
    }
    mz_arena_destroy(visit->request);
    mz_arena_destroy(visit->answer);
    free(visit);
}
