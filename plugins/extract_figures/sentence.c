#include "reader.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Where sentences end: signs, new lines, and what speaks against an end there. */

/* False if no form of the language starts with the first word of text[start, end), as
 * far as that can be told without looking it up. */
static bool may_abbreviate(const struct reader *reader, size_t start, size_t end)
{
    const unsigned char *text = reader->text;
    const uint16_t *pairs = reader->lexicon->pairs;
    uint64_t first = 0;
    size_t length = 0;
    for (size_t at = start; at < end; at++) {
        uint64_t bytes = text[at] | 0x20u;
        size_t count = 1;
        if (text[at] >= 0x80) {
            bool pair = text[at] < 0xe0 && end - at > 1;
            bytes = pair ? pairs[(text[at] & 0x1f) << 6 | (text[at + 1] & 0x3f)] : 0;
            if (!bytes || !reader->filter->spaced) {
                return true;
            }
            count = 2;
            at++;
        } else if (!is_ascii_letter(text[at])) {
            break;
        }
        first |= length < 8 ? bytes << (8 * length) : 0;
        length += count;
    }
    return filter_has(reader->filter->known, first, length);
}

/* The folded word before a full stop, for the question whether it is an abbreviation.
 */
static bool is_abbreviation(const struct reader *reader, size_t dot)
{
    size_t start = dot;
    size_t floor = dot > 24 ? dot - 24 : 0;
    while (start > floor) {
        unsigned char byte = reader->text[start - 1];
        bool letter = byte >= 0x80 || is_ascii_letter(byte) || byte == '.';
        if (!letter) {
            break;
        }
        start--;
    }
    if (start == dot) {
        return false;
    }
    uint32_t code;
    size_t step = utf8_next(reader->text, dot, start, &code);
    if (start + step == dot && is_word_code(code)) {
        return true; /* an initial */
    }
    if (!may_abbreviate(reader, start, dot)) {
        return false;
    }
    unsigned char folded[64];
    size_t length = fold_text(reader->text + start, dot - start, folded, 60, NULL);
    if (length == (size_t)-1) {
        return false;
    }
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count = lexicon_find(reader->lexicon, folded, length, false, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t senses;
        const struct lexicon_sense *sense = lexicon_senses(
            reader->lexicon, matches[i].terminal, reader->language_index, &senses);
        for (size_t k = 0; k < senses && matches[i].length == length; k++) {
            if (sense[k].role == ROLE_ABBREVIATION ||
                (sense[k].role != ROLE_ABBREVIATION && sense[k].role != ROLE_STOP &&
                 (sense[k].attributes & ATTR_DOT))) {
                return true;
            }
        }
    }
    return false;
}

/* Skips closing quotes and brackets after a sentence's last sign. */
static size_t pass_closers(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    while (at < reader->length) {
        if (text[at] == '"' || text[at] == ')' || text[at] == '\'' || text[at] == ']') {
            at++;
        } else if (text[at] == 0xc2 && at + 1 < reader->length &&
                   text[at + 1] == 0xbb) {
            at += 2; /* » */
        } else if (text[at] == 0xe2 && at + 2 < reader->length &&
                   text[at + 1] == 0x80 && text[at + 2] >= 0x98 &&
                   text[at + 2] <= 0x9f) {
            at += 3; /* typographic quotes */
        } else {
            break;
        }
    }
    return at;
}

/* True if the next letter after `at` is a small one: the sentence goes on. */
static bool goes_on(const struct reader *reader, size_t at)
{
    while (at < reader->length &&
           (is_space_byte(reader->text[at]) || reader->text[at] == '"')) {
        at++;
    }
    if (at >= reader->length) {
        return false;
    }
    unsigned char byte = reader->text[at];
    if (byte < 0x80) {
        return (uint32_t)byte - 'a' < 26u || byte == ',' || byte == ';';
    }
    uint32_t code;
    utf8_next(reader->text, reader->length, at, &code);
    script written = script_of(code);
    bool cased = written == SCRIPT_LATIN || written == SCRIPT_CYRILLIC ||
                 written == SCRIPT_GREEK;
    return cased && !is_upper_code(code) && is_word_code(code);
}

