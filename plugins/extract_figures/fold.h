/* UTF-8 and folding: the one spelling in which text and lexicon meet. The compiler of
 * the lexicon and the reader share this file, so that both fold alike. */
#ifndef MIZAN_FIGURES_FOLD_H
#define MIZAN_FIGURES_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Single bytes that folding gives to signs without an ASCII twin. */
enum {
    FOLD_DECIMAL = 0x1e, /* the Arabic decimal sign */
    FOLD_GROUP = 0x1f,   /* the Arabic thousands sign */
    FOLD_DASH = 0x1d,    /* em dash */
    FOLD_WAVE = '~',
    FOLD_DROP = 0xfff0 /* a code point that leaves nothing */
};

typedef enum script {
    SCRIPT_NONE,
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_HEBREW,
    SCRIPT_GREEK,
    SCRIPT_DEVANAGARI,
    SCRIPT_BENGALI,
    SCRIPT_HANGUL,
    SCRIPT_HAN,
    SCRIPT_KANA,
    SCRIPT_THAI,
    SCRIPT_LAO,
    SCRIPT_MYANMAR,
    SCRIPT_KHMER,
    SCRIPT_GEORGIAN,
    SCRIPT_ARMENIAN,
    SCRIPT_ETHIOPIC,
    SCRIPT_TAMIL,
    SCRIPT_TELUGU,
    SCRIPT_KANNADA,
    SCRIPT_MALAYALAM,
    SCRIPT_GUJARATI,
    SCRIPT_GURMUKHI,
    SCRIPT_SINHALA,
    SCRIPT_OTHER,
    SCRIPT_COUNT
} script;

static inline bool is_ascii_digit(uint32_t code)
{
    return code - '0' < 10u;
}

static inline bool is_ascii_letter(uint32_t code)
{
    return (code | 0x20u) - 'a' < 26u;
}

/* Decodes the code point at `at` (< length) and returns its length in bytes; an invalid
 * sequence is U+FFFD and one byte. */
size_t utf8_next(const unsigned char *text, size_t length, size_t at, uint32_t *code);

/* Writes a code point, at most 4 bytes; returns how many. */
size_t utf8_put(uint32_t code, unsigned char *out);

/* The folded code point, or FOLD_DROP. Digits of all scripts become ASCII digits. */
uint32_t fold_code(uint32_t code);

/* Letters and marks of all scripts; digits are none. */
bool is_word_code(uint32_t code);
bool is_upper_code(uint32_t code);
script script_of(uint32_t code);
/* The script of an ISO 15924 code, SCRIPT_NONE if it is not known. */
script script_named(const char *name, size_t length);

/* Folds text into `out`, which holds `room` bytes; returns the folded length, or
 * (size_t)-1 when there is not room enough. Runs of blanks become one. With `map`,
 * map[i] is the offset in `text` of the code point that made the folded byte i; map
 * needs room + 1 entries, the last one used is `length`. */
size_t fold_text(const unsigned char *text, size_t length, unsigned char *out,
                 size_t room, uint32_t *map);

#endif
