/* Records in scripts: a light box around a record of the unit, valid during its
 * stage call, and copies that own their memory and stay. Field names are found by the
 * address of Lua's interned string. */
#include "lua/box.h"

#include <string.h>

#include "base/text.h"

#define COPY_CEILING ((size_t)16 * 1024 * 1024)
#define COPY_LEAST   ((size_t)16 * 1024) /* an arena's first chunk */

static const char names_key; /* in the registry: key strings to names, anchored */

static int record_copy(lua_State *L);
static int record_to_table(lua_State *L);

/* ---- names ---- */

static lua_CFunction method_of(const char *key)
{
    if (strcmp(key, "copy") == 0) {
        return record_copy;
    }
    if (strcmp(key, "totable") == 0) {
        return record_to_table;
    }
    return strcmp(key, "new") == 0 ? mz_new_record : NULL;
}

/* Interns the string and anchors it, so that its address stays its own. Long
 * strings are not interned by Lua; they and those past the bound are looked up
 * by their text. */
static const struct mz_name_slot *new_name(lua_State *L, struct mz_lua *lua, int index,
                                           struct mz_name_slot *slot)
{
    size_t size;
    const char *key = lua_tolstring(L, index, &size);
    lua->spare = (struct mz_name_slot){NULL, NULL, method_of(key)};
    if (size > 40) {
        return &lua->spare;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    const struct mz_name *name = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (name == NULL) {
        if (lua->name_count >= MZ_NAME_MOST) {
            lua_pop(L, 1);
            return &lua->spare;
        }
        name = mz_name_intern(key, size);
        if (name == NULL) {
            mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory");
        }
        lua_pushvalue(L, index);
        lua_pushlightuserdata(L, (void *)(uintptr_t)name);
        lua_rawset(L, -3);
        lua->name_count++;
    }
    lua_pop(L, 1);
    *slot = (struct mz_name_slot){key, name, lua->spare.method};
    return slot;
}

const struct mz_name_slot *mz_name_of(lua_State *L, struct mz_lua *lua, int index)
{
    const char *key = lua_tostring(L, index);
    uintptr_t address = (uintptr_t)key;
    struct mz_name_slot *slot =
        &lua->names[((address >> 4) ^ (address >> 12)) % MZ_NAME_SLOTS];
    return slot->key == key ? slot : new_name(L, lua, index, slot);
}

/* ---- boxes ---- */

int mz_raise_dead(lua_State *L, const char *what)
{
    mz_raise(L, MZ_SCRIPT, NULL,
             "keep rec:copy() or rec:totable() instead of the record",
             "this %s was used after its stage call ended", what);
}

void mz_push_record(lua_State *L, struct mizan_record *record, bool read_only)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_record_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = (struct mz_record_box){record, lua->epoch, NULL, 0, 0, read_only};
    mz_set_metatable(L, lua->record_meta);
}

struct mz_record_box *mz_push_call_record(lua_State *L, struct mizan_record *record)
{
    struct mz_lua *lua = mz_lua_of(L);
    int *reference = &lua->ring[lua->ring_next];
    struct mz_record_box *box;
    lua->ring_next = lua->ring_next + 1 == MZ_RING ? 0 : lua->ring_next + 1;
    if (*reference == 0) {
        box = lua_newuserdatauv(L, sizeof *box, 0);
        *box = (struct mz_record_box){NULL, UINT64_MAX, NULL, 0, 0, true};
        mz_set_metatable(L, lua->record_meta);
        lua_pushvalue(L, -1);
        *reference = luaL_ref(L, LUA_REGISTRYINDEX);
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, *reference);
        box = lua_touserdata(L, -1);
    }
    *box = (struct mz_record_box){record, lua->epoch, NULL, 0, 0, false};
    return box;
}

struct mz_record_box *mz_test_record(lua_State *L, int index)
{
    const struct mz_lua *lua = mz_lua_of(L);
    if (mz_has_metatable(L, index, lua->record_meta) ||
        mz_has_metatable(L, index, lua->copy_meta)) {
        return lua_touserdata(L, index);
    }
    return NULL;
}

