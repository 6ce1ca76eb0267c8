#include "../base/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/json.h"
#include "value/options.h"
#include "value/record.h"

static const struct mizan_option all[] = {
    {.name = "sources", .type = MIZAN_OPTION_SOURCES, .help = "What is read."},
    {.name = "follow", .type = MIZAN_OPTION_BOOLEAN, .default_value = "true"},
    {.name = "count",
     .type = MIZAN_OPTION_INTEGER,
     .default_value = "5",
     .minimum = "1",
     .maximum = "10"},
    {.name = "weight",
     .type = MIZAN_OPTION_DECIMAL,
     .default_value = "0.50",
     .minimum = "0",
     .maximum = "1.5"},
    {.name = "title", .type = MIZAN_OPTION_TEXT},
    {.name = "mode",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "\"fast\"",
     .choices = "fast|slow|careful"},
    {.name = "first",
     .type = MIZAN_OPTION_DURATION,
     .default_value = "7d",
     .minimum = "1s",
     .maximum = "\"365d\""},
    {.name = "most",
     .type = MIZAN_OPTION_SIZE,
     .default_value = "\"16M\"",
     .maximum = "1G"},
    {.name = "rate", .type = MIZAN_OPTION_RATE, .default_value = "1/2s"},
    {.name = "file", .type = MIZAN_OPTION_PATH},
    {.name = "url", .type = MIZAN_OPTION_URL},
    {.name = "params",
     .type = MIZAN_OPTION_MAP,
     .default_value = "{ lang = \"ar\", n = 3 }"},
    {.name = "langs",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .default_value = "{ \"ar\", 'en' }"},
    {.name = "waits", .type = MIZAN_OPTION_DURATION, .flags = MIZAN_OPTION_LIST},
    {.name = "token",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_SECRET,
     .choices = "alpha|beta"},
};

static const struct mz_schema schema = {"fetch.feed", all, sizeof all / sizeof all[0],
                                        sizeof all[0]};

static struct mz_arena *arena;
static struct mz_error error;
static char key[MZ_OPTION_KEY];
static struct mizan_options *options;

