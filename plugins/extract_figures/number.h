/* The parts of number.c: a place among the tokens and a sum in the making. */
#ifndef MIZAN_FIGURES_NUMBER_H
#define MIZAN_FIGURES_NUMBER_H

#include "reader.h"

struct cursor {
    struct reader *reader;
    int at;
    int limit; /* tokens from here on are not looked at */
};

/* A sum in the making. */
struct sum {
    figures_decimal value;
    figures_decimal grain; /* the next addend must be below it */
    figures_decimal base, scale;
    bool set, words, digits, lone, weak;
    int inner; /* the token of a bound inside: 20多万 */
    uint8_t significant;
    figures_decimal carried; /* the product of the scales that multiplied `base` */
    figures_decimal limit; /* scales from it on belong to the sum before; unset: none */
    figures_decimal outer, outer_scale; /* the sum before its last big scale was left */
};

/* The first sense of a role at the cursor, NULL if there is none or the limit is
 * reached. */
const struct lexicon_sense *cursor_sense(const struct cursor *cursor, int role);
figures_decimal cursor_value(const struct cursor *cursor,
                             const struct lexicon_sense *sense);
/* The token at the cursor belongs to a name or a time. */
bool cursor_dead(const struct cursor *cursor);
/* Passes `and` words, hyphens, prefixes and, where asked, commas; true if an `and` was
 * there. */
bool cursor_pass_joiner(struct cursor *cursor, bool commas);
/* A scale word at the cursor that may multiply, after digits or not. */
const struct lexicon_sense *cursor_scale(const struct cursor *cursor, bool digits);
/* 三十两, 两百两: behind a number, a number word that is a unit as well. */
bool cursor_is_unit_word(const struct cursor *cursor);
void cursor_pass_articles(struct cursor *cursor);
void sum_multiply(struct sum *sum, figures_decimal scale);
void sum_add(struct sum *sum, figures_decimal value);
/* Adds a part (half) of `unit` and passes its word. */
void sum_add_part(struct cursor *cursor, struct sum *sum,
                  const struct lexicon_sense *part, figures_decimal unit);
/* A part behind a joiner, `[a] half`, `two thirds`: the cursor moves to its last word,
 * `times` says how often it is taken; NULL if there is none. */
const struct lexicon_sense *cursor_joined_part(struct cursor *cursor,
                                               figures_decimal *times);
bool cursor_part_follows(const struct cursor *cursor);
/* Digits behind a decimal word. */
void sum_read_decimal_words(struct cursor *cursor, struct sum *sum);
/* A last digit that counts tenths of the scale before it, where the language has that.
 * `first` is where the number began. */
void sum_read_short_tail(const struct cursor *cursor, struct sum *sum, int first);
/* The number words ahead, as long as each fills what the sum leaves open. */
void sum_add_words(struct cursor *cursor, struct sum *sum);
/* `point seven seven`, where it is all that the text says; false if it is not. */
bool sum_read_decimals(struct cursor *cursor, struct sum *sum);
/* Reads a number below the first big scale. */
bool sum_read_small(struct cursor *cursor, struct sum *sum, struct number *number);
/* Reads big scales behind a small number, or alone. `first` is where the number began.
 */
void sum_read_scales(struct cursor *cursor, struct sum *sum, int first);
/* Scales below this one belong to the small numbers that a big scale multiplies. */
figures_decimal cursor_big_scale(const struct cursor *cursor);
bool cursor_myriad(const struct cursor *cursor);

#endif
