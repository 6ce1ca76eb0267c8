/* Which language a text is in: by its script where that decides, else by its commonest
 * words and letters. */
#ifndef ARTICLE_LANGUAGE_H
#define ARTICLE_LANGUAGE_H

#include "article.h"

struct article_language {
    const char *tag; /* primary subtag, static; NULL when nothing is known */
    double confidence;
};

/* Reads at most the first 16 KiB. */
struct article_language article_detect_language(struct article_slice text);

/* Weighs what was detected against what the page (or else the source) declares; the
 * declared tag is kept, with its region, where the text does not contradict it. `tag`
 * is well-formed BCP 47 in `memory`, or empty. */
void article_decide_language(const struct article_memory *memory,
                             struct article_slice text, struct article_slice declared,
                             struct article_slice *tag, double *confidence);

/* The languages that are told apart by words. */
struct article_words {
    const char *tag;
    unsigned char script; /* enum article_script of language.c */
    const char *letters;  /* that few others of the script have */
    const char *words;    /* lower case, separated by blanks */
};
extern const struct article_words article_words[];
extern const size_t article_words_count;

#endif
