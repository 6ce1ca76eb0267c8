/* The host's own rows in the home database: runs, leases, sources, validators, state,
 * documents, texts, raw bodies, dead letters. One function a step of a run; those that
 * say "in a transaction" must be called between mz_db_begin and mz_db_commit. */
#ifndef MIZAN_DB_HOME_H
#define MIZAN_DB_HOME_H

#include "db/db.h"

/* ---- runs and leases ---- */

struct mz_run_row {
    const char *id, *pipeline, *tick_at; /* tick_at NULL: none */
    const char *kind;                    /* "manual", "tick", "backfill" */
    const char *script_hash, *plugins;   /* plugins: JSON object name: version */
    const char *host_version, *host;
    const char *settings; /* JSON of what departs from the defaults: politeness … */
    int64_t started_at;
    const char *triggered_by; /* of a tick: "time", "request" …; NULL: by hand */
    int64_t attempt;          /* from 1; 0 counts as 1 */
    int64_t from, to;         /* the interval of the data; 0: open */
    int64_t shard;            /* of its tick, from 1; 0: all sources */
};

/* Takes the pipeline's lease and writes the run row, in a transaction of its own. A
 * lease that is held by a living run of this or another host is MZ_TRY_AGAIN, naming
 * holder and age; one whose process is gone (same host) or whose time is over is taken
 * over, and its run row ends as "failed: the process ended". `epoch` is the fence. */
struct mz_lease {
    char pipeline[128];
    char run_id[64];
    int64_t epoch;
    int64_t shard;
    int64_t pid, process_start; /* of the process that holds it */
};
/* How long a lease lasts that nobody extends, milliseconds: five minutes, or what the
 * environment variable MIZAN_LEASE says (2 s to a day). */
int64_t mz_lease_time(void);
/* In a transaction: until its end no other machine that asks for it goes on. What
 * several machines may decide at once is decided behind it. */
MZ_NODISCARD enum mz_code mz_fence_lock(struct mz_db *db, struct mz_error *error);
MZ_NODISCARD enum mz_code mz_home_begin_run(struct mz_db *db,
                                            const struct mz_run_row *row,
                                            struct mz_lease *lease,
                                            struct mz_error *error);
/* In a transaction: the fence. MZ_NOT_PERMITTED when the lease passed to another run;
 * the caller rolls back and stops. Extends the lease. */
MZ_NODISCARD enum mz_code mz_home_check_lease(struct mz_db *db,
                                              const struct mz_lease *lease,
                                              struct mz_error *error);
/* Ends the run and frees the lease, in a transaction of its own. `counts` is JSON. */
MZ_NODISCARD enum mz_code mz_home_end_run(struct mz_db *db,
                                          const struct mz_lease *lease,
                                          const char *status, const char *counts,
                                          const char *failure, struct mz_error *error);
/* The same with all that can be said of a run's end; the tick that it ran is settled
 * in the same transaction. */
enum mz_run_outcome {
    MZ_RUN_DONE,    /* the tick is done */
    MZ_RUN_FAILED,  /* a run may follow, as the tick's `retries` say */
    MZ_RUN_WRONG,   /* the script or its set-up is: no other run would do better */
    MZ_RUN_STOPPED, /* told to stop: the tick waits for its next run, or, when it says
                     * why (stop_cause), has failed for that */
    MZ_RUN_LOST     /* its process vanished without a word: it is run again */
};
struct mz_run_finish {
    enum mz_run_outcome outcome;
    const char *status, *counts, *failure; /* counts: JSON; failure NULL: none */
    const char *unusual;                   /* NULL: nothing is */
    int64_t cpu_ms, peak_kb;               /* 0: unknown */
};
MZ_NODISCARD enum mz_code mz_home_finish_run(struct mz_db *db,
                                             const struct mz_lease *lease,
                                             const struct mz_run_finish *finish,
                                             struct mz_error *error);
/* The same for a run whose process died; no-op when it has ended. Its tick is run
 * again as after a failure. */
MZ_NODISCARD enum mz_code mz_home_bury_run(struct mz_db *db, const char *run_id,
                                           const char *failure, struct mz_error *error);
/* The same, saying how the run ended. */
MZ_NODISCARD enum mz_code mz_home_bury_run_as(struct mz_db *db, const char *run_id,
                                              enum mz_run_outcome outcome,
                                              const char *failure,
                                              struct mz_error *error);
/* Of a run whose row says that it runs: true when its process is known to be gone, or
 * its lease has passed. Whoever starts the pipeline next ends such a run's row. */
MZ_NODISCARD enum mz_code mz_home_run_lost(struct mz_db *db, const char *pipeline,
                                           const char *run_id, bool *lost,
                                           struct mz_error *error);

/* ---- what a source knows ---- */

struct mz_validators {
    const char *etag, *last_modified; /* NULL: none */
    const char *document_id;          /* the current version, or NULL */
    const char *raw_sha256;           /* of it, or NULL */
};
/* False in `found` when the address was never fetched. Texts live in `arena`. */
MZ_NODISCARD enum mz_code mz_home_validators(struct mz_db *db, const char *pipeline,
                                             const char *source, const char *url,
                                             struct mz_arena *arena,
                                             struct mz_validators *out, bool *found,
                                             struct mz_error *error);
