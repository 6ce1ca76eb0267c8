#include "lua/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "value/record.h"

#define KEYS_MOST 64

const char *mz_value_kind(const struct mizan_value *value)
{
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        return value->as.integer != 0 ? "true" : "false";
    case MIZAN_INTEGER:
    case MIZAN_DOUBLE:
        return "a number";
    case MIZAN_DECIMAL:
        return "a decimal";
    case MIZAN_TEXT:
        return "text";
    case MIZAN_BYTES:
        return "text that is not UTF-8";
    case MIZAN_TIME:
        return "a time";
    case MIZAN_LIST:
        return value->as.list.count == 0 ? "an empty table" : "a list";
    case MIZAN_MAP:
        return "a table of names and values";
    case MIZAN_NIL:
    default:
        return "nil";
    }
}

bool mz_is_empty_table(const struct mizan_value *value)
{
    return (value->type == MIZAN_LIST && value->as.list.count == 0) ||
           (value->type == MIZAN_MAP && value->as.map.count == 0);
}

static const char *const expectations[] = {
    [MZ_KEY_TEXT] = "text",
    [MZ_KEY_COUNT] = "a whole number from 1",
    [MZ_KEY_DURATION] =
        "a duration with its unit, as text: \"90s\", \"5m\", \"2h\", \"7d\"",
    [MZ_KEY_SIZE] = "a size with its unit, as text: \"64k\", \"16M\", \"1G\"",
    [MZ_KEY_MAP] = "a table of names and values",
    [MZ_KEY_TEXTS] = "a list of texts",
    [MZ_KEY_LIST] = "a list",
    [MZ_KEY_ANY] = "a value",
};

static bool is_texts(const struct mizan_value *value)
{
    if (mz_is_empty_table(value)) {
        return true;
    }
    if (value->type != MIZAN_LIST) {
        return false;
    }
    for (size_t i = 0; i < value->as.list.count; i++) {
        if (value->as.list.items[i].type != MIZAN_TEXT) {
            return false;
        }
    }
    return true;
}

static bool fits(const struct mz_key *key, const struct mizan_value *value)
{
    int64_t number;
    switch (key->type) {
    case MZ_KEY_TEXT:
        return value->type == MIZAN_TEXT;
    case MZ_KEY_COUNT:
        return value->type == MIZAN_INTEGER && value->as.integer > 0;
    case MZ_KEY_DURATION:
        return value->type == MIZAN_TEXT &&
               mz_parse_duration(value->as.text.data, &number);
    case MZ_KEY_SIZE:
        return value->type == MIZAN_TEXT && mz_parse_size(value->as.text.data, &number);
    case MZ_KEY_MAP:
        return value->type == MIZAN_MAP || mz_is_empty_table(value);
    case MZ_KEY_TEXTS:
        return is_texts(value);
    case MZ_KEY_LIST:
        return value->type == MIZAN_LIST;
    case MZ_KEY_ANY:
    default:
        return true;
    }
}

static bool is_choice(const char *choices, const char *word)
{
    size_t size = strlen(word);
    while (size > 0) {
        const char *end = strchr(choices, '|');
        size_t length = end != NULL ? (size_t)(end - choices) : strlen(choices);
        if (length == size && memcmp(choices, word, size) == 0) {
            return true;
        }
        if (end == NULL) {
            break;
        }
        choices = end + 1;
    }
    return false;
}

static enum mz_code refuse_unknown(const struct mz_key *keys, size_t count,
                                   const char *owner, const char *name,
                                   struct mz_error *error)
{
    const char *names[KEYS_MOST];
    for (size_t i = 0; i < count; i++) {
        names[i] = keys[i].name;
    }
    const char *nearest = mz_nearest(name, names, count);
    if (nearest != NULL) {
        return mz_fail(error, MZ_SCRIPT, "%s knows no key '%s'; did you mean '%s'?",
                       owner, name, nearest);
    }
    enum mz_code code = mz_fail(error, MZ_SCRIPT, "%s knows no key '%s'", owner, name);
    if (error != NULL) {
        size_t used = (size_t)snprintf(error->help, sizeof error->help, "its keys are");
        for (size_t i = 0; i < count && used < sizeof error->help; i++) {
            used += (size_t)snprintf(error->help + used, sizeof error->help - used,
                                     "%s%s", i == 0 ? " " : ", ", names[i]);
        }
    }
    return code;
}

static enum mz_code check_field(const struct mz_key *key,
                                const struct mizan_value *value, const char *owner,
                                struct mz_error *error)
{
    if (!fits(key, value)) {
        if (value->type == MIZAN_TEXT) {
            return mz_fail(error, MZ_SCRIPT, "%s: '%s' wants %s, not \"%.60s\"", owner,
                           key->name, expectations[key->type], value->as.text.data);
        }
        return mz_fail(error, MZ_SCRIPT, "%s: '%s' wants %s, not %s", owner, key->name,
                       expectations[key->type], mz_value_kind(value));
    }
    if (key->choices != NULL && !is_choice(key->choices, value->as.text.data)) {
        enum mz_code code = mz_fail(error, MZ_SCRIPT, "%s: '%s' cannot be \"%.60s\"",
                                    owner, key->name, value->as.text.data);
        mz_error_help(error, "it is one of %s", key->choices);
        return code;
    }
    return MZ_OK;
}

enum mz_code mz_keys_check(const struct mz_key *keys, size_t count,
                           const struct mizan_value *map, const char *owner,
                           char path[MZ_KEY_PATH], struct mz_error *error)
{
    size_t fields = map->type == MIZAN_MAP ? map->as.map.count : 0;
    size_t used = strlen(path);
    for (size_t i = 0; i < fields; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        const char *name = field->name.data;
        size_t k = 0;
        while (k < count && strcmp(keys[k].name, name) != 0) {
            k++;
        }
        enum mz_code code = k < count
                                ? check_field(&keys[k], &field->value, owner, error)
                                : refuse_unknown(keys, count, owner, name, error);
        if (code != MZ_OK) {
            snprintf(path + used, MZ_KEY_PATH - used, "%s%s", used > 0 ? "." : "",
                     name);
            return code;
        }
    }
    return MZ_OK;
}