static int set_up(void **state)
{
    (void)state;
    arena = mz_arena_create(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    mz_arena_destroy(arena);
    return 0;
}

/* `given` is JSON with ' in place of ". */
static struct mizan_value value_of(const char *given)
{
    char text[4096];
    struct mizan_value value;
    snprintf(text, sizeof text, "%s", given);
    for (char *at = text; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    assert_int_equal(mz_json_parse(arena, text, strlen(text), &value, &error), MZ_OK);
    return value;
}

static enum mz_code check(const char *given)
{
    struct mizan_value value = value_of(given);
    return mz_options_check(arena, &schema, &value, "/project", &options, key, &error);
}

static const struct mizan_value *accepted(const char *given, const char *name)
{
    if (check(given) != MZ_OK) {
        fail_msg("%s: %s", given, error.message);
    }
    return mz_option(options, name);
}

static void assert_refused(const char *given, const char *name, const char *message)
{
    assert_int_equal(check(given), MZ_SCRIPT);
    assert_string_equal(error.message, message);
    assert_string_equal(key, name);
    assert_null(options);
}

static void fills_defaults(void **state)
{
    (void)state;
    assert_int_equal(mz_options_default(arena, &schema, &options, &error), MZ_OK);
    assert_int_equal(mz_option(options, "sources")->type, MIZAN_NIL);
    assert_int_equal(mz_option(options, "follow")->as.integer, 1);
    assert_int_equal(mz_option(options, "count")->as.integer, 5);
    assert_int_equal(mz_option(options, "weight")->type, MIZAN_DECIMAL);
    assert_true(mz_value_is(mz_option(options, "weight"), "0.5"));
    assert_true(mz_value_is(mz_option(options, "mode"), "fast"));
    assert_int_equal(mz_option(options, "first")->as.integer, 604800000);
    assert_int_equal(mz_option(options, "most")->as.integer, 16 << 20);
    assert_int_equal(mz_option(options, "rate")->as.integer, 2000);
    assert_true(mz_value_is(mz_map_member(mz_option(options, "params"), "lang"), "ar"));
    assert_int_equal(mz_map_member(mz_option(options, "params"), "n")->as.integer, 3);
    assert_int_equal(mz_option(options, "langs")->as.list.count, 2);
    assert_true(mz_value_is(&mz_option(options, "langs")->as.list.items[1], "en"));
    assert_int_equal(mz_option(options, "waits")->type, MIZAN_NIL);
    assert_int_equal(mz_option(options, "unknown")->type, MIZAN_NIL);
}

static void takes_numbers(void **state)
{
    (void)state;
    assert_int_equal(accepted("{'count':7}", "count")->as.integer, 7);
    assert_int_equal(accepted("{'count':7.0}", "count")->as.integer, 7);
    assert_true(mz_value_is(accepted("{'weight':1}", "weight"), "1"));
    assert_true(mz_value_is(accepted("{'weight':0.250}", "weight"), "0.25"));
    assert_true(mz_value_is(accepted("{'weight':'1.5'}", "weight"), "1.5"));
    struct mizan_field fields[] = {{{"count", 5}, mz_double(3.0)},
                                   {{"weight", 6}, mz_double(0.1)}};
    struct mizan_value given = {.type = MIZAN_MAP, .as.map = {fields, 2}};
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/", &options, key, &error), MZ_OK);
    assert_int_equal(mz_option(options, "count")->as.integer, 3);
    assert_true(mz_value_is(mz_option(options, "weight"), "0.1"));
    fields[0].value = mz_double(3.5);
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/", &options, key, &error),
        MZ_SCRIPT);
    assert_string_equal(error.message,
                        "fetch.feed: option 'count' expects a whole number, got 3.5");
    fields[0].value = mz_double(1e300);
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/", &options, key, &error),
        MZ_SCRIPT);
    fields[0].value = mz_double(1.0 / 0.0);
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/", &options, key, &error),
        MZ_SCRIPT);
    assert_refused("{'count':'7'}", "count",
                   "fetch.feed: option 'count' expects a whole number, got \"7\"");
    assert_refused("{'weight':'much'}", "weight",
                   "fetch.feed: option 'weight' expects a number, got \"much\"");
    assert_refused("{'weight':true}", "weight",
                   "fetch.feed: option 'weight' expects a number, got true");
}

static void keeps_bounds(void **state)
{
    (void)state;
    assert_int_equal(accepted("{'count':1}", "count")->as.integer, 1);
    assert_int_equal(accepted("{'count':10}", "count")->as.integer, 10);
    assert_refused("{'count':0}", "count",
                   "fetch.feed: option 'count' must be at least 1, got 0");
    assert_refused("{'count':11}", "count",
                   "fetch.feed: option 'count' must be at most 10, got 11");
    assert_refused("{'weight':1.50001}", "weight",
                   "fetch.feed: option 'weight' must be at most 1.5, got 1.50001");
    assert_refused("{'first':'500ms'}", "first",
                   "fetch.feed: option 'first' must be at least 1s, got \"500ms\"");
    assert_int_equal(accepted("{'first':'365d'}", "first")->as.integer,
                     INT64_C(31536000000));
    assert_refused("{'most':'2G'}", "most",
                   "fetch.feed: option 'most' must be at most 1G, got \"2G\"");
}

static void wants_units(void **state)
{
    (void)state;
    assert_int_equal(accepted("{'first':'90s'}", "first")->as.integer, 90000);
    assert_int_equal(accepted("{'most':'64k'}", "most")->as.integer, 65536);
    assert_int_equal(accepted("{'rate':'5/1m'}", "rate")->as.integer, 12000);
    assert_refused(
        "{'first':7}", "first",
        "fetch.feed: option 'first' expects a duration such as \"7d\", got 7");
    assert_non_null(strstr(error.help, "write \"7s\""));
    assert_refused(
        "{'first':'7'}", "first",
        "fetch.feed: option 'first' expects a duration such as \"7d\", got \"7\"");
    assert_refused("{'most':64}", "most",
                   "fetch.feed: option 'most' expects a size such as \"64k\", got 64");
    assert_non_null(strstr(error.help, "write \"64B\""));
    assert_refused("{'rate':2}", "rate",
                   "fetch.feed: option 'rate' expects a rate such as \"1/2s\", got 2");
    assert_non_null(strstr(error.help, "write \"2/1s\""));
    assert_refused(
        "{'first':'7d\\u0000'}", "first",
        "fetch.feed: option 'first' expects a duration such as \"7d\", got \"7d \"");
}

