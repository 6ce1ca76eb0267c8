/* mizan.batch: many records at once, as columns. The function gets a table with `n`, an
 * array for each declared field, and `drop` and `reject`, where it writes the reason at
 * the position of a record that is not to go on. It returns the table. */
#include "lua/box.h"

#include <string.h>

struct batch {
    const struct mz_stage *stage;
    struct mizan_record *const *records;
    size_t count;
    const struct mz_name **names; /* of the stage's fields */
    struct mz_stage_result *verdicts;
};

static void push_columns(lua_State *L, const struct batch *batch)
{
    const struct mz_stage *stage = batch->stage;
    lua_createtable(L, 0, (int)stage->field_count + 3);
    lua_pushinteger(L, (lua_Integer)batch->count);
    lua_setfield(L, -2, "n");
    lua_newtable(L);
    lua_setfield(L, -2, "drop");
    lua_newtable(L);
    lua_setfield(L, -2, "reject");
    for (size_t f = 0; f < stage->field_count; f++) {
        lua_createtable(L, (int)batch->count, 0);
        for (size_t i = 0; i < batch->count; i++) {
            const struct mizan_value *value =
                mz_record_get(batch->records[i], batch->names[f]);
            if (value != NULL) {
                mz_push_plain(L, value);
                lua_rawseti(L, -2, (lua_Integer)i + 1);
            }
        }
        lua_setfield(L, -2, stage->fields[f]);
    }
}

/* Pushes the column of the table at `rows`; raises when it is no table. */
static int push_column(lua_State *L, const struct mz_stage *stage, int rows,
                       const char *name)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, rows) != LUA_TTABLE) {
        mz_refuse_result(L, stage, "a table whose columns are not all there",
                         "return the table that the function was given");
    }
    return lua_gettop(L);
}

/* True when what the record holds is what stands at `index`, so that nothing is to be
 * written: it came out of the record as it is. */
static bool is_same(lua_State *L, const struct mizan_value *value, int index)
{
    if (value == NULL) {
        return lua_isnil(L, index);
    }
    if (value->type == MIZAN_LIST || value->type == MIZAN_MAP) {
        return false;
    }
    mz_push_plain(L, value);
    bool same =
        lua_compare(L, -1, index, LUA_OPEQ) && lua_type(L, -1) == lua_type(L, index);
    lua_pop(L, 1);
    return same;
}

static void write_back(lua_State *L, const struct batch *batch, int rows)
{
    const struct mz_stage *stage = batch->stage;
    for (size_t f = 0; f < stage->written_count; f++) {
        int column = push_column(L, stage, rows, stage->fields[f]);
        for (size_t i = 0; i < batch->count; i++) {
            struct mizan_record *record = batch->records[i];
            lua_rawgeti(L, column, (lua_Integer)i + 1);
            if (!is_same(L, mz_record_get(record, batch->names[f]), lua_gettop(L))) {
                mz_assign_field(L, record, batch->names[f], stage->fields[f],
                                lua_gettop(L));
            }
            lua_settop(L, column);
        }
        lua_pop(L, 1);
    }
}

/* Reads the reasons that stand in `drop` or `reject`. */
static void take_verdicts(lua_State *L, const struct batch *batch, int rows,
                          const char *name, enum mz_outcome outcome)
{
    int column = push_column(L, batch->stage, rows, name);
    for (lua_pushnil(L); lua_next(L, column); lua_pop(L, 1)) {
        lua_Integer place = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (place < 1 || (size_t)place > batch->count ||
            lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) == 0) {
            mz_refuse_result(L, batch->stage,
                             "something else in drop or reject than reasons",
                             "write rows.drop[i] = \"why\" for record i");
        }
        struct mz_stage_result *verdict = &batch->verdicts[place - 1];
        verdict->outcome = outcome;
        verdict->reason = mz_arena_string(mz_lua_of(L)->arena, lua_tostring(L, -1));
        if (verdict->reason == NULL) {
            mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory");
        }
    }
    lua_pop(L, 1);
}

static int batch_body(lua_State *L)
{
    const struct batch *batch = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, batch->stage->function);
    push_columns(L, batch);
    lua_rawgeti(L, LUA_REGISTRYINDEX, mz_lua_of(L)->context_reference);
    lua_call(L, 2, 1);
    if (!lua_istable(L, -1)) {
        return mz_refuse_result(L, batch->stage,
                                lua_isnil(L, -1) ? "nothing" : luaL_typename(L, -1),
                                "return the table that the function was given");
    }
    int rows = lua_gettop(L);
    write_back(L, batch, rows);
    take_verdicts(L, batch, rows, "drop", MZ_DROP);
    take_verdicts(L, batch, rows, "reject", MZ_REJECT);
    return 0;
}

enum mz_code mz_lua_batch(struct mz_lua *lua, const struct mz_stage *stage,
                          struct mizan_record *const *records, size_t count,
                          struct mz_arena *arena, struct mz_stage_result *verdicts,
                          struct mz_stage_result *result, struct mz_error *error)
{
    struct batch batch = {stage, records, count, NULL, verdicts};
    batch.names = mz_arena_alloc(arena, (stage->field_count + 1) * sizeof *batch.names);
    for (size_t i = 0; batch.names != NULL && i < stage->field_count; i++) {
        batch.names[i] = mz_name_intern(stage->fields[i], strlen(stage->fields[i]));
        if (batch.names[i] == NULL) {
            batch.names = NULL;
        }
    }
    if (batch.names == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a batch");
    }
    return mz_stage_call(lua, stage, batch_body, &batch, arena, result, error);
}
