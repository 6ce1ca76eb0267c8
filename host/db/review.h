/* Verdicts of people. They are only ever added; the last one of a span holds, for every
 * document of the same text and for every extractor version. A correction is a patch of
 * the figure's row; what the extractor had read stays in figure_history. All functions
 * belong inside a transaction. */
#ifndef MIZAN_DB_REVIEW_H
#define MIZAN_DB_REVIEW_H

#include "db/db.h"

struct mz_review {
    const char *figure_id;  /* in full */
    const char *verdict;    /* "confirm", "correct" or "reject" */
    const char *who, *note; /* note: NULL for none */
    /* Of `correct`: a map of text, field names of the figure record (kind, bound,
     * value, low, high, vague, unit, per, counted, approx, side, hedge, topic) to what
     * is right; "" takes the field away. */
    const struct mizan_value *changes;
};
/* Adds the verdict, applies it to all documents of the text and brings the summaries up
 * to date. MZ_NOT_FOUND for an unknown figure, MZ_INPUT for a change that makes no
 * figure. */
MZ_NODISCARD enum mz_code
mz_review_add(struct mz_db *db, const struct mz_review *review, struct mz_error *error);
/* Applies to a document's figures, just written, what was said of its text before. */
MZ_NODISCARD enum mz_code mz_review_apply(struct mz_db *db, const char *document_id,
                                          struct mz_error *error);

#endif
