/* The neutral rule by which the reader composes numbers (../number.c, ../token.c), over
 * a lexicon in the making: the generator learns only words that this rule needs. Whole
 * numbers below 10^18, words only. */
#ifndef MIZAN_GENERATE_COMPOSE_H
#define MIZAN_GENERATE_COMPOSE_H

#include "memory.h"

struct word {
    const char *form; /* folded, hyphens are blanks */
    uint32_t length;
    bool number, scale, joiner; /* what it can be */
    bool lone;                  /* a scale that starts a number */
    bool stem;                  /* never spelled on its own */
    bool whole;                 /* an irregular whole */
    uint64_t value;
};

/* True for a form that must not be guessed to be a number word. */
typedef bool words_taboo(const void *user, const char *form, size_t length);

struct words {
    struct pool *pool;
    words_taboo *taboo; /* NULL: none */
    const void *taboo_user;
    struct word *items;
    size_t count;
    struct index index;
    uint32_t longest;
    bool spaces, compounds, myriad, ten_scale, scale_first, units_first;
    struct word joiner_prefix; /* no length: none */
};

void words_init(struct words *words, struct pool *pool);
void words_finish(struct words *words);

/* Adds a form, or a sense to a known form; `form` is folded. False where the form has
 * another value already. */
bool words_add(struct words *words, const char *form, size_t length, uint64_t value);
bool words_add_joiner(struct words *words, const char *form, size_t length);
/* Takes the form that was added last back. */
void words_drop_last(struct words *words);
struct word *words_find(const struct words *words, const char *form, size_t length);

/* Reads a folded text as one number. False if it is none or does not end with the
 * number. Where a scale begins the number, *lone is that word, else NULL. */
bool compose(const struct words *words, const char *text, size_t length,
             uint64_t *value, const struct word **lone);

/* True if the text is made of known words and signs alone. */
bool words_cover(const struct words *words, const char *text, size_t length);

#endif
