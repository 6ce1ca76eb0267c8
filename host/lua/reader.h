/* Reading what a pipeline file returned. Runs inside the protected entry of the
 * load: results go into the arena, failures into the error, with their place.
 */
#ifndef MIZAN_LUA_READER_H
#define MIZAN_LUA_READER_H

#include "lua/box.h"
#include "lua/keys.h"

struct mz_reader {
    struct mz_lua *lua;
    struct mz_arena *arena;
    struct mz_pipeline *pipeline;
    const struct mz_item *item; /* of mizan.pipeline */
    struct mz_error *error;
};

/* Adds to the error where `path` stands in the call of the constructor that
 * made `item`; returns `code`. */
enum mz_code mz_reader_place(const struct mz_reader *reader, const struct mz_item *item,
                             const char *constructor, const char *path,
                             enum mz_code code);
/* The stages read so far. */
struct mz_stage_list {
    const struct mz_reader *reader;
    struct mz_stage *stages; /* MZ_STAGES_MOST, in the arena */
    size_t count;
};
#define MZ_STAGES_MOST 256
#define MZ_CHAIN_DEPTH 8

/* Reads the list at `index`, which `owner` (a pipeline, chain or merge) consists of. */
MZ_NODISCARD enum mz_code mz_read_list(struct mz_stage_list *list, lua_State *L,
                                       int index, const struct mz_item *owner,
                                       int depth);
/* Reads the entry on the top of the stack, which stands at `path`. */
MZ_NODISCARD enum mz_code mz_read_entry(struct mz_stage_list *list, lua_State *L,
                                        const struct mz_item *owner, const char *path,
                                        int depth);
/* stage_read.c: fills `stage` from the item on the top of the stack, which is neither
 * a chain nor has arms. */
MZ_NODISCARD enum mz_code mz_read_stage(struct mz_stage_list *list, lua_State *L,
                                        struct mz_item *item, struct mz_stage *stage);
/* stage_arms.c: the same for a branch or merge, and adds the stages of its arms. */
MZ_NODISCARD enum mz_code mz_read_arms(struct mz_stage_list *list, lua_State *L,
                                       struct mz_item *item, size_t stage, int depth);
/* stage_arms.c: that the pipeline begins with a fetch, ends with a store, and fetches
 * nowhere else. */
MZ_NODISCARD enum mz_code mz_check_order(const struct mz_stage_list *list);
/* Names the stage `name` (or NULL) or, failing that, `fallback`. */
MZ_NODISCARD enum mz_code mz_name_stage(const struct mz_stage_list *list,
                                        const struct mz_item *item,
                                        struct mz_stage *stage, const char *name,
                                        const char *fallback);
enum mz_code mz_stages_no_memory(const struct mz_stage_list *list);
/* Greatest position of the list at `index`, so that a nil inside it is seen; -1 when it
 * has other keys than positions. */
lua_Integer mz_list_length(lua_State *L, int index);
/* Reads the list of stages at `index` of the stack into the pipeline. */
MZ_NODISCARD enum mz_code mz_read_stages(const struct mz_reader *reader, int index);
/* Reads the schedule, already checked key by key, into pipeline->timetable. */
MZ_NODISCARD enum mz_code mz_timetable_read(const struct mz_reader *reader);
/* True for [a-z][a-z0-9_-]*. */
bool mz_is_plain_name(const char *text);

/* auth_option.c: the options of a plugin's stage at the top are replaced by a copy in
 * which mizan.auth and mizan.secret under `auth` are spelled out as plain tables and
 * names. Raises an error for a secret that is bound to other hosts than the stage asks.
 */
void mz_auth_spell_out(lua_State *L);

#endif
