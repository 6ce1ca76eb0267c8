/* The compiled lexicon, mapped read-only: forms to senses, languages, evidence. */
#ifndef MIZAN_FIGURES_LEXICON_H
#define MIZAN_FIGURES_LEXICON_H

#include <stdatomic.h>

#include "figures.h"
#include "fold.h"
#include "lexicon_format.h"

struct filters; /* filter.h */

/* Made when they are first asked for, by whichever reader asks. */
struct shared_filters {
    _Atomic(struct filters *) filters;
};

enum { LEXICON_LANGUAGES = 128, LEXICON_LETTERS = 1024, LEXICON_LETTER_SLOTS = 1024 };

/* A letter that speaks for some of the languages of its script. */
struct lexicon_letter {
    uint32_t code;
    uint16_t next; /* with the same slot */
    uint64_t languages[2];
};

struct figures_lexicon {
    const unsigned char *bytes;
    size_t length;
    void *mapping; /* NULL: the memory is the caller's */
    const struct lexicon_language *languages;
    size_t language_count;
    const struct lexicon_node *nodes;
    size_t node_count;
    const unsigned char *tails;
    size_t tail_count;
    const uint32_t *terminals;
    size_t terminal_count;
    const struct lexicon_sense *senses;
    size_t sense_count;
    const struct lexicon_value *values;
    size_t value_count;
    const uint32_t *strings;
    size_t string_count;
    const char *text;
    size_t text_count;
    const struct lexicon_evidence *evidence;
    size_t evidence_count;
    const uint16_t *candidates;
    size_t candidate_count;
    const uint16_t *known;
    size_t known_count;
    const uint16_t *folds; /* fold_code of the code points of the table */
    size_t fold_count;
    const uint8_t *words; /* is_word_code of them, a bit each */
    size_t word_count;
    const uint8_t *scripts; /* script_of of them */
    size_t script_count;
    /* made when it is opened */
    uint16_t pairs[2048]; /* of a code point of two bytes that is a letter and folds to
                             two bytes: these, the first one lowest; else 0 */
    uint64_t script_languages[SCRIPT_COUNT][2];     /* without und; of none: all */
    uint16_t letter_slots[LEXICON_LETTER_SLOTS];    /* the first of a chain; 0 none */
    struct lexicon_letter letters[LEXICON_LETTERS]; /* [0] is none */
    struct shared_filters *shared;                  /* LEXICON_LANGUAGES of them */
};

static inline bool lexicon_is_word(const figures_lexicon *lexicon, uint32_t code)
{
    if (code < LEXICON_TABLE) {
        return (lexicon->words[code >> 3] >> (code & 7) & 1) != 0;
    }
    return is_word_code(code);
}

static inline uint32_t lexicon_fold(const figures_lexicon *lexicon, uint32_t code)
{
    return code < LEXICON_TABLE ? lexicon->folds[code] : fold_code(code);
}

static inline script lexicon_script(const figures_lexicon *lexicon, uint32_t code)
{
    return code < LEXICON_TABLE ? (script)lexicon->scripts[code] : script_of(code);
}

/* One form found in a text. */
struct lexicon_match {
    uint32_t length; /* folded bytes */
    uint32_t terminal;
};

enum { LEXICON_MATCHES = 12 };

/* Finds the forms that text starts with and that end at a word's end (with `anywhere`:
 * at any code point), shortest first; returns how many, at most LEXICON_MATCHES, the
 * longest ones kept. `after_mark` looks among the suffix forms. */
size_t lexicon_find(const figures_lexicon *lexicon, const unsigned char *text,
                    size_t length, bool anywhere, bool after_mark,
                    struct lexicon_match *matches);

/* True if a form starts with that byte. */
bool lexicon_starts_form(const figures_lexicon *lexicon, unsigned char byte);

/* What may follow a word in the forms that start with it. */
struct lexicon_paths {
    uint64_t blank; /* bits of the low six bits of the byte behind a blank */
    uint64_t signs; /* … of the next byte, if it is no blank */
    uint32_t node;  /* behind the blank; 0: it cannot be told by a node */
};

void lexicon_paths_of(const figures_lexicon *lexicon, const unsigned char *word,
                      size_t length, struct lexicon_paths *paths);

/* True if a form may go on from that node into the text: one of its further words at
 * least begins like the text. */
bool lexicon_goes_on(const figures_lexicon *lexicon, uint32_t node,
                     const unsigned char *text, size_t length);

/* The senses of a terminal in one language; *count may be 0. */
const struct lexicon_sense *lexicon_senses(const figures_lexicon *lexicon,
                                           uint32_t terminal, uint8_t language,
                                           size_t *count);

figures_decimal lexicon_value(const figures_lexicon *lexicon,
                              const struct lexicon_sense *sense);
/* The numerator and denominator of a value such as 2/3. */
void lexicon_fraction(const figures_lexicon *lexicon, const struct lexicon_sense *sense,
                      uint32_t *numerator, uint32_t *denominator);
const char *lexicon_text(const figures_lexicon *lexicon,
                         const struct lexicon_sense *sense);

/* The languages in which a short folded word is frequent: two words of bits, or NULL.
 */
const uint64_t *lexicon_evidence_of(const figures_lexicon *lexicon, uint64_t word);

/* The index of a language; -1 if it is unknown. A region or script is left aside. */
int lexicon_language_index(const figures_lexicon *lexicon, const char *tag);

#endif
