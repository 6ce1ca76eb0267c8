#include "window.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Folding runs at memory speed over ASCII and over letters of two bytes that stay as
 * long as they are; everything else takes the code point by code point way. */

static size_t blocks_of(size_t folded)
{
    return folded / 64 + 2;
}

/* An invalid byte becomes a sign of three bytes. */
static size_t folded_room(size_t room)
{
    return room * 3 + WINDOW_PAD;
}

static size_t aligned(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

size_t window_size(size_t room)
{
    size_t folded = folded_room(room);
    return aligned(folded) + 2 * aligned(blocks_of(folded) * sizeof(uint64_t)) +
           aligned((room + 2) * sizeof(struct shift)) +
           aligned((room + 1) * sizeof(uint16_t));
}

void window_place(struct window *window, void *memory, size_t room)
{
    unsigned char *at = memory;
    size_t folded = folded_room(room);
    memset(window, 0, sizeof *window);
    window->room = room;
    window->folded = at;
    at += aligned(folded);
    window->words = (void *)at;
    at += aligned(blocks_of(folded) * sizeof(uint64_t));
    window->digits = (void *)at;
    at += aligned(blocks_of(folded) * sizeof(uint64_t));
    window->shifts = (void *)at;
    at += aligned((room + 2) * sizeof(struct shift));
    window->gaps = (void *)at;
}

/* Folds the ASCII bytes in front of `text`, of which 16 may be read and written; stops
 * before a control sign, a byte beyond ASCII and a blank behind a blank. Returns how
 * many were folded. */
#if defined(__SSE2__)
static inline size_t fold_ascii(const unsigned char *text, unsigned char *out,
                                bool blank)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)text);
    const __m128i space = _mm_set1_epi8(' ');
    unsigned odd = (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(x, space));
    unsigned blanks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, space));
    odd |= blanks & (blanks << 1 | (unsigned)blank);
    const __m128i capital = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('A' - 1)),
                                          _mm_cmplt_epi8(x, _mm_set1_epi8('Z' + 1)));
    const __m128i folded = _mm_or_si128(x, _mm_and_si128(capital, space));
    _mm_storeu_si128((__m128i *)(void *)out, folded);
    return (size_t)__builtin_ctz(odd | 0x10000u);
}
#else
static inline size_t fold_ascii(const unsigned char *text, unsigned char *out,
                                bool blank)
{
    size_t count = 0;
    for (; count < 16; count++) {
        unsigned char byte = text[count];
        if (byte < ' ' || byte >= 0x80 || (byte == ' ' && blank)) {
            break;
        }
        blank = byte == ' ';
        out[count] = (uint32_t)byte - 'A' < 26u ? byte | 0x20 : byte;
    }
    return count;
}
#endif

/* The letters (and bytes beyond ASCII) and the digits among 64 bytes. */
#if defined(__SSE2__)
static inline void mark_block(const unsigned char *bytes, uint64_t *words,
                              uint64_t *digits)
{
    uint64_t letter = 0;
    uint64_t digit = 0;
    for (int part = 0; part < 4; part++) {
        const __m128i x =
            _mm_loadu_si128((const __m128i *)(const void *)(bytes + part * 16));
        const __m128i flip = _mm_set1_epi8((char)0x80);
        const __m128i from_a = _mm_xor_si128(_mm_sub_epi8(x, _mm_set1_epi8('a')), flip);
        const __m128i from_0 = _mm_xor_si128(_mm_sub_epi8(x, _mm_set1_epi8('0')), flip);
        const __m128i letters = _mm_cmplt_epi8(from_a, _mm_set1_epi8((char)(26 - 128)));
        const __m128i numbers = _mm_cmplt_epi8(from_0, _mm_set1_epi8((char)(10 - 128)));
        unsigned l = (unsigned)_mm_movemask_epi8(_mm_or_si128(letters, x));
        unsigned d = (unsigned)_mm_movemask_epi8(numbers);
        letter |= (uint64_t)l << (part * 16);
        digit |= (uint64_t)d << (part * 16);
    }
    *words = letter;
    *digits = digit;
}
#else
/* The high bit of each of eight bytes, as eight bits. */
static inline uint64_t gather(uint64_t bytes)
{
    return ((bytes & 0x8080808080808080ull) >> 7) * 0x0102040810204080ull >> 56;
}

static inline void mark_block(const unsigned char *bytes, uint64_t *words,
                              uint64_t *digits)
{
    const uint64_t ones = 0x0101010101010101ull;
    *words = 0;
    *digits = 0;
    for (int part = 0; part < 8; part++) {
        uint64_t x = eight_bytes(bytes + part * 8);
        uint64_t low = x & ~(ones << 7);
        uint64_t letter = (low + ones * (0x80 - 'a')) & ~(low + ones * (0x7f - 'z'));
        uint64_t digit = (low + ones * (0x80 - '0')) & ~(low + ones * (0x7f - '9'));
        *words |= gather(letter | x) << (part * 8);
        *digits |= gather(digit & ~x) << (part * 8);
    }
}
#endif

size_t text_digit(const unsigned char *text, size_t at, size_t end)
{
    while (end - at >= 64) {
        uint64_t words;
        uint64_t digits;
        mark_block(text + at, &words, &digits);
        if (digits) {
            return at + (size_t)__builtin_ctzll(digits);
        }
        at += 64;
    }
    while (at < end && !is_ascii_digit(text[at])) {
        at++;
    }
    return at;
}

struct folder {
    const figures_lexicon *lexicon;
    const unsigned char *text;
    struct window *window;
    size_t at, end, used, gaps;
    size_t apart; /* how far the text is ahead of the folded bytes */
};

