#include "value/shingles.h"

#include <stdlib.h>
#include <string.h>

#define HASH_START UINT64_C(14695981039346656037)
#define HASH_STEP  UINT64_C(1099511628211)

/* A code point of well-formed UTF-8 (others count as one byte). */
static size_t next_code(const unsigned char *p, const unsigned char *end,
                        uint32_t *code)
{
    size_t size = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    *code = *p;
    if (size == 1 || *p < 0xc2 || (size_t)(end - p) < size) {
        return 1;
    }
    *code = *p & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        *code = *code << 6 | (p[i] & 0x3fU);
    }
    return size;
}

static bool is_digit(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 0x660 && code <= 0x669) ||
           (code >= 0x6f0 && code <= 0x6f9) || (code >= 0x966 && code <= 0x96f) ||
           (code >= 0xff10 && code <= 0xff19);
}

/* Written or left out at will. */
static bool is_optional(uint32_t code)
{
    return code == 0x640 || (code >= 0x64b && code <= 0x65f) || code == 0x670 ||
           (code >= 0x610 && code <= 0x61a) || (code >= 0x6d6 && code <= 0x6ed) ||
           (code >= 0x591 && code <= 0x5c7 && code != 0x5be) || code == 0xad ||
           (code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x202a && code <= 0x202e) || code == 0xfeff;
}

static bool is_word(uint32_t code)
{
    if (code < 0x80) {
        return (code >= '0' && code <= '9') ||
               ((code | 0x20) >= 'a' && (code | 0x20) <= 'z');
    }
    return code >= 0xc0 && code != 0xd7 && code != 0xf7 &&
           !(code >= 0x2000 && code <= 0x2bff) && !(code >= 0x3000 && code <= 0x3004) &&
           !(code >= 0x3008 && code <= 0x3020) && !(code >= 0xff00 && code <= 0xff0f) &&
           !(code >= 0xff1a && code <= 0xff20) && !(code >= 0xff5b && code <= 0xff65) &&
           code != 0x60c && code != 0x61b && code != 0x61f && code != 0x6d4 &&
           !(code >= 0x66a && code <= 0x66d) && code != 0x964 && code != 0x965;
}

/* Scripts that put no blank between words. */
static bool stands_alone(uint32_t code)
{
    return (code >= 0x3041 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) ||
           (code >= 0xe00 && code <= 0xeff) || (code >= 0x1000 && code <= 0x109f) ||
           (code >= 0x1780 && code <= 0x17ff) || (code >= 0x20000 && code <= 0x3ffff);
}

static uint32_t lower(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z') || (code >= 0xc0 && code <= 0xde) ||
        (code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f)) {
        return code + 0x20;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 0x50;
    }
    if (code >= 0x100 && code <= 0x17f) {
        return code | 1;
    }
    return code;
}

/* Digits of any script are those of ASCII: a copy may write the others. */
static uint32_t plain(uint32_t code)
{
    if (code >= 0x660 && code <= 0x669) {
        return code - 0x660 + '0';
    }
    if (code >= 0x6f0 && code <= 0x6f9) {
        return code - 0x6f0 + '0';
    }
    if (code >= 0xff10 && code <= 0xff19) {
        return code - 0xff10 + '0';
    }
    return lower(code);
}

/* Spreads a hash over all its bits (the finaliser of MurmurHash3). */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

struct words {
    uint64_t last[MZ_SHINGLE_WORDS]; /* a ring */
    size_t count;
    uint64_t hash;
    bool number;
};

static void end_word(struct words *words, struct mz_shingles *out)
{
    if (words->hash == HASH_START) {
        return;
    }
    if (words->number && out->number_count < MZ_SHINGLES_MOST) {
        out->numbers[out->number_count++] = mix(words->hash);
    }
    words->last[words->count++ % MZ_SHINGLE_WORDS] = words->hash;
    words->hash = HASH_START;
    words->number = false;
    if (words->count < MZ_SHINGLE_WORDS || out->count == MZ_SHINGLES_MOST) {
        return;
    }
    uint64_t run = 0;
    for (size_t i = 0; i < MZ_SHINGLE_WORDS; i++) {
        run = mix(run + words->last[(words->count + i) % MZ_SHINGLE_WORDS]);
    }
    out->runs[out->count++] = run;
}

