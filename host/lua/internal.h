/* What the files of this folder share: the state's structure, protected entries
 * and how failures travel. Nothing outside host/lua includes this header.
 *
 * A C function called by a script may raise at nearly every call of the Lua
 * API, so it owns nothing: memory lies in an arena, in a userdata, or in struct
 * mz_lua. */
#ifndef MIZAN_LUA_INTERNAL_H
#define MIZAN_LUA_INTERNAL_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "lua/blocks.h"
#include "lua/pipeline.h"
#include "lua/state.h"
#include "lua/tester.h"
#include "value/decimal.h"
#include "value/digest.h"
#include "value/record.h"

#define MZ_SCRIPT_SIZE  ((size_t)1 << 20) /* a source file is no larger */
#define MZ_SCRIPT_FILES 256               /* a pipeline loads no more files */
#define MZ_NAME_SLOTS   256               /* direct-mapped cache of field names */
#define MZ_RING         1021              /* boxes for the records of stage calls */
#define MZ_NAME_MOST    4096              /* field names that a script may make up */

/* A source file that was loaded. Its text stays, so that an error finds its
 * column. */
struct mz_script_file {
    char *name;   /* as shown: relative to the project when it lies inside */
    char *path;   /* absolute */
    char *source; /* NUL-terminated */
    size_t size;
    char shown[LUA_IDSIZE]; /* as Lua writes it before a line number */
    char digest[MZ_DIGEST_TEXT];
};

/* The failure of the entry in work, filled without allocating. */
struct mz_failure {
    enum mz_code code;
    int file; /* index into files, -1: unknown */
    int line;
    char message[1024];
    char help[512];
    char token[64]; /* what to underline in that line, or empty */
    char traceback[2048];
};

/* A script's key string, the field name it stands for, and the method, if it is
 * one. */
struct mz_name_slot {
    const char *key; /* address of an interned, anchored Lua string */
    const struct mz_name *name;
    lua_CFunction method;
};

struct mz_declared {
    struct mz_parameter parameter;
    struct mz_declared *next;
};

struct mz_lua {
    lua_State *main;

    struct mz_blocks blocks;
    size_t memory, memory_limit;
    bool refused; /* an allocation met the limit, during this entry */

    /* The CPU budget: limits.c. Those marked volatile are touched by the signal.
     */
    timer_t timer;
    bool has_timer;
    pthread_t thread; /* that the timer counts */
    volatile sig_atomic_t ticking, inside, ticks, tick_limit, tripped;
    lua_State *volatile running; /* the coroutine in work */
    bool tripped_seen;           /* the hook has noted the place */
    int64_t budget;              /* milliseconds */

    struct mz_script_file *files;
    size_t file_count;
    bool loading;        /* require reads files only now */
    bool loaded;         /* a state loads one pipeline */
    char *folder;        /* the project's, absolute */
    char *script_folder; /* of the pipeline file; NULL before */
    struct mz_registry *registry;
    char **given; /* `name=value` of the command line */
    size_t given_count;
    struct mz_declared *declared, **declared_end; /* in `arena` of the load */

    struct mz_arena *arena;         /* of the load or stage call in work; else NULL */
    struct mz_arena *scratch;       /* for one assignment at a time */
    struct mz_arena *zones;         /* of the zones that the script named */
    struct mz_buffer text;          /* for one function at a time: mz_text_buffer */
    uint64_t epoch;                 /* of the stage call; boxes of others are dead */
    uint64_t document_epoch;        /* of the box of ctx.doc that is kept */
    uint64_t unit;                  /* counts units; 0: none began */
    uint64_t run_unit;              /* of the table of ctx.run that is kept */
    const struct mz_tester *tester; /* of a test file's state, else NULL */
    struct mz_test_cases *cases;    /* while a test file is loaded */
    lua_Integer test_turn;          /* counts the runs of a test file */
    bool in_unit;
    bool called; /* a stage was, in this unit */
    struct mz_unit_context context;
    struct mz_unit_context run_context; /* of mz_lua_set_run */
    const struct mz_pipeline *pipeline;
    const struct mz_stage *stage;
    struct mz_visit *visit; /* the source in work, else NULL */

    /* Addresses of the metatables, by which userdata are recognised. */
    const void *record_meta, *copy_meta, *view_meta, *decimal_meta, *item_meta,
        *outcome_meta, *secret_meta, *auth_meta, *zone_meta;
    int context_reference; /* of the one ctx userdata, in the registry */
    int ring[MZ_RING];     /* of record boxes, in the registry; 0: not made yet */
    size_t ring_next;
    char number[MZ_DECIMAL_TEXT]; /* of one assignment at a time */
    struct mz_name_slot names[MZ_NAME_SLOTS];
    struct mz_name_slot spare; /* for names that are not cached */
    size_t name_count;

    struct mz_failure failure;
    struct mz_error raised; /* what mz_raise said last: code and help of a message */
    char raised_token[64];
    int raised_file; /* where mz_raise_at said */
};

/* Of functions that raise: they return to nobody, and are of type int only so that a C
 * function can end with `return mz_raise(…)`. */
#define MZ_RAISES __attribute__((noreturn))

