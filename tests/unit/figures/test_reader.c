/* Numbers, tokens, offsets, memory and the growth of work with the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fold.h"
#include "support.h"

static figures_lexicon *lexicon;

static void check(const char *language, const char *text, const char *expected)
{
    struct test_arena arena = {0};
    char lines[2048] = "";
    figures_result result = test_read(lexicon, &arena, language, text, strlen(text));
    for (size_t i = 0; i < result.count; i++) {
        char line[512];
        char value[FIGURES_DECIMAL_TEXT] = "";
        const figures_figure *figure = &result.figures[i];
        figures_decimal_text(figure->value.set ? &figure->value : &figure->low, value);
        snprintf(line, sizeof line, "%s%s", i ? " " : "", value);
        strncat(lines, line, sizeof lines - strlen(lines) - 1);
    }
    if (strcmp(lines, expected) != 0) {
        fail_msg("`%s`: got `%s`, expected `%s`", text, lines, expected);
    }
    test_drop(&arena);
}

static void test_digits(void **state)
{
    (void)state;
    check("en", "1,234.5 people", "1234.5");
    check("de", "1.234,5 Tonnen", "1234.5");
    check("fr", "1 234,5 tonnes", "1234.5");
    check("en", "1'234'567 people", "1234567");
    check("en", "12,34,567 people", "1234567");
    check("ar", "٩٫٨ مليار دولار", "9800000000");
    check("ar", "١٬٢٣٤٬٥٦٧ نسمة", "1234567");
    check("ar", "٣5٧ شخصا", "357");
    check("en", "１５ people", "15");
    check("en", "1 1/2 litres and ¾ of a mile", "1.5 0.75");
    check("en", "123456789012345678901234567890123456789 people", "");
    check("no", "to kroner og 23 øre", "2.23"); /* Bokmål */
    check("te", "3M", "3000000");
    check("da", ",0012G", "1200000");
    check("da", "TDC har udrullet 5G i hele landet.", "");
}

static void test_words(void **state)
{
    (void)state;
    check("en", "one hundred and twenty-three thousand four hundred and five",
          "123405");
    check("en", "two hundred thousand", "200000");
    check("en", "two million, three hundred thousand and one", "2300001");
    check("en", "twenty thirty", "20 30");
    check("de", "siebenundzwanzigtausend", "27000");
    check("de", "einundzwanzig", "21");
    check("de", "neunhundertneunundneunzigtausendneunhundertneunundneunzig", "999999");
    check("ar", "مليون ومئتا ألف", "1200000");
    check("ar", "ثلاثة آلاف وخمسمئة وستة عشر", "3516");
    check("ar", "ثمانية عشر ألفا وثلاثمئة واثنان وأربعون", "18342");
    check("en", "three point one four", "3.14");
}

static void test_names(void **state)
{
    (void)state;
    check("en", "the KN-23, a B-52, COVID-19, an F1 car and ISO 8601", "");
    check("en", "see https://example.org/2024/15?a=30 or write to a1@b2.org", "");
    check("en", "call +49 30 1234567", "");
    check("en", "version 1.2.3 of the program", "");
}

static void test_offsets(void **state)
{
    (void)state;
    static const char text[] =
        "a\xff\xfe zwischen \xc3 5 und 7 Millionen Euro\xf0\x9f, 3 km\x80.";
    struct test_arena arena = {0};
    figures_result result = test_read(lexicon, &arena, "de", text, sizeof text - 1);
    for (size_t i = 0; i < result.count; i++) {
        const figures_figure *figure = &result.figures[i];
        assert_true(figure->start < figure->end);
        assert_true(figure->end <= sizeof text - 1);
    }
    assert_true(result.count >= 2);
    const figures_figure *last = &result.figures[result.count - 1];
    assert_memory_equal(text + last->start, "3 km", 4);
    assert_int_equal(last->end - last->start, 4);
    test_drop(&arena);
}

static void test_spans(void **state)
{
    (void)state;
    static const char text[] = "وقُتِل نحو ألفـي جنديٍّ، و١٥ألف جريح.";
    struct test_arena arena = {0};
    figures_result result = test_read(lexicon, &arena, "ar", text, sizeof text - 1);
    assert_int_equal(result.count, 2);
    const char *surface = "نحو ألفـي";
    assert_int_equal(result.figures[0].end - result.figures[0].start, strlen(surface));
    assert_memory_equal(text + result.figures[0].start, surface, strlen(surface));
    surface = "١٥ألف";
    assert_int_equal(result.figures[1].end - result.figures[1].start, strlen(surface));
    test_drop(&arena);
}

static char *repeat(const char *piece, size_t times, size_t *length)
{
    size_t size = strlen(piece);
    char *text = malloc(size * times + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * size, piece, size);
    }
    *length = size * times;
    text[*length] = '\0';
    return text;
}

/* Texts made to be slow: the work for ten times as much is at most twelve times as
 * much. */
static void test_linear(void **state)
{
    (void)state;
    static const char *const pieces[] = {"The army lost 5 tanks. ",
                                         "one ",
                                         "million ",
                                         "1 ",
                                         "1,",
                                         "1.",
                                         "5 million ",
                                         "between ",
                                         "siebenundzwanzig",
                                         "(((",
                                         "a-",
                                         "و",
                                         "zwei und ",
                                         "1/2",
                                         "from 5 to ",
                                         "said ",
                                         "said the ministry, ",
                                         "\n",
                                         "\xff",
                                         "一",
                                         "half of a ",
                                         "tens of thousands of ",
                                         "$"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t steps[2];
        for (int k = 0; k < 2; k++) {
            struct test_arena arena = {0};
            size_t length;
            char *text = repeat(pieces[i], k ? 20000 : 2000, &length);
            figures_result result = test_read(lexicon, &arena, NULL, text, length);
            steps[k] = result.steps + 1000;
            test_drop(&arena);
            free(text);
        }
        if (steps[1] > steps[0] * 12) {
            fail_msg("`%s`: %zu steps, then %zu", pieces[i], steps[0], steps[1]);
        }
    }
}

