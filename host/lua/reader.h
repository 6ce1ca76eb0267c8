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
/* Reads the list of stages at `index` of the stack into the pipeline. */
MZ_NODISCARD enum mz_code mz_read_stages(const struct mz_reader *reader, int index);
/* Reads the schedule, already checked key by key, into pipeline->timetable. */
MZ_NODISCARD enum mz_code mz_timetable_read(const struct mz_reader *reader);
/* True for [a-z][a-z0-9_-]*. */
bool mz_is_plain_name(const char *text);

#endif