static void names_unknown_options(void **state)
{
    (void)state;
    assert_refused("{'souces':[]}", "souces",
                   "fetch.feed: unknown option 'souces'; did you mean 'sources'?");
    assert_refused("{'nmae':1}", "nmae",
                   "fetch.feed: unknown option 'nmae'; did you mean 'name'?");
    assert_refused("{'completely':1}", "completely",
                   "fetch.feed: unknown option 'completely'");
    assert_non_null(strstr(error.help, "sources, follow, count"));
    assert_refused("{'1':'x'}", "1", "fetch.feed: item 1 of the options has no name");
    assert_refused("['x']", "", "fetch.feed: item 1 of the options has no name");
    assert_refused("7", "", "fetch.feed: expects a table of options, got 7");
    assert_int_equal(check("{'name':'feeds'}"), MZ_OK);
    assert_int_equal(check("[]"), MZ_OK);
    assert_int_equal(check("null"), MZ_OK);
    assert_true(mz_option_is_common("name"));
    assert_false(mz_option_is_common("names"));
    char given[3000];
    memset(given, 'x', sizeof given);
    memcpy(given, "{'", 2);
    memcpy(given + 2900, "':1}", 5);
    assert_int_equal(check(given), MZ_SCRIPT);
    assert_true(strlen(error.message) < 150);
}

static void null_is_absent(void **state)
{
    (void)state;
    assert_int_equal(accepted("{'count':null}", "count")->as.integer, 5);
    assert_int_equal(accepted("{'title':null}", "title")->type, MIZAN_NIL);
}

static void takes_texts(void **state)
{
    (void)state;
    assert_true(mz_value_is(accepted("{'title':''}", "title"), ""));
    assert_refused("{'title':5}", "title",
                   "fetch.feed: option 'title' expects text, got 5");
    assert_refused("{'title':[1,2]}", "title",
                   "fetch.feed: option 'title' expects text, got a list of 2");
    assert_refused("{'title':{'a':1}}", "title",
                   "fetch.feed: option 'title' expects text, got a table with names");
    assert_true(mz_value_is(accepted("{'mode':'slow'}", "mode"), "slow"));
    assert_refused("{'mode':'slwo'}", "mode",
                   "fetch.feed: option 'mode' must be one of fast, slow, careful; got "
                   "\"slwo\"; did you mean 'slow'?");
    assert_refused("{'mode':'fas'}", "mode",
                   "fetch.feed: option 'mode' must be one of fast, slow, careful; got "
                   "\"fas\"; did you mean 'fast'?");
    assert_refused(
        "{'mode':''}", "mode",
        "fetch.feed: option 'mode' must be one of fast, slow, careful; got \"\"");
    assert_refused("{'follow':'yes'}", "follow",
                   "fetch.feed: option 'follow' expects true or false, got \"yes\"");
    struct mizan_field field = {{"title", 5}, mz_text("\xFF")};
    struct mizan_value given = {.type = MIZAN_MAP, .as.map = {&field, 1}};
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/", &options, key, &error),
        MZ_SCRIPT);
    assert_string_equal(error.message, "fetch.feed: option 'title' is not valid UTF-8");
}

static void keeps_secrets(void **state)
{
    (void)state;
    assert_true(mz_value_is(accepted("{'token':'alpha'}", "token"), "alpha"));
    assert_refused(
        "{'token':'alpah'}", "token",
        "fetch.feed: option 'token' must be one of alpha, beta; got a secret of "
        "type text");
    assert_refused(
        "{'token':12345}", "token",
        "fetch.feed: option 'token' expects text, got a secret of type integer");
    assert_string_equal(error.help, "");
}

