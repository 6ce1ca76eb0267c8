/* Files: what is accepted as source, modules, parameters, and what a pipeline becomes.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/timetable.h"

#define STAGES "stages = { mizan.fetch.shelf {}, mizan.store.bin {} } }\n"
#define TRIVIAL                                                                        \
    "local mizan = require 'mizan'\nreturn mizan.pipeline { name = 'test', " STAGES

static void sources_in_all_forms_load(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    assert_int_equal(bench_load_text(&bench, TRIVIAL), MZ_OK);
    assert_int_equal(bench_load_text(&bench, "\xef\xbb\xbf" TRIVIAL), MZ_OK);
    assert_int_equal(bench_load_text(&bench, "#!/usr/bin/env mizan\n" TRIVIAL), MZ_OK);
    assert_int_equal(bench_load_text(&bench, "\xef\xbb\xbf#!mizan\r\n" TRIVIAL), MZ_OK);
    assert_int_equal(
        bench_load_text(&bench, "local mizan = require 'mizan'\r\n-- a comment\r\n"
                                "return mizan.pipeline {\r\nname = 'crlf',\r\n" STAGES),
        MZ_OK);
    assert_string_equal(bench.pipeline->name, "crlf");
    /* Lines are counted as an editor counts them. */
    assert_int_equal(bench_load_text(&bench, "#!mizan\r\nlocal x = 1\r\nx()\r\n"),
                     MZ_SCRIPT);
    assert_int_equal(bench.error.line, 3);
    bench_finish(&bench);
}

static void other_files_are_refused(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    assert_int_equal(bench_load(&bench, "missing.lua"), MZ_NO_FILE);
    assert_contains(bench.error.message, "missing.lua");
    assert_int_equal(bench_load_text(&bench, "\x1bLua\x54"), MZ_SCRIPT);
    assert_contains(bench.error.message, "main.lua is compiled Lua");
    assert_int_equal(bench_load_text(&bench, "\xef\xbb\xbf#x\n\x1bLua"), MZ_SCRIPT);
    assert_int_equal(bench_load_text(&bench, "#x\x1bLua"), MZ_SCRIPT);
    assert_int_equal(bench_load_text(&bench, ""), MZ_SCRIPT);
    assert_contains(bench.error.message, "returns nothing");
    char *large = malloc(1024 * 1024 + 2);
    assert_non_null(large);
    memset(large, ' ', 1024 * 1024 + 1);
    bench_write_bytes(&bench, "large.lua", large, 1024 * 1024 + 1);
    free(large);
    assert_int_equal(bench_load(&bench, "large.lua"), MZ_INPUT);
    assert_int_not_equal(bench_load(&bench, "."), MZ_OK);
    bench_finish(&bench);
}

static void modules_load_once(void **state)
{
    struct bench bench;
    char hash[65];
    (void)state;
    bench_init(&bench);
    bench_write(&bench, "mizan.lua", "return {}");
    bench_write(&bench, "lib/shared.lua", "local t = { n = 0 } return t");
    bench_write(&bench, "sub/own.lua",
                "local s = require 'shared' s.n = s.n + 1 return ...");
    bench_write(&bench, "sub/shared.lua", "return { n = 10 }");
    bench_write(&bench, "sub/deep/a.lua", "-- returns nothing\n");
    bench_write(&bench, "sub/main.lua",
                "local mizan = require 'mizan'\n"
                "assert(require 'own' == 'own' and require 'own' == 'own')\n"
                "assert(require 'shared'.n == 11)\n"
                "assert(require 'deep.a' == true)\n"
                "assert(require 'mizan' == mizan)\n"
                "return mizan.pipeline { name = 'test', " STAGES);
    assert_int_equal(bench_load(&bench, "sub/main.lua"), MZ_OK);
    assert_int_equal(bench.pipeline->file_count, 4);
    assert_contains(bench.pipeline->files[0], "/sub/main.lua");
    assert_string_equal(bench.pipeline->files[0], bench.pipeline->file);
    assert_contains(bench.pipeline->files[1], "/sub/own.lua");
    assert_contains(bench.pipeline->files[2], "/sub/shared.lua");
    snprintf(hash, sizeof hash, "%s", bench.pipeline->script_hash);
    assert_int_equal(strlen(hash), 64);
    assert_int_equal(bench_load(&bench, "sub/main.lua"), MZ_OK);
    assert_string_equal(bench.pipeline->script_hash, hash);
    bench_write(&bench, "sub/shared.lua", "return { n = 10 } -- other");
    assert_int_equal(bench_load(&bench, "sub/main.lua"), MZ_OK);
    assert_string_not_equal(bench.pipeline->script_hash, hash);
    bench_finish(&bench);
}

