/* What a record costs in a stage of the script (PERFORMANCE.md, W5), and what the
 * sandbox costs on loops that touch no record: records ROUNDS [RECORDS]. Prints, of
 * interleaved rounds, medians in nanoseconds a record and the ratio of the sandbox to
 * plain Lua. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/box.h"

#define RING   1024
#define ROUNDS 51

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const char pipeline_text[] =
    "local mizan = require 'mizan'\n"
    "local function light(r) if r.id % 10 == 0 then return mizan.drop 'tenth' end\n"
    "  r.total = r.price * r.qty return r end\n"
    "local function full(r) if r.id % 10 == 0 then return mizan.drop 'tenth' end\n"
    "  local t = r.text if r.source == 'afp' or t:find('million', 1, true) then\n"
    "  r.total = r.price * r.qty + (r.ts % 7) * #t else r.total = 0 end return r end\n"
    "local function heavy(r) local s = 0 for i = 1, 200 do s = s + (i * r.qty) % 7 "
    "end\n"
    "  r.total = s return r end\n"
    "local function compute(r) LOOP r.total = 1 return r end\n"
    "return mizan.pipeline { name = 'bench', limits = { unit = '1000s' }, stages = {\n"
    "  mizan.fetch.shelf {}, mizan.each('row', 'light', light),\n"
    "  mizan.each('row', 'full', full), mizan.each('row', 'heavy', heavy),\n"
    "  mizan.each('row', 'compute', compute), mizan.store.bin {} } }\n";

/* Loops of the kinds that scripts have. */
static const char *const loops[][2] = {
    {"math", "local s = 0 for i = 1, 200000 do s = s + math.floor(i / 3) % 7 end"},
    {"text", "local t = {} for i = 1, 20000 do t[#t + 1] = ('%d'):format(i) .. 'x' end "
             "local s = table.concat(t)"},
    {"match",
     "local n = 0 for i = 1, 20000 do local a = ('key=value'):match('(%w+)=') if "
     "a then n = n + 1 end end"},
    {"table",
     "local t = {} for i = 1, 60000 do table.insert(t, i) end local s = 0 for _, v "
     "in ipairs(t) do s = s + v end"},
    {"global", "local s = 0 for i = 1, 100000 do s = s + (tonumber('1') or 0) + "
               "select('#', i) end"},
};
#define LOOPS (sizeof loops / sizeof *loops)

struct bench {
    struct mz_lua *lua;
    struct mz_pipeline *pipeline;
    struct mz_registry *registry;
    struct mz_arena *arena, *unit;
    char folder[64];
};

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void load(struct bench *bench, const char *loop)
{
    char path[128], *text = strdup(pipeline_text), *at = strstr(text, "LOOP");
    struct mz_error error;
    snprintf(path, sizeof path, "%s/main.lua", bench->folder);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fail("cannot write");
    }
    fprintf(file, "%.*s%s%s", (int)(at - text), text, loop, at + 4);
    fclose(file);
    free(text);
    struct mz_lua_settings settings = {.folder = bench->folder,
                                       .registry = bench->registry};
    mz_lua_destroy(bench->lua);
    if (mz_lua_create(&settings, &bench->lua, &error) != MZ_OK ||
        mz_lua_load_pipeline(bench->lua, path, bench->arena, &bench->pipeline,
                             &error) != MZ_OK) {
        fail(error.message);
    }
    unlink(path);
}

static void set(struct mizan_record *record, const char *name, struct mizan_value value)
{
    if (mz_record_put(record, name, &value) != MIZAN_OK) {
        fail("not enough memory");
    }
}

static struct mizan_record *make_record(struct mz_arena *arena, int i)
{
    static const char *const sources[] = {"reuters", "afp",  "dpa",     "aljazeera",
                                          "bbc",     "cnbc", "spiegel", "alarabiya"};
    char text[200];
    struct mizan_record *record = mz_record_create(arena, "row");
    snprintf(
        text, sizeof text,
        "Orion Energy added %d.7%% to $%d.9 million after \"Q3\" results; analysts "
        "expected %d percent",
        i % 20, i % 900, i);
    set(record, "id", mz_integer(i));
    set(record, "ts", mz_integer(1700000000 + i * 7));
    set(record, "source", mz_text(sources[i & 7]));
    set(record, "text", mz_text(text));
    set(record, "price", mz_double(1 + (i * 7919 % 199900) / 100.0));
    set(record, "qty", mz_integer(1 + i * 37 % 499));
    return record;
}

