#include "../base/cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "value/json.h"
#include "value/record.h"

static enum mz_code parse(struct mz_arena *arena, const char *text,
                          struct mizan_value *out, struct mz_error *error)
{
    return mz_json_parse(arena, text, strlen(text), out, error);
}

/* Reads and writes again; the caller frees it. NULL when it is not read. */
static char *again(const char *text, size_t size)
{
    struct mz_arena *arena = mz_arena_create(1 << 22);
    struct mizan_value value;
    struct mz_buffer out;
    char *result = NULL;
    mz_buffer_init(&out, 1 << 22);
    if (mz_json_parse(arena, text, size, &value, NULL) == MZ_OK) {
        mz_json_value(&out, &value);
        result = mz_buffer_take(&out, NULL);
    }
    mz_buffer_finish(&out);
    mz_arena_destroy(arena);
    return result;
}

static void assert_again(const char *text, const char *expected)
{
    char *result = again(text, strlen(text));
    if (result == NULL || strcmp(result, expected) != 0) {
        fail_msg("%s gave %s", text, result == NULL ? "an error" : result);
    }
    free(result);
}

static void reads_and_writes(void **state)
{
    (void)state;
    assert_again("null", "null");
    assert_again(" [ true , false ] ", "[true,false]");
    assert_again("\xEF\xBB\xBF{}", "{}");
    assert_again("[]", "[]");
    assert_again("[[],{},[[]]]", "[[],{},[[]]]");
    assert_again("{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":null}]}}",
                 "{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":null}]}}");
    assert_again("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                 "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\"");
    assert_again("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"",
                 "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
    assert_again("\"\\u0000\"", "\"\\u0000\"");
    assert_again("\"مرحبا\"", "\"مرحبا\"");
}

static void keeps_numbers_exact(void **state)
{
    (void)state;
    assert_again("9223372036854775807", "9223372036854775807");
    assert_again("-9223372036854775808", "-9223372036854775808");
    assert_again("9223372036854775808", "9223372036854775808");
    assert_again("12345678901234567890", "12345678901234567890");
    assert_again("0.1", "0.1");
    assert_again("-0", "0");
    assert_again("-0.0", "0");
    assert_again("12.50", "12.5");
    assert_again("3.0", "3");
    assert_again("1e3", "1000");
    assert_again("1E-3", "0.001");
    assert_again("99999999999999999999999999999999999999",
                 "99999999999999999999999999999999999999");
    assert_again("0.12345678901234567890123456789012345678",
                 "0.12345678901234567890123456789012345678");
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_value value;
    assert_int_equal(parse(arena, "3.0", &value, NULL), MZ_OK);
    assert_int_equal(value.type, MIZAN_DECIMAL);
    assert_true(mz_value_is(&value, "3"));
    assert_int_equal(parse(arena, "3", &value, NULL), MZ_OK);
    assert_int_equal(value.type, MIZAN_INTEGER);
    mz_arena_destroy(arena);
}

