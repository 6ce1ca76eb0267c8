#include "base/text.h"

#include <string.h>

#define MZ_NEAREST_MOST 64 /* bytes of a word worth comparing */

static bool continues(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t mz_utf8_decode(const char *data, size_t size, uint32_t *code_point)
{
    const unsigned char *bytes = (const unsigned char *)data;
    uint32_t point = 0;
    size_t length = 0;
    if (size == 0) {
        return 0;
    }
    if (bytes[0] < 0x80) {
        point = bytes[0];
        length = 1;
    } else if (bytes[0] >= 0xC2 && bytes[0] <= 0xDF) {
        point = bytes[0] & 0x1FU;
        length = 2;
    } else if (bytes[0] >= 0xE0 && bytes[0] <= 0xEF) {
        point = bytes[0] & 0x0FU;
        length = 3;
    } else if (bytes[0] >= 0xF0 && bytes[0] <= 0xF4) {
        point = bytes[0] & 0x07U;
        length = 4;
    }
    if (length == 0 || length > size) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (!continues(bytes[i])) {
            return 0;
        }
        point = point << 6 | (bytes[i] & 0x3FU);
    }
    bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        return 0;
    }
    if (code_point != NULL) {
        *code_point = point;
    }
    return length;
}

/* What is no character (a surrogate, or beyond U+10FFFF) is written as U+FFFD. */
size_t mz_utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        code_point = 0xFFFD;
    }
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0U | code_point >> 6);
        out[1] = (char)(0x80U | (code_point & 0x3FU));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0U | code_point >> 12);
        out[1] = (char)(0x80U | (code_point >> 6 & 0x3FU));
        out[2] = (char)(0x80U | (code_point & 0x3FU));
        return 3;
    }
    out[0] = (char)(0xF0U | code_point >> 18);
    out[1] = (char)(0x80U | (code_point >> 12 & 0x3FU));
    out[2] = (char)(0x80U | (code_point >> 6 & 0x3FU));
    out[3] = (char)(0x80U | (code_point & 0x3FU));
    return 4;
}

bool mz_utf8_valid(const char *data, size_t size)
{
    size_t position = 0;
    while (position < size) {
        if ((unsigned char)data[position] < 0x80) {
            position += 1;
            continue;
        }
        size_t length = mz_utf8_decode(data + position, size - position, NULL);
        if (length == 0) {
            return false;
        }
        position += length;
    }
    return true;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions and transpositions of
 * neighbours count one each. Both words are at most MZ_NEAREST_MOST bytes. */
static unsigned int distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned int rows[3][MZ_NEAREST_MOST + 1];
    for (size_t j = 0; j <= b_size; j++) {
        rows[0][j] = (unsigned int)j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        unsigned int *row = rows[i % 3];
        const unsigned int *above = rows[(i + 2) % 3];
        const unsigned int *above_that = rows[(i + 1) % 3];
        row[0] = (unsigned int)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned int cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = smaller(above[j - 1] + cost, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[a_size % 3][b_size];
}

const char *mz_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t size = strlen(word);
    if (size > MZ_NEAREST_MOST) {
        return NULL;
    }
    unsigned int best = size < 3 ? 2 : (unsigned int)(size / 3) + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = candidates[i] == NULL ? SIZE_MAX : strlen(candidates[i]);
        if (other > MZ_NEAREST_MOST) {
            continue;
        }
        unsigned int edits = distance(word, size, candidates[i], other);
        if (edits < best) {
            best = edits;
            nearest = candidates[i];
        }
    }
    return nearest;
}

bool mz_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool mz_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t end = strlen(suffix);
    return length >= end && memcmp(text + length - end, suffix, end) == 0;
}
