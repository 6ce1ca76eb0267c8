/* The values of the host that scripts hold: records, views of lists and maps,
 * decimals, and what the pipeline is made of. Each is a userdata recognised by
 * the address of its metatable, which scripts cannot reach. */
#ifndef MIZAN_LUA_BOX_H
#define MIZAN_LUA_BOX_H

#include "lua/internal.h"
#include "value/decimal.h"

/* ---- records: record_box.c ---- */

#define MZ_FOREVER 0 /* epoch of what a script owns */

struct mz_record_box {
    struct mizan_record *record;
    uint64_t epoch;         /* of the stage call it belongs to */
    struct mz_arena *arena; /* of a copy: its own */
    size_t charged;         /* bytes of it counted as the script's memory */
    uint64_t returned;      /* epoch in which a stage returned it */
    bool read_only;
};

void mz_record_box_open(lua_State *L);
void mz_push_record(lua_State *L, struct mizan_record *record, bool read_only);
/* The same for the record of a stage's call, which dies with the call: one of a ring of
 * boxes, made once and pointed anew, so that a call allocates nothing. A box that the
 * script kept is recognised by its epoch; only one kept for exactly a round of the ring
 * would show another record, and MZ_RING is a prime. */
struct mz_record_box *mz_push_call_record(lua_State *L, struct mizan_record *record);
/* The box at `index`, or NULL when something else is there. */
struct mz_record_box *mz_test_record(lua_State *L, int index);
/* The living record at `index`; raises. */
struct mz_record_box *mz_check_record(lua_State *L, int index);
/* Sets the field to the value at `index`, as an assignment of the script would. */
void mz_assign_field(lua_State *L, struct mizan_record *record,
                     const struct mz_name *name, const char *field, int index);
/* mizan.record(type, fields) */
int mz_new_record(lua_State *L);
/* True while what was made in `epoch` may be used. */
static inline bool mz_alive(const struct mz_lua *lua, uint64_t epoch)
{
    return epoch == lua->epoch || epoch == MZ_FOREVER;
}
int mz_raise_dead(lua_State *L, const char *what) MZ_RAISES;
/* The field that the string at `index` names; name is NULL when it is not
 * interned. */
const struct mz_name_slot *mz_name_of(lua_State *L, struct mz_lua *lua, int index);

/* ---- lists and maps inside records, read only: view_box.c ---- */

struct mz_view_box {
    struct mizan_value value; /* its parts lie in the arena of the record */
    uint64_t epoch;
};

void mz_view_box_open(lua_State *L);
/* `owner`: stack index of the box that the value lies in. */
void mz_push_view(lua_State *L, const struct mizan_value *value, int owner,
                  uint64_t epoch);
struct mz_view_box *mz_test_view(lua_State *L, int index);

/* ---- decimals: decimal_box.c ---- */

void mz_decimal_box_open(lua_State *L);
void mz_push_decimal(lua_State *L, struct mz_decimal value);
bool mz_test_decimal(lua_State *L, int index, struct mz_decimal *out);
/* mizan.decimal(text or integer) */
int mz_new_decimal(lua_State *L);

/* ---- values: marshal.c ---- */

/* Copies the value at `index` into the arena. `path` names it in errors
 * ("stages[2]"). Raises for what has no counterpart: functions, cycles, NaN,
 * nesting beyond MZ_VALUE_DEPTH. An empty table is an empty list. */
void mz_to_value(lua_State *L, int index, struct mz_arena *arena, const char *path,
                 struct mizan_value *out);
/* The same for a table that must be a map; the key `skip` (or NULL) is left
 * out. */
void mz_to_map(lua_State *L, int index, struct mz_arena *arena, const char *path,
               const char *skip, struct mizan_value *out);
/* Pushes a plain value: lists and maps become tables. */
void mz_push_plain(lua_State *L, const struct mizan_value *value);
/* Pushes what reading a field gives: lists and maps become views. */
void mz_push_field(lua_State *L, const struct mizan_value *value, int owner,
                   uint64_t epoch);

/* ---- what a pipeline is made of: item_box.c ---- */

enum mz_item_kind {
    MZ_ITEM_PLUGIN,
    MZ_ITEM_EACH,
    MZ_ITEM_SOURCE,
    MZ_ITEM_BATCH,
    MZ_ITEM_EXEC,
    MZ_ITEM_CHAIN,
    MZ_ITEM_BRANCH,
    MZ_ITEM_MERGE,
    MZ_ITEM_PIPELINE
};

/* User values of a plugin: 1 options. Of each: 1 type, 2 name or nil, 3 function. Of a
 * source: 1 options or nil, 2 function, 3 name or nil. Of a batch: 1 options, 2
 * function. Of exec: 1 options. Of a chain, branch or merge: 1 list. Of a pipeline: 1
 * table. */
struct mz_item {
    enum mz_item_kind kind;
    int file, line;           /* where the script makes it; file -1: unknown */
    struct mz_plugin *plugin; /* MZ_ITEM_PLUGIN */
};

void mz_item_box_open(lua_State *L);
struct mz_item *mz_push_item(lua_State *L, enum mz_item_kind kind);
struct mz_item *mz_test_item(lua_State *L, int index);

/* "chain", "branch" …: the function of the module that makes it; NULL: a plugin's. */
const char *mz_item_word(const struct mz_item *item);
extern const luaL_Reg mz_constructors[];

/* What mizan.drop and mizan.reject give. User value 1: the reason. */
struct mz_outcome_box {
    enum mz_outcome outcome;
    int file, line;
};

void mz_push_outcome(lua_State *L, enum mz_outcome outcome);
struct mz_outcome_box *mz_test_outcome(lua_State *L, int index);

/* ---- calls of stages: stage.c ---- */

/* Calls `body` with `call` as that stage; a failure of the script becomes `result`. */
enum mz_code mz_stage_call(struct mz_lua *lua, const struct mz_stage *stage,
                           lua_CFunction body, void *call, struct mz_arena *arena,
                           struct mz_stage_result *result, struct mz_error *error);
/* Raises "stage 'x' returned WHAT; HELP" at the first line of its function. */
int mz_refuse_result(lua_State *L, const struct mz_stage *stage, const char *what,
                     const char *help) MZ_RAISES;

/* ---- zone_box.c ---- */

void mz_zone_box_open(lua_State *L);
/* mizan.zone "Europe/Berlin" */
int mz_zone_make(lua_State *L);

/* ---- csv.c ---- */

/* mizan.csv "feeds.csv": a list of tables, a row each. */
int mz_csv_read(lua_State *L);

/* ---- ctx: context.c ---- */

void mz_context_open(lua_State *L);

/* Sets the metatable on the top of the stack as one that scripts cannot reach,
 * anchors it in the registry and returns its address. Pops it. */
const void *mz_keep_metatable(lua_State *L, const char *name);
/* Gives the userdata on the top the metatable of that address. */
void mz_set_metatable(lua_State *L, const void *address);
bool mz_has_metatable(lua_State *L, int index, const void *address);

#endif