static void modules_fail_with_their_place(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_write(&bench, "broken.lua", "\nlocal x = = 5\n");
    bench_write(&bench, "fails.lua",
                "local t\nlocal function f() return t.x end\nf()\n");
    bench_write(&bench, "one.lua", "return require 'two'");
    bench_write(&bench, "two.lua", "return require 'one'");
    assert_int_equal(bench_load_text(&bench, "require 'broken'"), MZ_SCRIPT);
    assert_contains(bench.error.file, "/broken.lua");
    assert_int_equal(bench.error.line, 2);
    assert_int_equal(bench_load_text(&bench, "require 'fails'"), MZ_SCRIPT);
    assert_contains(bench.error.file, "/fails.lua");
    assert_int_equal(bench.error.line, 2);
    assert_int_equal(bench_load_text(&bench, "require 'one'"), MZ_SCRIPT);
    assert_contains(bench.error.message, "module 'one' is not finished");
    assert_contains(bench.error.file, "/two.lua");
    bench_finish(&bench);
}

static void parameters_take_values(void **state)
{
    static const char *const given[] = {"region=eu", "count=7",    "since=2025-09-03",
                                        "wait=2h",   "exact=1.50", "dry=true",
                                        "region=us"};
    static const char script[] =
        "local mizan = require 'mizan'\nlocal p = mizan.param\n"
        "assert(p { name = 'region', default = 'all' } == 'us')\n"
        "assert(p { name = 'count', type = 'integer' } == 7)\n"
        "assert(p { name = 'since', type = 'time' } == mizan.time '2025-09-03')\n"
        "assert(p { name = 'wait', type = 'duration', default = '5m' } == 7200000)\n"
        "assert(p { name = 'exact', type = 'decimal' }:key() == '1.5')\n"
        "assert(p { name = 'dry', default = false } == true)\n"
        "assert(p { name = 'size', type = 'size', default = '64k' } == 65536)\n"
        "assert(p { name = 'none' } == nil)\n"
        "assert(p { name = 'page', type = 'url', default = 'https://a.b/' })\n"
        "return mizan.pipeline { name = 'test', " STAGES;
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench.parameters = given;
    bench.parameter_count = sizeof given / sizeof *given;
    if (bench_load_text(&bench, script) != MZ_OK) {
        fail_msg("%s", bench.error.message);
    }
    assert_int_equal(bench.pipeline->parameter_count, 9);
    const struct mz_parameter *first = &bench.pipeline->parameters[0];
    assert_string_equal(first->name, "region");
    assert_string_equal(first->type, "text");
    assert_true(first->from_command_line);
    assert_true(mz_value_is(&first->value, "us"));
    assert_false(bench.pipeline->parameters[6].from_command_line);

    static const char *const wrong[] = {"regoin=eu"};
    bench.parameters = wrong;
    bench.parameter_count = 1;
    assert_int_equal(bench_load_text(&bench,
                                     "local mizan = require 'mizan'\n"
                                     "mizan.param { name = 'region' }\n"
                                     "return mizan.pipeline { name = 'test', " STAGES),
                     MZ_USAGE);
    assert_contains(bench.error.message,
                    "declares no parameter 'regoin'; did you mean 'region'?");
    static const char *const bad[] = {"count=many"};
    bench.parameters = bad;
    assert_int_equal(
        bench_load_text(&bench, "local mizan = require 'mizan'\n"
                                "mizan.param { name = 'count', type = 'integer' }\n"),
        MZ_USAGE);
    assert_contains(bench.error.message, "of type integer and cannot be \"many\"");
    bench_finish(&bench);
}

static const char full[] =
    "local mizan = require 'mizan'\n"
    "return mizan.pipeline {\n"
    "  name = 'partnership', about = { owner = 'data@example.org' },\n"
    "  schedule = { cron = '17 */2 * * *', tz = 'Europe/Berlin', shards = 2 },\n"
    "  limits = { memory = '64M', unit = '2s', plugin = '5m', run = '1h' },\n"
    "  network = { private = { 'localhost:8080', '10.0.0.1' } },\n"
    "  politeness = 'off', gap = '1500ms',\n"
    "  report = { 'the balance', { query = 'ratio', topic = 'x' } },\n"
    "  stages = {\n"
    "    mizan.fetch.shelf { name = 'input', path = 'a', token = 'hush', count = 5 },\n"
    "    false,\n"
    "    mizan.chain { mizan.extract.mark {}, mizan.chain { mizan.each('row', print) } "
    "},\n"
    "    mizan.each('*', 'all', print),\n"
    "    mizan.store.bin {},\n"
    "  },\n"
    "}\n";

