#include "language.h"

#include <string.h>

#include <unicode/udat.h>

#include "../fold.h"

/* Months and weekdays, in sentences and on their own, in full and abbreviated. */

static size_t letters_of(const char *text)
{
    size_t letters = 0;
    size_t length = strlen(text);
    for (size_t at = 0; at < length; letters++) {
        uint32_t code;
        at += utf8_next((const unsigned char *)text, length, at, &code);
    }
    return letters;
}

static void add_names(struct language *language, UDateFormat *format,
                      UDateFormatSymbolType type, int section)
{
    bool weekdays = section == SECTION_WEEKDAYS;
    bool brief = type == UDAT_SHORT_MONTHS || type == UDAT_STANDALONE_SHORT_MONTHS ||
                 type == UDAT_SHORT_WEEKDAYS || type == UDAT_STANDALONE_SHORT_WEEKDAYS;
    int count = weekdays ? 7 : 12;
    for (int i = 0; i < count; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar name[128];
        int32_t length =
            udat_getSymbols(format, type, weekdays ? i + 1 : i, name, 128, &status);
        if (U_FAILURE(status) || length >= 128) {
            continue;
        }
        char value[8];
        /* ICU counts from Sunday, the packs from Monday */
        snprintf(value, sizeof value, "%d", weekdays ? (i + 6) % 7 + 1 : i + 1);
        const char *form = utf8_of(language->pool, name, length);
        size_t letters = letters_of(form);
        bool dot = form[0] && form[strlen(form) - 1] == '.';
        if ((brief && letters < (weekdays ? 3 : 2)) || (weekdays && brief && !dot)) {
            continue; /* `so`, `do`: too often other words */
        }
        unsigned weak = brief && letters <= 3 && !weekdays ? ENTRY_WEAK : 0;
        writer_add(&language->writer, section, form, value, weak);
    }
}

void add_calendar(struct language *language)
{
    static const struct {
        UDateFormatSymbolType type;
        int section;
    } kinds[] = {{UDAT_MONTHS, SECTION_MONTHS},
                 {UDAT_STANDALONE_MONTHS, SECTION_MONTHS},
                 {UDAT_SHORT_MONTHS, SECTION_MONTHS},
                 {UDAT_STANDALONE_SHORT_MONTHS, SECTION_MONTHS},
                 {UDAT_WEEKDAYS, SECTION_WEEKDAYS},
                 {UDAT_STANDALONE_WEEKDAYS, SECTION_WEEKDAYS},
                 {UDAT_SHORT_WEEKDAYS, SECTION_WEEKDAYS},
                 {UDAT_STANDALONE_SHORT_WEEKDAYS, SECTION_WEEKDAYS}};
    static const char *const names[] = {"calendar", "gregorian", "monthNames", NULL};
    for (size_t i = 0; i < language->locale_count; i++) {
        UResourceBundle *own = own_table(NULL, language->locales[i], names);
        ures_close(own);
        UErrorCode status = U_ZERO_ERROR;
        char locale[64];
        snprintf(locale, sizeof locale, "%s@calendar=gregorian", language->locales[i]);
        UDateFormat *format =
            own ? udat_open(UDAT_LONG, UDAT_LONG, locale, NULL, -1, NULL, 0, &status)
                : NULL;
        if (!format || U_FAILURE(status)) {
            continue;
        }
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            add_names(language, format, kinds[k].type, kinds[k].section);
        }
        udat_close(format);
    }
}
