/* Every allocation of the host fails in turn, while a script is loaded and while a
 * stage is called: each time the answer is an error or a result, and nothing is lost
 * (the address sanitizer of the asan preset looks for leaks). */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* How many allocations still succeed; negative: all. Lua's allocator, the arenas and
 * the host's own calls come by here, liblua and the loader of the system do not. */
static long left = -1;
static long failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static bool refuse(void)
{
    if (left < 0) {
        return false;
    }
    if (left > 0) {
        left--;
        return false;
    }
    failed++;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return refuse() ? NULL : __real_realloc(block, size);
}

static const char script[] =
    "local mizan = require 'mizan'\n"
    "local words = require 'words'\n"
    "local region = mizan.param { name = 'region', type = 'decimal', default = '1.5' "
    "}\n"
    "return mizan.pipeline {\n"
    "  name = 'sweep', about = { owner = 'a', deep = nil },\n"
    "  schedule = { cron = '* * * * *', shards = 2 }, gap = '2s',\n"
    "  limits = { memory = '16M', unit = '2s' }, network = { private = { 'a', 'b' } "
    "},\n"
    "  report = { 'x', { query = 'ratio', value = region } },\n"
    "  stages = {\n"
    "    mizan.fetch.shelf { path = words.path, sources = { { id = 'a' }, { id = 'b' } "
    "} },\n"
    "    mizan.each('figure', 'sure', function(rec, ctx)\n"
    "      local copy, plain = rec:copy(), rec:totable()\n"
    "      copy.note = words.note .. rec.tags[1] .. tostring(rec.value * 2 + 1)\n"
    "      for name, value in pairs(rec) do plain[name] = value end\n"
    "      local new = mizan.record('row', { value = rec.value, tags = { 'a', { 'b' } "
    "} })\n"
    "      rec.names = { en = ctx.doc.title, run = ctx.run.id, at = "
    "mizan.iso(rec.date) }\n"
    "      rec.scaled = rec.value:div(3, 20)\n"
    "      local next_word = coroutine.wrap(function() coroutine.yield(region) end)\n"
    "      rec.region = next_word()\n"
    "      return { rec, new, copy }\n"
    "    end),\n"
    "    mizan.chain { mizan.extract.mark { level = 'high', count = 2, every = '3m' } "
    "},\n"
    "    mizan.store.bin { token = 'secret' },\n"
    "  },\n"
    "}\n";

static void write_files(struct bench *bench)
{
    bench_write(bench, "main.lua", script);
    bench_write(bench, "words.lua", "return { path = 'shelf', note = 'note ' }\n");
}

static void every_allocation_of_a_load(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    write_files(&bench);
    assert_int_equal(bench_load(&bench, "main.lua"),
                     MZ_OK); /* plugins are loaded now */
    enum mz_code code = MZ_MEMORY;
    long n = 0;
    for (; code != MZ_OK; n++) {
        assert_true(n < 20000);
        mz_lua_destroy(bench.lua);
        bench.lua = NULL;
        mz_arena_destroy(bench.arena);
        bench.arena = mz_arena_create(1 << 20);
        left = n;
        failed = 0;
        code = bench_load(&bench, "main.lua");
        left = -1;
        if (code != MZ_OK) {
            assert_true(failed > 0);
            assert_true(strlen(bench.error.message) > 0);
        }
        if (code != MZ_OK && code != MZ_MEMORY) {
            print_error("allocation %ld: %s\n", n, bench.error.message);
        }
        assert_true(code == MZ_OK || code == MZ_MEMORY || code == MZ_IO ||
                    code == MZ_SCRIPT);
    }
    assert_true(n > 100);
    assert_int_equal(bench.pipeline->stage_count, 4);
    bench_finish(&bench);
}

static void every_allocation_of_a_call(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    write_files(&bench);
    bool passed = false;
    long n = 0;
    for (; !passed; n++) {
        assert_true(n < 20000);
        assert_int_equal(bench_load(&bench, "main.lua"), MZ_OK);
        mz_arena_destroy(bench.unit);
        bench.unit = mz_arena_create(1 << 20);
        bench_begin(&bench);
        struct mizan_record *figure = bench_figure(&bench);
        left = n;
        failed = 0;
        enum mz_code code = mz_lua_each(bench.lua, &bench.pipeline->stages[1], figure,
                                        bench.unit, &bench.result, &bench.error);
        left = -1;
        passed = code == MZ_OK && bench.result.outcome == MZ_PASS;
        if (!passed) {
            assert_true(failed > 0);
            assert_true(code == MZ_MEMORY || bench.result.outcome == MZ_ERROR);
        }
        mz_lua_end_unit(bench.lua);
    }
    assert_true(n > 10);
    assert_int_equal(bench.result.count, 3);
    bench_finish(&bench);
}

/* The limit of the script instead: one more byte each time. */
static void every_limit_of_memory(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    write_files(&bench);
    enum mz_code code = MZ_MEMORY;
    size_t limit = 1024;
    for (; code != MZ_OK; limit += 97) {
        assert_true(limit < 4 << 20);
        bench.memory = limit;
        code = bench_load(&bench, "main.lua");
        assert_true(code == MZ_OK || code == MZ_MEMORY);
        if (code == MZ_MEMORY && bench.lua != NULL) {
            assert_contains(bench.error.message, "(limits.memory)");
        }
    }
    assert_true(limit > 20000);
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_a_load),
        cmocka_unit_test(every_allocation_of_a_call),
        cmocka_unit_test(every_limit_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
