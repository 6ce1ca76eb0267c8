/* The work of a run between its begin and its end: kept bodies, sources, units. What
 * the files of a run share and nobody else sees. */
#ifndef MIZAN_RUN_WORK_H
#define MIZAN_RUN_WORK_H

#include "base/clock.h"
#include "base/map.h"
#include "db/ticks.h"
#include "run/commit.h"
#include "run/group.h"
#include "run/run.h"

struct mz_run;

/* What a test sees of a run and does in place of its work; each may be NULL. A run with
 * hooks prints no report. */
struct mz_run_hooks {
    void *owner;
    /* before the walls are raised and the stages opened */
    enum mz_code (*loaded)(struct mz_run *run, void *owner, struct mz_error *error);
    void (*trace)(void *owner, size_t stage, bool out,
                  const struct mizan_record *record);
    void (*verdict)(void *owner, size_t stage, enum mz_outcome outcome,
                    const char *reason, const char *place,
                    const struct mizan_record *record);
    enum mz_code (*work)(struct mz_run *run, void *owner, struct mz_error *error);
};

/* One run in the child. */
struct mz_run {
    const struct mz_run_settings *settings;
    const struct mz_run_hooks *hooks; /* NULL: none */
    const char *status;               /* "ok", "failed" …, once it has ended */
    struct mz_activity *activity;
    struct mz_loaded loaded;
    struct mz_arena *arena;
    struct mz_counts *counts;
    struct mz_stages stages;
    struct mz_db *db;
    struct mz_lease lease;
    struct mz_committer committer;
    struct mz_group *group;   /* units that wait for their commit */
    struct mz_intake *intake; /* NULL: nothing is being fetched */
    char run_id[64];
    int64_t tick_at; /* milliseconds; 0: not the run of a tick */
    struct mz_tick_claimed claimed;
    char tick[MZ_TIME_TEXT], from[MZ_TIME_TEXT], to[MZ_TIME_TEXT]; /* or empty */
    int64_t started;                                               /* wall clock */
    int64_t started_monotonic; /* for the time it took, and for its limit */
    int64_t units, failed;     /* of the whole run */
    struct mz_map *tallies;    /* of the sources that have not ended */
    int64_t sources, sources_failed;
    char first_failure[1200]; /* of a source */
    bool script_failed;       /* a source did so by a mistake of the script */
    struct mz_map *retried;   /* ids of what failed again from its kept body */
    struct mz_map *crashers;  /* addresses that are not given to plugins again */
};

/* run.c: one run from the loading of the script to its end, in this process, which must
 * be a child. To be closed whatever came of it. */
MZ_NODISCARD enum mz_code mz_run_perform(struct mz_run *run, struct mz_error *error);
void mz_run_close(struct mz_run *run);
/* Before any unit; destroyed with the run. */
MZ_NODISCARD enum mz_code mz_run_create_group(struct mz_run *run,
                                              struct mz_error *error);
/* Tries again what failed before, then takes all sources. The error is for what ends
 * the run; units and sources that failed are counted in `run`. */
MZ_NODISCARD enum mz_code mz_run_work(struct mz_run *run, struct mz_error *error);
/* Takes one unit, which is this function's, through the stages and gives it to the
 * group for its commit; how it ended is counted there. */
MZ_NODISCARD enum mz_code mz_run_unit(struct mz_run *run, struct mz_unit *unit,
                                      struct mz_error *error);
/* mz_run_unit in two steps. The first fills unit->row and tells what is known of the
 * unit; no unit of the same address may be between the two. */
MZ_NODISCARD enum mz_code mz_run_identify(struct mz_run *run, struct mz_unit *unit,
                                          enum mz_unit_news *news,
                                          struct mz_error *error);
MZ_NODISCARD enum mz_code mz_run_settle(struct mz_run *run, struct mz_unit *unit,
                                        enum mz_unit_news news, struct mz_error *error);
/* Commits what waits. */
MZ_NODISCARD enum mz_code mz_run_commit(struct mz_run *run, struct mz_error *error);
/* True when mz_run_settle is going to take the unit through the stages. */
bool mz_run_wants(const struct mz_run *run, const struct mz_unit *unit,
                  enum mz_unit_news news);
/* The stage that the unit goes into. */
size_t mz_run_first_stage(const struct mz_run *run, const struct mz_unit *unit);
/* Counts the end of a source and commits it. */
MZ_NODISCARD enum mz_code mz_run_end_source(struct mz_run *run,
                                            const struct mz_intake_item *item,
                                            struct mz_error *error);
/* tick.c: finds the tick that the settings ask for: run->tick_at. */
MZ_NODISCARD enum mz_code mz_run_find_tick(struct mz_run *run, struct mz_error *error);
/* tick.c: the shard, from 1, of so many that a source belongs to. */
int64_t mz_run_shard_of(const char *source, int64_t shards);
/* tick.c: leaves of the sources those of the run's shard. */
MZ_NODISCARD enum mz_code mz_run_take_shard(const struct mz_run *run,
                                            const struct mz_source **sources,
                                            size_t *count, struct mz_error *error);
/* tick.c: the timeout of the schedule limits the run of a tick. */
void mz_run_limit_time(struct mz_run *run);
/* tick.c: the name that a scheduler gave this run, or NULL. */
const char *mz_run_given_id(void);
/* tick.c: takes lease and tick and writes the run's row; run->claimed.nothing: there is
 * nothing to do. */
MZ_NODISCARD enum mz_code mz_run_claim(struct mz_run *run, struct mz_run_row *row,
                                       struct mz_error *error);
/* tick.c: fills in what ctx.run shows. */
void mz_run_describe(const struct mz_run *run, struct mz_unit_context *context);
/* tick.c: notes the end of the run; `code` is how its work ended. */
MZ_NODISCARD enum mz_code mz_run_finish(struct mz_run *run, enum mz_code code,
                                        const char *status, const char *counts,
                                        const char *failure, struct mz_error *error);
/* ahead.c: how many worker threads this run has; 1: none, its own thread does all. */
size_t mz_run_threads(const struct mz_run *run);
/* Takes what comes in until its end, with workers ahead of the run's thread. */
MZ_NODISCARD enum mz_code mz_run_take_ahead(struct mz_run *run,
                                            struct mz_intake *intake, size_t threads,
                                            struct mz_error *error);
/* Between two units: MZ_CANCELLED when the run was told to stop, MZ_DEADLINE when its
 * time is over. */
MZ_NODISCARD enum mz_code mz_run_may_go_on(const struct mz_run *run,
                                           struct mz_error *error);
/* revive.c: units that failed before, from their kept bodies. */
MZ_NODISCARD enum mz_code mz_run_retry(struct mz_run *run,
                                       const struct mz_source *sources, size_t count,
                                       struct mz_error *error);
/* revive.c: the inputs of the dead letters that the settings name, and nothing else. */
MZ_NODISCARD enum mz_code mz_run_replay(struct mz_run *run,
                                        const struct mz_source *sources, size_t count,
                                        struct mz_error *error);
/* True when so many failed that the whole has failed. */
bool mz_too_many_failed(int64_t failed, int64_t units);

#endif
