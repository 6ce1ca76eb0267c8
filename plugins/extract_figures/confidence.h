/* How sure a figure is: a table of what makes it doubtful, fitted to material where the
 * right figures are known (tests/eval/calibrate.py). */
#ifndef MIZAN_FIGURES_CONFIDENCE_H
#define MIZAN_FIGURES_CONFIDENCE_H

#include "reader.h"

/* Name, log-odds and what is said of it. CONFIDENCE_BASE is the log-odds that a figure
 * with none of these signs is right; each that holds adds its own. They are the fit of
 * `calibrate.py --fit`, rounded; where it saw fewer than 60 figures (the ambiguous
 * sign, shared and carried units, currencies, magnitudes, lone units) half of the fit
 * and the direction that the contract asks for. BARE weighs twice its fit: in the
 * peers' short sentences a bare number is what is asked for, in news it is a label as
 * often. */
#define CONFIDENCE_BASE 3.0f
#define CONFIDENCE_SIGNS(XX)                                                           \
    XX(AMBIGUOUS_SIGN, -0.4f, "the sign between digits could be either")               \
    XX(WEAK_WORD, -0.9f, "the number word is an article or pronoun too")               \
    XX(BARE, -0.7f, "nothing says what is measured or counted")                        \
    XX(NEIGHBOUR, -1.7f, "another number or a sign of arithmetic stands beside it")    \
    XX(SHARED_UNIT, -0.3f, "the unit is that of a neighbour")                          \
    XX(CARRIED_UNIT, -0.8f, "the unit is that of an earlier clause")                   \
    XX(DOUBTFUL_CURRENCY, -0.3f, "the currency may be another country's")              \
    XX(VAGUE, 0.3f, "a magnitude without a value")                                     \
    XX(LONE_UNIT, 0.2f, "the unit or noun is its own number")                          \
    XX(AMOUNT, 0.7f, "it has a unit")                                                  \
    XX(RANGE, 0.6f, "two ends of a range")                                             \
    XX(PART, 0.1f, "a fraction or multiple")                                           \
    XX(DETECTED, -0.3f, "the language was not given")

enum confidence_sign {
#define XX(name, weight, text) CONFIDENCE_##name,
    CONFIDENCE_SIGNS(XX)
#undef XX
        CONFIDENCE_COUNT
};

/* The signs that hold for a figure, bits 1 << confidence_sign. */
uint32_t confidence_signs(const struct reader *reader, const struct quantity *quantity,
                          const figures_figure *figure);
/* The probability that a figure with these signs is right, 0 to 1. */
float confidence_of(uint32_t signs);
const char *confidence_sign_text(int sign);
bool confidence_sign_lowers(int sign);

#endif
