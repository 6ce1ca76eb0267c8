/* What the scheduler reads and writes: pipelines, ticks, requests, hosts, logs. The
 * decisions are host/sched's; here is the SQL. Ticks are seconds UTC, other times
 * milliseconds. */
#ifndef MIZAN_DB_SCHEDULE_H
#define MIZAN_DB_SCHEDULE_H

#include "db/home.h"

/* ---- hosts ---- */

struct mz_host {
    char name[256]; /* filled by mz_host_begin */
    int64_t pid;
};
/* Writes the host's row. MZ_TRY_AGAIN, naming the holder, when a scheduler lives that
 * may not stand beside this one: on SQLite any, else one of the same host's name. */
MZ_NODISCARD enum mz_code mz_host_begin(struct mz_db *db, const char *version,
                                        struct mz_host *host, struct mz_error *error);
/* Milliseconds without a heartbeat after which a host counts as gone. */
int64_t mz_host_silence(void);
/* The heartbeat; MZ_NOT_PERMITTED when another scheduler took the row. */
MZ_NODISCARD enum mz_code mz_host_beat(struct mz_db *db, const struct mz_host *host,
                                       struct mz_error *error);
/* How many give signs of life, this one among them. */
MZ_NODISCARD enum mz_code mz_hosts_count(struct mz_db *db, int64_t *count,
                                         struct mz_error *error);
MZ_NODISCARD enum mz_code mz_host_end(struct mz_db *db, const struct mz_host *host,
                                      struct mz_error *error);
/* Several machines may stand on it: what they decide at once is decided behind the
 * fence. */
bool mz_db_is_shared(struct mz_db *db);
/* True in `found` when a scheduler lives here or its heartbeat is fresh. */
MZ_NODISCARD enum mz_code mz_host_alive(struct mz_db *db, bool *found,
                                        struct mz_error *error);

/* ---- pipelines ---- */

struct mz_pipeline_row {
    const char *name, *file, *spec, *spec_hash, *signature, *state, *error;
    const char *after_run, *files_seen;
    bool paused;
    int64_t next_tick; /* 0: none noted */
};
/* Texts are valid inside the callback; false ends the walk. */
MZ_NODISCARD enum mz_code
mz_pipelines_each(struct mz_db *db,
                  bool (*row)(void *context, const struct mz_pipeline_row *row),
                  void *context, struct mz_error *error);
/* Inserts or updates name, file, spec, hash, signature, state and error; the rest
 * stays. */
MZ_NODISCARD enum mz_code mz_pipeline_put(struct mz_db *db,
                                          const struct mz_pipeline_row *row,
                                          struct mz_error *error);
/* Forgets a pipeline that was never loaded: its row has the file's path for a name. */
MZ_NODISCARD enum mz_code mz_pipeline_drop(struct mz_db *db, const char *name,
                                           struct mz_error *error);
#define MZ_ANY_TICK INT64_MIN
/* Notes when the pipeline is due next (0: never) when the store has `before` (0:
 * nothing; MZ_ANY_TICK: whatever it has). Else another host was first: `moved`,
 * otherwise MZ_ANY_TICK, becomes what the store has. Behind mz_fence_lock. */
MZ_NODISCARD enum mz_code mz_pipeline_next(struct mz_db *db, const char *name,
                                           int64_t before, int64_t next_tick,
                                           int64_t *moved, struct mz_error *error);
/* Notes which run of another pipeline, or which files, made a tick; NULL: as it is. */
MZ_NODISCARD enum mz_code mz_pipeline_seen(struct mz_db *db, const char *name,
                                           const char *after_run,
                                           const char *files_seen,
                                           struct mz_error *error);
/* Calls `row` with the name of each pipeline that is paused. */
MZ_NODISCARD enum mz_code
mz_pipelines_paused(struct mz_db *db, bool (*row)(void *context, const char *name),
                    void *context, struct mz_error *error);
/* MZ_NOT_FOUND with the nearest name; `who` is noted. */
MZ_NODISCARD enum mz_code mz_pipeline_pause(struct mz_db *db, const char *name,
                                            bool paused, const char *who, bool *changed,
                                            struct mz_error *error);
/* The last run of the pipeline that ended well, or empty. */
MZ_NODISCARD enum mz_code mz_pipeline_last_run(struct mz_db *db, const char *name,
                                               char run_id[64], struct mz_error *error);

/* ---- deployment ---- */

struct mz_deployment {
    const char *name, *file, *hash, *who;
};
/* From now on only hosts whose files have this hash run the pipeline's ticks. */
MZ_NODISCARD enum mz_code mz_pipeline_deploy(struct mz_db *db,
                                             const struct mz_deployment *deployment,
                                             bool *changed, struct mz_error *error);
/* Any host runs it again. */
MZ_NODISCARD enum mz_code mz_pipeline_undeploy(struct mz_db *db, const char *name,
                                               bool *changed, struct mz_error *error);
/* Calls `row` for each pipeline of which a version is deployed. */
MZ_NODISCARD enum mz_code
mz_pipelines_deployed(struct mz_db *db,
                      bool (*row)(void *context, const char *name, const char *hash),
                      void *context, struct mz_error *error);
/* Notes the host's labels and, as a JSON object, the hash of each pipeline's files. */
MZ_NODISCARD enum mz_code mz_host_note(struct mz_db *db, const char *host,
                                       const char *labels, const char *files,
                                       struct mz_error *error);

