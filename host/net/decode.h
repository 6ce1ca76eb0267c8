/* Undoes the Content-Encoding of a body while it arrives (RFC 9110, 8.4): gzip, deflate
 * (with and without its zlib header), br, zstd, also several of them one around the
 * other. Unlike libcurl 7.88 it knows whether the encoded body came to its end. */
#ifndef MIZAN_NET_DECODE_H
#define MIZAN_NET_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mizan/plugin.h"

#define MZ_CODINGS_MOST 5                         /* of one body */
#define MZ_CODINGS      "gzip, deflate, br, zstd" /* what is asked for */

enum mz_decode_status {
    MZ_DECODE_OK,
    MZ_DECODE_UNKNOWN, /* a coding that nobody asked for, or too many */
    MZ_DECODE_GARBLED, /* the bytes are not in the coding */
    MZ_DECODE_MEMORY,
    MZ_DECODE_STOPPED /* the sink wanted no more */
};

/* Takes decoded bytes; false: no more of them. `final`: of the body itself, else of a
 * coding inside another, which only want to be counted. */
typedef bool (*mz_decode_sink)(void *context, const char *data, size_t size,
                               bool final);

struct mz_coding;

struct mz_decode_layer {
    const struct mz_coding *coding;
    void *state;
    unsigned char head[2]; /* of a deflate body, until its kind is known */
    size_t head_size;
    bool begun, ended;
};

/* A zeroed one undoes nothing and needs no finish. */
struct mz_decode {
    struct mz_decode_layer layers[MZ_CODINGS_MOST]; /* the outermost first */
    size_t count;
};

/* Adds the codings that a Content-Encoding header lists, in the order of the headers.
 */
enum mz_decode_status mz_decode_add(struct mz_decode *decode,
                                    struct mizan_slice header);
void mz_decode_finish(struct mz_decode *decode);

/* Decodes the next bytes of the body into the sink. */
enum mz_decode_status mz_decode_take(struct mz_decode *decode, const char *data,
                                     size_t size, mz_decode_sink sink, void *context);
/* After the last byte: the name of a coding that has not come to its end, NULL when all
 * have. A body of no bytes at all is whole. */
const char *mz_decode_unfinished(const struct mz_decode *decode);

#endif