static bool dot_ends(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    size_t next = pass_closers(reader, at + 1);
    if (next < reader->length && !is_space_byte(text[next])) {
        return false;
    }
    if (at > 1 && at + 2 < reader->length && text[at - 1] == ' ' &&
        is_ascii_digit(text[at - 2]) && is_ascii_digit(text[at + 2])) {
        return false; /* `14 . 8 %`: a text whose signs were set apart */
    }
    if (at > 0 && is_ascii_digit(text[at - 1])) {
        bool ordinal = (reader->language->flags & LANGUAGE_ORDINAL_DOT) != 0;
        bool short_number = at < 3 || !is_ascii_digit(text[at - 2]) ||
                            (!is_ascii_digit(text[at - 3]) && text[at - 3] != '.' &&
                             text[at - 3] != ',');
        if (ordinal && short_number && next < reader->length && text[next] != '\n') {
            return false;
        }
    }
    return !goes_on(reader, next) && !is_abbreviation(reader, at);
}

bool newline_ends(const struct reader *reader, size_t at)
{
    size_t before = at;
    while (before > 0 &&
           (reader->text[before - 1] == ' ' || reader->text[before - 1] == '\r')) {
        before--;
    }
    bool empty = before == 0 || reader->text[before - 1] == '\n';
    bool next_empty = at + 1 >= reader->length || reader->text[at + 1] == '\n' ||
                      reader->text[at + 1] == '\r';
    return empty || next_empty || !goes_on(reader, at + 1);
}

/* The length of the sentence end at a place: 0 where no sentence ends. */
static size_t ends_here(const struct reader *reader, size_t at)
{
    const unsigned char *text = reader->text;
    switch (text[at]) {
    case '\n':
        return newline_ends(reader, at) ? 1 : 0;
    case '.':
        return dot_ends(reader, at) ? pass_closers(reader, at + 1) - at : 0;
    case '!':
    case '?':
        if (at + 1 < reader->length &&
            (is_ascii_letter(text[at + 1]) || is_ascii_digit(text[at + 1]))) {
            return 0; /* the query of an address */
        }
        return goes_on(reader, at + 1) ? 0 : pass_closers(reader, at + 1) - at;
    case 0xd8: /* ؟ */
        return at + 1 < reader->length && text[at + 1] == 0x9f ? 2 : 0;
    case 0xe0: /* । */
        return at + 2 < reader->length && text[at + 1] == 0xa5 && text[at + 2] == 0xa4
                   ? 3
                   : 0;
    case 0xe3: /* 。 */
        return at + 2 < reader->length && text[at + 1] == 0x80 && text[at + 2] == 0x82
                   ? pass_closers(reader, at + 3) - at
                   : 0;
    case 0xef: /* ！ ？ */
        return at + 2 < reader->length && text[at + 1] == 0xbc &&
                       (text[at + 2] == 0x81 || text[at + 2] == 0x9f)
                   ? 3
                   : 0;
    default:
        return 0;
    }
}

/* A bit for each of 16 bytes at which ends_here may be other than 0: the sign's first
 * byte, of the Arabic question mark the second one. */
#if defined(__SSE2__)
static inline unsigned may_end(const unsigned char *text)
{
    static const char enders[] = {'\n', '!', '?', (char)0xe0, (char)0xe3, (char)0xef};
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('.')),
                                 _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0x9f)));
    for (size_t i = 0; i < sizeof enders; i++) {
        found = _mm_or_si128(found, _mm_cmpeq_epi8(x, _mm_set1_epi8(enders[i])));
    }
    return (unsigned)_mm_movemask_epi8(found);
}
#else
static inline unsigned may_end(const unsigned char *text)
{
    static const unsigned char enders[256] = {
        ['\n'] = 1, ['.'] = 1,  ['!'] = 1,  ['?'] = 1,
        [0x9f] = 1, [0xe0] = 1, [0xe3] = 1, [0xef] = 1};
    unsigned found = 0;
    for (unsigned i = 0; i < 16; i++) {
        found |= (unsigned)enders[text[i]] << i;
    }
    return found;
}
#endif

