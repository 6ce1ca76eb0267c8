/* Checking a map of a script against the keys that are known: types, choices,
 * and for an unknown key the nearest one. */
#ifndef MIZAN_LUA_KEYS_H
#define MIZAN_LUA_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mizan/plugin.h"

enum mz_key_type {
    MZ_KEY_TEXT,
    MZ_KEY_COUNT, /* an integer from 1 */
    MZ_KEY_DURATION,
    MZ_KEY_SIZE,
    MZ_KEY_MAP,
    MZ_KEY_TEXTS, /* a list of texts */
    MZ_KEY_LIST,
    MZ_KEY_ANY
};

struct mz_key {
    const char *name;
    enum mz_key_type type;
    const char *choices; /* of a text: separated by '|'; or NULL */
};

/* The keys of a part of a pipeline, for what is generated from them. */
struct mz_key_table {
    const char *name; /* "pipeline", "schedule" … */
    const struct mz_key *keys;
    size_t count;
};
const struct mz_key_table *mz_pipeline_tables(size_t *count);
/* The table of that name, or NULL. */
const struct mz_key_table *mz_pipeline_table(const char *name);

#define MZ_KEY_PATH 256

/* `owner` names the map in messages ("schedule"). `path` is where it stands in
 * the call
 * ("schedule", or ""); on failure the key is added to it. */
MZ_NODISCARD enum mz_code mz_keys_check(const struct mz_key *keys, size_t count,
                                        const struct mizan_value *map,
                                        const char *owner, char path[MZ_KEY_PATH],
                                        struct mz_error *error);
/* "a number", "text" … of a value, with its article. */
const char *mz_value_kind(const struct mizan_value *value);
/* An empty table counts as an empty map and as an empty list. */
bool mz_is_empty_table(const struct mizan_value *value);

#endif
