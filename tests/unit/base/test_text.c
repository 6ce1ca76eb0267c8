#include "cmocka_all.h"

#include <string.h>

#include "base/text.h"

static void every_character_round_trips(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char bytes[4];
        uint32_t back = 0;
        size_t size = mz_utf8_encode(point, bytes);
        size_t read = mz_utf8_decode(bytes, size, &back);
        uint32_t expected = point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point;
        if (read != size || back != expected || !mz_utf8_valid(bytes, size) ||
            mz_utf8_decode(bytes, size - 1, NULL) != 0) {
            fail_msg("U+%04X", point);
        }
    }
    char bytes[4];
    assert_int_equal(mz_utf8_encode(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xEF\xBF\xBD", 3);
}

static void refuses_what_is_not_utf8(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC3",
        "\xC3\x28",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xE2\x82",
        "\xE2\x28\xA1",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xF0\x9F\x98",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(mz_utf8_decode(wrong[i], strlen(wrong[i]), NULL), 0);
        assert_false(mz_utf8_valid(wrong[i], strlen(wrong[i])));
    }
    assert_true(mz_utf8_valid("", 0));
    assert_true(mz_utf8_valid("a\0\xD9\x85\xF0\x9F\x98\x80", 8));
}

static size_t width(const char *text)
{
    return mz_utf8_width(text, strlen(text));
}

static void measures_columns(void **state)
{
    (void)state;
    assert_int_equal(width(""), 0);
    assert_int_equal(width("plain"), 5);
    assert_int_equal(width("日本"), 4);
    assert_int_equal(width("한국"), 4);
    assert_int_equal(width("e\xCC\x81"), 1);
    assert_int_equal(width("مَ"), 1);
    assert_int_equal(width("a\xE2\x80\x8F"), 1);
    assert_int_equal(width("\xE2\x81\xA6"
                           "a\xE2\x81\xA9"),
                     1);
    assert_int_equal(width("€"), 1);
    assert_int_equal(width("Ａ"), 2);
    assert_int_equal(width("\xF0\x9F\x98\x80"), 2);
    assert_int_equal(width("\xFF\xFF"), 2);
    assert_int_equal(width("\x1B"), 0);
}

static void assert_duration(const char *text, int64_t expected)
{
    int64_t value = -1;
    if (!mz_parse_duration(text, &value) || value != expected) {
        fail_msg("%s gave %lld", text, (long long)value);
    }
}

static void reads_durations(void **state)
{
    (void)state;
    assert_duration("500ms", 500);
    assert_duration("90s", 90000);
    assert_duration("5m", 300000);
    assert_duration("2h", 7200000);
    assert_duration("7d", 604800000);
    assert_duration("0s", 0);
    assert_duration("106751991167d", INT64_C(9223372036828800000));
    static const char *const wrong[] = {
        "",    "7",    "s",  "-7s", "+7s",   " 7s",           "7s ",
        "7 s", "1.5h", "7S", "7w",  "1h30m", "106751991168d", "99999999999999999999s"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t value = 0;
        assert_false(mz_parse_duration(wrong[i], &value));
    }
}

static void reads_sizes(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(mz_parse_size("64k", &value));
    assert_int_equal(value, 65536);
    assert_true(mz_parse_size("16M", &value));
    assert_int_equal(value, 16777216);
    assert_true(mz_parse_size("1G", &value));
    assert_int_equal(value, 1073741824);
    assert_true(mz_parse_size("12B", &value));
    assert_int_equal(value, 12);
    assert_false(mz_parse_size("64", &value));
    assert_false(mz_parse_size("64kb", &value));
    assert_false(mz_parse_size("9000000T", &value) && value < 0);
    assert_false(mz_parse_size("99999999T", &value));
}

static void reads_rates(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(mz_parse_rate("1/2s", &value));
    assert_int_equal(value, 2000);
    assert_true(mz_parse_rate("5/1m", &value));
    assert_int_equal(value, 12000);
    assert_true(mz_parse_rate("1/s", &value));
    assert_int_equal(value, 1000);
    assert_true(mz_parse_rate("3/1s", &value));
    assert_int_equal(value, 334);
    assert_true(mz_parse_rate("100/1ms", &value));
    assert_int_equal(value, 1);
    static const char *const wrong[] = {"",    "1",     "0/1s",  "1/0s",  "1/", "/1s",
                                        "1/2", "1//2s", "-1/2s", "1/2s ", "2s"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(mz_parse_rate(wrong[i], &value));
    }
}

static void reads_integers(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(mz_parse_integer("-42", &value));
    assert_int_equal(value, -42);
    assert_true(mz_parse_integer("+7", &value));
    assert_int_equal(value, 7);
    assert_true(mz_parse_integer("9223372036854775807", &value));
    assert_true(value == INT64_MAX);
    assert_true(mz_parse_integer("-9223372036854775808", &value));
    assert_true(value == INT64_MIN);
    static const char *const wrong[] = {"",
                                        "-",
                                        "+",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "0x1",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "1e3"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(mz_parse_integer(wrong[i], &value));
    }
}

static const char *near(const char *word)
{
    static const char *const names[] = {"sources", "follow", "first", "rate",
                                        "name",    NULL,     "id"};
    return mz_nearest(word, names, sizeof names / sizeof names[0]);
}

static void finds_the_nearest_name(void **state)
{
    (void)state;
    assert_string_equal(near("souces"), "sources");
    assert_string_equal(near("soruces"), "sources");
    assert_string_equal(near("sources"), "sources");
    assert_string_equal(near("frist"), "first");
    assert_string_equal(near("rat"), "rate");
    assert_string_equal(near("ids"), "id");
    assert_string_equal(near("di"), "id");
    assert_string_equal(near("i"), "id");
    assert_null(near("zz"));
    assert_null(near("schedule"));
    assert_null(near("ratxyz"));
    assert_null(near(""));
    char wide[200];
    memset(wide, 'a', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    assert_null(near(wide));
    assert_null(mz_nearest("a", NULL, 0));
}

static void knows_beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(mz_starts_with("abc", "ab"));
    assert_true(mz_starts_with("abc", ""));
    assert_false(mz_starts_with("ab", "abc"));
    assert_true(mz_ends_with("a.lua", ".lua"));
    assert_true(mz_ends_with("a", ""));
    assert_false(mz_ends_with("lua", ".lua"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_round_trips),
        cmocka_unit_test(refuses_what_is_not_utf8),
        cmocka_unit_test(measures_columns),
        cmocka_unit_test(reads_durations),
        cmocka_unit_test(reads_sizes),
        cmocka_unit_test(reads_rates),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(finds_the_nearest_name),
        cmocka_unit_test(knows_beginnings_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