static void a_pipeline_is_described(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    if (bench_load_text(&bench, full) != MZ_OK) {
        fail_msg("%s", bench.error.message);
    }
    const struct mz_pipeline *pipeline = bench.pipeline;
    assert_string_equal(pipeline->name, "partnership");
    assert_true(
        mz_value_is(mz_map_member(&pipeline->schedule, "cron"), "17 */2 * * *"));
    assert_int_equal(pipeline->memory, 64 << 20);
    assert_int_equal(pipeline->unit_time, 2000);
    assert_int_equal(pipeline->plugin_time, 300000);
    assert_int_equal(pipeline->run_time, 3600000);
    assert_int_equal(pipeline->private_count, 2);
    assert_string_equal(pipeline->private_hosts[1], "10.0.0.1");
    assert_false(pipeline->polite);
    assert_int_equal(pipeline->gap, 1500);
    assert_int_equal(pipeline->report.as.list.count, 2);
    assert_int_equal(pipeline->stage_count, 5);
    static const char *const names[] = {"input", "mark", "row", "all", "bin"};
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(pipeline->stages[i].name, names[i]);
        assert_contains(pipeline->stages[i].file, "/main.lua");
    }
    assert_int_equal(pipeline->stages[0].line, 10);
    assert_int_equal(pipeline->stages[2].kind, MZ_STAGE_EACH);
    assert_string_equal(pipeline->stages[2].type, "row");
    assert_int_equal(mz_option(pipeline->stages[0].options, "count")->as.integer, 5);
    assert_true(mz_value_is(mz_option(pipeline->stages[0].options, "level"), "low"));
    assert_true(mz_value_is(mz_option(pipeline->stages[0].options, "token"), "hush"));

    const struct mz_timetable *timetable = pipeline->timetable;
    assert_non_null(timetable);
    assert_string_equal(timetable->expression, "17 */2 * * *");
    assert_string_equal(mz_zone_name(timetable->zone), "Europe/Berlin");
    assert_string_equal(timetable->overlap, "skip");
    assert_string_equal(timetable->catchup, "latest");
    assert_int_equal(timetable->shards, 2);
    assert_int_equal(timetable->timeout, 0);

    struct mz_buffer json;
    mz_buffer_init(&json, 1 << 16);
    mz_pipeline_describe(pipeline, INT64_C(1756893600000), &json);
    assert_true(mz_buffer_ok(&json));
    assert_contains(json.data, "{\"name\":\"partnership\",\"file\":\"/");
    assert_contains(json.data, "\"about\":{\"owner\":\"data@example.org\"}");
    assert_contains(json.data,
                    "\"next\":[\"2025-09-03T10:17:00Z\",\"2025-09-03T12:17:00Z\","
                    "\"2025-09-03T14:17:00Z\"]");
    assert_contains(json.data, "{\"name\":\"input\",\"kind\":\"fetch\",\"plugin\":"
                               "\"fetch.shelf\",\"version\":\"1.2.3\",\"options\":"
                               "{\"count\":5,\"path\":\"a\"},\"line\":10}");
    assert_contains(json.data, "{\"name\":\"row\",\"kind\":\"each\",\"type\":\"row\"");
    assert_contains(json.data, "\"limits\":{\"memory\":67108864,\"unit\":2000,");
    assert_null(strstr(json.data, "hush"));
    assert_null(strchr(json.data, '\n'));
    mz_buffer_finish(&json);
    bench_finish(&bench);
}

static void defaults_hold(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    assert_int_equal(bench_load_text(&bench, TRIVIAL), MZ_OK);
    const struct mz_pipeline *pipeline = bench.pipeline;
    assert_int_equal(pipeline->memory, 256 << 20);
    assert_int_equal(pipeline->unit_time, 10000);
    assert_int_equal(pipeline->plugin_time, 60000);
    assert_int_equal(pipeline->run_time, 0);
    assert_true(pipeline->polite);
    assert_int_equal(pipeline->schedule.type, MIZAN_MAP);
    assert_int_equal(pipeline->schedule.as.map.count, 0);
    assert_null(pipeline->timetable);
    assert_int_equal(pipeline->report.type, MIZAN_LIST);
    assert_int_equal(pipeline->parameter_count, 0);
    struct mz_pipeline *again;
    assert_int_equal(mz_lua_load_pipeline(bench.lua, pipeline->file, bench.arena,
                                          &again, &bench.error),
                     MZ_INTERNAL);
    bench_finish(&bench);
}