static void keep_shift(struct folder *folder)
{
    struct window *window = folder->window;
    size_t apart = folder->at - folder->used;
    if (apart != folder->apart) {
        folder->apart = apart;
        struct shift *last = &window->shifts[window->shift_count - 1];
        if (last->at != folder->used) {
            last = &window->shifts[window->shift_count++];
        }
        last->at = (uint32_t)folder->used;
        last->text = (uint32_t)folder->at;
    }
}

/* A zero-width non-joiner between letters of the Arabic script stands for a blank. */
static bool is_joiner_blank(const struct folder *folder)
{
    size_t before = folder->at;
    size_t floor = folder->window->start;
    while (before > floor && folder->at - before < 4) {
        before--;
        if ((folder->text[before] & 0xc0) != 0x80) {
            break;
        }
    }
    uint32_t code = 0;
    if (before < folder->at) {
        utf8_next(folder->text, folder->end, before, &code);
    }
    return script_of(code) == SCRIPT_ARABIC;
}

/* One code point by the tables. */
static void fold_one(struct folder *folder)
{
    unsigned char *out = folder->window->folded;
    uint32_t code;
    size_t step = utf8_next(folder->text, folder->end, folder->at, &code);
    uint32_t folded = lexicon_fold(folder->lexicon, code);
    if (folded == FOLD_DROP && code == 0x200c && is_joiner_blank(folder)) {
        folded = ' ';
    }
    bool again = folded == ' ' && folder->used > 0 && out[folder->used - 1] == ' ';
    if (folded != FOLD_DROP && !again) {
        keep_shift(folder);
        size_t bytes = utf8_put(folded, out + folder->used);
        if (bytes > 1 && !lexicon_is_word(folder->lexicon, folded)) {
            folder->window->gaps[folder->gaps++] = (uint16_t)folder->used;
        }
        folder->used += bytes;
    }
    folder->at += step;
}

/* Letters of two bytes that fold to two bytes, and single blanks between them. */
static void fold_pairs(struct folder *folder)
{
    const unsigned char *text = folder->text;
    unsigned char *out = folder->window->folded;
    const uint16_t *pairs = folder->lexicon->pairs;
    size_t at = folder->at;
    size_t used = folder->used;
    size_t end = folder->end;
    while (end - at >= 4) {
        uint16_t code;
        memcpy(&code, text + at, 2);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        code = __builtin_bswap16(code);
#endif
        uint16_t pair = pairs[(code & 0x1f) << 6 | (code >> 8 & 0x3f)];
        if ((code & 0xc0e0) != 0x80c0 || !pair) {
            break;
        }
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        pair = __builtin_bswap16(pair);
#endif
        memcpy(out + used, &pair, 2);
        used += 2;
        at += 2;
        if (text[at] == ' ' && text[at + 1] >= 0x80) {
            out[used++] = ' ';
            at++;
        }
    }
    folder->at = at;
    folder->used = used;
}

static void fold_all(struct folder *folder)
{
    unsigned char *out = folder->window->folded;
    while (folder->at < folder->end) {
        size_t before = folder->at;
        if (folder->text[before] < 0x80 && folder->end - before >= 16) {
            size_t used = folder->used;
            keep_shift(folder);
            bool blank = used > 0 && out[used - 1] == ' ';
            size_t count = fold_ascii(folder->text + before, out + used, blank);
            folder->at += count;
            folder->used += count;
        } else if (folder->text[before] >= 0x80) {
            keep_shift(folder);
            fold_pairs(folder);
        }
        if (folder->at == before) {
            fold_one(folder);
        }
    }
    keep_shift(folder);
}

/* Signs of several bytes are no letters; some of them are digits. */
static void clear_gaps(const struct folder *folder)
{
    struct window *window = folder->window;
    for (size_t i = 0; i < folder->gaps; i++) {
        size_t at = window->gaps[i];
        uint32_t code;
        size_t step = utf8_next(window->folded, window->length, at, &code);
        for (size_t k = 0; k < step; k++) {
            window->words[(at + k) >> 6] &= ~(1ull << ((at + k) & 63));
        }
        if ((code >= 0xbc && code <= 0xbe) || (code >= 0x2153 && code <= 0x215e)) {
            window->digits[at >> 6] |= 1ull << (at & 63);
        }
    }
}

void window_fold(struct window *window, const figures_lexicon *lexicon,
                 const unsigned char *text, size_t start, size_t end)
{
    struct folder folder = {.lexicon = lexicon,
                            .text = text,
                            .window = window,
                            .at = start,
                            .end = end,
                            .apart = start};
    window->start = start;
    window->end = end;
    window->cursor = 0;
    window->shift_count = 1;
    window->shifts[0] = (struct shift){0, (uint32_t)start};
    fold_all(&folder);
    window->length = folder.used;
    memset(window->folded + folder.used, 0, WINDOW_PAD);
    size_t blocks = folder.used / 64 + 1;
    for (size_t i = 0; i < blocks; i++) {
        mark_block(window->folded + i * 64, &window->words[i], &window->digits[i]);
    }
    window->words[blocks] = 0;
    window->digits[blocks] = 0;
    clear_gaps(&folder);
}

size_t window_folded(const struct window *window, size_t text)
{
    size_t low = 0;
    size_t high = window->shift_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (window->shifts[middle].text <= text) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct shift *shift = &window->shifts[low];
    size_t at = shift->at + (text > shift->text ? text - shift->text : 0);
    size_t limit =
        low + 1 < window->shift_count ? window->shifts[low + 1].at : window->length;
    return at < limit ? at : limit;
}