static void takes_paths_and_urls(void **state)
{
    (void)state;
    assert_true(
        mz_value_is(accepted("{'file':'a/b.lua'}", "file"), "/project/a/b.lua"));
    assert_true(mz_value_is(accepted("{'file':'/etc/x'}", "file"), "/etc/x"));
    assert_refused("{'file':''}", "file",
                   "fetch.feed: option 'file' expects a path, got \"\"");
    assert_refused("{'file':'a\\u0000b'}", "file",
                   "fetch.feed: option 'file' expects a path, got \"a b\"");
    assert_true(mz_value_is(accepted("{'url':'HTTPS://example.org/a'}", "url"),
                            "HTTPS://example.org/a"));
    static const char *const wrong[] = {
        "ftp://example.org", "example.org",        "http://", "http:///x",
        "https://a b",       "file:///etc/passwd", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char given[100];
        snprintf(given, sizeof given, "{'url':'%s'}", wrong[i]);
        assert_int_equal(check(given), MZ_SCRIPT);
        assert_non_null(strstr(error.message, "expects an absolute address"));
    }
    char longer[4090];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct mizan_field field = {{"file", 4}, mz_text(longer)};
    struct mizan_value given = {.type = MIZAN_MAP, .as.map = {&field, 1}};
    assert_int_equal(
        mz_options_check(arena, &schema, &given, "/project", &options, key, &error),
        MZ_SCRIPT);
}

static void takes_lists(void **state)
{
    (void)state;
    const struct mizan_value *langs = accepted("{'langs':['de','fr','ar']}", "langs");
    assert_int_equal(langs->type, MIZAN_LIST);
    assert_int_equal(langs->as.list.count, 3);
    langs = accepted("{'langs':'de'}", "langs");
    assert_int_equal(langs->as.list.count, 1);
    assert_true(mz_value_is(&langs->as.list.items[0], "de"));
    assert_int_equal(accepted("{'langs':[]}", "langs")->as.list.count, 0);
    assert_int_equal(accepted("{'langs':{}}", "langs")->as.list.count, 0);
    assert_int_equal(
        accepted("{'waits':['1s','2m']}", "waits")->as.list.items[1].as.integer,
        120000);
    assert_refused(
        "{'waits':['1s',7]}", "waits",
        "fetch.feed: option 'waits', item 2, expects a duration such as \"7d\", "
        "got 7");
    assert_refused("{'langs':{'a':1}}", "langs",
                   "fetch.feed: option 'langs' expects text, got a table with names");
}

static void takes_maps(void **state)
{
    (void)state;
    const struct mizan_value *params =
        accepted("{'params':{'a':[1,{'b':2}]}}", "params");
    assert_int_equal(mz_map_member(params, "a")->as.list.count, 2);
    assert_int_equal(accepted("{'params':[]}", "params")->type, MIZAN_MAP);
    assert_refused(
        "{'params':[1,2]}", "params",
        "fetch.feed: option 'params' expects a table of names and values, got 2 "
        "without a name");
    assert_refused(
        "{'params':'x'}", "params",
        "fetch.feed: option 'params' expects a table of names and values, got "
        "\"x\"");
}

