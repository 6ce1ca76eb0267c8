/* Addresses as text (RFC 3986): taking apart, resolving, escaping. For scripts and page
 * links; what is fetched is read again by libcurl, whose reading decides. */
#ifndef MIZAN_VALUE_URL_H
#define MIZAN_VALUE_URL_H

#include <stdbool.h>

#include "base/buffer.h"
#include "mizan/plugin.h"

/* Parts of a text; `data` NULL: the part is absent. `host` is without brackets. */
struct mz_url {
    struct mizan_slice scheme, user, host, port, path, query, fragment;
};

/* False when it has blanks, control characters or a port that is no number. */
bool mz_url_split(const char *text, size_t size, struct mz_url *out);
/* Appends what `reference` means in a document at `base`; false when either cannot be
 * split or the base has no scheme. */
bool mz_url_resolve(const char *base, size_t base_size, const char *reference,
                    size_t size, struct mz_buffer *out);
/* Appends the text with all but letters, digits and "-._~" escaped. */
void mz_url_escape(const char *text, size_t size, struct mz_buffer *out);
/* Appends the text without its escapes; with `form` a plus sign is a blank. An escape
 * that is none stays. */
void mz_url_unescape(const char *text, size_t size, bool form, struct mz_buffer *out);

#endif
