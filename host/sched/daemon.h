/* Private to the scheduler's process: what its parts share. The core decides; here it
 * is given the time, the children and the database. */
#ifndef MIZAN_SCHED_DAEMON_H
#define MIZAN_SCHED_DAEMON_H

#include <uv.h>

#include "base/buffer.h"
#include "base/map.h"
#include "db/schedule.h"
#include "sched/definition.h"
#include "sched/serve.h"

#define MZ_PROGRAM_PATH 4096
#define MZ_LOG_HEAD     ((size_t)64 << 10)
#define MZ_LOG_TAIL     ((size_t)192 << 10)
#define MZ_DELAYS       10

/* A pipeline file. */
struct mz_entry {
    char *file;      /* as it was listed */
    char *signature; /* of its files, when it was described; NULL: it was not */
    char *error;     /* why it is broken, or NULL */
    struct mz_definition definition; /* name NULL: it was never loaded */
    char *after_run;                 /* lines "PIPELINE<tab>RUN" that made a tick */
    int64_t files_seen;              /* newest change that made a tick, milliseconds */
    int64_t noted;                   /* next tick that the store has, seconds */
    int64_t again_at, tries;         /* monotonic: a broken one is described again */
    bool elsewhere;                  /* this host may not run it */
    bool listed, describing, again, planned, arrival_due;
};

struct mz_helper; /* helpers.c */
#define MZ_MOST_HELPERS 2

struct mz_watch; /* of a folder: catalog_watch.c */

/* The run of a tick. */
struct mz_child {
    uv_process_t process; /* data: the child */
    struct mz_daemon *daemon;
    char run_id[33];
    char *pipeline;
    int64_t tick_at, shard;
    int log;        /* memory file: what it writes */
    size_t flushed; /* bytes that the store has */
    struct mz_buffer head;
    size_t cut;      /* bytes that were left out */
    int64_t kill_at; /* monotonic; 0: it was not told to stop */
    int64_t started; /* monotonic */
    int64_t status;
    int signal;
    char why[200]; /* it could not be started, or empty */
    bool ended;
    struct mz_child *next, *previous;
};

/* A write that waits for the next transaction. */
enum mz_write_kind {
    MZ_WRITE_ACTION,  /* of the core */
    MZ_WRITE_PUT,     /* a pipeline's row */
    MZ_WRITE_TRIGGER, /* a tick by request, after, file */
    MZ_WRITE_CANCEL,  /* a request that a run stops */
    MZ_WRITE_GONE,    /* a child ended */
    MZ_WRITE_LOG,
    MZ_WRITE_SEEN
};
struct mz_write {
    enum mz_write_kind kind;
    struct mz_write *next;
    struct mz_action action;
    char *name;                           /* of the pipeline */
    char *file, *spec, *hash, *signature; /* PUT */
    char *state, *error;                  /* PUT; TRIGGER: outcome of the request */
    char *request, *after_run;            /* TRIGGER, CANCEL */
    int64_t files_seen;                   /* TRIGGER, SEEN; 0: as it is */
    enum mz_trigger trigger;
    struct mz_child *child; /* GONE, LOG, CANCEL */
    char *text;             /* LOG, GONE */
    size_t text_size;
    /* what came of it, known when the transaction is committed */
    bool done;
    bool ready;     /* STORE: it is, also when it was to be skipped */
    bool overtaken; /* another host made the ticks of that time */
    int64_t tick_at;
    char status[32];
};

struct mz_counters {
    int64_t started, ok, failed, skipped, lost;
    int64_t delays[MZ_DELAYS + 1]; /* of starts, by bucket */
    int64_t delay_sum;             /* milliseconds */
};

struct mz_daemon {
    const struct mz_serve_settings *settings;
    uv_loop_t loop;
    struct mz_db *db;
    struct mz_host host;
    struct mz_core *core;
    struct mz_zones *zones;
    char program[MZ_PROGRAM_PATH];
    /* pipelines */
    struct mz_map *by_file, *by_name; /* struct mz_entry */
    struct mz_map *watches;           /* struct mz_watch, by folder */
    size_t describing;
    size_t cursor; /* where the search for one to describe goes on */
    bool undescribed, rescan;
    uv_timer_t changed; /* files changed: after a moment of quiet */
    /* children */
    struct mz_child *children;
    /* writes */
    struct mz_write *writes, **last_write;
    size_t write_count;
    int64_t retry_at;      /* monotonic; 0: the last transaction went well */
    bool troubled, unread; /* unread: a read failed in this poll */
    /* the loop's own */
    uv_prepare_t prepare;
    uv_timer_t poll, monotonic;
    uv_poll_t ticks;
    int timer; /* timerfd */
    uv_signal_t signals[3];
    uv_tcp_t listener;
    size_t connections;
    bool listening, ready, draining, stopping;
    int64_t drain_until; /* monotonic */
    int stop_signal, status;
    int64_t last_beat, last_renew, last_sign, last_log, last_retry, last_now,
        last_monotonic;
    struct mz_map *paused; /* names */
    struct mz_map *held;   /* NAME<newline>SHARD */
    int64_t hosts;         /* that live, this one among them */
    bool look;             /* ready ticks were stored that nobody keeps */
    struct mz_counters counters;
    struct mz_map *deployed; /* hash by pipeline, where a version is deployed */
    bool unnoted;            /* files changed since they were noted for others */
    struct mz_helper *helpers[MZ_MOST_HELPERS];
    size_t helper_count;
    char database_option[MZ_PROGRAM_PATH + 16], listen_option[300];
};

