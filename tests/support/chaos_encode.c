/* Bodies in encodings, well-formed and not. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "chaos_server.h"

#define GZIP_BITS (15 + 16)
#define BOMB_SIZE ((size_t)64 << 20)

static unsigned char *squeeze(const unsigned char *plain, size_t size, int bits,
                              size_t *out)
{
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return NULL;
    }
    size_t room = deflateBound(&stream, (uLong)size) + 64;
    unsigned char *bytes = malloc(room);
    if (bytes != NULL) {
        unsigned char *copy = malloc(size + 1);
        if (copy == NULL) {
            free(bytes);
            bytes = NULL;
        } else {
            memcpy(copy, plain, size);
            stream.next_in = copy;
            stream.avail_in = (uInt)size;
            stream.next_out = bytes;
            stream.avail_out = (uInt)room;
            (void)deflate(&stream, Z_FINISH);
            *out = stream.total_out;
            free(copy);
        }
    }
    (void)deflateEnd(&stream);
    return bytes;
}

static unsigned char *squeeze_often(const unsigned char *plain, size_t size, int times,
                                    size_t *out)
{
    unsigned char *now = squeeze(plain, size, GZIP_BITS, out);
    for (int i = 1; i < times && now != NULL; i++) {
        unsigned char *next = squeeze(now, *out, GZIP_BITS, out);
        free(now);
        now = next;
    }
    return now;
}

static unsigned char *make_bomb(size_t *out)
{
    unsigned char *zeros = calloc(1, BOMB_SIZE);
    unsigned char *bomb =
        zeros == NULL ? NULL : squeeze(zeros, BOMB_SIZE, GZIP_BITS, out);
    free(zeros);
    return bomb;
}

unsigned char *chaos_encode(const char *name, const unsigned char *plain, size_t size,
                            size_t *encoded)
{
    if (strcmp(name, "gzip") == 0) {
        return squeeze(plain, size, GZIP_BITS, encoded);
    }
    if (strcmp(name, "double") == 0) {
        return squeeze_often(plain, size, 2, encoded);
    }
    if (strcmp(name, "stack8") == 0) {
        return squeeze_often(plain, size, 8, encoded);
    }
    if (strcmp(name, "deflate") == 0) {
        return squeeze(plain, size, 15, encoded);
    }
    if (strcmp(name, "raw") == 0) {
        return squeeze(plain, size, -15, encoded);
    }
    if (strcmp(name, "bomb") == 0) {
        return make_bomb(encoded);
    }
    unsigned char *whole = strcmp(name, "truncated") == 0
                               ? squeeze(plain, size, GZIP_BITS, encoded)
                               : NULL;
    *encoded = whole == NULL ? 0 : *encoded / 2;
    return whole;
}
