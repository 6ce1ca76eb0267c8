#include "language.h"

#include <string.h>

#include "../fold.h"

/* Unit names in all plural and case forms, in full and short; percent words; and what
 * stands after `per`. */

struct unit {
    const char *identifier; /* of the contract */
    int section;
    bool brief;
};

static bool is_letter_of_latin_or_cyrillic(uint32_t code)
{
    return code < 0x530;
}

/* One letter is a unit only where it is one of the few that nobody takes for a word. */
static bool is_safe(const char *form, const struct unit *unit)
{
    size_t length = strlen(form);
    uint32_t code = 0;
    size_t letters = 0;
    for (size_t at = 0; at < length; letters++) {
        uint32_t last;
        at += utf8_next((const unsigned char *)form, length, at, &last);
        code = letters == 0 ? last : code;
    }
    letters -= letters > 1 && form[length - 1] == '.';
    if (letters > 1 || !unit->brief || !is_word_code(code)) {
        return true;
    }
    if (code == 0x43b || code == 0x43c || code == 0x442) {
        return true; /* л м т */
    }
    return !is_letter_of_latin_or_cyrillic(code) ||
           (code < 0x80 && strchr("mglhtWV", (int)code));
}

/* `degrees Celsius`: the last word is written after the degree sign too, and alone. */
static void add_degrees(struct language *language, const struct unit *unit,
                        const char *form)
{
    bool temperature = strcmp(unit->identifier, "celsius") == 0 ||
                       strcmp(unit->identifier, "fahrenheit") == 0;
    const char *last = strrchr(form, ' ');
    if (!temperature || unit->brief || !last || strlen(last) < 5) {
        return;
    }
    char signs[160];
    snprintf(signs, sizeof signs, "°%s", last);
    writer_add(&language->writer, SECTION_UNITS, signs, unit->identifier, 0);
    writer_add(&language->writer, SECTION_UNITS, last, unit->identifier, 0);
}

/* Takes the number's place out of a pattern such as `{0} km`. */
static void add_pattern(struct language *language, const struct unit *unit,
                        const char *pattern, const char *plural)
{
    if (!pattern) {
        return;
    }
    const char *slot = strstr(pattern, "{0}");
    char *form = pool_copy(language->pool, pattern, strlen(pattern));
    unsigned attributes = unit->brief ? ENTRY_ABBR : 0;
    if (!slot) {
        /* the number is in the word itself: a dual */
        bool two = strcmp(plural, "two") == 0;
        attributes = two ? ENTRY_LONE | ENTRY_TWO : 0;
        if (!two || unit->brief || unit->section != SECTION_UNITS) {
            return;
        }
    } else if (slot == pattern) {
        form += 3;
    } else if (slot[3] == '\0') {
        form[slot - pattern] = '\0';
        attributes |= ENTRY_BEFORE;
    } else {
        return;
    }
    while (*form == ' ' || strncmp(form, "\xc2\xa0", 2) == 0) {
        form += *form == ' ' ? 1 : 2;
    }
    add_degrees(language, unit, form);
    if (is_safe(form, unit)) {
        writer_add(&language->writer, unit->section, form, unit->identifier,
                   attributes);
    }
}

/* `{0} per day`: the words after the number are a rate of their own. */
static void add_rate(struct language *language, const struct unit *unit,
                     const char *pattern)
{
    bool usable = pattern && strncmp(pattern, "{0}", 3) == 0 && !unit->brief &&
                  unit->section == SECTION_UNITS;
    const char *form = usable ? pattern + 3 : "";
    while (*form == ' ') {
        form++;
    }
    if (*form && *form != '/' && strchr(form, ' ')) {
        writer_add(&language->writer, SECTION_PER, form, unit->identifier, 0);
    }
}

/* Reads a table of plural forms; tables of cases are read the same way. */
static void add_forms(struct language *language, const struct unit *unit,
                      UResourceBundle *table)
{
    int32_t count = ures_getSize(table);
    for (int32_t i = 0; i < count; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UResourceBundle *item = ures_getByIndex(table, i, NULL, &status);
        const char *key = U_SUCCESS(status) ? ures_getKey(item) : NULL;
        if (!key || strcmp(key, "dnam") == 0 || strcmp(key, "gender") == 0) {
            ures_close(item);
            continue;
        }
        const char *pattern = string_of(language->pool, item);
        if (pattern && strcmp(key, "per") == 0) {
            add_rate(language, unit, pattern);
        } else if (pattern) {
            add_pattern(language, unit, pattern, key);
        } else if (ures_getType(item) == URES_TABLE) {
            add_forms(language, unit, item);
        }
        ures_close(item);
    }
}

static int section_of(const char *identifier)
{
    static const char *const percents[] = {"percent", "permille", "basis-point", NULL};
    for (const char *const *percent = percents; *percent; percent++) {
        if (strcmp(identifier, *percent) == 0) {
            return SECTION_PERCENT;
        }
    }
    return SECTION_UNITS;
}

/* `entry` is `key` or `key=identifier`, with `!` at its end where only the long forms
 * count. */
static void add_unit(struct language *language, UResourceBundle *group,
                     const char *entry, bool brief)
{
    size_t used = strcspn(entry, "!");
    if (brief && entry[used]) {
        return;
    }
    entry = pool_copy(language->pool, entry, used);
    const char *equals = strchr(entry, '=');
    size_t length = equals ? (size_t)(equals - entry) : used;
    const char *key = pool_copy(language->pool, entry, length);
    struct unit unit = {equals ? equals + 1 : key, 0, brief};
    unit.section = section_of(unit.identifier);
    UResourceBundle *table = child_of(group, key);
    if (table && ures_getType(table) == URES_TABLE) {
        add_forms(language, &unit, table);
    }
    ures_close(table);
}

static void add_table(struct language *language, const char *locale, const char *name,
                      bool brief)
{
    const struct list *units = &language->steering->units;
    const char *const path[] = {name, NULL};
    UResourceBundle *table = own_table("unit", locale, path);
    for (size_t i = 0; table && i < units->count; i++) {
        UResourceBundle *group = child_of(table, units->lines[i].key);
        for (size_t k = 0; group && k < units->lines[i].count; k++) {
            add_unit(language, group, units->lines[i].entries[k], brief);
        }
        ures_close(group);
    }
    ures_close(table);
}

void add_units(struct language *language)
{
    for (size_t i = 0; i < language->locale_count; i++) {
        add_table(language, language->locales[i], "units", false);
    }
    /* the short forms of regions differ only in what they leave out */
    add_table(language, language->locales[0], "unitsShort", true);
}
