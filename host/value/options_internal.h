/* What the files of options share. */
#ifndef MIZAN_VALUE_OPTIONS_INTERNAL_H
#define MIZAN_VALUE_OPTIONS_INTERNAL_H

#include "value/options.h"

struct mz_option_value {
    const char *name;
    struct mizan_value value;
};

struct mizan_options {
    size_t count;
    struct mz_option_value values[];
};

/* One check under way. `position` is the item of a list that is looked at, counted from
 * 1, or 0. */
struct mz_option_check {
    struct mz_arena *arena;
    const char *owner, *folder;
    const struct mizan_option *option;
    size_t position;
    char *error_key;
    struct mz_error *error;
};

/* "fetch.feed: option 'first' " or "…, item 2, " and the text; fills the key. */
enum mz_code mz_option_wrong(struct mz_option_check *check, const char *format, ...)
    MZ_PRINTF(2, 3);
/* "… expects a duration such as "7d", got 7". */
enum mz_code mz_option_unexpected(struct mz_option_check *check,
                                  const struct mizan_value *value);
enum mz_code mz_option_no_memory(struct mz_option_check *check);

/* Checks and converts what was given for check->option; lists item by item. */
MZ_NODISCARD enum mz_code mz_option_convert(struct mz_option_check *check,
                                            const struct mizan_value *value,
                                            struct mizan_value *out);
/* The types whose values are tables. */
MZ_NODISCARD enum mz_code mz_option_map(struct mz_option_check *check,
                                        const struct mizan_value *value,
                                        struct mizan_value *out);
MZ_NODISCARD enum mz_code mz_option_sources(struct mz_option_check *check,
                                            const struct mizan_value *value,
                                            struct mizan_value *out);
/* The schema's default, written as in a script, as a value that is then converted like
 * a given one. False when out of memory. */
bool mz_option_default_value(struct mz_arena *arena, const struct mizan_option *option,
                             struct mizan_value *out);

bool mz_option_is_empty_table(const struct mizan_value *value);
/* Copies at most room - 1 bytes, whole characters only, "…" behind what was cut. */
#define MZ_OPTION_SHOWN 72
void mz_option_cut(char out[MZ_OPTION_SHOWN], const char *data, size_t size);
/* The value in a message; only its type when `secret`. */
void mz_option_describe(char out[MZ_OPTION_SHOWN + 8], const struct mizan_value *value,
                        bool secret);

#endif
