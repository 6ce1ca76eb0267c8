#include "words.h"

/* The language of a paragraph, by its short words, its letters and its script. */

enum { DETECT_WORDS = 16, DETECT_BYTES = 300, LETTER_POINTS = 8 };

struct votes {
    uint16_t points[128];
    uint64_t voted[2];                      /* languages with points */
    uint64_t letters[LEXICON_LETTERS / 64]; /* seen before: each counts once */
    uint8_t scripts[SCRIPT_COUNT];
};

static void add_points(struct votes *votes, const uint64_t languages[2], int half,
                       int weight)
{
    votes->voted[half] |= languages[half];
    for (uint64_t bits = languages[half]; bits; bits &= bits - 1) {
        uint16_t *points = &votes->points[half * 64 + __builtin_ctzll(bits)];
        *points = (uint16_t)(*points + weight);
    }
}

/* The bytes of the folded code point that begins with `lead`. */
static size_t folded_size(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The letters of a word that only some languages have: і, ы, ř, ł. Returns how many
 * there are, of which `most` are written. */
static int speaking_letters(const figures_lexicon *lexicon, const unsigned char *word,
                            size_t length, uint16_t *letters, int most)
{
    int count = 0;
    for (size_t at = 0; at < length;) {
        if (word[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t code = folded_code(word + at);
        at += folded_size(word[at]);
        unsigned letter = lexicon->letter_slots[code % LEXICON_LETTER_SLOTS];
        while (letter && lexicon->letters[letter].code != code) {
            letter = lexicon->letters[letter].next;
        }
        if (letter && count < most) {
            letters[count] = (uint16_t)letter;
        }
        count += letter != 0;
    }
    return count;
}

static void vote_letter(const figures_lexicon *lexicon, unsigned letter,
                        struct votes *votes)
{
    if (!(votes->letters[letter / 64] >> (letter % 64) & 1)) {
        votes->letters[letter / 64] |= 1ull << (letter % 64);
        add_points(votes, lexicon->letters[letter].languages, 0, LETTER_POINTS);
        add_points(votes, lexicon->letters[letter].languages, 1, LETTER_POINTS);
    }
}

/* Japanese is written without blanks: a run that starts with Han goes on in kana. */
static bool has_kana(const figures_lexicon *lexicon, const unsigned char *word,
                     size_t length)
{
    for (size_t at = 0; at < length;) {
        if (word[at] >= 0x80 &&
            lexicon_script(lexicon, folded_code(word + at)) == SCRIPT_KANA) {
            return true;
        }
        at += folded_size(word[at]);
    }
    return false;
}

/* What the word speaks for, as it is looked up. */
static void look_up(const struct reader *reader, const unsigned char *word,
                    size_t length, struct spoken_word *spoken)
{
    /* 24 points are shared by the languages, a quarter of them by many */
    static const uint8_t weights[129] = {24, 24, 12, 12, 8, 8, 6, 6, 4, 4, 4, 4,
                                         2,  2,  2,  2,  2, 2, 2, 2, 2, 2, 2, 2};
    const figures_lexicon *lexicon = reader->lexicon;
    int letters =
        speaking_letters(lexicon, word, length, spoken->letters, SPOKEN_LETTERS);
    spoken->letter_count = (uint8_t)(letters < 255 ? letters : 255);
    spoken->script = (uint8_t)lexicon_script(lexicon, folded_code(word));
    if (spoken->script == SCRIPT_HAN && has_kana(lexicon, word, length)) {
        spoken->script = SCRIPT_KANA;
    }
    const uint64_t *languages =
        length <= 8 ? lexicon_evidence_of(lexicon, first_bytes(word, length)) : NULL;
    spoken->weight = 0;
    for (int half = 0; half < 2; half++) {
        spoken->languages[half] =
            languages ? languages[half] & reader->wanted[half] : 0;
        spoken->weight =
            (uint8_t)(spoken->weight + __builtin_popcountll(spoken->languages[half]));
    }
    spoken->weight = weights[spoken->weight];
}

/* The same from the cache; NULL if the word is too long for it. */
static const struct spoken_word *spoken_word(const struct reader *reader,
                                             const unsigned char *word, size_t length)
{
    if (length > CACHED_BYTES) {
        return NULL;
    }
    struct word_key key = word_key_of(word, length, UINT8_MAX);
    struct spoken_word *spoken =
        &reader->words->spoken[word_hash(&key) >> reader->words->spoken_shift];
    if (!word_is(&spoken->key, &key)) {
        spoken->key = key;
        look_up(reader, word, length, spoken);
    }
    return spoken;
}

static void vote(const struct reader *reader, const unsigned char *word, size_t length,
                 struct votes *votes)
{
    struct spoken_word fresh;
    const struct spoken_word *spoken = spoken_word(reader, word, length);
    if (!spoken) {
        look_up(reader, word, length, &fresh);
        spoken = &fresh;
    }
    votes->scripts[spoken->script]++;
    if (spoken->letter_count > SPOKEN_LETTERS) {
        uint16_t letters[DETECT_BYTES];
        int count =
            speaking_letters(reader->lexicon, word, length, letters, DETECT_BYTES);
        for (int i = 0; i < count && i < DETECT_BYTES; i++) {
            vote_letter(reader->lexicon, letters[i], votes);
        }
    } else {
        for (int i = 0; i < spoken->letter_count; i++) {
            vote_letter(reader->lexicon, spoken->letters[i], votes);
        }
    }
    add_points(votes, spoken->languages, 0, spoken->weight);
    add_points(votes, spoken->languages, 1, spoken->weight);
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

/* The language with the most points, the first one of equals. */
static int choose(const struct reader *reader, struct votes *votes, int before)
{
    const uint64_t *written = reader->lexicon->script_languages[main_script(votes)];
    int best = -1;
    int best_points = -1;
    if (before > 0) {
        votes->voted[before / 64] |= 1ull << (before % 64);
        votes->points[before] = (uint16_t)(votes->points[before] + 3);
    }
    for (int half = 0; half < 2; half++) {
        uint64_t fits = written[half] & reader->wanted[half];
        uint64_t first = best < 0 ? fits & (0 - fits) : 0;
        for (uint64_t bits = fits & (votes->voted[half] | first); bits;
             bits &= bits - 1) {
            int i = half * 64 + __builtin_ctzll(bits);
            if (votes->points[i] > best_points) {
                best = i;
                best_points = votes->points[i];
            }
        }
    }
    return best >= 0 ? best : before > 0 ? before : 0;
}

int detect_language(struct reader *reader, int before)
{
    struct window *window = &reader->line;
    struct votes votes;
    memset(&votes, 0, sizeof votes);
    size_t stop = window->length;
    if (window->end - window->start > DETECT_BYTES) {
        stop = window_folded(window, window->start + DETECT_BYTES);
    }
    int words = 0;
    for (size_t at = window_next(window->words, 0, stop);
         at < stop && words < DETECT_WORDS; words++) {
        size_t end = window_run_end(window->words, at);
        end = end < stop ? end : stop;
        vote(reader, window->folded + at, end - at, &votes);
        at = window_next(window->words, end, stop);
    }
    return choose(reader, &votes, before);
}
