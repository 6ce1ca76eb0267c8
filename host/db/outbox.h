/* The outbox: messages to the world outside, written in the transaction of what they
 * tell and sent after it, at least once (RELIABILITY R5). A row's id is what receivers
 * know a repeat by. */
#ifndef MIZAN_DB_OUTBOX_H
#define MIZAN_DB_OUTBOX_H

#include "db/db.h"

struct mz_message {
    const char *id;
    const char *pipeline, *run_id; /* may be NULL */
    const char *kind;              /* "webhook", "command" or "mail" */
    const char *target;            /* address, program, mailbox */
    const char *settings;          /* JSON object, or NULL */
    const char *payload;           /* JSON object: the whole message */
};

/* In a transaction. A message whose id is there already stays as it is: it was sent, or
 * will be. */
MZ_NODISCARD enum mz_code mz_outbox_add(struct mz_db *db,
                                        const struct mz_message *message,
                                        struct mz_error *error);

/* ---- sending ---- */

#define MZ_CLAIM_TEXT 512
/* The name by which this process claims; a new one at every call. */
void mz_outbox_claimant(char out[MZ_CLAIM_TEXT]);
/* Gives back what processes of this machine had claimed that are gone. Each function
 * here is a transaction of its own. */
MZ_NODISCARD enum mz_code mz_outbox_free_claims(struct mz_db *db,
                                                struct mz_error *error);
/* Claims up to `most` messages that are due, the oldest first, for `lease`
 * milliseconds: rows {id, pipeline, kind, target, settings, payload, created_at,
 * attempts} in `arena`. No other process gets them until then. */
MZ_NODISCARD enum mz_code mz_outbox_claim(struct mz_db *db, const char *claim,
                                          int64_t lease, int64_t most,
                                          struct mz_arena *arena,
                                          struct mizan_value *rows,
                                          struct mz_error *error);
/* It went out, whoever claims it now. */
MZ_NODISCARD enum mz_code mz_outbox_sent(struct mz_db *db, const char *id,
                                         struct mz_error *error);
/* It did not: one attempt more, the next at `next`; 0: given up for good. Does nothing
 * when the claim passed to another. */
MZ_NODISCARD enum mz_code mz_outbox_failed(struct mz_db *db, const char *id,
                                           const char *claim, const char *reason,
                                           int64_t next, struct mz_error *error);
/* It was not tried: back, due at `next`, without an attempt. */
MZ_NODISCARD enum mz_code mz_outbox_postpone(struct mz_db *db, const char *id,
                                             const char *claim, int64_t next,
                                             struct mz_error *error);
/* When the next one is due that nobody claims; false in `found`: there is none. */
MZ_NODISCARD enum mz_code mz_outbox_next(struct mz_db *db, int64_t *time, bool *found,
                                         struct mz_error *error);

/* ---- for people ---- */

/* Rows {created, id, pipeline, kind, target, state, attempts, next, reason}, the latest
 * first; pipeline and state NULL: all. */
MZ_NODISCARD enum mz_code mz_outbox_list(struct mz_db *db, const char *pipeline,
                                         const char *state, int64_t limit,
                                         struct mz_arena *arena,
                                         struct mizan_value *rows,
                                         struct mz_error *error);
/* The message whose id begins with `id`, all columns. MZ_NOT_FOUND, MZ_USAGE (several).
 */
MZ_NODISCARD enum mz_code mz_outbox_get(struct mz_db *db, const char *id,
                                        struct mz_arena *arena,
                                        struct mizan_value *message,
                                        struct mz_error *error);
/* Makes messages due now, with all attempts before them: those that are dead with `id`
 * "dead", else the one whose id begins so, sent or not. */
MZ_NODISCARD enum mz_code mz_outbox_retry(struct mz_db *db, const char *id,
                                          int64_t *changed, struct mz_error *error);
/* Gives the unsent message up whose id begins so. */
MZ_NODISCARD enum mz_code mz_outbox_drop(struct mz_db *db, const char *id,
                                         int64_t *changed, struct mz_error *error);

#endif
