/* Where a piece of a text stands in the raw body that the text was made of. */
#ifndef MIZAN_CLI_RAW_SPAN_H
#define MIZAN_CLI_RAW_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "mizan/plugin.h"

/* `start` to `end` of `text` (UTF-8) is sought in `raw`, which is in `charset` (NULL:
 * UTF-8). Marks `<…>` in between are passed over, a space stands for any white space,
 * named and numbered references for what they name. Of several places the one whose
 * surroundings agree longest with the text's. False when there is none. */
struct mz_raw_span {
    size_t from, to; /* half open */
};
bool mz_raw_span(struct mizan_slice text, size_t start, size_t end,
                 struct mizan_slice raw, const char *charset, struct mz_raw_span *out);

#endif
