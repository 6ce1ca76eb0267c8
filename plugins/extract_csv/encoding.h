/* The character encoding of a file that is read in pieces, and pieces of it as UTF-8.
 */
#ifndef EXTRACT_CSV_ENCODING_H
#define EXTRACT_CSV_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#define CHARSET_NAME 64

struct encoding {
    char name[CHARSET_NAME];
    bool utf8;   /* nothing is to be converted */
    size_t mark; /* bytes of the byte order mark */
    void *converter;
    size_t wrong; /* characters that the last conversion could not read */
};

struct piece {
    const char *data;
    size_t size;
};

/* By byte order mark, `known` (may be empty), and the look of the sample, in this
 * order. False: `known` is no encoding. */
bool encoding_open(const char *sample, size_t size, bool last, const char *known,
                   size_t known_size, struct encoding *out);
void encoding_close(struct encoding *encoding);
/* Converts a piece from the start of a character on; `out` has room for `room` bytes.
 * *used: bytes of the piece that were read. What is no character becomes U+FFFD and is
 * counted. Returns the bytes written. */
size_t encoding_convert(struct encoding *encoding, struct piece piece, char *out,
                        size_t room, size_t *used);
/* True when all of it is well-formed UTF-8; a sequence that the end cuts counts when
 * `cut`. */
bool is_utf8(const char *data, size_t size, bool cut);

#endif
