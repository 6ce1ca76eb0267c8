/* Words of a sentence and what the lexicon knows of them, with a memory for the words
 * that come again and again. */
#ifndef MIZAN_FIGURES_WORDS_H
#define MIZAN_FIGURES_WORDS_H

#include "reader.h"

enum { CACHED_BYTES = 23 };

enum word_state {
    WORD_SLOW,    /* depends on what stands around it: it is looked up anew */
    WORD_UNKNOWN, /* no senses, no prefix to be told apart */
    WORD_KNOWN,   /* senses */
    WORD_ENDING   /* senses, once an ending was stripped */
};

/* How a word may start a figure without digits. */
enum candidate {
    CANDIDATE_NONE,
    CANDIDATE_ORDINAL, /* only in a frame such as `between` */
    CANDIDATE_WEAK,    /* only beside a word that is part of a figure */
    CANDIDATE_STRONG
};

/* A word's bytes, zeros behind them, and in the last byte the language. */
struct word_key {
    uint64_t bytes[3];
};

/* What a short word was found to be the last time, as far as most words are asked: the
 * rest of it stands apart, so that many words fit the processor's nearest memory. */
struct cached_word {
    struct word_key key;
    uint32_t code; /* the first code point */
    uint8_t state;
    bool active;
    uint8_t candidate; /* as a word of its own: enum candidate */
    bool goes_on;      /* the paths are not empty */
};

/* The rest: the token of a word whose state is known, unknown or ending is as it is
 * written into the sentence. */
struct word_details {
    struct token token;
    struct lexicon_paths paths;
    struct lexicon_paths left; /* the same of what the prefixes of a slow one leave */
    bool part; /* of a slow one: it may help a weak word to be a figure */
};

enum { SPOKEN_LETTERS = 6 };

/* What a word says of the language of a text. */
struct spoken_word {
    struct word_key key;
    uint64_t languages[2];            /* in which it is frequent, of those wanted */
    uint16_t letters[SPOKEN_LETTERS]; /* the first ones of those that speak */
    uint8_t weight;                   /* points for each of the languages */
    uint8_t letter_count;
    uint8_t script;
};

struct word_cache {
    uint32_t shift, spoken_shift; /* 64 less the binary logarithm of their number */
    struct spoken_word *spoken;
    struct cached_word *words;
    struct word_details *details; /* one for each word */
};

extern const uint64_t word_masks[CACHED_BYTES + 1][3];

/* Of a word of at most CACHED_BYTES bytes; 24 bytes are read. */
static inline struct word_key word_key_of(const unsigned char *text, size_t length,
                                          uint8_t language)
{
    const uint64_t *mask = word_masks[length];
    struct word_key key = {
        {eight_bytes(text) & mask[0], eight_bytes(text + 8) & mask[1],
         (eight_bytes(text + 16) & mask[2]) | (uint64_t)language << 56}};
    return key;
}

static inline uint64_t word_hash(const struct word_key *key)
{
    uint64_t mixed = key->bytes[0] ^ (key->bytes[1] << 25 | key->bytes[1] >> 39) ^
                     (key->bytes[2] << 50 | key->bytes[2] >> 14);
    return mixed * 0x9e3779b97f4a7c15ull;
}

static inline bool word_is(const struct word_key *a, const struct word_key *b)
{
    return ((a->bytes[0] ^ b->bytes[0]) | (a->bytes[1] ^ b->bytes[1]) |
            (a->bytes[2] ^ b->bytes[2])) == 0;
}

/* Puts the senses of a terminal into one list of the token. */
void add_senses(const struct reader *reader, struct token *token, uint32_t terminal,
                bool suffix);

/* The longest form at a place that has a sense in this language; 0 length if none. */
struct lexicon_match longest_form(const struct reader *reader,
                                  const unsigned char *text, size_t length,
                                  bool anywhere, bool suffix);

/* The roles of a terminal in the language of the sentence. */
uint64_t roles_of(const struct reader *reader, uint32_t terminal);

/* What may stand behind a stripped prefix or before a stripped ending. */
#define STRIPPABLE                                                                     \
    (ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_FRACTION) |          \
     ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) |            \
     ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONTH) | ROLE_BIT(ROLE_MULTIPLE) |            \
     ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_NOUN) |              \
     ROLE_BIT(ROLE_ORDINAL) | ROLE_BIT(ROLE_YEAR))

#define NUMBER_PARTS                                                                   \
    (ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_JOINER) |            \
     ROLE_BIT(ROLE_FRACTION))

enum { COMPOUND_BYTES = 192 };

/* The pieces of a compound, last one first: where each ends. */
struct compound {
    uint8_t ends[COMPOUND_BYTES + 1];
    int pieces;
};

/* Splits `siebenundzwanzigtausend`; false if it is no such word. */
bool split_compound(struct reader *reader, const unsigned char *text, size_t length,
                    struct compound *compound);

/* The terminal of a known word with an ending of the language's list; false if it is no
 * such word. */
bool strip_ending(const struct reader *reader, const unsigned char *text, size_t word,
                  uint32_t *terminal);

/* Puts a word that the cache does not know into its place. */
const struct cached_word *remember_word(struct reader *reader,
                                        const unsigned char *text, size_t word,
                                        const struct word_key *key,
                                        struct cached_word *place);

/* The cached word at a place; NULL: it is too long. */
static inline const struct cached_word *
cached_word(struct reader *reader, const unsigned char *text, size_t word)
{
    if (word > CACHED_BYTES) {
        return NULL;
    }
    struct word_key key = word_key_of(text, word, reader->language_index);
    struct word_cache *cache = reader->words;
    struct cached_word *cached = &cache->words[word_hash(&key) >> cache->shift & ~1ull];
    if (word_is(&cached[0].key, &key)) {
        return &cached[0];
    }
    if (word_is(&cached[1].key, &key)) {
        return &cached[1];
    }
    return remember_word(reader, text, word, &key, cached);
}

static inline const struct word_details *word_details(const struct reader *reader,
                                                      const struct cached_word *cached)
{
    return &reader->words->details[cached - reader->words->words];
}

/* True if one of the forms that start with the word may go on at text[end, length). */
static inline bool may_go_on(const struct reader *reader,
                             const struct lexicon_paths *paths,
                             const unsigned char *text, size_t length, size_t end)
{
    unsigned char next = text[end];
    if ((paths->blank | paths->signs) == 0 || end >= length) {
        return false;
    }
    if (next == ' ' || next == '-' || next == '\n') {
        unsigned char behind = text[end + 1];
        behind = behind == '-' || behind == '\n' ? ' ' : behind;
        return (paths->blank >> (behind & 63) & 1) != 0 &&
               (paths->node == 0 || lexicon_goes_on(reader->lexicon, paths->node,
                                                    text + end + 1, length - end - 1));
    }
    return (paths->signs >> (next & 63) & 1) != 0;
}

/* Words beside which a weak word may be part of a figure. */
#define PARTS                                                                          \
    (ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_DECIMAL_WORD) |      \
     ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_MULTIPLE) | ROLE_BIT(ROLE_APPROX) |       \
     ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_ORDINAL) |            \
     ROLE_BIT(ROLE_MONTH))
#define UNITS                                                                          \
    (ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_UNIT) |             \
     ROLE_BIT(ROLE_PER))

/* What the senses of a token make of it. */
enum candidate candidate_of(const struct token *token);

/* Memory for the words of a text of that length; NULL when there is none. */
struct word_cache *make_word_cache(struct reader *reader, size_t length);

#endif
