/* The letters beyond ASCII of every language of CLDR, as generate/tables.c writes them.
 */
#ifndef ARTICLE_ALPHABETS_H
#define ARTICLE_ALPHABETS_H

#include <stddef.h>
#include <stdint.h>

/* A range of letters of a language; a language's ranges stand together, ascending. */
struct article_letters {
    char language[8];
    uint32_t first, last;
};
extern const struct article_letters article_letters[];
extern const size_t article_letters_count;

#endif
