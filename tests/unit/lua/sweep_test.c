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
    "local berlin = mizan.zone 'Europe/Berlin'\n"
    "local feeds = mizan.csv 'feeds.csv'\n"
    "local key = mizan.secret { name = 'KEY', host = { 'a.example' } }\n"
    "local auth = { mizan.auth.basic('user', key), mizan.auth.bearer(key) }\n"
    "local region = mizan.param { name = 'region', type = 'decimal', default = '1.5' "
    "}\n"
    "return mizan.pipeline {\n"
    "  name = 'sweep', about = { owner = 'a', deep = nil },\n"
    "  schedule = { cron = '* * * * *', shards = 2 }, gap = '2s',\n"
    "  limits = { memory = '16M', unit = '2s' }, network = { private = { 'a', 'b' } "
    "},\n"
    "  report = { 'x', { query = 'ratio', value = region } },\n"
    "  stages = {\n"
    "    mizan.fetch.shelf { path = words.path, sources = feeds },\n"
    "    mizan.each('figure', 'sure', function(rec, ctx)\n"
    "      local copy, plain = rec:copy(), rec:totable()\n"
    "      copy.note = words.note .. rec.tags[1] .. tostring(rec.value * 2 + 1)\n"
    "      for name, value in pairs(rec) do plain[name] = value end\n"
    "      local new = mizan.record('row', { value = rec.value, tags = { 'a', { 'b' } "
    "} })\n"
    "      rec.names = { en = ctx.doc.title, run = ctx.run.id, at = "
    "mizan.iso(rec.date) }\n"
    "      rec.scaled = rec.value:div(3, 20)\n"
    "      local d = (rec.value // 3 + rec.value % 3) ^ 2 - 1\n"
    "      rec.shown = d:abs():round(2, 'up'):format { group = '.' } .. d:sign() .. "
    "d:key()\n"
    "      local json = mizan.json.parse(mizan.json.text { a = { 1, rec.value } })\n"
    "      rec.part = mizan.json.at(json, '/a/1')\n"
    "      rec.address = mizan.url.resolve('http://a/b', mizan.url.escape 'c d')\n"
    "      rec.query = mizan.url.query('a=1&b=%20').b .. mizan.url.parse "
    "'http://h/p'.host .. mizan.url.unescape '%41'\n"
    "      rec.clock = berlin:text(rec.date) .. berlin:parts(rec.date).year .. "
    "berlin:time { year = 2025 } .. tostring(berlin) .. tostring(key)\n"
    "      local found = {}\n"
    "      for a, b in ('k=v, l=w'):gmatch '(%w+)=(%w+)' do table.insert(found, 1, a "
    ".. b) "
    "end\n"
    "      table.remove(found) table.sort(found) table.move(found, 1, 1, 2)\n"
    "      rec.found = table.concat(found, ',') .. ('x'):rep(300, 'y'):gsub('y', "
    "'%0z') .. "
    "(('abc'):match '(b)()' or '') .. ('abc'):find('c', 1, true) .. ('b'):gsub('b', "
    "string.upper)\n"
    "      ctx.log('note', rec.found) pcall(ctx.state.set, ctx.state, 'k', rec.value)\n"
    "      print(ctx.params, "
    "ctx.source.id)\n"
    "      assert(not pcall(mizan.zone, 'UTC') and not pcall(function() return "
    "ctx.http "
    "end))\n"
    "      local next_word = coroutine.wrap(function() coroutine.yield(region) end)\n"
    "      rec.region = next_word()\n"
    "      return { rec, new, copy }\n"
    "    end),\n"
    "    mizan.chain { mizan.extract.mark { level = 'high', count = 2, every = '3m' } "
    "},\n"
    "    mizan.branch { by = function(rec, ctx) return rec.kind end, other = false,\n"
    "      money = mizan.merge { false, mizan.each('row', 'two', function(rec) return "
    "rec "
    "end) } },\n"
    "    mizan.batch { type = 'figure', fields = { 'kind', 'tags' }, writes = { "
    "'value', "
    "'size' }, run = function(rows, ctx)\n"
    "      for i = 1, rows.n do rows.size[i] = #rows.kind[i] rows.value[i] = "
    "rows.value[i] + 1 end\n"
    "      rows.drop[1] = 'a' rows.reject[2] = 'b' return rows end },\n"
    "    mizan.store.bin { token = 'secret' },\n"
    "  },\n"
    "}\n";

static void write_files(struct bench *bench)
{
    bench_write(bench, "main.lua", script);
    bench_write(bench, "words.lua", "return { path = 'shelf', note = 'note ' }\n");
    bench_write(bench, "feeds.csv", "id,lang\na,ar\n\"b\",\n");
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
    assert_int_equal(bench.pipeline->stage_count, 8);
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
            if (failed == 0) {
                print_error("%s\n", bench.result.reason);
            }
            assert_true(failed > 0);
            assert_true(code == MZ_MEMORY || bench.result.outcome == MZ_ERROR);
        }
        mz_lua_end_unit(bench.lua);
    }
    assert_true(n > 10);
    assert_int_equal(bench.result.count, 3);
    bench_finish(&bench);
}

/* What a branch and a batch allocate, on two figures each time. */
static enum mz_code call_many(struct bench *bench, struct mz_stage_result *result)
{
    const struct mz_stage *stages = bench->pipeline->stages;
    struct mizan_record *records[2];
    struct mz_stage_result verdicts[2];
    const char *arm = NULL;
    for (size_t i = 0; i < 2; i++) {
        long kept = left;
        left = -1;
        records[i] = bench_figure(bench);
        left = kept;
        memset(&verdicts[i], 0, sizeof verdicts[i]);
    }
    enum mz_code code = mz_lua_branch(bench->lua, &stages[3], records[0], bench->unit,
                                      &arm, result, &bench->error);
    if (code != MZ_OK || result->outcome != MZ_PASS) {
        return code;
    }
    assert_string_equal(arm, "money");
    code = mz_lua_batch(bench->lua, &stages[6], records, 2, bench->unit, verdicts,
                        result, &bench->error);
    if (code == MZ_OK && result->outcome == MZ_PASS) {
        assert_int_equal(verdicts[0].outcome, MZ_DROP);
        assert_int_equal(verdicts[1].outcome, MZ_REJECT);
    }
    return code;
}

static void every_allocation_of_many(void **state)
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
        left = n;
        failed = 0;
        enum mz_code code = call_many(&bench, &bench.result);
        left = -1;
        passed = code == MZ_OK && bench.result.outcome == MZ_PASS;
        assert_true(passed || failed > 0);
        mz_lua_end_unit(bench.lua);
    }
    /* Small blocks come many at a time, but under a sanitizer. */
    assert_true(n > 1);
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
        cmocka_unit_test(every_allocation_of_many),
        cmocka_unit_test(every_limit_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
