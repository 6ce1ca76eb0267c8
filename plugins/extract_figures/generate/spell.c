#include "spell.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "../fold.h"
#include "text.h"

enum { RULE_SET_UNITS = 8192, SPELLED_UNITS = 1024 };

static UNumberFormat *open_rules(const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_SPELLOUT, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        return NULL;
    }
    status = U_ZERO_ERROR;
    const char *actual = unum_getLocaleByType(format, ULOC_ACTUAL_LOCALE, &status);
    if (U_FAILURE(status) || !actual || strcmp(actual, locale) != 0) {
        unum_close(format);
        return NULL;
    }
    return format;
}

static void add(struct spellings *spellings, struct pool *pool, uint64_t number,
                const UChar *text, int32_t length)
{
    char raw[SPELLED_UNITS * 3];
    unsigned char folded[sizeof raw];
    UErrorCode status = U_ZERO_ERROR;
    int32_t bytes = 0;
    u_strToUTF8(raw, sizeof raw, &bytes, text, length, &status);
    if (U_FAILURE(status)) {
        return;
    }
    size_t used = fold_text((const unsigned char *)raw, (size_t)bytes, folded,
                            sizeof folded, NULL);
    size_t first = 0;
    while (first < used && folded[first] == ' ') {
        first++;
    }
    while (used > first && folded[used - 1] == ' ') {
        used--;
    }
    for (size_t i = first; i < used; i++) {
        if (folded[i] >= '0' && folded[i] <= '9') {
            return;
        }
    }
    if (used == first) {
        return;
    }
    spellings->items =
        array_room(spellings->items, spellings->count, sizeof *spellings->items);
    struct spelling *spelling = &spellings->items[spellings->count];
    spelling->number = number;
    spelling->text = pool_copy(pool, (const char *)folded + first, used - first);
    spelling->length = (uint32_t)(used - first);
    spelling->order = (uint32_t)spellings->count++;
}

const char *const spell_cardinals[] = {"spellout-numbering", "spellout-cardinal",
                                       "spellout-construct", NULL};
const char *const spell_ordinals[] = {"spellout-ordinal", NULL};

static bool is_chosen(const struct spell_choice *choice, const char *name)
{
    for (size_t i = 0; i < choice->skip_count; i++) {
        if (strstr(name, choice->skip[i])) {
            return false;
        }
    }
    for (const char *const *kind = choice->kinds; *kind; kind++) {
        if (strstr(name, *kind)) {
            return !strstr(name, "year") && !strstr(name, "days");
        }
    }
    return false;
}

void spell(struct spellings *spellings, struct pool *pool, const char *locale,
           const struct spell_choice *choice, const uint64_t *numbers, size_t count)
{
    UNumberFormat *format = open_rules(locale);
    if (!format) {
        return;
    }
    UChar *sets = pool_take(pool, RULE_SET_UNITS * sizeof *sets);
    UErrorCode status = U_ZERO_ERROR;
    unum_getTextAttribute(format, UNUM_PUBLIC_RULESETS, sets, RULE_SET_UNITS, &status);
    for (UChar *set = sets; U_SUCCESS(status) && set && *set;) {
        UChar *end = u_strchr(set, ';');
        if (end) {
            *end = 0;
        }
        const char *name = utf8_of(pool, set, -1);
        bool wanted = is_chosen(choice, name);
        UErrorCode error = U_ZERO_ERROR;
        if (wanted) {
            unum_setTextAttribute(format, UNUM_DEFAULT_RULESET, set, -1, &error);
        }
        for (size_t i = 0; wanted && U_SUCCESS(error) && i < count; i++) {
            UChar out[SPELLED_UNITS];
            UErrorCode one = U_ZERO_ERROR;
            int32_t length = unum_formatInt64(format, (int64_t)numbers[i], out,
                                              SPELLED_UNITS, NULL, &one);
            if (U_SUCCESS(one)) {
                add(spellings, pool, numbers[i], out, length);
            }
        }
        set = end ? end + 1 : NULL;
    }
    unum_close(format);
}

static int compare(const void *left, const void *right)
{
    const struct spelling *a = left;
    const struct spelling *b = right;
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

void spellings_sort(struct spellings *spellings)
{
    if (spellings->count == 0) {
        return;
    }
    qsort(spellings->items, spellings->count, sizeof *spellings->items, compare);
    size_t kept = 0;
    size_t first = 0;
    for (size_t i = 0; i < spellings->count; i++) {
        const struct spelling item = spellings->items[i];
        if (kept == 0 || spellings->items[first].number != item.number) {
            first = kept;
        }
        bool twice = false;
        for (size_t k = first; k < kept && !twice; k++) {
            twice = spellings->items[k].length == item.length &&
                    memcmp(spellings->items[k].text, item.text, item.length) == 0;
        }
        if (!twice) {
            spellings->items[kept++] = item;
        }
    }
    spellings->count = kept;
}

void spellings_finish(struct spellings *spellings)
{
    free(spellings->items);
    memset(spellings, 0, sizeof *spellings);
}

const struct spelling *spellings_of(const struct spellings *spellings, uint64_t number,
                                    size_t *count)
{
    size_t low = 0;
    size_t high = spellings->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (spellings->items[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *count = 0;
    while (low + *count < spellings->count &&
           spellings->items[low + *count].number == number) {
        ++*count;
    }
    return spellings->items + low;
}