static void split(struct mizan_slice text, struct mz_shingles *out)
{
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    struct words words = {.hash = HASH_START};
    while (p < end && out->count < MZ_SHINGLES_MOST) {
        uint32_t code;
        p += next_code(p, end, &code);
        if (is_optional(code)) {
            continue;
        }
        bool word = is_word(code), alone = stands_alone(code);
        if (!word || alone) {
            end_word(&words, out);
        }
        if (word) {
            words.number = words.number || is_digit(code);
            words.hash = (words.hash ^ plain(code)) * HASH_STEP;
        }
        if (alone) {
            end_word(&words, out);
        }
    }
    end_word(&words, out);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t sort_once(uint64_t *items, size_t count)
{
    size_t kept = 0;
    qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || items[kept - 1] != items[i]) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

static void sum_up(struct mz_shingles *out)
{
    int64_t sums[64] = {0};
    uint64_t least[MZ_BANDS];
    memset(least, 0xff, sizeof least);
    for (size_t i = 0; i < out->count; i++) {
        uint64_t run = out->runs[i];
        for (int bit = 0; bit < 64; bit++) {
            sums[bit] += (run >> bit & 1) != 0 ? 1 : -1;
        }
        for (uint64_t k = 0; k < MZ_BANDS; k++) {
            uint64_t hash = mix(run + (k + 1) * UINT64_C(0x9e3779b97f4a7c15));
            least[k] = hash < least[k] ? hash : least[k];
        }
    }
    out->simhash = 0;
    for (int bit = 0; bit < 64; bit++) {
        out->simhash |= (uint64_t)(sums[bit] > 0) << bit;
    }
    for (int k = 0; k < MZ_BANDS / 2; k++) {
        out->bands[k] = (uint32_t)(out->simhash >> (16 * k) & 0xffff);
        out->bands[MZ_BANDS / 2 + k] =
            (uint32_t)mix(least[2 * k] + mix(least[2 * k + 1]));
    }
}

bool mz_shingles_make(struct mz_arena *arena, struct mizan_slice text,
                      struct mz_shingles *out)
{
    size_t room = text.size < MZ_SHINGLES_MOST ? text.size + 1 : MZ_SHINGLES_MOST;
    memset(out, 0, sizeof *out);
    out->runs = mz_arena_alloc(arena, room * sizeof *out->runs);
    out->numbers = mz_arena_alloc(arena, room * sizeof *out->numbers);
    if (out->runs == NULL || out->numbers == NULL) {
        return false;
    }
    split(text, out);
    out->count = sort_once(out->runs, out->count);
    out->number_count = sort_once(out->numbers, out->number_count);
    sum_up(out);
    return true;
}

int mz_simhash_distance(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

static size_t count_shared(const uint64_t *a, size_t a_count, const uint64_t *b,
                           size_t b_count)
{
    size_t i = 0, k = 0, shared = 0;
    while (i < a_count && k < b_count) {
        shared += a[i] == b[k];
        if (a[i] == b[k]) {
            i++;
            k++;
        } else if (a[i] < b[k]) {
            i++;
        } else {
            k++;
        }
    }
    return shared;
}

bool mz_shingles_copy(const struct mz_shingles *first, const struct mz_shingles *copy)
{
    size_t less = first->count < copy->count ? first->count : copy->count;
    size_t more = first->count < copy->count ? copy->count : first->count;
    if (less < MZ_SHINGLES_LEAST) {
        return false;
    }
    size_t shared = count_shared(first->runs, first->count, copy->runs, copy->count);
    bool near = mz_simhash_distance(first->simhash, copy->simhash) <= 3 &&
                shared * 10 >= less * 6;
    bool within = shared * 100 >= less * 85 && shared * 10 >= more * 6;
    return (near || within) &&
           count_shared(first->numbers, first->number_count, copy->numbers,
                        copy->number_count) == copy->number_count;
}
