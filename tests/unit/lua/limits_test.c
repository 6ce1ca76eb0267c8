/* The budget of CPU time and the ceiling of memory, where tests/lua does not reach. */
#include "support.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

static void burn(int64_t milliseconds)
{
    struct timespec now;
    int64_t end = 0, time = 0;
    do {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        time = now.tv_sec * 1000 + now.tv_nsec / 1000000;
        end = end == 0 ? time + milliseconds : end;
    } while (time < end);
}

/* CPU time that the thread uses outside Lua (in plugins) is not the script's. */
static void time_outside_does_not_count(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "return rec");
    bench.pipeline->unit_time = 100;
    bench_begin(&bench);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(mz_lua_each(bench.lua, &bench.pipeline->stages[1],
                                     bench_figure(&bench), bench.unit, &bench.result,
                                     &bench.error),
                         MZ_OK);
        assert_int_equal(bench.result.outcome, MZ_PASS);
        burn(100);
    }
    mz_lua_end_unit(bench.lua);
    bench_finish(&bench);
}

/* Calls of one unit share its budget; the next unit has a new one. */
static void calls_of_a_unit_share_the_budget(void **state)
{
    struct bench bench;
    enum mz_code code = MZ_OK;
    int calls = 0;
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "for i = 1, 300000 do local x = i * i end return rec");
    bench.pipeline->unit_time = 100;
    bench_begin(&bench);
    while (code == MZ_OK && calls < 100000) {
        code = mz_lua_each(bench.lua, &bench.pipeline->stages[1], bench_figure(&bench),
                           bench.unit, &bench.result, &bench.error);
        calls++;
    }
    assert_int_equal(code, MZ_DEADLINE);
    assert_contains(bench.error.message, "more than 100 ms of CPU time for one unit");
    /* Nothing runs in a unit whose budget is used up. */
    assert_int_equal(mz_lua_each(bench.lua, &bench.pipeline->stages[1],
                                 bench_figure(&bench), bench.unit, &bench.result,
                                 &bench.error),
                     MZ_DEADLINE);
    mz_lua_end_unit(bench.lua);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_PASS);
    bench_finish(&bench);
}

/* A coroutine that met the deadline works again when a later unit resumes it. */
static void coroutines_are_freed_of_the_hook(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_stage(
        &bench,
        "if not kept.co then\n"
        "  kept.co = coroutine.create(function()\n"
        "    while true do coroutine.yield(1) end\n"
        "  end)\n"
        "  while true do coroutine.resume(kept.co) end\n"
        "end\n"
        "for i = 1, 1000 do local ok = coroutine.resume(kept.co)\n"
        "  if not ok and coroutine.status(kept.co) ~= 'dead' then return end end\n"
        "return rec");
    bench.pipeline->unit_time = 50;
    assert_int_equal(bench_call(&bench, 1), MZ_DEADLINE);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_PASS);
    bench_finish(&bench);
}

static void *call_from_thread(void *argument)
{
    struct bench *bench = argument;
    return (void *)(uintptr_t)bench_call(bench, 1);
}

/* A state may be handed to another thread: its timer follows. */
static void a_state_may_move(void **state)
{
    struct bench bench;
    pthread_t thread;
    void *code;
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "while true do end");
    bench.pipeline->unit_time = 50;
    assert_int_equal(pthread_create(&thread, NULL, call_from_thread, &bench), 0);
    assert_int_equal(pthread_join(thread, &code), 0);
    assert_int_equal((uintptr_t)code, MZ_DEADLINE);
    assert_int_equal(bench_call(&bench, 1), MZ_DEADLINE);
    bench_finish(&bench);
}

/* After the memory limit the state works on. */
static void the_state_survives_its_limit(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench.memory = 8 << 20;
    bench_stage(&bench, "if kept.again then return rec end kept.again = true\n"
                        "local t = {} for i = 1, 1e8 do t[i] = i end");
    bench.pipeline->memory = 8 << 20;
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_PASS);
    assert_true(mz_lua_memory(bench.lua) < 256 << 20);
    bench_finish(&bench);
}

static void loading_has_its_own_budget(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench.load_time = 50;
    assert_int_equal(
        bench_load_text(&bench, "\nlocal n = 0\nwhile true do n = n + 1 end"),
        MZ_DEADLINE);
    assert_contains(bench.error.message,
                    "more than 50 ms of CPU time while it was loaded");
    assert_int_equal(bench.error.line, 3);
    bench.memory = 1 << 20;
    assert_int_equal(bench_load_text(&bench, "local s = ('x'):rep(2000000)"),
                     MZ_MEMORY);
    assert_contains(bench.error.message, "the script's limit is 1 MiB (limits.memory)");
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_outside_does_not_count),
        cmocka_unit_test(calls_of_a_unit_share_the_budget),
        cmocka_unit_test(coroutines_are_freed_of_the_hook),
        cmocka_unit_test(a_state_may_move),
        cmocka_unit_test(the_state_survives_its_limit),
        cmocka_unit_test(loading_has_its_own_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
