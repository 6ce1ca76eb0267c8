/* Dates as a page shows them to its readers: names of months in every language of CLDR,
 * digits of every script, the Persian calendar, the order of day and month by language.
 */
#ifndef ARTICLE_TEXT_DATE_H
#define ARTICLE_TEXT_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "article.h"

struct article_text_date {
    int64_t milliseconds; /* read as UTC */
    bool has_clock;
    size_t start, end; /* of the date in the text, its clock included */
};

/* The first date in `text` that names day, month and year, or false. `language` is a
 * BCP 47 tag or empty. Of two numbers that could both be the month the second is,
 * unless the language is English as written in America. */
bool article_find_text_date(struct article_slice text, struct article_slice language,
                            struct article_text_date *out);

/* Minutes east of UTC of the one zone that nearly all who write the language live in
 * and that has no summer time, or 0. */
int article_zone_of_language(struct article_slice language);

/* The table that generate/tables.c makes. */
struct article_month {
    uint32_t word; /* offset into article_month_words */
    char language[8];
    uint8_t month; /* 1 to 12, of the Persian calendar 21 to 32 */
};
extern const char article_month_words[];
extern const struct article_month article_months[];
extern const size_t article_month_count;

#endif
