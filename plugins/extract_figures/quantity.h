/* The parts of quantity.c and unit.c: small steps over tokens that both take. */
#ifndef MIZAN_FIGURES_QUANTITY_H
#define MIZAN_FIGURES_QUANTITY_H

#include "reader.h"

static inline bool is_and(const struct reader *reader, int token)
{
    return token_has(reader, token, ROLE_JOINER) ||
           (token >= 0 && token < reader->token_count &&
            (reader->tokens[token].flags & TOKEN_AND));
}

static inline bool is_plain_prefix(const struct reader *reader, int token)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].kind == TOKEN_PREFIX &&
           !(reader->tokens[token].flags & TOKEN_AND);
}

static inline int pass_articles(const struct reader *reader, int at)
{
    while (token_has(reader, at, ROLE_ARTICLE) || is_plain_prefix(reader, at)) {
        at++;
    }
    return at;
}

static inline int pass_dot(const struct reader *reader, int at,
                           const struct lexicon_sense *sense)
{
    bool dot = (sense->attributes & ATTR_DOT) && token_is_sign(reader, at, '.') &&
               token_glued(reader, at);
    return dot ? at + 1 : at;
}

static inline void set_unit(struct quantity *quantity, const struct lexicon_sense *unit,
                            int first, int end)
{
    quantity->unit = unit;
    quantity->unit_first = first;
    quantity->unit_end = end;
}

/* unit.c: the unit behind the number; sets where the number with its unit ends. */
void read_unit(struct reader *reader, struct quantity *quantity);
/* `a day`, `per barrel`, `/kg`: returns where the rate that starts at `at` ends. */
int read_per(struct reader *reader, int at, struct quantity *quantity);
/* `two years and a half`: adds a part of the unit that stands before; returns its end.
 */
int read_unit_part(struct reader *reader, int at, struct quantity *quantity);
/* A currency code that is a word too (TRY, de DEM) counts in capitals only. */
bool is_upper_code_word(const struct reader *reader, int at,
                        const struct lexicon_sense *unit);

#endif
