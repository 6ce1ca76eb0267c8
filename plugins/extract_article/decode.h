/* Bytes of a known encoding to clean UTF-8. */
#ifndef ARTICLE_DECODE_H
#define ARTICLE_DECODE_H

#include "charset.h"

/* What the bytes look like when read as UTF-8. */
struct article_scan {
    size_t multibyte; /* well-formed sequences of two bytes and more */
    size_t invalid;   /* replacements that reading it as UTF-8 would make */
    size_t unclean;   /* characters that are removed or become a line end */
};
void article_scan_utf8(struct article_slice body, struct article_scan *out);

/* Each sets out->text and adds to out->replacements. */
enum article_status article_from_utf8(struct article_slice body,
                                      const struct article_scan *scan,
                                      const struct article_memory *memory,
                                      struct article_decoded *out);
enum article_status article_from_table(struct article_slice body, const uint16_t *table,
                                       const struct article_memory *memory,
                                       struct article_decoded *out);
enum article_status article_from_converter(struct article_slice body,
                                           const char *converter,
                                           const struct article_memory *memory,
                                           struct article_decoded *out);

#endif
