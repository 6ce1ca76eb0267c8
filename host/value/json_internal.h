/* What the files of the JSON reader share. */
#ifndef MIZAN_VALUE_JSON_INTERNAL_H
#define MIZAN_VALUE_JSON_INTERNAL_H

#include "value/json.h"

struct mz_json_reader {
    struct mz_arena *arena;
    const char *start, *at, *end;
    struct mz_error *error;
    /* Members of the containers that are still open; a list's items have no name. */
    struct mizan_field *stack;
    size_t count, capacity;
};

/* "invalid JSON at byte N: what". */
enum mz_code mz_json_wrong(struct mz_json_reader *reader, const char *at,
                           const char *what);
enum mz_code mz_json_no_memory(struct mz_json_reader *reader);
bool mz_json_take(struct mz_json_reader *reader, char wanted);
/* Behind the opening quote, to behind the closing one. */
MZ_NODISCARD enum mz_code mz_json_read_text(struct mz_json_reader *reader,
                                            struct mizan_slice *out);
/* At the first byte of what can only be a number. */
MZ_NODISCARD enum mz_code mz_json_read_number(struct mz_json_reader *reader,
                                              struct mizan_value *out);
/* The first byte that does not stand for itself in a text: beyond ASCII, a control, a
 * quote or a backslash; or `end`. */
const char *mz_json_skip_plain(const char *at, const char *end);

#endif