/* writes.c */
struct mz_write *mz_write_add(struct mz_daemon *daemon, enum mz_write_kind kind,
                              const char *pipeline);
void mz_write_actions(struct mz_daemon *daemon, struct mz_actions *actions);
/* Writes what waits, in one transaction, and does what follows from it. */
void mz_writes_flush(struct mz_daemon *daemon);
void mz_writes_finish(struct mz_daemon *daemon);

/* catalog.c */
enum mz_code mz_catalog_load(struct mz_daemon *daemon, struct mz_error *error);
void mz_catalog_rescan(struct mz_daemon *daemon, bool all);
void mz_catalog_describe(struct mz_daemon *daemon);
/* Has broken ones described again: what was in their way may be gone. */
void mz_catalog_retry(struct mz_daemon *daemon, int64_t monotonic);
void mz_catalog_finish(struct mz_daemon *daemon);
void mz_catalog_unplan(struct mz_daemon *daemon, struct mz_entry *entry);
struct mz_entry *mz_catalog_find(struct mz_daemon *daemon, const char *name);
/* describe.c: what a description says, or why there is none. */
void mz_catalog_described(struct mz_daemon *daemon, struct mz_entry *entry,
                          const struct mz_buffer *json, const char *failure);
void mz_describe_start(struct mz_daemon *daemon, struct mz_entry *entry);
/* catalog_watch.c: folders whose files changed. */
void mz_watch_folder_of(struct mz_daemon *daemon, const char *path);
void mz_watch_finish(struct mz_daemon *daemon);

/* triggers.c: other pipelines and files that trigger. */
void mz_triggers_check(struct mz_daemon *daemon, struct mz_entry *entry);
void mz_triggers_after(struct mz_daemon *daemon, const char *pipeline);
void mz_triggers_files(struct mz_daemon *daemon, struct mz_entry *entry);
void mz_trigger(struct mz_daemon *daemon, const char *pipeline, enum mz_trigger trigger,
                const char *request);

/* children.c */
void mz_child_start(struct mz_daemon *daemon, const struct mz_action *action);
void mz_child_stop(struct mz_daemon *daemon, const char *pipeline, int64_t shard,
                   int64_t tick_at);
struct mz_child *mz_child_find(struct mz_daemon *daemon, const char *run_id);
void mz_children_look(struct mz_daemon *daemon, int64_t monotonic);
void mz_children_signal(struct mz_daemon *daemon, int number);
void mz_child_free(struct mz_child *child);
/* The log so far, bounded; freed by the caller. */
char *mz_child_log(struct mz_child *child, size_t *size);
/* Starts this program with the options' arguments; `variable`, NAME=VALUE or NULL, goes
 * into its environment. */
int mz_spawn(struct mz_daemon *daemon, uv_process_t *process,
             uv_process_options_t *options, char *variable);

/* placement.c: what this host may run; false after saying why not. */
#define MZ_MOST_LABEL 64
bool mz_placement_allows(struct mz_daemon *daemon, struct mz_entry *entry);
void mz_placement_read(struct mz_daemon *daemon);
/* Reads what is deployed, and does what follows from it. */
void mz_placement_look(struct mz_daemon *daemon);

/* helpers.c: programs beside the scheduler that are started again when they end. */
void mz_helpers_begin(struct mz_daemon *daemon);
void mz_helpers_look(struct mz_daemon *daemon);
void mz_helpers_stop(struct mz_daemon *daemon);
bool mz_helpers_gone(const struct mz_daemon *daemon);
void mz_helpers_finish(struct mz_daemon *daemon);

/* poll.c */
void mz_poll(struct mz_daemon *daemon);
/* Takes ready ticks that nobody keeps, as many as are this host's share. */
void mz_poll_ready(struct mz_daemon *daemon);

/* metrics.c */
enum mz_code mz_metrics_listen(struct mz_daemon *daemon, struct mz_error *error);
extern const int64_t mz_delay_bounds[MZ_DELAYS]; /* milliseconds */

/* serve.c */
/* Milliseconds by the clock that all hosts of the database go by. */
int64_t mz_daemon_now(struct mz_daemon *daemon);
void mz_daemon_step(struct mz_daemon *daemon);

#endif