struct mz_record_box *mz_check_record(lua_State *L, int index)
{
    struct mz_record_box *box = mz_test_record(L, index);
    if (box == NULL) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "a record is needed here, not %s",
                 luaL_typename(L, index));
    } else if (!mz_alive(mz_lua_of(L), box->epoch)) {
        mz_raise_dead(L, "record");
    } else if (box->record == NULL) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "this copy of a record was not finished");
    }
    return box;
}

/* ---- reading ---- */

/* Called for records alone: scripts cannot reach the metamethod itself. */
static int record_index(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    const struct mz_record_box *box = lua_touserdata(L, 1);
    if (!mz_alive(lua, box->epoch)) {
        return mz_raise_dead(L, "record");
    }
    if (lua_type(L, 2) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "a field of a record has a name, not %s", luaL_typename(L, 2));
    }
    const struct mz_name_slot *slot = mz_name_of(L, lua, 2);
    if (slot->method != NULL) {
        lua_pushcfunction(L, slot->method);
        return 1;
    }
    const struct mizan_value *value =
        slot->name != NULL ? mz_record_get(box->record, slot->name)
                           : mz_record_find(box->record, lua_tostring(L, 2));
    if (value == NULL) {
        lua_pushnil(L);
    } else {
        mz_push_field(L, value, 1, box->epoch);
    }
    return 1;
}

/* Upvalues: the record, how many fields were given. */
static int record_next(lua_State *L)
{
    const struct mz_record_box *box = mz_check_record(L, lua_upvalueindex(1));
    size_t given = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    if (given >= mz_record_count(box->record)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)given + 1);
    lua_replace(L, lua_upvalueindex(2));
    const struct mz_name *name;
    const struct mizan_value *value = mz_record_field(box->record, given, &name);
    lua_pushlstring(L, mz_name_text(name), mz_name_size(name));
    mz_push_field(L, value, lua_upvalueindex(1), box->epoch);
    return 2;
}

static int record_pairs(lua_State *L)
{
    mz_check_record(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, record_next, 2);
    return 1;
}

static int record_to_table(lua_State *L)
{
    const struct mizan_record *record = mz_check_record(L, 1)->record;
    size_t count = mz_record_count(record);
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        lua_pushlstring(L, mz_name_text(name), mz_name_size(name));
        mz_push_plain(L, value);
        lua_rawset(L, -3);
    }
    return 1;
}

static int record_text(lua_State *L)
{
    const struct mizan_record *record = mz_check_record(L, 1)->record;
    lua_pushfstring(L, "record %s of %d fields", mz_record_type(record),
                    (int)mz_record_count(record));
    return 1;
}

/* ---- writing ---- */

static MZ_RAISES int refuse_assignment(lua_State *L, const char *field, const char *why,
                                       const char *help)
{
    mz_raise(L, MZ_SCRIPT, field, help, "field '%.80s' %s", field, why);
}

/* A number for a field that holds `old` now (or NULL). */
static void number_for(lua_State *L, int index, const struct mizan_value *old,
                       const char *field, char text[MZ_DECIMAL_TEXT],
                       struct mizan_value *out)
{
    bool decimal = old != NULL && old->type == MIZAN_DECIMAL;
    if (!lua_isinteger(L, index)) {
        lua_Number number = lua_tonumber(L, index);
        if (decimal) {
            refuse_assignment(L, field, "holds an exact decimal, a float has rounded",
                              "write mizan.decimal \"0.1\" or an integer");
        }
        if (number != number || number - number != 0) {
            refuse_assignment(L, field, "cannot hold a number that is not finite",
                              NULL);
        }
        *out = mz_double(number);
    } else if (decimal) {
        struct mz_decimal value = mz_decimal_from_integer(lua_tointeger(L, index));
        *out = mz_decimal_text(text, mz_decimal_format(value, text));
    } else if (old != NULL && old->type == MIZAN_TIME) {
        *out = mz_time(lua_tointeger(L, index));
    } else {
        *out = mz_integer(lua_tointeger(L, index));
    }
}