/* The same for text[at, end), at most 16 bytes; bits of others are 0. */
static unsigned may_end_before(const struct reader *reader, size_t at, size_t end)
{
    unsigned char bytes[16] = {0};
    if (reader->length - at >= 16) {
        unsigned found = may_end(reader->text + at);
        return end - at < 16 ? found & ((1u << (end - at)) - 1) : found;
    }
    memcpy(bytes, reader->text + at, end - at);
    return may_end(bytes);
}

/* Where an end is that may_end tells of; false for the second byte of other letters. */
static bool place_of_end(const struct reader *reader, size_t *at)
{
    if (reader->text[*at] == 0x9f) {
        if (*at == 0 || reader->text[*at - 1] != 0xd8) {
            return false;
        }
        --*at;
    }
    return true;
}

size_t sentence_start(const struct reader *reader, size_t candidate, size_t floor)
{
    size_t lowest = candidate > SENTENCE_BYTES / 2 ? candidate - SENTENCE_BYTES / 2 : 0;
    lowest = lowest > floor ? lowest : floor;
    for (size_t end = candidate; end > lowest;) {
        size_t from = end - lowest > 16 ? end - 16 : lowest;
        for (unsigned found = may_end_before(reader, from, end); found;) {
            unsigned bit = 31u - (unsigned)__builtin_clz(found);
            size_t at = from + bit;
            found &= ~(1u << bit);
            size_t length = 0;
            if (place_of_end(reader, &at) && at >= lowest) {
                length = ends_here(reader, at);
            }
            if (length > 0 && at + length <= candidate) {
                return at + length;
            }
        }
        end = from;
    }
    while (lowest > floor && lowest < candidate &&
           (reader->text[lowest] & 0xc0) == 0x80) {
        lowest++;
    }
    return lowest;
}

/* Where a piece is cut that is too long to be a sentence, a list perhaps: where the
 * least is cut apart. */
static size_t cut_piece(const struct reader *reader, size_t candidate, size_t limit)
{
    static const char cuts[] = {'\n', ' '};
    for (int i = 0; i < 2; i++) {
        const unsigned char *cut =
            memrchr(reader->text + candidate, cuts[i], limit - candidate);
        size_t at = cut ? (size_t)(cut - reader->text) : 0;
        at += cuts[i] == '\n' && cut;
        if (at > candidate) {
            return at;
        }
    }
    while (limit > candidate + 1 && (reader->text[limit] & 0xc0) == 0x80) {
        limit--;
    }
    return limit;
}

size_t sentence_end(const struct reader *reader, size_t start, size_t candidate)
{
    size_t limit = reader->length - start > SENTENCE_BYTES ? start + SENTENCE_BYTES
                                                           : reader->length;
    for (size_t from = candidate; from < limit;) {
        while (limit - from > 16 && may_end(reader->text + from) == 0) {
            from += 16;
        }
        size_t end = limit - from > 16 ? from + 16 : limit;
        for (unsigned found = may_end_before(reader, from, end); found;
             found &= found - 1) {
            size_t at = from + (size_t)__builtin_ctz(found);
            size_t length = 0;
            if (place_of_end(reader, &at) && at >= candidate) {
                length = ends_here(reader, at);
            }
            if (length > 0) {
                return at + length < limit ? at + length : limit;
            }
        }
        from = end;
    }
    return limit == reader->length ? limit : cut_piece(reader, candidate, limit);
}
