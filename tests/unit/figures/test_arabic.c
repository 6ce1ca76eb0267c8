/* Arabic numbers from a generator of our own, spelled in all cases and genders and read
 * back: alone, inside a sentence with exact offsets, with glued prefixes, and as the
 * mixture of digits and scale words that news write, in three sets of digits. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arabic_numbers.h"
#include "support.h"

enum { ROOM = 1024, SHOWN = 12 };

struct check {
    const figures_lexicon *lexicon;
    size_t read, failed;
};

/* A text that must give one figure of this value in these bytes. */
static void expect(struct check *check, const char *text, uint64_t number, size_t start,
                   size_t end)
{
    struct test_arena arena = {0};
    figures_result result = test_read(check->lexicon, &arena, "ar", text, strlen(text));
    char want[32];
    char got[FIGURES_DECIMAL_TEXT] = "none";
    snprintf(want, sizeof want, "%" PRIu64, number);
    bool good = result.count == 1 && result.figures[0].value.set &&
                result.figures[0].start == start && result.figures[0].end == end;
    if (result.count > 0 && result.figures[0].value.set) {
        figures_decimal_text(&result.figures[0].value, got);
    }
    good = good && strcmp(want, got) == 0;
    check->read++;
    if (!good && check->failed++ < SHOWN) {
        printf("%s: `%s` gives %zu figures, the first is %s", want, text, result.count,
               got);
        if (result.count > 0) {
            printf(" [%u,%u) and not [%zu,%zu)", result.figures[0].start,
                   result.figures[0].end, start, end);
        }
        printf("\n");
    }
    test_drop(&arena);
}

static void expect_inside(struct check *check, const char *before, const char *number,
                          const char *after, uint64_t value)
{
    char text[ROOM * 2];
    size_t start = strlen(before);
    snprintf(text, sizeof text, "%s%s%s", before, number, after);
    expect(check, text, value, start, start + strlen(number));
}

static struct arabic_style style_of(unsigned bits)
{
    return (struct arabic_style){.feminine = bits & 1,
                                 .oblique = bits >> 1 & 1,
                                 .old_mia = bits >> 2 & 1,
                                 .apart = bits >> 3 & 1,
                                 .no_hamza = bits >> 4 & 1,
                                 .billion = bits >> 5 & 1,
                                 .tanwin = bits >> 6 & 1};
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* All numbers below 1,100, and of each power of ten up to 10^12 the round ones and a
 * sample. */
static uint64_t *sample(size_t *count)
{
    enum { SAMPLE = 40 };
    uint64_t *numbers = calloc(2200, sizeof *numbers);
    assert_non_null(numbers);
    uint64_t state = 0x9e3779b97f4a7c15ull;
    size_t used = 0;
    while (used < 1100) {
        numbers[used] = used;
        used++;
    }
    for (uint64_t scale = 10000; scale <= 1000000000000ull; scale *= 10) {
        numbers[used++] = scale;
        for (uint64_t k = 2; k <= 9; k++) {
            numbers[used++] = scale / 10 * k;
        }
        for (int i = 0; i < SAMPLE; i++) {
            numbers[used++] = next_random(&state) % scale;
        }
    }
    *count = used;
    return numbers;
}

static void finish(const struct check *check)
{
    printf("%zu texts, %zu not read\n", check->read, check->failed);
    assert_int_equal(check->failed, 0);
}

static void reads_words(void **state)
{
    struct check check = {*state, 0, 0};
    size_t count;
    uint64_t *numbers = sample(&count);
    for (size_t i = 0; i < count; i++) {
        for (unsigned bits = 0; bits < 128; bits += numbers[i] < 1100 ? 1 : 3) {
            struct arabic_style style = style_of(bits);
            char words[ROOM];
            arabic_spell(numbers[i], &style, words, sizeof words);
            expect_inside(&check, "", words, "", numbers[i]);
            if (numbers[i] > 2) {
                expect_inside(&check, "ووصل المجموع هناك إلى ", words, ".", numbers[i]);
            }
        }
    }
    free(numbers);
    finish(&check);
}

static void reads_glued_words(void **state)
{
    static const char *const prefixes[] = {"و", "ف", "ب", "ل", "ك", "وب", "ول", "فب"};
    struct check check = {*state, 0, 0};
    size_t count;
    uint64_t *numbers = sample(&count);
    for (size_t i = 3; i < count; i++) {
        struct arabic_style style = style_of((unsigned)(i * 7 % 128) | 2);
        char words[ROOM];
        char before[ROOM];
        const char *prefix = prefixes[i % (sizeof prefixes / sizeof prefixes[0])];
        arabic_spell(numbers[i], &style, words, sizeof words);
        snprintf(before, sizeof before, "باعوها هناك %s", prefix);
        expect_inside(&check, before, words, ".", numbers[i]);
    }
    free(numbers);
    finish(&check);
}

static void reads_constructs(void **state)
{
    struct check check = {*state, 0, 0};
    size_t count;
    uint64_t *numbers = sample(&count);
    for (size_t i = 3; i < count; i++) {
        struct arabic_style style = style_of((unsigned)(i * 5 % 128));
        style.feminine = false;
        style.construct = true;
        char words[ROOM];
        arabic_spell(numbers[i], &style, words, sizeof words);
        expect_inside(&check, "وصل هناك ", words, " جندي.", numbers[i]);
    }
    free(numbers);
    finish(&check);
}

static uint64_t mixed_value(uint64_t number)
{
    uint64_t scale = 1000000000000ull;
    while (scale > 1000 && number < scale) {
        scale /= 1000;
    }
    uint64_t least = scale > 1000 ? scale / 1000 : 1;
    return number - number % least;
}

static void reads_mixtures(void **state)
{
    static const uint32_t zeros[] = {'0', 0x660, 0x6f0};
    struct check check = {*state, 0, 0};
    size_t count;
    uint64_t *numbers = sample(&count);
    for (size_t i = 3; i < count; i++) {
        for (size_t set = 0; set < 3; set++) {
            struct arabic_style style = style_of((unsigned)(i * 3 % 128));
            char words[ROOM];
            arabic_mix(numbers[i], &style, zeros[set], words, sizeof words);
            expect_inside(&check, "ووصل المجموع هناك إلى ", words, ".",
                          mixed_value(numbers[i]));
        }
    }
    free(numbers);
    finish(&check);
}

static int open_lexicon(void **state)
{
    *state = test_lexicon();
    return *state ? 0 : -1;
}

static int close_lexicon(void **state)
{
    figures_lexicon_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_words), cmocka_unit_test(reads_glued_words),
        cmocka_unit_test(reads_constructs), cmocka_unit_test(reads_mixtures)};
    return cmocka_run_group_tests(tests, open_lexicon, close_lexicon);
}