static void replaces_what_is_no_text(void **state)
{
    (void)state;
    assert_again("\"\\uD83D\"", "\"\xEF\xBF\xBD\"");
    assert_again("\"\\uDE00x\"", "\"\xEF\xBF\xBDx\"");
    assert_again("\"\\uD83D\\u0041\"", "\"\xEF\xBF\xBD"
                                       "A\"");
    assert_again("\"\\uD83D\\uD83D\\uDE00\"", "\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"");
    assert_again("\"\\uD83D\\n\"", "\"\xEF\xBF\xBD\\n\"");
    assert_again("\"a\xFF\xC3\"", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_again("\"\xED\xA0\x80\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void the_last_of_equal_names_wins(void **state)
{
    (void)state;
    assert_again("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    struct mz_buffer text;
    struct mz_buffer expected;
    mz_buffer_init(&text, 1 << 22);
    mz_buffer_init(&expected, 1 << 22);
    for (int i = 0; i < 40000; i++) {
        mz_buffer_printf(&text, "%c\"k%d\":%d", i == 0 ? '{' : ',', i % 20000, i);
        if (i >= 20000) {
            mz_buffer_printf(&expected, "%c\"k%d\":%d", i == 20000 ? '{' : ',',
                             i - 20000, i);
        }
    }
    mz_buffer_byte(&text, '}');
    mz_buffer_byte(&expected, '}');
    assert_again(text.data, expected.data);
    mz_buffer_finish(&text);
    mz_buffer_finish(&expected);
}

static void assert_refused(const char *text, const char *message)
{
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_value value;
    struct mz_error error;
    assert_int_equal(parse(arena, text, &value, &error), MZ_INPUT);
    assert_string_equal(error.message, message);
    mz_arena_destroy(arena);
}

static void errors_name_the_byte(void **state)
{
    (void)state;
    assert_refused("", "invalid JSON at byte 0: it ends where a value is expected");
    assert_refused("  ", "invalid JSON at byte 2: it ends where a value is expected");
    assert_refused("[1,]", "invalid JSON at byte 3: expected a value");
    assert_refused("[1 2]", "invalid JSON at byte 3: expected ',' or ']'");
    assert_refused("{\"a\":1,}",
                   "invalid JSON at byte 7: expected a name in double quotes");
    assert_refused("{\"a\" 1}", "invalid JSON at byte 5: expected ':'");
    assert_refused("{\"a\":1]", "invalid JSON at byte 6: expected ',' or '}'");
    assert_refused("{'a':1}",
                   "invalid JSON at byte 1: expected a name in double quotes");
    assert_refused("[NaN]", "invalid JSON at byte 1: expected a value");
    assert_refused("nul", "invalid JSON at byte 0: expected a value");
    assert_refused("truex", "invalid JSON at byte 4: something follows the value");
    assert_refused("1 2", "invalid JSON at byte 2: something follows the value");
    assert_refused("\"abc",
                   "invalid JSON at byte 0: the text that begins here is not closed");
    assert_refused("\"abc\\\"",
                   "invalid JSON at byte 0: the text that begins here is not closed");
    assert_refused("\"abc\\",
                   "invalid JSON at byte 0: the text that begins here is not closed");
    assert_refused("\"a\nb\"",
                   "invalid JSON at byte 2: a control character inside a text");
    assert_refused("\"\\x\"", "invalid JSON at byte 1: an escape that does not exist");
    assert_refused("\"\\u12\"",
                   "invalid JSON at byte 1: an escape that does not exist");
    assert_refused("\"\\u12G4\"",
                   "invalid JSON at byte 1: an escape that does not exist");
    assert_refused("01", "invalid JSON at byte 0: a number with a leading zero");
    assert_refused("-", "invalid JSON at byte 0: expected a value");
    assert_refused("+1", "invalid JSON at byte 0: expected a value");
    assert_refused(".5", "invalid JSON at byte 0: expected a value");
    assert_refused("1.",
                   "invalid JSON at byte 0: a number without digits behind its point");
    assert_refused("1e+",
                   "invalid JSON at byte 0: a number without digits in its exponent");
    assert_refused("[1e401]",
                   "invalid JSON at byte 1: a number with more than 38 digits, or an "
                   "exponent beyond 400");
    assert_refused(
        "100000000000000000000000000000000000001",
        "invalid JSON at byte 0: a number with more than 38 digits, or an exponent "
        "beyond 400");
}

static void limits_depth(void **state)
{
    (void)state;
    char text[2 * MZ_VALUE_DEPTH + 3];
    memset(text, '[', MZ_VALUE_DEPTH);
    memset(text + MZ_VALUE_DEPTH, ']', MZ_VALUE_DEPTH);
    text[2 * MZ_VALUE_DEPTH] = '\0';
    assert_again(text, text);
    memset(text, '[', MZ_VALUE_DEPTH + 1);
    assert_refused(text, "JSON nested deeper than 32 levels at byte 32");
    size_t size = 1000000;
    char *deep = malloc(size);
    assert_non_null(deep);
    memset(deep, '[', size);
    assert_null(again(deep, size));
    for (size_t i = 0; i + 5 <= size; i += 5) {
        memcpy(deep + i, "{\"a\":", 5);
    }
    assert_null(again(deep, size));
    free(deep);
}

static void survives_small_arenas(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,2.5,\"text\",{\"b\":null}],\"c\":\"\\u20ac\"}";
    int failures = 0;
    enum mz_code code = MZ_MEMORY;
    for (size_t ceiling = 0; code != MZ_OK; ceiling += 8) {
        struct mz_arena *arena = mz_arena_create(ceiling);
        struct mizan_value value;
        struct mz_error error;
        code = parse(arena, text, &value, &error);
        assert_true(code == MZ_OK || code == MZ_MEMORY);
        failures += code == MZ_OK ? 0 : 1;
        mz_arena_destroy(arena);
    }
    assert_in_range(failures, 10, 200);
}

static void reads_bytes_without_end(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,-2.5e3,\"t\\u20ac\xC3\xA9\",{\"b\":null}],\"c\":true}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        char *cut = malloc(size == 0 ? 1 : size);
        assert_non_null(cut);
        memcpy(cut, text, size);
        assert_null(again(cut, size));
        free(cut);
    }
    assert_null(again(NULL, 0));
}

/* cJSON is the other reader: what it refuses, we refuse, but where we are stricter on
 * purpose (a control character or a number that is not as the standard writes it). */
static void agrees_with_cjson(void **state)
{
    (void)state;
    static const char base[] =
        "{\"a\": [1, -2.5e3, \"t\\u20ac\\n\", true], \"b\": null}";
    static const char spice[] = "{}[]\":,0123456789-+.eE\\utfn a\xC3";
    unsigned int seed = 7;
    int both = 0;
    for (int round = 0; round < 60000; round++) {
        char text[sizeof base];
        memcpy(text, base, sizeof base);
        for (int i = 0; i < 1 + round % 3; i++) {
            seed = seed * 1103515245U + 12345U;
            size_t place = (seed >> 8) % (sizeof base - 1);
            seed = seed * 1103515245U + 12345U;
            text[place] = spice[(seed >> 8) % (sizeof spice - 1)];
        }
        cJSON *tree = cJSON_ParseWithOpts(text, NULL, 1);
        char *ours = again(text, strlen(text));
        if (ours != NULL && tree == NULL && strstr(text, "\\ud") == NULL &&
            strstr(text, "\\uD") == NULL) {
            fail_msg("only we read: %s", text);
        }
        both += ours != NULL && tree != NULL ? 1 : 0;
        cJSON_Delete(tree);
        free(ours);
    }
    assert_true(both > 1000);
}

static void assert_written(struct mizan_value value, const char *expected)
{
    struct mz_buffer out;
    mz_buffer_init(&out, 100000);
    mz_json_value(&out, &value);
    assert_true(mz_buffer_ok(&out));
    assert_string_equal(out.data, expected);
    mz_buffer_finish(&out);
}

static void writes_every_type(void **state)
{
    (void)state;
    assert_written(mz_nil(), "null");
    assert_written(mz_double(0.1), "0.1");
    assert_written(mz_double(1e300), "1e+300");
    assert_written(mz_double(1.0 / 3), "0.3333333333333333");
    assert_written(mz_double(5e-324), "4.94065645841247e-324");
    assert_written(mz_double(-0.0), "-0");
    assert_written(mz_double((double)NAN), "null");
    assert_written(mz_double((double)INFINITY), "null");
    assert_written(mz_decimal_text("12.5", 4), "12.5");
    assert_written(mz_decimal_text("12.50", 5), "12.5");
    assert_written(mz_decimal_text("+1e3", 4), "1000");
    assert_written(mz_decimal_text(".5", 2), "0.5");
    assert_written(mz_decimal_text("-0", 2), "0");
    assert_written(mz_decimal_text("-0.5", 4), "-0.5");
    assert_written(mz_decimal_text("007", 3), "7");
    assert_written(mz_decimal_text("1.", 2), "\"1.\"");
    assert_written(mz_decimal_text("about 5", 7), "\"about 5\"");
    assert_written(mz_decimal_text(NULL, 0), "\"\"");
    assert_written(mz_decimal_text("100000000000000000000000000000000000001", 39),
                   "\"100000000000000000000000000000000000001\"");
    assert_written(mz_time(INT64_C(1756893600999)), "\"2025-09-03T10:00:00Z\"");
    assert_written(mz_bytes("\x00\xFFhi", 4), "\"AP9oaQ==\"");
    assert_written(mz_bytes(NULL, 0), "\"\"");
    assert_written(mz_text_slice(NULL, 0), "\"\"");
    assert_written(mz_text("a\xFF\x7F\x01"), "\"a\xEF\xBF\xBD\x7F\\u0001\"");
    struct mizan_value odd = {.type = 77};
    assert_written(odd, "null");
}

static void writes_long_bytes(void **state)
{
    (void)state;
    char data[2000];
    struct mz_buffer out;
    memset(data, 0, sizeof data);
    mz_buffer_init(&out, 100000);
    struct mizan_value value = mz_bytes(data, sizeof data);
    mz_json_value(&out, &value);
    assert_int_equal(out.size, 2668 + 2);
    assert_int_equal(out.data[2666], 'A');
    assert_int_equal(out.data[2668], '=');
    mz_buffer_finish(&out);
}

static void fails_rather_than_cuts(void **state)
{
    (void)state;
    struct mz_buffer out;
    struct mizan_value cycle = {.type = MIZAN_LIST};
    cycle.as.list = (struct mizan_list){&cycle, 1};
    mz_buffer_init(&out, 1000);
    mz_json_value(&out, &cycle);
    assert_false(mz_buffer_ok(&out));
    mz_buffer_clear(&out);
    struct mizan_value endless = {.type = MIZAN_LIST};
    struct mizan_value nil = mz_nil();
    struct mizan_value many[500];
    for (size_t i = 0; i < 500; i++) {
        many[i] = nil;
    }
    endless.as.list = (struct mizan_list){many, 500};
    mz_json_value(&out, &endless);
    assert_false(mz_buffer_ok(&out));
    mz_buffer_finish(&out);
}

static void assert_record(const struct mizan_record *record, bool meta,
                          const char *expected)
{
    struct mz_buffer out;
    mz_buffer_init(&out, 100000);
    mz_json_record(&out, record, meta);
    assert_string_equal(out.data, expected);
    mz_buffer_finish(&out);
}

static void set_locator(struct mizan_record *record, uint32_t kind)
{
    struct mizan_locator locator = {
        .kind = kind, .a = 1, .b = 2, .c = 3, .pointer = {"/a\"", 3}};
    mz_record_set_locator(record, &locator);
}

static void writes_records(void **state)
{
    (void)state;
    struct mz_arena *arena = mz_arena_create(1 << 20);
    struct mizan_record *record = mz_record_create(arena, "figure");
    struct mizan_value value = mz_decimal_text("9800000000", 10);
    assert_record(record, false, "{}");
    assert_record(record, true, "{\"_type\":\"figure\"}");
    assert_int_equal(mz_record_put(record, "value", &value), MIZAN_OK);
    value = mz_text("USD");
    assert_int_equal(mz_record_put(record, "unit", &value), MIZAN_OK);
    assert_record(record, false, "{\"value\":9800000000,\"unit\":\"USD\"}");
    set_locator(record, MIZAN_LOCATOR_SPAN);
    assert_record(record, true,
                  "{\"_type\":\"figure\",\"_at\":{\"span\":[1,2]},\"value\":9800000000,"
                  "\"unit\":\"USD\"}");
    value = mz_nil();
    assert_int_equal(mz_record_put(record, "value", &value), MIZAN_OK);
    assert_int_equal(mz_record_put(record, "unit", &value), MIZAN_OK);
    set_locator(record, MIZAN_LOCATOR_PAGE);
    assert_record(record, true, "{\"_type\":\"figure\",\"_at\":{\"page\":1}}");
    set_locator(record, MIZAN_LOCATOR_CELL);
    assert_record(
        record, true,
        "{\"_type\":\"figure\",\"_at\":{\"table\":1,\"row\":2,\"column\":3}}");
    set_locator(record, MIZAN_LOCATOR_POINTER);
    assert_record(record, true,
                  "{\"_type\":\"figure\",\"_at\":{\"pointer\":\"/a\\\"\"}}");
    mz_arena_destroy(arena);
}

static void doubles_round_trip(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252U;
    for (int i = 0; i < 20000; i++) {
        double value = 0;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) {
            continue;
        }
        struct mz_buffer out;
        struct mizan_value number = mz_double(value);
        mz_buffer_init(&out, 100);
        mz_json_value(&out, &number);
        double back = strtod(out.data, NULL);
        assert_memory_equal(&back, &value, sizeof back);
        mz_buffer_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(keeps_numbers_exact),
        cmocka_unit_test(replaces_what_is_no_text),
        cmocka_unit_test(the_last_of_equal_names_wins),
        cmocka_unit_test(errors_name_the_byte),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test(survives_small_arenas),
        cmocka_unit_test(reads_bytes_without_end),
        cmocka_unit_test(agrees_with_cjson),
        cmocka_unit_test(writes_every_type),
        cmocka_unit_test(writes_long_bytes),
        cmocka_unit_test(fails_rather_than_cuts),
        cmocka_unit_test(writes_records),
        cmocka_unit_test(doubles_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
