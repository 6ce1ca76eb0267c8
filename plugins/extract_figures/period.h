/* Times: what time.c (dates) and period.c (years, quarters, the time of day) share.
 * Each read_… tries to read one that starts at a token and adds it to the reader's
 * times. */
#ifndef MIZAN_FIGURES_PERIOD_H
#define MIZAN_FIGURES_PERIOD_H

#include "reader.h"

/* The whole number of a token of plain digits, -1 if it is none. */
int plain_whole(const struct reader *reader, int token);
int digits_of(const struct reader *reader, int token);
bool is_year(const struct reader *reader, int token);
/* The value of the token's sense of a role, -1 if it is no small whole number. */
int whole_value(const struct reader *reader, int token, int role);
const struct lexicon_sense *year_word(const struct reader *reader, int token, int word);
/* The word of enum TIME_… at a token, -1 if there is none. */
int time_word(const struct reader *reader, int token);
/* Text is ISO 8601, shorter than 40 bytes. */
void add_time(struct reader *reader, int first, int end, const char *text,
              float confidence);
/* A year after a month or quarter; returns the token after it, `at` if there is none.
 */
int read_year_after(const struct reader *reader, int at, int *year);

bool read_clock(struct reader *reader, int at);
bool read_decade(struct reader *reader, int at);
bool read_era(struct reader *reader, int at);
bool read_year(struct reader *reader, int at);
bool read_fiscal(struct reader *reader, int at);
bool read_quarter(struct reader *reader, int at);
bool read_century(struct reader *reader, int at);
bool read_word_year(struct reader *reader, int at);

#endif