/* ---- ticks ---- */

struct mz_tick_row {
    const char *pipeline, *kind, *cause;
    int64_t shards; /* to be stored: so many rows, from shard 1; 0: one, of shard 0 */
    int64_t shard;  /* of a row that was read */
    int64_t tick_at, tick_to, ticks, attempt;
    int64_t not_before; /* milliseconds; 0: at once */
    bool skipped;
    bool if_held; /* skipped when a run holds the pipeline indeed; else it is ready */
};
/* `stored` is false when the tick was there before. A ready tick of a pipeline that is
 * not split is kept for the host `owner` for the time of a lease; shards are anybody's,
 * and so is one that was to be skipped but is not: then `row->skipped` becomes false.
 */
MZ_NODISCARD enum mz_code mz_tick_store(struct mz_db *db, struct mz_tick_row *row,
                                        const char *owner, bool *stored,
                                        struct mz_error *error);
MZ_NODISCARD enum mz_code mz_tick_skip(struct mz_db *db, const char *pipeline,
                                       int64_t shard, int64_t tick_at,
                                       const char *cause, struct mz_error *error);
/* Hands up to `most` ready ticks that nobody keeps, or whose keeper gives no sign of
 * life, to the callback, the oldest first. */
MZ_NODISCARD enum mz_code mz_ticks_open(struct mz_db *db, int64_t most,
                                        bool (*row)(void *context,
                                                    const struct mz_tick_row *row),
                                        void *context, struct mz_error *error);
/* Keeps one of them for `owner` for the time of a lease; `kept` is false when another
 * was first. */
MZ_NODISCARD enum mz_code mz_tick_keep(struct mz_db *db, const char *pipeline,
                                       int64_t shard, int64_t tick_at,
                                       const char *owner, bool *kept,
                                       struct mz_error *error);
/* What was kept for `owner` is anybody's again, as after a restart. */
MZ_NODISCARD enum mz_code mz_ticks_release(struct mz_db *db, const char *owner,
                                           struct mz_error *error);
/* Why the run of the tick is told to stop. */
MZ_NODISCARD enum mz_code mz_tick_stop(struct mz_db *db, const char *pipeline,
                                       int64_t shard, int64_t tick_at,
                                       const char *cause, struct mz_error *error);
/* The tick, or that shard of it, is to be run again now; MZ_NOT_FOUND, or MZ_TRY_AGAIN
 * while it is run. */
MZ_NODISCARD enum mz_code mz_tick_again(struct mz_db *db, const char *pipeline,
                                        int64_t shard, const char *tick_at,
                                        struct mz_error *error);

/* ---- runs ---- */

/* The run that a child was to begin. It may not have got so far: then its row is made,
 * as failed with `failure`, and the tick fails with it. In a transaction. */
struct mz_run_gone {
    const char *run_id, *pipeline, *failure; /* failure NULL: it ended well */
    int64_t tick_at, shard;
    const char *host, *host_version;
    bool killed; /* it was ended by a signal: its tick is run again */
    bool held;   /* another run held the pipeline, or the database was away: the tick
                  * waits, no run was */
    const char *log; /* what it wrote */
    size_t log_size; /* 0: nothing */
    /* filled: how it ended ("ok", …), "" when another had done the tick */
    char status[32];
};
MZ_NODISCARD enum mz_code mz_run_gone(struct mz_db *db, struct mz_run_gone *run,
                                      struct mz_error *error);
MZ_NODISCARD enum mz_code mz_run_log(struct mz_db *db, const char *run_id,
                                     const char *data, size_t size,
                                     struct mz_error *error);
/* Tells the process of a run to stop, when it is of this host; its tick notes that
 * `who` cancelled it. `told` is false when it is not. */
MZ_NODISCARD enum mz_code mz_run_tell(struct mz_db *db, const char *run_id,
                                      const char *who, bool *told,
                                      struct mz_error *error);
struct mz_held {
    const char *pipeline, *run_id;
    int64_t shard;
    int64_t pid; /* 0: of a process that is not of this host */
};
/* Buries runs whose process is gone or, of another host, whose lease is over, and with
 * `renew` extends the leases of the living ones of this host; in a transaction of its
 * own. Calls `held` for each lease that a run holds. */
MZ_NODISCARD enum mz_code mz_leases_look(struct mz_db *db, bool renew,
                                         bool (*held)(void *context,
                                                      const struct mz_held *lease),
                                         void *context, struct mz_error *error);

/* ---- requests ---- */

struct mz_request {
    const char *id, *kind, *pipeline, *run_id;
    bool held; /* run_id goes on */
};
MZ_NODISCARD enum mz_code mz_request_add(struct mz_db *db, const char *kind,
                                         const char *pipeline, const char *run_id,
                                         const char *who, struct mz_error *error);
MZ_NODISCARD enum mz_code
mz_requests_open(struct mz_db *db,
                 bool (*row)(void *context, const struct mz_request *request),
                 void *context, struct mz_error *error);
/* `taken` is false when another host was first. */
MZ_NODISCARD enum mz_code mz_request_take(struct mz_db *db, const char *id,
                                          const char *outcome, bool *taken,
                                          struct mz_error *error);

#endif
