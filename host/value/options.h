/* Options of a stage: a map from the script, checked against the plugin's schema. The
 * same schema gives --help, editor types and the reference. `mizan_options` of plugin.h
 * is this structure. */
#ifndef MIZAN_VALUE_OPTIONS_H
#define MIZAN_VALUE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"

/* The schema of a plugin: `stride` is its option_size, which may be smaller or larger
 * than ours; members beyond it read as absent. */
struct mz_schema {
    const char *owner; /* "fetch.feed", for messages */
    const void *options;
    size_t count, stride;
};

/* Option `index` with absent members cleared. */
struct mizan_option mz_schema_option(const struct mz_schema *schema, size_t index);

/* Options that every stage knows besides its plugin's: name. They are skipped here. */
bool mz_option_is_common(const char *name);

/* Checks `given` (a map) and fills defaults; `folder` is what relative paths start
 * from. Everything lives in `arena`. On failure the error names the key in
 * `error_key` (which may be NULL; MZ_OPTION_KEY bytes), what was expected and, for an
 * unknown key, the nearest one; the caller adds file and line. */
#define MZ_OPTION_KEY 128
MZ_NODISCARD enum mz_code
mz_options_check(struct mz_arena *arena, const struct mz_schema *schema,
                 const struct mizan_value *given, const char *folder,
                 struct mizan_options **out, char *error_key, struct mz_error *error);
/* Options given without a script: all defaults. */
MZ_NODISCARD enum mz_code mz_options_default(struct mz_arena *arena,
                                             const struct mz_schema *schema,
                                             struct mizan_options **out,
                                             struct mz_error *error);
/* The value, or a nil when absent. The pointer lives as long as the arena. */
const struct mizan_value *mz_option(const struct mizan_options *options,
                                    const char *name);
/* Puts another value in its place, which is not checked; false when there is no such
 * option. */
bool mz_option_replace(struct mizan_options *options, const char *name,
                       struct mizan_value value);
/* "duration", "list of text" … for help and messages. */
const char *mz_option_type_name(const struct mizan_option *option);
/* A page of help for people, one paragraph an option. */
void mz_schema_help(const struct mz_schema *schema, FILE *out);

#endif