/* The state that a coroutine belongs to. */
static inline struct mz_lua *mz_lua_of(lua_State *L)
{
    return *(struct mz_lua **)lua_getextraspace(L);
}

/* ---- state.c: entries ---- */

/* Calls body(request) in the main coroutine under the budget in force;
 * `request` is its only argument, a light userdata. Returns a Lua status; when
 * it is not LUA_OK, lua->failure says why. MZ_DEADLINE there means the budget
 * is used up. */
int mz_lua_protect(struct mz_lua *lua, lua_CFunction body, void *request);
/* The same, with the failure in `error`. */
MZ_NODISCARD enum mz_code mz_lua_enter(struct mz_lua *lua, lua_CFunction body,
                                       void *request, struct mz_error *error);

/* ---- json_values.c ---- */

/* The buffer of bindings, empty: one function at a time uses it, and none while it
 * calls the script. */
struct mz_buffer *mz_text_buffer(struct mz_lua *lua);

/* ---- limits.c ---- */

/* A new budget of CPU milliseconds, counted only inside entries. */
void mz_limit_set(struct mz_lua *lua, int64_t milliseconds);
/* Around an entry. False when the timer cannot be made; errno says why. */
bool mz_limit_enter(struct mz_lua *lua);
void mz_limit_leave(struct mz_lua *lua);
void mz_limit_finish(struct mz_lua *lua);
/* Around the resumption of a coroutine: returns the one to give back. */
lua_State *mz_limit_switch(struct mz_lua *lua, lua_State *to);

/* ---- failure.c ---- */

int mz_failure_handler(lua_State *L); /* the message handler of every entry */
void mz_failure_clear(struct mz_lua *lua);
/* Describes the error on the top of a coroutine that ended in it, whose frames are
 * still there. */
void mz_failure_of_coroutine(lua_State *L, lua_State *coroutine);
/* Notes the first user frame of L as the place of the failure. */
void mz_failure_place(struct mz_lua *lua, lua_State *L);
/* The sentences of the two limits. */
void mz_failure_deadline(struct mz_lua *lua);
void mz_failure_memory(struct mz_lua *lua);
void mz_failure_report(struct mz_lua *lua, struct mz_error *error);
/* "file:line" of a place, or NULL when unknown or out of memory. */
const char *mz_place_text(struct mz_lua *lua, struct mz_arena *arena, int file,
                          int line);
/* The innermost frame of a script: its file's index and line. False: none. */
bool mz_user_place(lua_State *L, int *file, int *line);
/* Raises an error that a script's author reads; never returns. `token`, which
 * may be NULL, is the word to underline in the line. `help` may be NULL. */
int mz_raise(lua_State *L, enum mz_code code, const char *token, const char *help,
             const char *format, ...) MZ_PRINTF(5, 6) MZ_RAISES;
/* Raises what a function of the host reported. */
int mz_raise_error(lua_State *L, const struct mz_error *error,
                   const char *token) MZ_RAISES;
/* Raises with a place that is no longer on the stack. */
int mz_raise_at(lua_State *L, int file, int line, const char *format, ...)
    MZ_PRINTF(4, 5) MZ_RAISES;
/* The same for an error of the host, with the word to underline. */
int mz_raise_there(lua_State *L, int file, int line, const char *token,
                   const struct mz_error *error) MZ_RAISES;
/* Text like "; did you mean 'feed'?" of the text keys of the table at `index`,
 * or "". */
const char *mz_did_you_mean(lua_State *L, int index, const char *word, char *out,
                            size_t size);

/* ---- sandbox.c, library.c ---- */

void mz_sandbox_open(lua_State *L);
/* Replaces the table on the top by a read-only view of it; `owner` is its name.
 * Strict: reading a key that is not there is an error with the nearest ("mizan
 * has no 'fech'"). */
void mz_freeze(lua_State *L, const char *owner, bool strict);
/* Puts back what scripts assigned to keys of the globals and the libraries; true when
 * there was any, with the first. Needs a protected entry. */
bool mz_sealed_restore(lua_State *L, char owner[32], char key[64]);
/* The same, and raises for it, with the line. */
void mz_sealed_check(lua_State *L);
/* True when the table at `index` was made by mz_freeze, or is sealed. */
bool mz_is_frozen(lua_State *L, int index);
/* The functions that stand in place of Lua's own. */
extern const luaL_Reg mz_base_functions[];
extern const luaL_Reg mz_coroutine_functions[];

/* ---- source.c ---- */

extern const char mz_modules_key; /* in the registry: name of a module to its value */
int mz_require(lua_State *L);
/* Reads, compiles and leaves the chunk on the stack; raises. */
void mz_source_load(lua_State *L, const char *path);
/* Reads a data file that a script names, from the script's folder or the project's;
 * raises. Its text stays as long as no other file is read. */
const struct mz_script_file *mz_data_file(lua_State *L, const char *name);
int mz_file_index(const struct mz_lua *lua, const char *chunk_name);

/* ---- test_library.c ---- */

/* Adds the module that `require "mizan.test"` gives; the globals are on the top of the
 * stack, which stays as it is. */
void mz_test_open(lua_State *L);

/* ---- api.c ---- */

/* Makes the module that `require "mizan"` gives. The stack stays as it is. */
void mz_api_open(lua_State *L);

#endif