static void takes_sources(void **state)
{
    (void)state;
    const struct mizan_value *sources = accepted(
        "{'sources':[{'id':'sana','url':'x'},{'id':'b.2_c-D','n':[1]}]}", "sources");
    assert_int_equal(sources->as.list.count, 2);
    assert_true(mz_value_is(mz_map_member(&sources->as.list.items[0], "url"), "x"));
    assert_int_equal(accepted("{'sources':[]}", "sources")->type, MIZAN_LIST);
    assert_int_equal(accepted("{'sources':{}}", "sources")->type, MIZAN_LIST);
    assert_refused(
        "{'sources':[{'id':'a'},{'id':'b'},{'id':'a'}]}", "sources",
        "fetch.feed: option 'sources' has the id 'a' twice, in items 1 and 3");
    assert_refused("{'sources':[{'id':'a'},{'url':'b'}]}", "sources",
                   "fetch.feed: option 'sources', item 2, has no id; write id = \"a\"");
    assert_refused(
        "{'sources':[{'id':7}]}", "sources",
        "fetch.feed: option 'sources', item 1, expects text as its id, got 7");
    assert_refused(
        "{'sources':[{'id':'a b'}]}", "sources",
        "fetch.feed: option 'sources', item 1, has the id \"a b\"; an id has "
        "letters, digits, '.', '_' and '-' only");
    assert_refused(
        "{'sources':['a']}", "sources",
        "fetch.feed: option 'sources', item 1, expects a source such as { id = "
        "\"a\" }, got \"a\"");
    assert_refused(
        "{'sources':{'id':'a'}}", "sources",
        "fetch.feed: option 'sources' expects a list of sources such as { { id = "
        "\"a\" } }, got a table with names");
    assert_non_null(strstr(error.help, "write { {"));
    assert_int_equal(check("{'sources':[{'id':''}]}"), MZ_SCRIPT);
}

static void wants_what_is_required(void **state)
{
    (void)state;
    static const struct mizan_option one[] = {
        {.name = "file", .type = MIZAN_OPTION_PATH, .flags = MIZAN_OPTION_REQUIRED}};
    struct mz_schema required = {"fetch.file", one, 1, sizeof one[0]};
    assert_int_equal(mz_options_default(arena, &required, &options, &error), MZ_SCRIPT);
    assert_string_equal(error.message, "fetch.file: option 'file' is required (path)");
}

static enum mz_code default_of(struct mizan_option option)
{
    struct mz_schema broken = {"x.y", &option, 1, sizeof option};
    return mz_options_default(arena, &broken, &options, &error);
}

static void refuses_broken_schemas(void **state)
{
    (void)state;
    assert_int_equal(default_of((struct mizan_option){.name = "a",
                                                      .type = MIZAN_OPTION_INTEGER,
                                                      .default_value = "many"}),
                     MZ_PLUGIN_REFUSED);
    assert_string_equal(error.message,
                        "the default in the plugin's schema is wrong: x.y: option 'a' "
                        "expects a whole number, got \"many\"");
    assert_int_equal(error.code, MZ_PLUGIN_REFUSED);
    assert_int_equal(default_of((struct mizan_option){.name = "a",
                                                      .type = MIZAN_OPTION_DURATION,
                                                      .default_value = "1s",
                                                      .minimum = "soon"}),
                     MZ_PLUGIN_REFUSED);
    assert_int_equal(
        default_of((struct mizan_option){.name = NULL, .type = MIZAN_OPTION_TEXT}),
        MZ_PLUGIN_REFUSED);
    assert_int_equal(default_of((struct mizan_option){
                         .name = "a", .type = 99, .default_value = "1"}),
                     MZ_PLUGIN_REFUSED);
    static const char *const tables[] = {"{ 1, a = 2 }", "{ 1", "{{{{{{1}}}}}}",
                                         "{ \"a }", "{,}"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        assert_int_equal(default_of((struct mizan_option){.name = "a",
                                                          .type = MIZAN_OPTION_MAP,
                                                          .default_value = tables[i]}),
                         MZ_PLUGIN_REFUSED);
    }
    assert_int_equal(default_of((struct mizan_option){.name = "a",
                                                      .type = MIZAN_OPTION_DECIMAL,
                                                      .default_value = "{ 0.5, 1 }",
                                                      .flags = MIZAN_OPTION_LIST}),
                     MZ_OK);
    assert_int_equal(mz_option(options, "a")->as.list.count, 2);
    assert_int_equal(
        default_of((struct mizan_option){.name = "a",
                                         .type = MIZAN_OPTION_TEXT,
                                         .default_value = "\"say \\\"hi\\\"\""}),
        MZ_OK);
    assert_true(mz_value_is(mz_option(options, "a"), "say \"hi\""));
}

