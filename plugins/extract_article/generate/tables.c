/* Writes the tables of names of months and of letters beyond ASCII: for every language
 * of CLDR the names, whole and short, as they stand in a date and alone, of the
 * calendars that its newspapers date by; and its alphabet. A tool of the build; usage:
 * article_tables OUTPUT */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/ulocdata.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#define NAME_LIMIT  64
#define NAMES_LIMIT 60000

struct name {
    char word[NAME_LIMIT];
    char language[8];
    int month; /* 1 to 12, of the Persian calendar 21 to 32 */
};

struct table {
    struct name *names;
    size_t count;
};

/* Lower case, without the full stop of a short form; false when there is no letter. */
static bool normal(const UChar *name, char *out)
{
    UChar lower[NAME_LIMIT];
    UErrorCode error = U_ZERO_ERROR;
    int32_t size = u_strToLower(lower, NAME_LIMIT - 1, name, -1, "", &error);
    while (size > 0 && (lower[size - 1] == '.' || lower[size - 1] == 0x200f)) {
        size--;
    }
    int32_t length = 0;
    u_strToUTF8(out, NAME_LIMIT, &length, lower, size, &error);
    return U_SUCCESS(error) && size >= 2 && length < NAME_LIMIT &&
           u_isUAlphabetic(lower[0]);
}

static void add(struct table *table, const char *word, const char *language, int month)
{
    for (size_t i = table->count; i-- > 0;) {
        struct name *known = &table->names[i];
        if (strcmp(known->language, language) != 0) {
            break;
        }
        if (strcmp(known->word, word) == 0) {
            return;
        }
    }
    if (table->count == NAMES_LIMIT) {
        fprintf(stderr, "article_tables: more than %d names\n", NAMES_LIMIT);
        exit(70);
    }
    struct name *name = &table->names[table->count++];
    snprintf(name->word, sizeof(name->word), "%s", word);
    snprintf(name->language, sizeof(name->language), "%s", language);
    name->month = month;
}

static void add_calendar(struct table *table, const char *language,
                         const char *calendar, int first)
{
    static const UDateFormatSymbolType kinds[] = {UDAT_MONTHS, UDAT_STANDALONE_MONTHS,
                                                  UDAT_SHORT_MONTHS,
                                                  UDAT_STANDALONE_SHORT_MONTHS};
    char locale[64];
    UErrorCode error = U_ZERO_ERROR;
    snprintf(locale, sizeof(locale), "%s@calendar=%s", language, calendar);
    UDateFormat *format =
        udat_open(UDAT_LONG, UDAT_LONG, locale, NULL, 0, NULL, 0, &error);
    if (U_FAILURE(error)) {
        return;
    }
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (int32_t month = 0; month < 12; month++) {
            UChar name[NAME_LIMIT];
            char word[NAME_LIMIT];
            error = U_ZERO_ERROR;
            udat_getSymbols(format, kinds[k], month, name, NAME_LIMIT, &error);
            if (U_SUCCESS(error) && error != U_STRING_NOT_TERMINATED_WARNING &&
                normal(name, word)) {
                add(table, word, language, first + (int)month);
            }
        }
    }
    udat_close(format);
}

static int compare(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int order = strcmp(x->word, y->word);
    return order != 0 ? order : strcmp(x->language, y->language);
}

/* Letters beyond ASCII of a language, both cases, as ranges; nothing for those that
 * have none or too many to be an alphabet. */
static void write_alphabet(FILE *out, const char *language, size_t *count)
{
    UErrorCode error = U_ZERO_ERROR;
    ULocaleData *data = ulocdata_open(language, &error);
    USet *set = ulocdata_getExemplarSet(data, NULL, USET_CASE_INSENSITIVE,
                                        ULOCDATA_ES_STANDARD, &error);
    if (U_SUCCESS(error)) {
        uset_removeRange(set, 0, 0x7f);
        int32_t ranges = uset_getRangeCount(set);
        for (int32_t i = 0; ranges < 200 && i < ranges; i++) {
            UChar32 first, last;
            if (uset_getItem(set, i, &first, &last, NULL, 0, &error) == 0) {
                fprintf(out, "    {\"%s\", 0x%x, 0x%x},\n", language, (unsigned)first,
                        (unsigned)last);
                ++*count;
            }
        }
    }
    uset_close(set);
    ulocdata_close(data);
}

static void write_alphabets(FILE *out)
{
    size_t count = 0;
    fprintf(out, "const struct article_letters article_letters[] = {\n");
    for (int32_t i = 0; i < uloc_countAvailable(); i++) {
        if (strlen(uloc_getAvailable(i)) <= 3) {
            write_alphabet(out, uloc_getAvailable(i), &count);
        }
    }
    fprintf(out, "};\nconst size_t article_letters_count = %zu;\n", count);
}

static bool write_table(const struct table *table, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        return false;
    }
    fprintf(out, "/* Made by article_tables. */\n"
                 "#include \"alphabets.h\"\n#include \"text_date.h\"\n\nconst char "
                 "article_month_words[] =\n");
    for (size_t i = 0; i < table->count; i++) {
        fprintf(out, "    \"%s\\0\"\n", table->names[i].word);
    }
    fprintf(out, "    ;\n\nconst struct article_month article_months[] = {\n");
    size_t at = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct name *name = &table->names[i];
        fprintf(out, "    {%zu, \"%s\", %d},\n", at, name->language, name->month);
        at += strlen(name->word) + 1;
    }
    fprintf(out, "};\nconst size_t article_month_count = %zu;\n\n", table->count);
    write_alphabets(out);
    return fclose(out) == 0;
}

int main(int argc, char **argv)
{
    struct table table = {calloc(NAMES_LIMIT, sizeof(struct name)), 0};
    if (argc != 2 || table.names == NULL) {
        fprintf(stderr, "usage: article_tables OUTPUT\n");
        return 64;
    }
    for (int32_t i = 0; i < uloc_countAvailable(); i++) {
        const char *locale = uloc_getAvailable(i);
        if (strlen(locale) > 3) {
            continue; /* of a region or a script: the language is enough */
        }
        add_calendar(&table, locale, "gregorian", 1);
        if (strcmp(locale, "fa") == 0) {
            add_calendar(&table, locale, "persian", 21);
        }
    }
    /* Names that newspapers write beside those of CLDR's choice. */
    static const char *const levant[12] = {
        "كانون الثاني", "شباط", "آذار",  "نيسان",       "أيار",         "حزيران",
        "تموز",         "آب",   "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"};
    static const char *const maghreb[12] = {"جانفي",  "فيفري",  "مارس",   "أفريل",
                                            "ماي",    "جوان",   "جويلية", "أوت",
                                            "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"};
    for (int month = 0; month < 12; month++) {
        add(&table, levant[month], "ar", month + 1);
        add(&table, maghreb[month], "ar", month + 1);
    }
    qsort(table.names, table.count, sizeof(struct name), compare);
    bool written = write_table(&table, argv[1]);
    free(table.names);
    return written ? 0 : 74;
}