/* In a transaction. document_id NULL leaves the version as it is. */
MZ_NODISCARD enum mz_code mz_home_set_validators(struct mz_db *db, const char *pipeline,
                                                 const char *source, const char *url,
                                                 const struct mz_validators *validators,
                                                 int64_t checked_at,
                                                 struct mz_error *error);
MZ_NODISCARD enum mz_code mz_home_state_get(struct mz_db *db, const char *pipeline,
                                            const char *source, const char *key,
                                            struct mz_arena *arena,
                                            struct mizan_slice *out, bool *found,
                                            struct mz_error *error);
/* In a transaction. */
MZ_NODISCARD enum mz_code mz_home_state_set(struct mz_db *db, const char *pipeline,
                                            const char *source, const char *key,
                                            struct mizan_slice value,
                                            struct mz_error *error);
/* In a transaction: makes or updates the row of a source; failure NULL means healthy.
 */
MZ_NODISCARD enum mz_code mz_home_source(struct mz_db *db, const char *pipeline,
                                         const struct mizan_record *source,
                                         const char *failure, struct mz_error *error);

/* ---- documents ---- */

struct mz_document_row {
    char id[33]; /* filled by mz_home_document_id */
    const char *pipeline, *source, *run_id, *url, *canonical_url;
    int64_t fetched_at;
    int64_t http_status; /* 0: none */
    const char *media_type, *charset_declared, *charset_used;
    const char *raw_sha256;
    const char *previous;             /* document id of the version before, or NULL */
    struct mizan_slice raw;           /* the body as decoded from the transfer */
    const char *etag, *last_modified; /* NULL: none; kept by mz_home_attempt */
    const char *headers;              /* JSON of what was sent and came back, or NULL */
};
/* id = hash(pipeline, source, url, raw digest, previous version): a page that goes
 * A, B, A is three documents, and a repeat of the same step is the same document. */
void mz_home_document_id(struct mz_document_row *row);
/* In a transaction: the document and its raw body (zstd, one copy per digest). */
MZ_NODISCARD enum mz_code mz_home_document(struct mz_db *db,
                                           const struct mz_document_row *row,
                                           struct mz_error *error);
/* In a transaction: the text an extractor made, from the document record's fields
 * (text, title, outlet, author, published, modified, lang, lang_confidence,
 * text_extractor, text_version). It becomes the current one. Fills text_sha256. */
MZ_NODISCARD enum mz_code mz_home_text(struct mz_db *db, const char *document_id,
                                       const struct mizan_record *document,
                                       char text_sha256[65], struct mz_error *error);
/* The raw body, decompressed into `arena`. */
MZ_NODISCARD enum mz_code mz_home_raw(struct mz_db *db, const char *raw_sha256,
                                      struct mz_arena *arena, struct mizan_slice *out,
                                      struct mz_error *error);

/* ---- what failed ---- */

struct mz_dead_letter {
    const char *pipeline, *run_id, *source, *url, *document_id;
    const char *outcome;                     /* "reject" or "error" */
    const char *stage, *place;               /* place: file:line, or NULL */
    const char *reason, *traceback, *record; /* record: JSON of it */
    const char *script_hash, *raw_sha256;
};
/* In a transaction. The fingerprint is made of stage, place and the reason without its
 * numbers and quoted values. */
MZ_NODISCARD enum mz_code mz_home_dead_letter(struct mz_db *db,
                                              const struct mz_dead_letter *letter,
                                              struct mz_error *error);
/* From this attempt on a unit that fails is set aside (ARCHITECTURE section 2). */
#define MZ_MOST_ATTEMPTS 5
/* In a transaction: one more attempt of a unit that failed, its raw body kept;
 * `attempts` becomes the number so far; from MZ_MOST_ATTEMPTS on it is set aside. */
MZ_NODISCARD enum mz_code mz_home_attempt(struct mz_db *db,
                                          const struct mz_document_row *row,
                                          const char *reason, int64_t *attempts,
                                          struct mz_error *error);
/* True for bytes that failed so often that they are not tried again. */
MZ_NODISCARD enum mz_code mz_home_is_set_aside(struct mz_db *db,
                                               const struct mz_document_row *row,
                                               bool *out, struct mz_error *error);
/* In a transaction: the unit went through; forget its attempts. */
MZ_NODISCARD enum mz_code mz_home_attempt_done(struct mz_db *db, const char *pipeline,
                                               const char *source, const char *url,
                                               struct mz_error *error);
/* Units to try again from their kept raw bodies, oldest first: rows {source_id, url,
 * media_type, charset, http_status, fetched_at, etag, last_modified, raw_sha256,
 * attempts}. */
MZ_NODISCARD enum mz_code mz_home_retries(struct mz_db *db, const char *pipeline,
                                          struct mz_arena *arena,
                                          struct mizan_value *rows,
                                          struct mz_error *error);

#endif
