/* A pipeline file becomes a description in C; its Lua functions stay in the state and
 * are called by stage. Loading does no I/O but reading the script and its modules. */
#ifndef MIZAN_LUA_PIPELINE_H
#define MIZAN_LUA_PIPELINE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "lua/state.h"
#include "value/options.h"

struct mz_timetable; /* lua/timetable.h */

enum mz_stage_kind {
    MZ_STAGE_PLUGIN, /* fetch.*, extract.*, store.* */
    MZ_STAGE_EACH,   /* mizan.each(type, name, function) */
    MZ_STAGE_SOURCE, /* mizan.source(function): fetches */
    MZ_STAGE_BATCH,  /* mizan.batch { type, fields, function } */
    MZ_STAGE_EXEC,   /* mizan.extract.exec { program = … } */
    MZ_STAGE_BRANCH, /* each record goes down one arm */
    MZ_STAGE_MERGE   /* each record goes down every arm; of fetches: their union */
};

/* One way through a branch or merge: the stages `first` up to, not including, `end`.
 * Without stages the records pass. */
struct mz_arm {
    const char *name;
    size_t first, end;
};

struct mz_stage {
    enum mz_stage_kind kind;
    const char *name; /* unique in the pipeline */
    const char *file; /* where the script makes it */
    int line;
    /* Index of the stage that follows: behind the whole branch or merge for one that
     * ends an arm, and for the branch itself. The count of stages: none. */
    size_t next;
    /* MZ_STAGE_PLUGIN and, for its sources, MZ_STAGE_SOURCE */
    struct mz_plugin *plugin;      /* NULL: MZ_STAGE_SOURCE, MZ_STAGE_EXEC */
    struct mizan_options *options; /* checked, defaults filled in */
    struct mizan_value given;      /* as the script wrote them */
    /* MZ_STAGE_EACH, MZ_STAGE_BATCH, MZ_STAGE_SOURCE, MZ_STAGE_BRANCH */
    const char *type; /* record type it sees; "*" is all */
    int function;     /* of the state's registry; LUA_NOREF: none */
    /* MZ_STAGE_BRANCH, MZ_STAGE_MERGE */
    const char *field; /* whose text names the arm, when there is no function */
    const struct mz_arm *arms;
    size_t arm_count;
    /* MZ_STAGE_BATCH */
    size_t batch_size;
    const char *const *fields;
    size_t field_count, written_count; /* the first `written_count` may be changed */
};

/* True for a stage that may stand first. */
bool mz_stage_fetches(const struct mz_stage *stage);
/* True for a stage of the script's own, "each", "source" …; else it is a plugin's. */
const char *mz_stage_word(const struct mz_stage *stage);
/* The options of a plugin's stage, of MZ_STAGE_SOURCE or of MZ_STAGE_EXEC. */
struct mz_schema mz_stage_schema(const struct mz_stage *stage);

struct mz_parameter {
    const char *name, *type, *help; /* type: text, integer, decimal, boolean, url … */
    struct mizan_value value;       /* in force: command line, else default */
    bool from_command_line;
};

/* The most worker threads of one run. */
#define MZ_MOST_THREADS 16

struct mz_pipeline {
    const char *name, *file;  /* file: absolute */
    const char *script_hash;  /* over the file and all modules it loaded, in order */
    const char *const *files; /* those files, absolute */
    size_t file_count;
    struct mizan_value about, schedule;   /* maps; empty when not given */
    const struct mz_timetable *timetable; /* of the schedule; NULL when not given */
    struct mizan_value alerts, keep;      /* maps; empty when not given */
    struct mizan_value report; /* list of {query=NAME, …arguments} or texts */
    const struct mz_parameter *parameters;
    size_t parameter_count;
    const char *const *private_hosts; /* network = { private = {…} } */
    size_t private_count;
    /* Paths of PEM files; NULL: not given. The certificate is for these hosts alone. */
    const char *authorities, *certificate, *key;
    const char *const *certificate_hosts;
    size_t certificate_count;
    bool polite;         /* false: politeness = "off" */
    bool robots;         /* false: robots = "off" */
    bool retries;        /* false: retries = "off" */
    bool cookies;        /* network = { cookies = "on" } */
    int64_t gap;         /* milliseconds between requests to one host, 0: default */
    int64_t unit_time;   /* limits.unit: CPU milliseconds of Lua a unit; 10 s */
    int64_t plugin_time; /* limits.plugin: wall milliseconds a plugin call; 60 s */
    int64_t run_time;    /* limits.run: wall milliseconds; 0: none */
    int64_t threads;     /* limits.threads: of workers; 1: none, 0: not given */
    int64_t commit_most; /* limits.commit: units that share one, 0: not given */
    size_t memory;       /* limits.memory: bytes of Lua; 256 MiB */
    /* Chains flattened, arms behind their branch or merge; [0] fetches or is a merge of
     * fetches. The way from one to the following is `next`. */
    const struct mz_stage *stages;
    size_t stage_count;
};

