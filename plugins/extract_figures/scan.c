#include "reader.h"

#include <string.h>

/* The first pass: finds the words and digits at which a figure may be. Most words are
 * turned away by one bit of an 8 KiB filter, made for the language of the paragraph. */

static void set_bits(uint64_t filter[1024], const uint16_t *bits, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        filter[bits[i] >> 6] |= 1ull << (bits[i] & 63);
    }
}

static void set_prefixes(struct filters *filters, const char *list, const char *joiners)
{
    for (; *list && filters->prefix_count < PREFIXES; list += strlen(list) + 1) {
        struct prefix *prefix = &filters->prefixes[filters->prefix_count];
        size_t length = strlen(list);
        if (length > 7) {
            continue;
        }
        for (size_t i = 0; i < length; i++) {
            prefix->bytes |= (uint64_t)(unsigned char)list[i] << (8 * i);
            prefix->mask |= (uint64_t)0xff << (8 * i);
        }
        prefix->length = (uint8_t)length;
        for (const char *form = joiners; *form; form += strlen(form) + 1) {
            prefix->joins = prefix->joins || strcmp(form, list) == 0;
        }
        filters->prefix_count++;
    }
}

void prepare_filter(struct reader *reader, int language)
{
    const figures_lexicon *lexicon = reader->lexicon;
    struct filters *filters = reader->filters[language];
    if (!filters) {
        filters = reader_allocate(reader, sizeof *filters);
        if (!filters) {
            return; /* the reader stops for want of memory */
        }
        memset(filters, 0, sizeof *filters);
        const int both[2] = {0, language};
        for (int i = 0; i < 2; i++) {
            const struct lexicon_language *record = &lexicon->languages[both[i]];
            set_bits(filters->candidates, lexicon->candidates + record->candidate_first,
                     record->candidate_count);
            set_bits(filters->known, lexicon->known + record->known_first,
                     record->known_count);
        }
        set_prefixes(filters, lexicon->text + lexicon->languages[language].prefixes,
                     lexicon->text + lexicon->languages[language].joiner_prefixes);
        reader->filters[language] = filters;
    }
    reader->filter = filters;
    reader->filter_flags = lexicon->languages[language].flags;
}

static bool in_filter(const struct reader *reader, uint64_t bytes, uint64_t length)
{
    return filter_has(reader->filter->candidates, bytes, length);
}

/* A word as the filter sees it. */
struct word {
    uint64_t first;      /* its first eight folded bytes, the first one lowest */
    size_t length;       /* in folded bytes */
    size_t end;          /* in the text */
    uint32_t code;       /* its first code point */
    uint32_t code_bytes; /* of the first code point, folded */
    unsigned char folded[48];
};

static size_t fold_next(const struct reader *reader, size_t at, size_t end,
                        uint32_t *folded, bool *letter)
{
    uint32_t code;
    size_t step = utf8_next(reader->text, end, at, &code);
    *folded = lexicon_fold(reader->lexicon, code);
    *letter = lexicon_is_word(reader->lexicon, code);
    return step;
}

/* A zero-width non-joiner after an Arabic letter is a blank, as fold_text has it. */
static bool is_joiner_blank(const struct reader *reader, size_t at, uint32_t code)
{
    const unsigned char *text = reader->text;
    return text[at] == 0xe2 && reader->length - at > 2 && text[at + 1] == 0x80 &&
           text[at + 2] == 0x8c && script_of(code) == SCRIPT_ARABIC;
}

/* Reads the word at a place; a word of length 0 is none. */
static void read_word(const struct reader *reader, size_t at, size_t end,
                      struct word *word)
{
    unsigned char bytes[4];
    word->length = 0;
    word->first = 0;
    word->code = 0;
    const unsigned char *text = reader->text;
    while (at < end && is_ascii_letter(text[at])) {
        uint64_t byte = text[at] | 0x20u;
        if (word->length < 8) {
            word->first |= byte << (8 * word->length);
        }
        if (word->length < sizeof word->folded) {
            word->folded[word->length] = (unsigned char)byte;
        }
        word->code = word->length == 0 ? (uint32_t)byte : word->code;
        word->length++;
        at++;
    }
    word->code_bytes = 1;
    while (at < end) {
        if (text[at] < 0x80 && !is_ascii_letter(text[at])) {
            break;
        }
        uint32_t folded;
        bool letter;
        size_t step = fold_next(reader, at, end, &folded, &letter);
        if (folded == FOLD_DROP && word->length > 0) {
            if (is_joiner_blank(reader, at, word->code)) {
                break;
            }
            at += step;
            continue;
        }
        if (!letter || folded == FOLD_DROP) {
            break;
        }
        size_t count = utf8_put(folded, bytes);
        if (word->length == 0) {
            word->code = folded;
            word->code_bytes = (uint32_t)count;
        }
        for (size_t i = 0; i < count; i++) {
            if (word->length + i < 8) {
                word->first |= (uint64_t)bytes[i] << (8 * (word->length + i));
            }
            if (word->length + i < sizeof word->folded) {
                word->folded[word->length + i] = bytes[i];
            }
        }
        word->length += count;
        at += step;
    }
    word->end = at;
}

