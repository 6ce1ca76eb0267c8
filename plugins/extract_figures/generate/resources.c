#include "language.h"

#include <string.h>

UResourceBundle *child_of(UResourceBundle *parent, const char *key)
{
    UErrorCode status = U_ZERO_ERROR;
    UResourceBundle *child = parent ? ures_getByKey(parent, key, NULL, &status) : NULL;
    if (!child || status != U_ZERO_ERROR) {
        ures_close(child);
        return NULL;
    }
    return child;
}

UResourceBundle *own_table(const char *package, const char *locale,
                           const char *const *path)
{
    char name[64];
    snprintf(name, sizeof name, U_ICUDATA_NAME "-%s", package ? package : "");
    UErrorCode status = U_ZERO_ERROR;
    UResourceBundle *table = ures_open(package ? name : NULL, locale, &status);
    if (status != U_ZERO_ERROR) {
        ures_close(table);
        return NULL;
    }
    for (; *path && table; path++) {
        UResourceBundle *next = child_of(table, *path);
        ures_close(table);
        table = next;
    }
    return table;
}

char *string_of(struct pool *pool, UResourceBundle *resource)
{
    if (!resource || ures_getType(resource) != URES_STRING) {
        return NULL;
    }
    UErrorCode status = U_ZERO_ERROR;
    int32_t length;
    const UChar *text = ures_getString(resource, &length, &status);
    return U_SUCCESS(status) ? utf8_of(pool, text, length) : NULL;
}