/* The value at stack index `index` for the field; what it points to lives until the
 * script's value, `text` or the scratch arena does. */
static void value_for(lua_State *L, int index, const struct mizan_value *old,
                      const char *field, char text[MZ_DECIMAL_TEXT],
                      struct mizan_value *out)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_decimal decimal;
    int type = lua_type(L, index);
    if (type == LUA_TNIL) {
        *out = mz_nil();
        return;
    }
    if (type == LUA_TNUMBER) {
        number_for(L, index, old, field, text, out);
        return;
    }
    if (mz_test_decimal(L, index, &decimal)) {
        *out = mz_decimal_text(text, mz_decimal_format(decimal, text));
        return;
    }
    if (old != NULL && old->type == MIZAN_DECIMAL) {
        refuse_assignment(L, field, "holds a decimal and takes only numbers and nil",
                          "write mizan.decimal(text)");
    }
    if (type == LUA_TSTRING) {
        size_t size;
        const char *data = lua_tolstring(L, index, &size);
        bool bytes =
            !mz_utf8_valid(data, size) || (old != NULL && old->type == MIZAN_BYTES);
        *out = bytes ? mz_bytes(data, size) : mz_text_slice(data, size);
    } else if (type == LUA_TBOOLEAN) {
        *out = mz_boolean(lua_toboolean(L, index));
    } else {
        mz_arena_reset(lua->scratch);
        mz_to_value(L, index, lua->scratch, field, out);
    }
}

/* Copies pile up in their arena as fields are set: they count as the script's.
 */
static void charge(lua_State *L, struct mz_record_box *box)
{
    struct mz_lua *lua = mz_lua_of(L);
    size_t used = 2 * mz_arena_used(box->arena); /* chunks grow by doubling */
    used = used < COPY_LEAST ? COPY_LEAST : used;
    if (used <= box->charged) {
        return;
    }
    size_t more = used - box->charged;
    if (lua->memory >= lua->memory_limit || more > lua->memory_limit - lua->memory) {
        lua_gc(L, LUA_GCCOLLECT, 0);
    }
    if (lua->memory >= lua->memory_limit || more > lua->memory_limit - lua->memory) {
        lua->refused = true;
        lua_pushliteral(L, "not enough memory");
        lua_error(L);
    }
    lua->memory += more;
    box->charged = used;
}

/* Sets the field that holds `old` now (or NULL); `name` may be NULL. */
static void assign(lua_State *L, struct mizan_record *record,
                   const struct mizan_value *old, const struct mz_name *name,
                   const char *field, int index)
{
    struct mizan_value value;
    value_for(L, index, old, field, mz_lua_of(L)->number, &value);
    int32_t status = name != NULL ? mz_record_set(record, name, &value)
                                  : mz_record_put(record, field, &value);
    if (status == MIZAN_ERROR_MEMORY) {
        mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for field '%.80s'",
                 field);
    }
    if (status != MIZAN_OK) {
        refuse_assignment(L, field, "cannot be set: too many fields, or too deep",
                          NULL);
    }
}

void mz_assign_field(lua_State *L, struct mizan_record *record,
                     const struct mz_name *name, const char *field, int index)
{
    assign(L, record, mz_record_get(record, name), name, field, index);
}

/* Stack: record, key, value. */
static int record_set(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_record_box *box = lua_touserdata(L, 1);
    /* Called for records alone; what is odd about one is said by the check. */
    if (!mz_alive(lua, box->epoch) || box->record == NULL) {
        box = mz_check_record(L, 1);
    }
    if (lua_type(L, 2) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "a field of a record has a name, not %s", luaL_typename(L, 2));
    }
    const char *field = lua_tostring(L, 2);
    if (box->read_only) {
        return refuse_assignment(L, field, "cannot be set: this record is read only",
                                 NULL);
    }
    const struct mz_name_slot slot = *mz_name_of(L, lua, 2);
    if (slot.method != NULL) {
        return refuse_assignment(L, field, "cannot be set: it is a method of records",
                                 NULL);
    }
    const struct mizan_value *old = slot.name != NULL
                                        ? mz_record_get(box->record, slot.name)
                                        : mz_record_find(box->record, field);
    assign(L, box->record, old, slot.name, field, 3);
    if (box->arena != NULL) {
        charge(L, box);
    }
    return 0;
}