static uint64_t low_bytes(uint64_t bytes, size_t count)
{
    return count < 8 ? bytes & ((1ull << (8 * count)) - 1) : bytes;
}

/* True if the filter lets the word pass once up to three prefixes are taken off. */
static bool prefixed_passes(const struct reader *reader, const struct word *word)
{
    size_t length =
        word->length < sizeof word->folded ? word->length : sizeof word->folded;
    size_t used = 0;
    uint64_t first = word->first;
    for (int count = 0; count < 3; count++) {
        const struct prefix *prefix = find_prefix(reader->filter, first, length - used);
        if (!prefix) {
            return false;
        }
        used += prefix->length;
        first = 0;
        for (size_t i = 0; i < 8 && used + i < length; i++) {
            first |= (uint64_t)word->folded[used + i] << (8 * i);
        }
        if (in_filter(reader, first, word->length - used)) {
            return true;
        }
    }
    return false;
}

static bool word_passes(const struct reader *reader, const struct word *word)
{
    if (in_filter(reader, word->first, word->length)) {
        return true;
    }
    if ((reader->filter_flags & LANGUAGE_COMPOUNDS) && word->length >= 6 &&
        in_filter(reader, low_bytes(word->first, 4), FILTER_PREFIX)) {
        return true;
    }
    return reader->filter->prefix_count > 0 && prefixed_passes(reader, word);
}

/* In texts without blanks every code point may start a number word. */
static bool stretch_passes(const struct reader *reader, size_t at, size_t end)
{
    while (at < end) {
        uint32_t folded;
        bool letter;
        unsigned char bytes[4];
        at += fold_next(reader, at, end, &folded, &letter);
        if (!letter || folded == FOLD_DROP) {
            continue;
        }
        size_t count = utf8_put(folded, bytes);
        uint64_t first = 0;
        for (size_t i = 0; i < count; i++) {
            first |= (uint64_t)bytes[i] << (8 * i);
        }
        if (in_filter(reader, first, FILTER_CODE)) {
            return true;
        }
    }
    return false;
}

size_t next_candidate(struct reader *reader, size_t at, size_t end)
{
    const unsigned char *text = reader->text;
    bool spaced = (reader->filter_flags & LANGUAGE_SPACES) != 0;
    while (at < end) {
        unsigned char byte = text[at];
        if (is_ascii_digit(byte)) {
            return at;
        }
        if (byte < 0x80 && !is_ascii_letter(byte)) {
            at++;
            continue;
        }
        struct word word;
        read_word(reader, at, end, &word);
        if (word.length == 0) {
            uint32_t folded;
            bool letter;
            size_t step = fold_next(reader, at, end, &folded, &letter);
            if ((folded >= '0' && folded <= '9') ||
                (folded >= 0xbc && folded <= 0xbe) ||
                (folded >= 0x2153 && folded <= 0x215e)) {
                return at;
            }
            at += step;
            continue;
        }
        if (word_passes(reader, &word) ||
            (!spaced && stretch_passes(reader, at, word.end))) {
            return at;
        }
        at = word.end;
    }
    return end;
}

enum { DETECT_WORDS = 16, DETECT_BYTES = 300, VOTE_LETTERS = 24, LETTER_POINTS = 8 };

struct votes {
    int points[128];
    int scripts[SCRIPT_COUNT];
    uint32_t letters[VOTE_LETTERS]; /* each once */
    int letter_count;
};

