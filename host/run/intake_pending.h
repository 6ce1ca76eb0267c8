/* What a source being fetched leaves for the next commit, and what it reads of earlier
 * ones. */
#ifndef MIZAN_RUN_INTAKE_PENDING_H
#define MIZAN_RUN_INTAKE_PENDING_H

#include "db/db.h"
#include "net/net.h"
#include "run/unit.h"

/* A validator pair that waits for the commit that closes its source. */
struct mz_kept_validators {
    const char *url, *etag, *last_modified;
    struct mz_kept_validators *next;
};

/* Changes of state ride with the next document, validators with the end of the source.
 */
struct mz_pending {
    struct mz_arena *arena;
    struct mz_change *changes, **last_change;
    struct mz_kept_validators *validators, **last_validators;
};

/* False when out of memory. */
bool mz_pending_init(struct mz_pending *pending);
void mz_pending_finish(struct mz_pending *pending);
/* Forgets all: no cursor moves. */
void mz_pending_forget(struct mz_pending *pending);
bool mz_pending_change(struct mz_pending *pending, const char *key,
                       struct mizan_slice value);
/* The value that waits under the key, or NULL. */
const struct mz_change *mz_pending_find(const struct mz_pending *pending,
                                        const char *key);
bool mz_pending_keep(struct mz_pending *pending,
                     const struct mizan_http_response *response);

/* A unit of a copy of the document, with the changes that wait. Failures: MZ_MEMORY,
 * and MZ_PLUGIN_REFUSED for a document without url; `maker` is who made it. */
MZ_NODISCARD enum mz_code mz_pending_unit(struct mz_pending *pending,
                                          const struct mizan_record *document,
                                          const char *maker, struct mz_unit **out,
                                          struct mz_error *error);

/* Reads what earlier runs committed. Opened at the first look. */
struct mz_past {
    const char *database; /* URL; NULL: there is no past */
    const char *pipeline;
    struct mz_db *db;
};

void mz_past_finish(struct mz_past *past);
/* The validators known of the address; both members NULL when there are none. */
MZ_NODISCARD enum mz_code mz_past_validators(struct mz_past *past,
                                             const char *source_id, const char *url,
                                             struct mz_arena *arena,
                                             struct mz_validator_pair *out,
                                             struct mz_error *error);
MZ_NODISCARD enum mz_code mz_past_state(struct mz_past *past, const char *source_id,
                                        const char *key, struct mz_arena *arena,
                                        struct mizan_slice *out, bool *found,
                                        struct mz_error *error);

#endif
