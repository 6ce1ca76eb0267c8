/* Which encoding a body is in, and its text as clean UTF-8. */
#ifndef ARTICLE_CHARSET_H
#define ARTICLE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"

struct article_charset {
    const char *name;      /* as the Encoding Standard spells it, lower case */
    const uint16_t *table; /* single-byte: code points of 0x80 to 0xFF, 0 for none */
    const char *converter; /* multi-byte: its iconv name */
    const char *labels;
};

extern const struct article_charset article_charsets[]; /* the first is UTF-8 */
extern const size_t article_charset_count;

/* The encoding that a label names, or NULL. */
const struct article_charset *article_charset_by_label(struct article_slice label);

/* The label that an XML declaration or a <meta> in the first `reach` bytes declares, or
 * empty. */
struct article_slice article_charset_prescan(struct article_slice body, size_t reach);

struct article_decode_input {
    struct article_slice body;
    struct article_slice declared; /* by HTTP, or empty */
    struct article_slice language; /* of the source, or empty: breaks ties */
    bool markup;                   /* look for <meta> and XML declaration */
    const struct article_memory *memory;
};

struct article_decoded {
    struct article_slice text; /* well-formed UTF-8; may be the body itself */
    const char *charset;       /* that was used; static */
    const char *declared; /* by mark, HTTP or page, as the standard names it; NULL */
    const char *mended;   /* encoding that UTF-8 was misread as and which was undone,
                             or NULL */
    size_t replacements;
};

/* Chooses by byte order mark, HTTP, <meta>, then by evidence: bytes that are strictly
 * UTF-8 are UTF-8 whatever was declared; bytes that are not are never read as UTF-8
 * unless nearly all of them are; a single-byte encoding that was declared is kept where
 * no other reads clearly better. Removes NUL and other controls. ARTICLE_OK,
 * ARTICLE_NO_MEMORY or ARTICLE_NO_CONVERTER. */
enum article_status article_decode(const struct article_decode_input *input,
                                   struct article_decoded *out);

#endif