/* Keeps the letters beyond ASCII that a word has. */
static void note_letters(const struct word *word, struct votes *votes)
{
    size_t length =
        word->length < sizeof word->folded ? word->length : sizeof word->folded;
    for (size_t at = 0; at < length && votes->letter_count < VOTE_LETTERS;) {
        if (word->folded[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t code;
        at += utf8_next(word->folded, length, at, &code);
        int known = 0;
        while (known < votes->letter_count && votes->letters[known] != code) {
            known++;
        }
        votes->letters[known] = code;
        votes->letter_count += known == votes->letter_count;
    }
}

/* Points for letters that only some languages have: і, ы, ř, ł. */
static int letter_points(const struct reader *reader, size_t language,
                         const struct votes *votes)
{
    const char *list =
        reader->lexicon->text + reader->lexicon->languages[language].letters;
    int points = 0;
    for (; *list; list += strlen(list) + 1) {
        uint32_t code;
        utf8_next((const unsigned char *)list, strlen(list), 0, &code);
        for (int i = 0; i < votes->letter_count; i++) {
            points += votes->letters[i] == code ? LETTER_POINTS : 0;
        }
    }
    return points;
}

/* Japanese is written without blanks: a run that starts with Han goes on in kana. */
static bool has_kana(const struct word *word)
{
    size_t length =
        word->length < sizeof word->folded ? word->length : sizeof word->folded;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        at += utf8_next(word->folded, length, at, &code);
        if (script_of(code) == SCRIPT_KANA) {
            return true;
        }
    }
    return false;
}

static void vote(const struct reader *reader, const struct word *word,
                 struct votes *votes)
{
    script first = script_of(word->code);
    votes->scripts[first]++;
    if (first == SCRIPT_HAN && has_kana(word)) {
        votes->scripts[SCRIPT_KANA]++;
    }
    note_letters(word, votes);
    if (word->length > 8) {
        return;
    }
    const uint64_t *languages = lexicon_evidence_of(reader->lexicon, word->first);
    int sharers = languages ? __builtin_popcountll(languages[0] & reader->wanted[0]) +
                                  __builtin_popcountll(languages[1] & reader->wanted[1])
                            : 0;
    for (int half = 0; languages && half < 2; half++) {
        uint64_t bits = languages[half] & reader->wanted[half];
        int weight = 12 / (1 + sharers / 2);
        for (; bits; bits &= bits - 1) {
            votes->points[half * 64 + __builtin_ctzll(bits)] += weight;
        }
    }
}

static script main_script(const struct votes *votes)
{
    int best = SCRIPT_NONE;
    for (int i = 1; i < SCRIPT_COUNT; i++) {
        if (votes->scripts[i] > (best ? votes->scripts[best] : 0)) {
            best = i;
        }
    }
    if (best == SCRIPT_HAN && votes->scripts[SCRIPT_KANA] > 0) {
        best = SCRIPT_KANA;
    }
    return (script)best;
}

int detect_language(struct reader *reader, size_t start, size_t end, int before)
{
    struct votes votes;
    memset(&votes, 0, sizeof votes);
    int words = 0;
    size_t stop = end - start > DETECT_BYTES ? start + DETECT_BYTES : end;
    for (size_t at = start; at < stop && words < DETECT_WORDS;) {
        struct word word;
        if (reader->text[at] < 0x80 && !is_ascii_letter(reader->text[at])) {
            at++;
            continue;
        }
        read_word(reader, at, stop, &word);
        if (word.length == 0) {
            uint32_t folded;
            bool letter;
            at += fold_next(reader, at, stop, &folded, &letter);
            continue;
        }
        vote(reader, &word, &votes);
        words++;
        at = word.end;
    }
    script written = main_script(&votes);
    int best = -1;
    int best_points = -1;
    for (size_t i = 1; i < reader->lexicon->language_count; i++) {
        bool wanted = (reader->wanted[i / 64] >> (i % 64) & 1) != 0;
        bool fits = written == SCRIPT_NONE ||
                    (reader->lexicon->languages[i].scripts >> written & 1);
        if (!wanted || !fits) {
            continue;
        }
        int points = votes.points[i] * 2 + ((int)i == before ? 3 : 0) +
                     letter_points(reader, i, &votes);
        if (points > best_points) {
            best = (int)i;
            best_points = points;
        }
    }
    if (best >= 0) {
        return best;
    }
    return before > 0 ? before : 0;
}