/* ---- new ones ---- */

/* Pushes a box that owns an arena and has no record yet: handle first. */
static struct mz_record_box *push_owner(lua_State *L)
{
    struct mz_record_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = (struct mz_record_box){NULL, MZ_FOREVER, NULL, 0, 0, false};
    mz_set_metatable(L, mz_lua_of(L)->copy_meta);
    box->arena = mz_arena_create(COPY_CEILING);
    if (box->arena == NULL) {
        mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a copy");
    }
    return box;
}

static int record_copy(lua_State *L)
{
    const struct mizan_record *record = mz_check_record(L, 1)->record;
    struct mz_record_box *box = push_owner(L);
    box->record = mz_record_copy(box->arena, record);
    if (box->record == NULL) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL,
                        "the record is too large for a copy (16 MiB)");
    }
    charge(L, box);
    return 1;
}

static int copy_close(lua_State *L)
{
    struct mz_record_box *box = lua_touserdata(L, 1);
    mz_arena_destroy(box->arena);
    mz_lua_of(L)->memory -= box->charged;
    *box = (struct mz_record_box){NULL, UINT64_MAX, NULL, 0, 0, true};
    return 0;
}

/* Sets the fields of the table at index 2, in the order of their names. */
static void set_fields(lua_State *L, struct mz_lua *lua, struct mizan_record *record)
{
    struct mizan_value fields;
    mz_arena_reset(lua->scratch);
    mz_to_map(L, 2, lua->scratch, mz_record_type(record), NULL, &fields);
    for (size_t i = 0; i < fields.as.map.count; i++) {
        const struct mizan_field *field = &fields.as.map.fields[i];
        if (method_of(field->name.data) != NULL) {
            refuse_assignment(L, field->name.data,
                              "cannot be set: it is a method of records", NULL);
        }
        if (mz_record_put(record, field->name.data, &field->value) != MIZAN_OK) {
            mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a record");
        }
    }
}

int mz_new_record(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    if (mz_test_record(L, 1) != NULL) {
        lua_remove(L, 1); /* rec:new(type, fields) */
    }
    if (lua_type(L, 1) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, NULL, "mizan.record(\"row\", { name = value })",
                        "a new record needs its type, as text");
    }
    lua_settop(L, 2);
    if (!lua_isnil(L, 2) && lua_type(L, 2) != LUA_TTABLE) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "the fields of a new record are a table, not %s",
                        luaL_typename(L, 2));
    }
    if (lua->stage == NULL) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "records are made in the functions of stages, not while the "
                        "file is loaded");
    }
    /* In a source it must outlive the waiting: it owns its memory. */
    struct mz_record_box *box = lua->visit != NULL ? push_owner(L) : NULL;
    struct mizan_record *record =
        mz_record_create(box != NULL ? box->arena : lua->arena, lua_tostring(L, 1));
    if (record == NULL) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a record");
    }
    if (!lua_isnil(L, 2)) {
        set_fields(L, lua, record);
    }
    if (box != NULL) {
        box->record = record;
        charge(L, box);
    } else {
        mz_push_record(L, record, false);
    }
    return 1;
}

static const luaL_Reg operators[] = {
    {"__index", record_index},
    {"__newindex", record_set},
    {"__pairs", record_pairs},
    {"__tostring", record_text},
    {NULL, NULL},
};

void mz_record_box_open(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    lua->record_meta = mz_keep_metatable(L, "record");
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    lua_pushcfunction(L, copy_close);
    lua_setfield(L, -2, "__gc");
    lua->copy_meta = mz_keep_metatable(L, "record");
}