/* A list whose lines end in no full stop is one long sentence to the eye of the reader:
 * each of its figures is still given once, in the order of the text. */
static void test_list(void **state)
{
    (void)state;
    struct test_arena arena = {0};
    size_t length;
    char *text = repeat("five tanks\n", 4000, &length);
    figures_result result = test_read(lexicon, &arena, NULL, text, length);
    assert_int_equal(result.count, 4000);
    for (size_t i = 1; i < result.count; i++) {
        assert_true(result.figures[i].start >= result.figures[i - 1].end);
    }
    test_drop(&arena);
    free(text);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char text[] =
        "The ministry said 5 tanks and 7 ships were lost in 2024.";
    figures_options options = {.times = true};
    for (size_t n = 1; n < 40; n++) {
        struct test_arena arena = {.fail_after = n};
        figures_memory memory = test_memory(&arena);
        figures_result result;
        figures_error error;
        figures_status status =
            figures_read(lexicon, (figures_slice){text, sizeof text - 1}, &options,
                         &memory, &result, &error);
        assert_true(status == FIGURES_OK || status == FIGURES_NO_MEMORY);
        if (status == FIGURES_NO_MEMORY) {
            assert_non_null(strstr(error.text, "memory"));
        }
        test_drop(&arena);
        if (status == FIGURES_OK) {
            return;
        }
    }
    fail_msg("never succeeded");
}

static void test_languages(void **state)
{
    (void)state;
    const char *unknown = "tlh";
    figures_options options = {.languages = &unknown, .language_count = 1};
    struct test_arena arena = {0};
    figures_memory memory = test_memory(&arena);
    figures_result result;
    figures_error error;
    assert_int_equal(figures_read(lexicon, (figures_slice){"5", 1}, &options, &memory,
                                  &result, &error),
                     FIGURES_BAD_OPTION);
    assert_non_null(strstr(error.text, "tlh"));
    static const char text[] = "The war killed about 2,000 people.\n"
                               "Rund 2.000 Menschen wurden getötet.\n"
                               "قتل نحو ألفي شخص في الحرب.\n";
    result = test_read(lexicon, &arena, NULL, text, sizeof text - 1);
    assert_int_equal(result.count, 3);
    assert_string_equal(result.figures[0].language.bytes, "en");
    assert_string_equal(result.figures[1].language.bytes, "de");
    assert_string_equal(result.figures[2].language.bytes, "ar");
    test_drop(&arena);
}

static void test_folding(void **state)
{
    (void)state;
    static const char text[] = "Ä\tB\xc2\xa0\xc2\xa0\x43 أُلـف ١٢";
    unsigned char out[64];
    uint32_t map[65];
    size_t length =
        fold_text((const unsigned char *)text, sizeof text - 1, out, sizeof out, map);
    static const char folded[] = "ä b c الف 12";
    assert_int_equal(length, sizeof folded - 1);
    assert_memory_equal(out, folded, length);
    assert_int_equal(map[length], sizeof text - 1);
    assert_int_equal(fold_text((const unsigned char *)text, 9, out, 4, NULL),
                     (size_t)-1);
}

/* Neighbours are told apart: nb da sv, hr sr sl, bg mk ru uk, cs sk pl … */
static void test_neighbours(void **state)
{
    (void)state;
    FILE *file = fopen(FIGURES_NEIGHBOURS, "r");
    assert_non_null(file);
    char line[1024];
    size_t count = 0;
    while (fgets(line, sizeof line, file)) {
        char *text = strstr(line, ": ");
        if (line[0] == '#' || !text) {
            continue;
        }
        *text = '\0';
        text += 2;
        struct test_arena arena = {0};
        figures_result result =
            test_read(lexicon, &arena, NULL, text, strcspn(text, "\n"));
        if (result.count == 0) {
            fail_msg("`%s`: no figure", text);
        }
        for (size_t i = 0; i < result.count; i++) {
            figures_slice got = result.figures[i].language;
            if (got.length != strlen(line) ||
                memcmp(got.bytes, line, got.length) != 0) {
                fail_msg("`%s`: read as %.*s, expected %s", text, (int)got.length,
                         got.bytes, line);
            }
        }
        count++;
        test_drop(&arena);
    }
    fclose(file);
    assert_true(count > 20);
}

static int open_lexicon(void **state)
{
    (void)state;
    lexicon = test_lexicon();
    return lexicon ? 0 : -1;
}

static int close_lexicon(void **state)
{
    (void)state;
    figures_lexicon_close(lexicon);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folding),   cmocka_unit_test(test_digits),
        cmocka_unit_test(test_words),     cmocka_unit_test(test_names),
        cmocka_unit_test(test_offsets),   cmocka_unit_test(test_list),
        cmocka_unit_test(test_spans),     cmocka_unit_test(test_linear),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_languages),
        cmocka_unit_test(test_neighbours)};
    return cmocka_run_group_tests(tests, open_lexicon, close_lexicon);
}
