#include "language.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "../fold.h"

/* What [language] says: read from the hand-written pack where there is one, else worked
 * out from the locale and from what the numbers needed. */

static void set_property(struct language *language, const char *key, char *value)
{
    struct words *words = &language->words;
    bool yes = strcmp(value, "yes") == 0;
    if (strcmp(key, "spaces") == 0) {
        words->spaces = yes;
    } else if (strcmp(key, "compounds") == 0) {
        words->compounds = yes;
    } else if (strcmp(key, "myriad") == 0) {
        words->myriad = yes;
    } else if (strcmp(key, "ten-scale") == 0) {
        words->ten_scale = yes;
    } else if (strcmp(key, "scale-first") == 0) {
        words->scale_first = yes;
    } else if (strcmp(key, "units-first") == 0) {
        words->units_first = yes;
    } else if (strcmp(key, "joiner-prefix") == 0) {
        char *first;
        if (cut_words(value, &first, 1) == 1) {
            const char *form = folded_of(language->pool, first);
            words->joiner_prefix = (struct word){
                .form = form, .length = (uint32_t)strlen(form), .joiner = true};
        }
    }
}

static void read_property(struct language *language, char *line, const char *separator)
{
    char *equals = strstr(line, separator);
    if (equals) {
        *equals = '\0';
        char *end = equals + strlen(separator);
        end[strcspn(end, "\r\n")] = '\0';
        set_property(language, line, end);
    }
}

void read_hand_properties(struct language *language)
{
    const struct list_line *known =
        list_line_of(&language->steering->properties, language->tag);
    for (size_t i = 0; known && i < known->count; i++) {
        char *line =
            pool_copy(language->pool, known->entries[i], strlen(known->entries[i]));
        read_property(language, line, " = ");
    }
    FILE *file = language->hand ? fopen(language->hand, "r") : NULL;
    if (!file) {
        return;
    }
    char *line = NULL;
    size_t room = 0;
    bool inside = false;
    while (getline(&line, &room, file) >= 0) {
        if (line[0] == '[') {
            inside = strncmp(line, "[language]", 10) == 0;
        } else if (inside && line[0] != '#') {
            read_property(language, line, " = ");
        }
    }
    free(line);
    fclose(file);
}

/* The decimal sign as a pack may name it: the Arabic one is read everywhere. */
static char decimal_sign(const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar sign[8];
    UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        return '.';
    }
    unum_getSymbol(format, UNUM_DECIMAL_SEPARATOR_SYMBOL, sign, 8, &status);
    unum_close(format);
    return U_SUCCESS(status) && sign[0] == ',' ? ',' : '.';
}

static const char *date_order(const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    UChar skeleton[8];
    UChar pattern[64];
    u_uastrcpy(skeleton, "yMd");
    udatpg_getBestPattern(generator, skeleton, -1, pattern, 64, &status);
    udatpg_close(generator);
    if (U_FAILURE(status)) {
        return "dmy";
    }
    const UChar *day = u_strchr(pattern, 'd');
    const UChar *month = u_strchr(pattern, 'M');
    const UChar *year = u_strchr(pattern, 'y');
    if (!day || !month || !year) {
        return "dmy";
    }
    return year < month && month < day ? "ymd" : month < day ? "mdy" : "dmy";
}

/* `27.` is an ordinal where ICU writes ordinals so. */
static bool has_ordinal_dot(const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UNumberFormat *format = unum_open(UNUM_ORDINAL, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        return false;
    }
    const char *actual = unum_getLocaleByType(format, ULOC_ACTUAL_LOCALE, &status);
    bool own = actual && strcmp(actual, "root") != 0 && actual[0] != '\0';
    UChar text[32];
    int32_t length = unum_formatInt64(format, 27, text, 32, NULL, &status);
    unum_close(format);
    return own && U_SUCCESS(status) && length > 0 && length < 32 &&
           text[length - 1] == '.';
}

static void add_script(struct pool *pool, char **scripts, const char *locale)
{
    char likely[64];
    char code[8];
    UErrorCode status = U_ZERO_ERROR;
    uloc_addLikelySubtags(locale, likely, sizeof likely, &status);
    uloc_getScript(likely, code, sizeof code, &status);
    if (U_FAILURE(status) || strlen(code) != 4 || strstr(*scripts, code)) {
        return;
    }
    char *more = pool_take(pool, strlen(*scripts) + 6);
    snprintf(more, strlen(*scripts) + 6, "%s%s%s", *scripts, **scripts ? " " : "",
             code);
    *scripts = more;
}

const char *language_properties(struct language *language)
{
    enum { ROOM = 2048 };
    char *out = pool_take(language->pool, ROOM);
    char *scripts = pool_copy(language->pool, "", 0);
    UChar name[128];
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = uloc_getDisplayLanguage(language->tag, "en", name, 128, &status);
    for (size_t i = 0; i < language->locale_count; i++) {
        add_script(language->pool, &scripts, language->locales[i]);
    }
    const struct words *words = &language->words;
    int used =
        snprintf(out, ROOM, "name = %s\nscripts = %s\ndecimal = %c\ndate-order = %s\n",
                 utf8_of(language->pool, name, length), scripts,
                 decimal_sign(language->tag), date_order(language->tag));
    used += snprintf(out + used, (size_t)(ROOM - used), "%s%s%s",
                     words->compounds ? "compounds = yes\n" : "",
                     words->scale_first ? "scale-first = yes\n" : "",
                     has_ordinal_dot(language->tag) ? "ordinal-dot = yes\n" : "");
    const struct list_line *known =
        list_line_of(&language->steering->properties, language->tag);
    for (size_t i = 0; known && i < known->count && used < ROOM; i++) {
        used += snprintf(out + used, (size_t)(ROOM - used), "%s\n", known->entries[i]);
    }
    return out;
}