static bool see(void *owner, struct mizan_record *record,
                const struct mz_stage_result *result)
{
    (void)owner;
    (void)record;
    if (result->outcome == MZ_ERROR) {
        fail(result->reason);
    }
    return true;
}

/* Nanoseconds a record of one stage over `count` records. */
static double time_stage(struct bench *bench, size_t stage, long count)
{
    struct mizan_record *ring[RING];
    struct mz_error error;
    struct mz_unit_context context = {.run_id = "bench", .trigger = "manual"};
    double spent = 0;
    for (long done = 0; done < count; done += RING) {
        mz_arena_reset(bench->unit);
        for (int i = 0; i < RING; i++) {
            ring[i] = make_record(bench->unit, i);
        }
        mz_lua_begin_unit(bench->lua, bench->pipeline, &context);
        double begin = cpu_seconds();
        struct mz_each_call call = {.records = ring,
                                    .count = count < RING ? (size_t)count : RING,
                                    .arena = bench->unit,
                                    .done = see};
        if (mz_lua_each_of(bench->lua, &bench->pipeline->stages[stage], &call,
                           &error) != MZ_OK) {
            fail(error.message);
        }
        spent += cpu_seconds() - begin;
        mz_lua_end_unit(bench->lua);
    }
    return spent / (double)count * 1e9;
}

static double time_plain(const char *loop)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (luaL_loadstring(L, loop) != LUA_OK) {
        fail(lua_tostring(L, -1));
    }
    double begin = cpu_seconds();
    lua_call(L, 0, 0);
    double spent = cpu_seconds() - begin;
    lua_close(L);
    return spent * 1e9;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[count / 2];
}

static void bench_records(struct bench *bench, int rounds, long records)
{
    static const char *const names[] = {"light", "full", "heavy"};
    double times[3][ROUNDS];
    load(bench, "");
    for (int r = 0; r < rounds; r++) {
        for (size_t s = 0; s < 3; s++) {
            times[s][r] = time_stage(bench, s + 1, s == 2 ? records / 20 : records);
        }
    }
    for (size_t s = 0; s < 3; s++) {
        printf("%-8s %8.1f ns a record\n", names[s], median(times[s], rounds));
    }
}

static void bench_loops(struct bench *bench, int rounds)
{
    for (size_t i = 0; i < LOOPS; i++) {
        double ratios[ROUNDS];
        load(bench, loops[i][1]);
        (void)time_stage(bench, 4, 1);
        for (int r = 0; r < rounds; r++) {
            double plain = time_plain(loops[i][1]);
            ratios[r] = time_stage(bench, 4, 1) / plain;
        }
        printf("%-8s %8.2f of plain Lua\n", loops[i][0], median(ratios, rounds));
    }
}

int main(int count, char **arguments)
{
    struct bench bench = {.folder = "/tmp/mizan-records-XXXXXX"};
    int rounds = count > 1 ? (int)strtol(arguments[1], NULL, 10) : 7;
    long records = count > 2 ? strtol(arguments[2], NULL, 10) : 200 * RING;
    const char *plugins[] = {TEST_PLUGINS};
    if (rounds < 1 || rounds > ROUNDS || records < RING ||
        mkdtemp(bench.folder) == NULL) {
        fail("usage: records ROUNDS [RECORDS]");
    }
    bench.arena = mz_arena_create((size_t)1 << 24);
    bench.unit = mz_arena_create((size_t)1 << 28);
    bench.registry = mz_registry_create(plugins, 1);
    if (bench.registry == NULL || bench.arena == NULL || bench.unit == NULL) {
        fail("not enough memory");
    }
    bench_records(&bench, rounds, records);
    bench_loops(&bench, rounds);
    mz_lua_destroy(bench.lua);
    mz_registry_destroy(bench.registry);
    mz_arena_destroy(bench.arena);
    mz_arena_destroy(bench.unit);
    rmdir(bench.folder);
    return 0;
}
