/* Every locale for which ICU has rules to spell numbers out: spelled by ICU, read back
 * by the figure library, alone and inside a sentence with exact offsets. Prints a line
 * a locale. FIGURES_ROUND_TRIP=all reads every number to 10,000 instead of a sample of
 * them. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "figures.h"
#include "memory.h"
#include "spell.h"
#include "text.h"

static const char opening[] = "\xc2\xab ";
static const char closing[] = " \xc2\xbb.";

/* Locales that are not read back, each with its reason. */
static const struct {
    const char *locale, *reason;
} known[] = {
#include "unread_locales.inc"
};

struct result {
    size_t spellings, failed, failed_inside;
    uint64_t first; /* the first number that failed */
    char text[256], got[256];
};

struct bench {
    figures_lexicon *lexicon;
    struct list rules;
    struct pool pool;
};

static void *take(void *user, size_t size)
{
    return pool_take(user, size);
}

/* A text and the one figure that it must give; `got` tells what it gave. */
struct reading {
    const char *text, *value;
    size_t start, end;
    char got[256];
};

static bool reads_as(const struct bench *bench, const char *language,
                     struct reading *reading)
{
    const char *text = reading->text;
    char *got = reading->got;
    const size_t room = sizeof reading->got;
    struct pool pool = {NULL};
    figures_memory memory = {take, &pool};
    figures_options options = {.languages = &language, .language_count = 1};
    figures_result result = {0};
    figures_error error;
    figures_status status =
        figures_read(bench->lexicon, (figures_slice){text, strlen(text)}, &options,
                     &memory, &result, &error);
    bool good = status == FIGURES_OK && result.count == 1;
    snprintf(got, room, "%zu figures", result.count);
    for (size_t i = 0; status == FIGURES_OK && i < result.count; i++) {
        const figures_figure *figure = &result.figures[i];
        char number[FIGURES_DECIMAL_TEXT] = "none";
        if (figure->value.set) {
            figures_decimal_text(&figure->value, number);
        }
        good = good && strcmp(number, reading->value) == 0 &&
               figure->start == reading->start && figure->end == reading->end;
        size_t used = strlen(got);
        snprintf(got + used, room - used, " %s[%u,%u)", number, figure->start,
                 figure->end);
    }
    pool_finish(&pool);
    return good;
}

static void check_spelling(const struct bench *bench, const char *language,
                           const struct spelling *spelling, struct result *result)
{
    char value[32];
    char inside[2048];
    size_t start = sizeof opening - 1;
    snprintf(value, sizeof value, "%" PRIu64, spelling->number);
    struct reading reading = {spelling->text, value, 0, spelling->length, ""};
    bool good = reads_as(bench, language, &reading);
    snprintf(inside, sizeof inside, "%s%s%s", opening, spelling->text, closing);
    reading.text = inside;
    reading.start = start;
    reading.end = start + spelling->length;
    /* zero and one are also articles and pronouns: no figures by themselves */
    bool good_inside = spelling->number < 2 || reads_as(bench, language, &reading);
    result->spellings++;
    result->failed += !good;
    result->failed_inside += good && !good_inside;
    if ((!good || !good_inside) && result->text[0] == '\0') {
        result->first = spelling->number;
        snprintf(result->text, sizeof result->text, "%s", spelling->text);
        snprintf(result->got, sizeof result->got, "%s", reading.got);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* All numbers to 1,000, every seventh (or all) to 10,000, and a sample to 10^12. */
static uint64_t *numbers_to_read(size_t *count)
{
    const char *mode = getenv("FIGURES_ROUND_TRIP");
    uint64_t step = mode && strcmp(mode, "all") == 0 ? 1 : 29;
    uint64_t *numbers = calloc(12000, sizeof *numbers);
    assert_non_null(numbers);
    uint64_t state = 88172645463325252ull;
    size_t used = 0;
    for (uint64_t n = 0; n < 10000;
         n += n < 1000 && (step == 1 || n < 120) ? 1 : step) {
        numbers[used++] = n;
    }
    for (uint64_t scale = 1000; scale <= 1000000000000ull; scale *= 10) {
        numbers[used++] = scale;
        for (int i = 0; i < 20; i++) {
            numbers[used++] = next_random(&state) % scale;
        }
        for (uint64_t k = 2; k <= 9 && scale < 1000000000000ull; k++) {
            numbers[used++] = scale * k;
        }
    }
    *count = used;
    return numbers;
}

static struct result read_locale(struct bench *bench, const char *locale,
                                 const uint64_t *numbers, size_t count)
{
    struct result result = {0};
    struct pool pool = {NULL};
    struct spellings spellings = {NULL, 0};
    char language[16];
    UErrorCode status = U_ZERO_ERROR;
    uloc_getLanguage(locale, language, sizeof language, &status);
    struct spell_choice choice = {spell_cardinals, NULL, 0};
    const struct list_line *skip = list_line_of(&bench->rules, language);
    if (skip && strcmp(skip->entries[0], "all") != 0) {
        choice.skip = skip->entries;
        choice.skip_count = skip->count;
    }
    spell(&spellings, &pool, locale, &choice, numbers, count);
    spellings_sort(&spellings);
    for (size_t i = 0; i < spellings.count; i++) {
        check_spelling(bench, language, &spellings.items[i], &result);
    }
    spellings_finish(&spellings);
    pool_finish(&pool);
    return result;
}

/* The rules of a locale as text, to tell the locales that only share another's. */
static char *rules_of(struct pool *pool, const char *locale)
{
    enum { UNITS = 1 << 17 };
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_SPELLOUT, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        return NULL;
    }
    UChar *text = calloc(UNITS, sizeof *text);
    const char *actual = unum_getLocaleByType(format, ULOC_ACTUAL_LOCALE, &status);
    bool own = actual && strcmp(actual, locale) == 0;
    int32_t length = text ? unum_toPattern(format, false, text, UNITS, &status) : 0;
    char *rules = own && U_SUCCESS(status) && length > 0 && length < UNITS
                      ? utf8_of(pool, text, length)
                      : NULL;
    free(text);
    unum_close(format);
    return rules;
}

static const char *reason_of(const char *locale)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].locale && strcmp(known[i].locale, locale) == 0) {
            return known[i].reason;
        }
    }
    return NULL;
}

