#include "reader.h"

/* The first pass: finds the words and digits at which a figure may be. Most words are
 * turned away by one bit of an 8 KiB filter, made for the language of the paragraph. */

static bool in_filter(const struct filters *filters, uint64_t bytes, uint64_t length)
{
    return filter_has(filters->candidates, bytes, length);
}

/* True if the filter lets the word pass once up to three prefixes are taken off. */
__attribute__((noinline)) static bool
prefixed_passes(const struct filters *filters, const unsigned char *word, size_t length)
{
    size_t used = 0;
    for (int count = 0; count < 3; count++) {
        const struct prefix *prefix = find_prefix(
            filters, first_bytes(word + used, length - used), length - used);
        if (!prefix) {
            return false;
        }
        used += prefix->length;
        if (in_filter(filters, first_bytes(word + used, length - used),
                      length - used)) {
            return true;
        }
    }
    return false;
}

/* In texts without blanks every code point may start a number word. */
__attribute__((noinline)) static bool
stretch_passes(const struct filters *filters, const unsigned char *word, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t step = 1;
        while (at + step < length && (word[at + step] & 0xc0) == 0x80) {
            step++;
        }
        if (in_filter(filters, first_bytes(word + at, step), FILTER_CODE)) {
            return true;
        }
        at += step;
    }
    return false;
}

/* `bytes` are the first eight of the word. */
__attribute__((always_inline)) static inline bool
word_passes(const struct filters *filters, const unsigned char *word, size_t length,
            uint64_t bytes)
{
    if (in_filter(filters, bytes, length)) {
        return true;
    }
    if (filters->compounds && length >= 6 &&
        in_filter(filters, bytes & 0xffffffffu, FILTER_PREFIX)) {
        return true;
    }
    return (find_prefix(filters, bytes, length) &&
            prefixed_passes(filters, word, length)) ||
           (!filters->spaced && stretch_passes(filters, word, length));
}

size_t next_candidate(const struct reader *reader, const struct window *window,
                      size_t from)
{
    const struct filters *filters = reader->filter;
    const unsigned char *folded = window->folded;
    size_t end = window->length;
    uint64_t mask = ~0ull << (from & 63);
    uint64_t carry = 0;
    size_t start = 0;
    bool open = false;
    for (size_t block = from >> 6; block * 64 < end; block++) {
        uint64_t words = window->words[block] & mask;
        uint64_t digits = window->digits[block] & mask;
        uint64_t edges = words ^ (words << 1 | carry);
        if (digits) {
            /* a word that ends at the first one still counts */
            edges &= digits ^ (digits - 1);
        }
        mask = ~0ull;
        carry = words >> 63;
        while (edges) {
            size_t at = block * 64 + (size_t)__builtin_ctzll(edges);
            edges &= edges - 1;
            if (!open) {
                start = at;
                open = edges == 0;
                at = block * 64 + (size_t)(open ? 0 : __builtin_ctzll(edges));
                edges &= edges - 1;
            } else {
                open = false;
            }
            if (!open && word_passes(filters, folded + start, at - start,
                                     first_bytes(folded + start, at - start))) {
                return start;
            }
        }
        if (digits) {
            return block * 64 + (size_t)__builtin_ctzll(digits);
        }
    }
    if (open && word_passes(filters, folded + start, end - start,
                            first_bytes(folded + start, end - start))) {
        return start;
    }
    return end;
}