/* Clock times of a zone, over both changes of the year. */
static void zones_show_their_clocks(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    enum mz_code code = bench_load_text(
        &bench,
        "local mizan = require 'mizan'\n"
        "local berlin, time = mizan.zone 'Europe/Berlin', mizan.time\n"
        "assert(berlin:text(time '2025-07-01T10:00Z') == '2025-07-01T12:00:00+02:00')\n"
        "local p = berlin:parts(time '2024-12-31T23:30:05.250Z')\n"
        "assert(p.year == 2025 and p.month == 1 and p.day == 1 and p.hour == 0)\n"
        "assert(p.minute == 30 and p.second == 5 and p.millisecond == 250)\n"
        "assert(p.weekday == 3 and p.yearday == 1 and p.offset == 3600)\n"
        "local function at(d, h, m) return mizan.iso(berlin:time { year = 2025, month "
        "= "
        "d < 27 and 10 or 3, day = d, hour = h, minute = m }) end\n"
        "assert(at(26, 2, 30) == '2025-10-26T00:30:00Z', 'the first of two')\n"
        "assert(at(26, 4, 0) == '2025-10-26T03:00:00Z')\n"
        "assert(at(30, 2, 30) == '2025-03-30T01:30:00Z', 'left out: moved on')\n"
        "assert(at(30, 4, 0) == '2025-03-30T02:00:00Z')\n"
        "assert(not pcall(berlin.time, berlin, { year = 2025, month = 2, day = 30 }))\n"
        "assert(tostring(berlin) == 'zone Europe/Berlin' and mizan.now() > 0)\n"
        "return mizan.pipeline { name = 'test', " STAGES);
    if (code != MZ_OK) {
        print_error("%d: %s\n", bench.error.line, bench.error.message);
    }
    assert_int_equal(code, MZ_OK);
    assert_int_equal(
        bench_load_text(&bench, "require('mizan').zone '../../etc/passwd'\n"),
        MZ_CONFIGURATION);
    bench_finish(&bench);
}

/* Lists from CSV files: quotes, line ends, and what is wrong with its line. */
static void tables_come_from_csv(void **state)
{
    static const struct {
        const char *text, *message;
        int line;
    } wrong[] = {
        {"", "has no header", 1},
        {"id,url\na,b\nc\n", "this row has 1 cells, the header 2", 3},
        {"id,url\n\"a,b\nc,d\n", "this quote is never closed", 2},
        {"id,url\n\"a\"x,b\n", "text follows a closing quote", 2},
        {"id,url\na\"b,c\n", "a quote inside a cell", 2},
        {"id,id\n", "the column 'id' stands twice", 1},
        {"id,\n", "a column of the header has no name", 1},
        {"id\n\xff\n", "is not UTF-8", 1},
    };
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_write(&bench, "main.lua",
                "local mizan = require 'mizan'\n"
                "local rows = mizan.csv 'feeds.csv'\n"
                "assert(#rows == 3 and rows[1].id == 'a' and rows[1].lang == nil)\n"
                "assert(rows[2].url == 'x, \"y\"\\nz' and rows[3].lang == 'ar')\n"
                "return mizan.pipeline { name = 'test', " STAGES);
    bench_write(&bench, "feeds.csv",
                "\xef\xbb\xbfid,url,lang\r\na,u,\r\n\r\n\"b\",\"x, "
                "\"\"y\"\"\nz\",de\nc,w,ar");
    enum mz_code code = bench_load(&bench, "main.lua");
    if (code != MZ_OK) {
        print_error("%s\n", bench.error.message);
    }
    assert_int_equal(code, MZ_OK);
    assert_int_equal(bench.pipeline->file_count, 2); /* it counts for the hash */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bench_write(&bench, "feeds.csv", wrong[i].text);
        assert_int_equal(bench_load(&bench, "main.lua"), MZ_SCRIPT);
        assert_contains(bench.error.message, wrong[i].message);
        assert_contains(bench.error.file, "feeds.csv");
        assert_int_equal(bench.error.line, wrong[i].line);
    }
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_in_all_forms_load),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(modules_load_once),
        cmocka_unit_test(modules_fail_with_their_place),
        cmocka_unit_test(parameters_take_values),
        cmocka_unit_test(a_pipeline_is_described),
        cmocka_unit_test(defaults_hold),
        cmocka_unit_test(zones_show_their_clocks),
        cmocka_unit_test(tables_come_from_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