static void reads_other_strides(void **state)
{
    (void)state;
    struct {
        struct mizan_option option;
        uint64_t later;
    } wide[2] = {
        {{.name = "a", .type = MIZAN_OPTION_INTEGER, .default_value = "1"}, 7},
        {{.name = "b", .type = MIZAN_OPTION_INTEGER, .default_value = "2"}, 7}};
    struct mz_schema larger = {"x.y", wide, 2, sizeof wide[0]};
    assert_int_equal(mz_options_default(arena, &larger, &options, &error), MZ_OK);
    assert_int_equal(mz_option(options, "b")->as.integer, 2);
    struct {
        const char *name;
        uint32_t type, flags;
        const char *default_value;
    } narrow[2] = {{"a", MIZAN_OPTION_INTEGER, 0, "1"},
                   {"b", MIZAN_OPTION_INTEGER, 0, "2"}};
    struct mz_schema smaller = {"x.y", narrow, 2, sizeof narrow[0]};
    assert_int_equal(mz_options_default(arena, &smaller, &options, &error), MZ_OK);
    assert_int_equal(mz_option(options, "b")->as.integer, 2);
    assert_null(mz_schema_option(&smaller, 1).minimum);
    smaller.stride = 4;
    assert_int_equal(mz_options_default(arena, &smaller, &options, &error),
                     MZ_PLUGIN_REFUSED);
}

static void survives_small_arenas(void **state)
{
    (void)state;
    struct mizan_value given = value_of("{'sources':[{'id':'a','x':[1,2]}],'title':'t',"
                                        "'file':'f','url':'http://a','weight':0.1,"
                                        "'langs':['a','b'],'mode':'fast'}");
    int failures = 0;
    enum mz_code code = MZ_MEMORY;
    for (size_t ceiling = 0; code != MZ_OK; ceiling += 16) {
        struct mz_arena *small = mz_arena_create(ceiling);
        code = mz_options_check(small, &schema, &given, "/p", &options, key, &error);
        assert_true(code == MZ_OK || code == MZ_MEMORY);
        failures += code == MZ_OK ? 0 : 1;
        mz_arena_destroy(small);
    }
    assert_in_range(failures, 20, 1000);
}

static void prints_help(void **state)
{
    (void)state;
    static const struct mizan_option some[] = {
        {.name = "first",
         .type = MIZAN_OPTION_DURATION,
         .default_value = "\"7d\"",
         .minimum = "\"1s\"",
         .help = "How far back the first run looks; a sentence long enough to be "
                 "broken into "
                 "two lines of the terminal."},
        {.name = "langs",
         .type = MIZAN_OPTION_TEXT,
         .flags = MIZAN_OPTION_LIST | MIZAN_OPTION_REQUIRED,
         .choices = "ar|en"},
        {.name = "token",
         .type = MIZAN_OPTION_TEXT,
         .flags = MIZAN_OPTION_SECRET,
         .default_value = "hush"},
    };
    struct mz_schema help = {"fetch.feed", some, 3, sizeof some[0]};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    mz_schema_help(&help, out);
    fclose(out);
    assert_string_equal(
        text,
        "Options of fetch.feed\n\n"
        "  first   duration, default \"7d\", at least \"1s\"\n"
        "      How far back the first run looks; a sentence long enough to be broken\n"
        "      into two lines of the terminal.\n\n"
        "  langs   list of text, required, one of ar, en\n\n"
        "  token   text, secret\n");
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fills_defaults),
        TEST(takes_numbers),
        TEST(keeps_bounds),
        TEST(wants_units),
        TEST(names_unknown_options),
        TEST(null_is_absent),
        TEST(takes_texts),
        TEST(keeps_secrets),
        TEST(takes_paths_and_urls),
        TEST(takes_lists),
        TEST(takes_maps),
        TEST(takes_sources),
        TEST(wants_what_is_required),
        TEST(refuses_broken_schemas),
        TEST(reads_other_strides),
        TEST(survives_small_arenas),
        TEST(prints_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