static bool report(const char *locale, const struct result *result)
{
    const char *reason = reason_of(locale);
    size_t failed = result->failed + result->failed_inside;
    if (failed == 0) {
        printf("%-10s %6zu spellings, all read%s\n", locale, result->spellings,
               reason ? " (take it off the list of those that are not)" : "");
        return true;
    }
    printf("%-10s %6zu spellings, not read %zu alone, %zu inside; first %" PRIu64
           " `%s`: %s (%s)\n",
           locale, result->spellings, result->failed, result->failed_inside,
           result->first, result->text, result->got, reason ? reason : "UNEXPECTED");
    return reason != NULL;
}

static void reads_back_every_locale(void **state)
{
    struct bench *bench = *state;
    const char *seen[512];
    size_t seen_count = 0;
    size_t perfect = 0;
    size_t surprises = 0;
    size_t count;
    uint64_t *numbers = numbers_to_read(&count);
    for (int32_t i = 0; i < unum_countAvailable(); i++) {
        const char *locale = unum_getAvailable(i);
        char *rules = rules_of(&bench->pool, locale);
        bool new_rules = rules != NULL && seen_count < 512;
        for (size_t k = 0; k < seen_count && new_rules; k++) {
            new_rules = strcmp(seen[k], rules) != 0;
        }
        if (!new_rules) {
            continue;
        }
        seen[seen_count++] = rules;
        struct result result = read_locale(bench, locale, numbers, count);
        perfect += result.failed + result.failed_inside == 0;
        surprises += !report(locale, &result);
    }
    free(numbers);
    printf("%zu of %zu locales are read back without a fault\n", perfect, seen_count);
    assert_true(perfect >= 70);
    assert_int_equal(surprises, 0);
}

static int open_lexicon(void **state)
{
    static struct bench bench;
    figures_error error;
    if (figures_lexicon_open(FIGURES_LEXICON, &bench.lexicon, &error) != FIGURES_OK) {
        fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    list_read(&bench.rules, &bench.pool, GENERATE_DATA, "rules.list");
    *state = &bench;
    return 0;
}

static int close_lexicon(void **state)
{
    struct bench *bench = *state;
    figures_lexicon_close(bench->lexicon);
    list_finish(&bench->rules);
    pool_finish(&bench->pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_back_every_locale)};
    return cmocka_run_group_tests(tests, open_lexicon, close_lexicon);
}
