#include "language.h"

#include <stdlib.h>
#include <string.h>

#include "../fold.h"

/* The scale words of compact numbers: `5 million`, `5 Mio.`, `5K`. */

struct scale {
    int power;
    bool brief;
};

static size_t letters_of(const char *text, uint32_t *first)
{
    size_t length = strlen(text);
    size_t letters = 0;
    for (size_t at = 0; at < length; letters++) {
        uint32_t code;
        at += utf8_next((const unsigned char *)text, length, at, &code);
        if (letters == 0) {
            *first = code;
        }
    }
    return letters;
}

/* Which attributes an abbreviation needs, so that it is not taken for a unit or word;
 * false where it is better left out. */
static bool guard(const char *form, const struct scale *scale, unsigned *attributes)
{
    uint32_t first = 0;
    size_t letters = letters_of(form, &first);
    letters -= letters > 1 && form[strlen(form) - 1] == '.';
    *attributes = scale->brief ? ENTRY_ABBR : 0;
    if (letters == 0) {
        return false;
    }
    if (letters == 1 && first < 0x530) {
        static const struct {
            char letter;
            int power;
            unsigned attributes;
        } known[] = {{'K', 3, ENTRY_ABBR | ENTRY_GLUED},
                     {'M', 6, ENTRY_ABBR | ENTRY_GLUED | ENTRY_MONEY},
                     {'B', 9, ENTRY_ABBR | ENTRY_GLUED | ENTRY_MONEY},
                     {'T', 12, ENTRY_ABBR | ENTRY_GLUED | ENTRY_MONEY}};
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            bool same = first == (uint32_t)known[i].letter ||
                        first == (uint32_t)(known[i].letter | 0x20);
            if (same && scale->power == known[i].power) {
                *attributes = known[i].attributes;
                return true;
            }
        }
        return false;
    }
    if (scale->brief && letters == 2 && first < 0x250) {
        *attributes |= ENTRY_MONEY;
    }
    return true;
}

/* The words of a pattern such as `00 Mio'.'`, without the zeros and quotes; the number
 * of zeros in *zeros. */
static char *words_of(struct pool *pool, const char *pattern, int *zeros)
{
    char *out = pool_take(pool, strlen(pattern) + 1);
    size_t used = 0;
    *zeros = 0;
    for (; *pattern && *pattern != ';'; pattern++) {
        if (*pattern == '0') {
            ++*zeros;
        } else if (*pattern != '\'') {
            out[used++] = *pattern;
        }
    }
    return out;
}

static void value_text(char *out, size_t room, int power)
{
    snprintf(out, room, "1e%d", power);
}

static void add_pattern(struct language *language, int magnitude, bool brief,
                        const char *pattern)
{
    int zeros;
    const char *form = words_of(language->pool, pattern, &zeros);
    struct scale scale = {magnitude - zeros + 1, brief};
    unsigned attributes;
    char value[16];
    while (*form == ' ' || strncmp(form, "\xc2\xa0", 2) == 0) {
        form += *form == ' ' ? 1 : 2;
    }
    if (zeros == 0 || scale.power < 3 || !guard(form, &scale, &attributes)) {
        return;
    }
    const char *folded = folded_of(language->pool, form);
    bool composed = words_cover(&language->words, folded, strlen(folded));
    struct word *known = words_find(&language->words, folded, strlen(folded));
    if (composed && !known) {
        return; /* `mil millones`: the reader multiplies the two */
    }
    if (known && (known->number || known->scale)) {
        return;
    }
    value_text(value, sizeof value, scale.power);
    writer_add(&language->writer, SECTION_SCALES, form, value, attributes);
}

static void add_style(struct language *language, const char *locale, const char *style,
                      bool brief)
{
    const char *const path[] = {"NumberElements", "latn", style, "decimalFormat", NULL};
    UResourceBundle *table = own_table(NULL, locale, path);
    int32_t count = table ? ures_getSize(table) : 0;
    for (int32_t i = 0; i < count; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UResourceBundle *powers = ures_getByIndex(table, i, NULL, &status);
        const char *key = U_SUCCESS(status) ? ures_getKey(powers) : NULL;
        int32_t forms = key ? ures_getSize(powers) : 0;
        for (int32_t k = 0; k < forms; k++) {
            UResourceBundle *item = ures_getByIndex(powers, k, NULL, &status);
            const char *pattern = string_of(language->pool, item);
            if (pattern) {
                add_pattern(language, (int)strlen(key) - 1, brief, pattern);
            }
            ures_close(item);
        }
        ures_close(powers);
    }
    ures_close(table);
}

void add_compact_scales(struct language *language)
{
    for (size_t i = 0; i < language->locale_count; i++) {
        add_style(language, language->locales[i], "patternsLong", false);
    }
    add_style(language, language->locales[0], "patternsShort", true);
}
