/* ctx, the results of stages, and how plugins are named. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static void context_shows_the_unit(void **state)
{
    static const char *const bodies[] = {
        "assert(ctx.doc.title == 'A page' and ctx.doc.url:find('example')) return rec",
        "assert(rawequal(ctx.doc, ctx.doc)) return rec",
        "assert(ctx.source.id == 'shelf') return rec",
        "assert(ctx.run.id == 'run-1' and ctx.run.attempt == 2) return rec",
        "assert(ctx.run.tick == '2025-09-03T10:00:00Z' and ctx.run.trigger == "
        "'manual') "
        "return rec",
        "ctx.log('plain', 1, rec.value) ctx.log:info('info') "
        "ctx.log:warning('warning') "
        "ctx.log.error('error') ctx.log:debug('debug') print('printed', nil) return "
        "rec",
        "assert(mizan.type(ctx.doc:copy()) == 'document') return rec",
        "assert(mizan.version:find('%d')) return rec",
    };
    struct bench bench;
    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        bench_pass(&bench, bodies[i]);
    }
    bench_error(&bench, "return ctx.run.nothing", "ctx.run has no 'nothing'");
    bench_error(&bench, "ctx.doc = rec return rec", "ctx cannot be changed");
    bench_error(&bench, "ctx.state:get('x') return rec", "there is no state to read");
    bench_error(&bench, "ctx.log:trace('x') return rec", "ctx.log has no 'trace'");
    bench_finish(&bench);
}

static void parameters_are_in_the_context(void **state)
{
    static const char *const given[] = {"region=eu"};
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench.parameters = given;
    bench.parameter_count = 1;
    assert_int_equal(
        bench_load_text(
            &bench, "local mizan = require 'mizan'\n"
                    "mizan.param { name = 'region' }\n"
                    "return mizan.pipeline { name = 'test', stages = {\n"
                    "mizan.fetch.shelf {}, mizan.each('figure', function(rec, ctx)\n"
                    "return mizan.drop(ctx.params.region) end), mizan.store.bin {} "
                    "} }"),
        MZ_OK);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_DROP);
    assert_string_equal(bench.result.reason, "eu");
    bench_finish(&bench);
}

struct kept {
    char key[32], value[32];
    size_t size;
};

static enum mz_code get_state(void *owner, const char *key, struct mz_arena *arena,
                              struct mizan_slice *out, bool *found,
                              struct mz_error *error)
{
    struct kept *kept = owner;
    if (strcmp(key, "away") == 0) {
        return mz_fail(error, MZ_TRY_AGAIN, "the database is away");
    }
    *found = strcmp(kept->key, key) == 0;
    if (*found) {
        *out = (struct mizan_slice){mz_arena_copy(arena, kept->value, kept->size),
                                    kept->size};
    }
    return MZ_OK;
}

static void set_state(void *owner, const char *key, struct mizan_slice value)
{
    struct kept *kept = owner;
    snprintf(kept->key, sizeof kept->key, "%s", key);
    kept->size = value.size;
    if (value.size > 0) {
        memcpy(kept->value, value.data, value.size);
    }
}

/* One that cannot be read is not one that was never set. */
static void state_that_cannot_be_read_is_an_error(void **state)
{
    struct bench bench;
    struct kept kept = {"", "", 0};
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "ctx.state:set('n', ctx.state:get('away') or 0) return rec");
    struct mz_unit_context context = {
        .owner = &kept, .state_get = get_state, .state_set = set_state};
    mz_lua_begin_unit(bench.lua, bench.pipeline, &context);
    assert_int_equal(mz_lua_each(bench.lua, &bench.pipeline->stages[1],
                                 bench_figure(&bench), bench.unit, &bench.result,
                                 &bench.error),
                     MZ_OK);
    mz_lua_end_unit(bench.lua);
    assert_int_equal(bench.result.outcome, MZ_ERROR);
    assert_contains(bench.result.reason, "the state 'away' cannot be read");
    assert_string_equal(kept.key, "");
    bench_finish(&bench);
}

static void state_is_kept(void **state)
{
    struct bench bench;
    struct kept kept = {"", "", 0};
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "local n = tonumber(ctx.state:get('n') or 0) "
                        "ctx.state:set('n', n + 1) assert(ctx.state:get('m') == nil) "
                        "if n == 2 then ctx.state:set('n', {}) end return rec");
    struct mz_unit_context context = {
        .owner = &kept,
        .state_get = get_state,
        .state_set = set_state,
    };
    for (int i = 0; i < 3; i++) {
        mz_lua_begin_unit(bench.lua, bench.pipeline, &context);
        assert_int_equal(mz_lua_each(bench.lua, &bench.pipeline->stages[1],
                                     bench_figure(&bench), bench.unit, &bench.result,
                                     &bench.error),
                         MZ_OK);
        mz_lua_end_unit(bench.lua);
        assert_int_equal(bench.result.outcome, i < 2 ? MZ_PASS : MZ_ERROR);
    }
    assert_contains(bench.result.reason, "ctx.state keeps text, numbers and nil");
    assert_string_equal(kept.key, "n");
    assert_memory_equal(kept.value, "3", kept.size);
    bench_finish(&bench);
}

static void results_reach_the_host(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_pass(&bench,
               "local row = mizan.record('row', { a = 1 }) return { rec, row }");
    assert_int_equal(bench.result.count, 2);
    assert_string_equal(mz_record_type(bench.result.records[0]), "figure");
    assert_string_equal(mz_record_type(bench.result.records[1]), "row");
    assert_null(bench.result.reason);

    bench_stage(&bench, "return mizan.reject 'no date'");
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_REJECT);
    assert_string_equal(bench.result.reason, "no date");
    assert_string_equal(bench.result.place, "main.lua:3");
    assert_null(bench.result.traceback);

    bench_stage(&bench, "return rec.a.b");
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_ERROR);
    assert_string_equal(bench.result.reason,
                        "attempt to index a nil value (field 'a')");
    assert_string_equal(bench.result.place, "main.lua:3");
    assert_string_equal(bench.result.traceback,
                        "main.lua:3: in the function of line 2\n");
    bench_finish(&bench);
}

/* A value that a former call left does not change what a later one answers. */
static void results_do_not_linger(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "kept.n = (kept.n or 0) + 1\n"
                        "if kept.n == 1 then return mizan.reject 'first' end\n"
                        "if kept.n == 2 then error 'second' end\n"
                        "if kept.n == 3 then return mizan.drop 'third' end\n"
                        "return rec");
    static const enum mz_outcome outcomes[] = {MZ_REJECT, MZ_ERROR, MZ_DROP, MZ_PASS};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(bench_call(&bench, 1), MZ_OK);
        assert_int_equal(bench.result.outcome, outcomes[i]);
        assert_true((bench.result.place != NULL) == (i < 2));
        assert_true((bench.result.traceback != NULL) == (i == 1));
        assert_true((bench.result.reason != NULL) == (i < 3));
        assert_int_equal(bench.result.count, i == 3);
    }
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_shows_the_unit),
        cmocka_unit_test(parameters_are_in_the_context),
        cmocka_unit_test(state_is_kept),
        cmocka_unit_test(state_that_cannot_be_read_is_an_error),
        cmocka_unit_test(results_reach_the_host),
        cmocka_unit_test(results_do_not_linger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