/* Errors name file, line and column, show the key and the nearest one. */
MZ_NODISCARD enum mz_code mz_lua_load_pipeline(struct mz_lua *lua, const char *path,
                                               struct mz_arena *arena,
                                               struct mz_pipeline **out,
                                               struct mz_error *error);
/* The description as a JSON object, one line, with the three ticks that follow `now`
 * (milliseconds). Secrets are left out. */
void mz_pipeline_describe(const struct mz_pipeline *pipeline, int64_t now,
                          struct mz_buffer *out);

/* ---- calling the stages ---- */

enum mz_outcome { MZ_PASS, MZ_DROP, MZ_REJECT, MZ_ERROR };

/* What `ctx` shows to a Lua stage, for one unit. */
struct mz_unit_context {
    struct mizan_record *document;     /* ctx.doc, read only; may be NULL */
    const struct mizan_record *source; /* ctx.source, may be NULL */
    const char *run_id, *tick, *trigger;
    const char *from, *to; /* the interval of the data; NULL: unknown */
    int64_t attempt;
    void *owner; /* handed to the functions below; each may be NULL */
    /* A failure is none of `found` being false: the script is stopped by it, or a
     * cursor would begin anew. */
    enum mz_code (*state_get)(void *owner, const char *key, struct mz_arena *arena,
                              struct mizan_slice *out, bool *found,
                              struct mz_error *error);
    void (*state_set)(void *owner, const char *key, struct mizan_slice value);
};
/* What `ctx.run` shows where a script fetches: run_id, tick, trigger, from, to, attempt
 * of `context`, which lives as long as the state. */
void mz_lua_set_run(struct mz_lua *lua, const struct mz_unit_context *context);
/* Begins a unit: its context and its CPU budget (pipeline->unit_time). */
void mz_lua_begin_unit(struct mz_lua *lua, const struct mz_pipeline *pipeline,
                       const struct mz_unit_context *context);
/* Ends it: handles to its records die, and its values may be collected. */
void mz_lua_end_unit(struct mz_lua *lua);

struct mz_stage_result {
    enum mz_outcome outcome;
    struct mizan_record **records; /* MZ_PASS: what goes on, in `arena` */
    size_t count;
    const char *reason;    /* MZ_DROP, MZ_REJECT: why; MZ_ERROR: the message */
    const char *place;     /* MZ_REJECT, MZ_ERROR: file:line in the script, or NULL */
    const char *traceback; /* MZ_ERROR: frames of the user's files, or NULL */
};
/* Calls the function of an MZ_STAGE_EACH stage with one record. The record may be
 * changed. A script's failure is a result (MZ_ERROR); the return code is for failures
 * of the host: MZ_MEMORY, and MZ_DEADLINE when the unit's budget is used up. */
MZ_NODISCARD enum mz_code mz_lua_each(struct mz_lua *lua, const struct mz_stage *stage,
                                      struct mizan_record *record,
                                      struct mz_arena *arena,
                                      struct mz_stage_result *result,
                                      struct mz_error *error);
/* The same for many records, in one entry into Lua: `done` sees the result of each in
 * turn and says whether to go on. When the return code is not MZ_OK, *at is the index
 * of the record that it is about. */
typedef bool (*mz_each_done)(void *owner, struct mizan_record *record,
                             const struct mz_stage_result *result);
struct mz_each_call {
    struct mizan_record *const *records;
    size_t count, at;
    struct mz_arena *arena;
    mz_each_done done;
    void *owner;
};
MZ_NODISCARD enum mz_code mz_lua_each_of(struct mz_lua *lua,
                                         const struct mz_stage *stage,
                                         struct mz_each_call *call,
                                         struct mz_error *error);
/* Asks the function of a branch for the arm of one record: *name, in `arena`; NULL for
 * nil. The outcome is MZ_PASS, or what the function answered instead. */
MZ_NODISCARD enum mz_code
mz_lua_branch(struct mz_lua *lua, const struct mz_stage *stage,
              struct mizan_record *record, struct mz_arena *arena, const char **name,
              struct mz_stage_result *result, struct mz_error *error);
/* Calls the function of a batch with the columns of `count` records, which it may
 * change, and fills a verdict for each: MZ_PASS, MZ_DROP or MZ_REJECT. `result` is not
 * MZ_PASS when the whole batch failed. */
MZ_NODISCARD enum mz_code mz_lua_batch(struct mz_lua *lua, const struct mz_stage *stage,
                                       struct mizan_record *const *records,
                                       size_t count, struct mz_arena *arena,
                                       struct mz_stage_result *verdicts,
                                       struct mz_stage_result *result,
                                       struct mz_error *error);

#endif
