/* A home database as years of news fill it: studies of several editions, each repeated
 * by outlets that keep another edge of its interval, services whose estimates are
 * relayed, flows and their returns, copies, misprints, vague magnitudes. It is written
 * through the functions that a run's commit uses, with the summaries kept up with each
 * commit. The same seed gives the same rows. */
#ifndef TEST_GENERATED_FIGURES_H
#define TEST_GENERATED_FIGURES_H

#include "db/db.h"

struct generated {
    struct mz_db *db;
    uint64_t random;        /* state; set it to the seed before generated_begin */
    int64_t figures;        /* so far */
    int64_t documents;      /* so far */
    size_t text_size;       /* bytes of a document's text; 0: 1,500 */
    int documents_a_commit; /* 0: 20 */
    /* how many of each, by generated_begin from the number of figures wanted */
    int64_t topics, works, origins, outlets, parties;
};

/* Entities, works, topics, rates of exchange, a run: what figures refer to. */
enum mz_code generated_begin(struct generated *generated, int64_t figures_wanted,
                             struct mz_error *error);
/* Documents with all that belongs to them until there are so many figures. */
enum mz_code generated_fill(struct generated *generated, int64_t figures,
                            struct mz_error *error);

#endif
