/* A stretch of the text, folded once, with what the stages ask about its bytes: which
 * are letters, which are digits, and where in the text they come from. */
#ifndef MIZAN_FIGURES_WINDOW_H
#define MIZAN_FIGURES_WINDOW_H

#include <string.h>

#include "lexicon.h"

enum {
    WINDOW_BYTES = 8192, /* of the text, at most */
    WINDOW_PAD = 128     /* bytes behind the folded text that may be read: zeros */
};

/* From folded byte `at` on, the text runs beside the folded text from `text` on. */
struct shift {
    uint32_t at, text;
};

struct window {
    unsigned char *folded;
    uint64_t *words; /* a bit for each folded byte that is part of a letter or mark */
    uint64_t *digits; /* … for each ASCII digit and the start of each sign such as ½ */
    struct shift *shifts;
    uint16_t *gaps;    /* scratch: multi-byte signs */
    size_t room;       /* bytes of text that fit */
    size_t start, end; /* in the text */
    size_t length;     /* folded bytes */
    size_t shift_count;
    size_t cursor; /* the shift that was used last */
};

/* The bytes of memory that a window of `room` bytes of text needs, and its lay-out in
 * such memory, aligned for any type. */
size_t window_size(size_t room);
void window_place(struct window *window, void *memory, size_t room);

/* Folds text[start, end), at most `room` bytes, as fold_text does. */
void window_fold(struct window *window, const figures_lexicon *lexicon,
                 const unsigned char *text, size_t start, size_t end);

/* Where the folded byte `at` (0 … length) comes from, in the text. */
static inline size_t window_text(struct window *window, size_t at)
{
    size_t i = window->cursor;
    while (i + 1 < window->shift_count && window->shifts[i + 1].at <= at) {
        i++;
    }
    while (i > 0 && window->shifts[i].at > at) {
        i--;
    }
    window->cursor = i;
    return window->shifts[i].text + (at - window->shifts[i].at);
}

/* The folded byte that a place of the text became; the next one for what left none. */
size_t window_folded(const struct window *window, size_t text);

/* The first ASCII digit of text[at, end); `end` if there is none. */
size_t text_digit(const unsigned char *text, size_t at, size_t end);

static inline bool window_bit(const uint64_t *bits, size_t at)
{
    return (bits[at >> 6] >> (at & 63) & 1) != 0;
}

/* The first place at or after `at` whose bit is 0. The bits end with zeros. */
static inline size_t window_run_end(const uint64_t *bits, size_t at)
{
    size_t block = at >> 6;
    uint64_t zeros = ~bits[block] >> (at & 63);
    if (zeros) {
        return at + (size_t)__builtin_ctzll(zeros);
    }
    do {
        block++;
    } while (~bits[block] == 0);
    return block * 64 + (size_t)__builtin_ctzll(~bits[block]);
}

/* The first place in [at, end) whose bit is 1; `end` if there is none. */
static inline size_t window_next(const uint64_t *bits, size_t at, size_t end)
{
    size_t block = at >> 6;
    uint64_t ones = at < end ? bits[block] >> (at & 63) << (at & 63) : 0;
    while (!ones && (block + 1) * 64 < end) {
        ones = bits[++block];
    }
    at = ones ? block * 64 + (size_t)__builtin_ctzll(ones) : end;
    return at < end ? at : end;
}

/* Eight bytes, the first one lowest. */
static inline uint64_t eight_bytes(const unsigned char *text)
{
    uint64_t bytes;
    memcpy(&bytes, text, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    return bytes;
}

/* The first eight bytes of a word, zeros behind a shorter one. Eight bytes are read. */
static inline uint64_t first_bytes(const unsigned char *text, size_t length)
{
    uint64_t bytes = eight_bytes(text);
    return length < 8 ? bytes & ((1ull << (8 * length)) - 1) : bytes;
}

/* A code point of folded text, which is valid UTF-8. */
static inline uint32_t folded_code(const unsigned char *text)
{
    uint32_t lead = text[0];
    if (lead < 0x80) {
        return lead;
    }
    uint32_t code = (lead & 0x1f) << 6 | (text[1] & 0x3fu);
    if (lead >= 0xe0) {
        code = (code & 0x3ff) << 6 | (text[2] & 0x3fu);
        code = lead >= 0xf0 ? (code & 0x7fff) << 6 | (text[3] & 0x3fu) : code;
    }
    return code;
}

/* True if the word has bytes beyond ASCII. Up to seven bytes behind it are read. */
static inline bool has_high(const unsigned char *word, size_t length)
{
    uint64_t high = 0;
    size_t at = 0;
    for (; at + 8 <= length; at += 8) {
        high |= eight_bytes(word + at);
    }
    high |= at < length ? first_bytes(word + at, length - at) : 0;
    return (high & 0x8080808080808080ull) != 0;
}

#endif
