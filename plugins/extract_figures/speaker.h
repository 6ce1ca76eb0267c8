/* What the reader of speakers (source.c) asks: where a name begins and ends
 * (speaker_name.c), and where the speaker of a verb stands (speaker_find.c). */
#ifndef MIZAN_FIGURES_SPEAKER_H
#define MIZAN_FIGURES_SPEAKER_H

#include "reader.h"

/* speaker_name.c. Tokens may lie outside the sentence. */
bool has_case(const struct reader *reader); /* the language has capital letters */
bool is_who(const struct reader *reader, int token);
bool is_capital(const struct reader *reader, int token);
bool has_piece(const struct reader *reader, int token, uint32_t list, bool ending);
bool is_definite(const struct reader *reader, int token);
bool has_owner(const struct reader *reader, int token);
bool knows_definite(
    const struct reader *reader); /* the language marks definite words */
/* The end of a quoted name whose quotation mark stands at `at`; `at` if it is none or
 * does not close soon. */
int quoted_end(const struct reader *reader, int at);
/* Where the name that starts at `first` ends, `first` if there is none. */
int name_end(const struct reader *reader, int first);
/* Where the name that ends before `end` starts, `end` if there is none. */
int name_start(const struct reader *reader, int end);
figures_role role_of(const struct reader *reader, int first, int end);

/* speaker_find.c: each sets first and end of the speaker and is false if there is none;
 * `verb` is the token of the reporting word. */
bool find_after(const struct reader *reader, int verb, struct speaker *speaker);
bool find_before(const struct reader *reader, int verb, struct speaker *speaker);
bool find_either(const struct reader *reader, int verb, struct speaker *speaker);
bool find_common(const struct reader *reader, int end, struct speaker *speaker);
bool find_opening(const struct reader *reader, int verb, struct speaker *speaker);
bool find_topic(const struct reader *reader, int verb, struct speaker *speaker);
bool find_subject(const struct reader *reader, int verb, struct speaker *speaker);
/* Shorten a speaker that was found, or put the name for the words that describe it. */
void name_in_apposition(const struct reader *reader, struct speaker *speaker);
void cut_medium(const struct reader *reader, struct speaker *speaker);
void cut_ending(const struct reader *reader, struct speaker *speaker);

#endif
