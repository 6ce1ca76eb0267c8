/* Values between Lua and the host: one function each way, a closed list of
 * types. */
#include "lua/box.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PATH_SIZE 256

struct walk {
    lua_State *L;
    struct mz_arena *arena;
    char path[PATH_SIZE];
    size_t used;                       /* of the path */
    const void *above[MZ_VALUE_DEPTH]; /* tables that enclose the one in work */
    int depth;
};

static void walk_value(struct walk *walk, int index, struct mizan_value *out);

static size_t path_enter_name(struct walk *walk, const char *name)
{
    size_t before = walk->used;
    int written = snprintf(walk->path + before, PATH_SIZE - before, "%s%s",
                           before > 0 ? "." : "", name);
    walk->used = before + (size_t)(written < 0 ? 0 : written);
    walk->used = walk->used >= PATH_SIZE ? PATH_SIZE - 1 : walk->used;
    return before;
}

static size_t path_enter_position(struct walk *walk, size_t position)
{
    size_t before = walk->used;
    int written = snprintf(walk->path + before, PATH_SIZE - before, "[%zu]", position);
    walk->used = before + (size_t)(written < 0 ? 0 : written);
    walk->used = walk->used >= PATH_SIZE ? PATH_SIZE - 1 : walk->used;
    return before;
}

static void path_leave(struct walk *walk, size_t before)
{
    walk->used = before;
    walk->path[before] = '\0';
}

/* The last name of the path, to underline. */
static int refuse(struct walk *walk, const char *what)
{
    const char *last = strrchr(walk->path, '.');
    char token[64];
    snprintf(token, sizeof token, "%.63s", last != NULL ? last + 1 : walk->path);
    token[strcspn(token, "[")] = '\0';
    return mz_raise(walk->L, MZ_SCRIPT, token, NULL, "'%s' %s", walk->path, what);
}

static void *take(struct walk *walk, size_t count, size_t size)
{
    void *memory = mz_arena_alloc(walk->arena, count > 0 ? count * size : 1);
    if (memory == NULL) {
        mz_raise(walk->L, MZ_MEMORY, NULL, NULL, "not enough memory for '%s'",
                 walk->path);
    }
    return memory;
}

static struct mizan_slice take_text(struct walk *walk, const char *data, size_t size)
{
    char *copy = mz_arena_copy(walk->arena, data, size);
    if (copy == NULL) {
        mz_raise(walk->L, MZ_MEMORY, NULL, NULL, "not enough memory for '%s'",
                 walk->path);
    }
    return (struct mizan_slice){copy, size};
}

static void walk_string(struct walk *walk, int index, struct mizan_value *out)
{
    size_t size;
    const char *data = lua_tolstring(walk->L, index, &size);
    out->type = mz_utf8_valid(data, size) ? MIZAN_TEXT : MIZAN_BYTES;
    out->as.text = take_text(walk, data, size);
}

/* How many entries the table has, and whether all keys are text or all
 * positions. */
static size_t count_keys(struct walk *walk, int index, bool *text)
{
    lua_State *L = walk->L;
    size_t count = 0, names = 0, most = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        count++;
        if (lua_type(L, -1) == LUA_TSTRING) {
            names++;
        } else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
            size_t position = (size_t)lua_tointeger(L, -1);
            most = position > most ? position : most;
        } else {
            refuse(walk, "has a key that is neither a name nor a position");
        }
    }
    if (names != 0 && names != count) {
        refuse(walk, "mixes names and positions");
    }
    *text = names != 0;
    if (names == 0 && most != count) {
        size_t hole = 1;
        while (lua_rawgeti(L, index, (lua_Integer)hole) != LUA_TNIL) {
            lua_pop(L, 1);
            hole++;
        }
        lua_pop(L, 1);
        path_enter_position(walk, hole);
        refuse(walk, "is nil: the list has a hole there");
    }
    return count;
}

static void walk_list(struct walk *walk, int index, size_t count,
                      struct mizan_value *out)
{
    struct mizan_value *items = take(walk, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        size_t before = path_enter_position(walk, i + 1);
        lua_rawgeti(walk->L, index, (lua_Integer)i + 1);
        walk_value(walk, lua_gettop(walk->L), &items[i]);
        lua_pop(walk->L, 1);
        path_leave(walk, before);
    }
    out->type = MIZAN_LIST;
    out->as.list = (struct mizan_list){items, count};
}

static int by_name(const void *a, const void *b)
{
    const struct mizan_slice *left = &((const struct mizan_field *)a)->name;
    const struct mizan_slice *right = &((const struct mizan_field *)b)->name;
    size_t size = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->data, right->data, size);
    return order != 0 ? order : (left->size > right->size) - (left->size < right->size);
}

/* Sorted by name, since Lua's order of keys differs from run to run. */
static void walk_map(struct walk *walk, int index, size_t count, const char *skip,
                     struct mizan_value *out)
{
    lua_State *L = walk->L;
    struct mizan_field *fields = take(walk, count, sizeof *fields);
    size_t filled = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        size_t size;
        const char *name = lua_tolstring(L, -2, &size);
        if (skip == NULL || strcmp(name, skip) != 0) {
            size_t before = path_enter_name(walk, name);
            struct mizan_field *field = &fields[filled++];
            field->name = take_text(walk, name, size);
            walk_value(walk, lua_gettop(L), &field->value);
            path_leave(walk, before);
        }
        lua_pop(L, 1);
    }
    qsort(fields, filled, sizeof *fields, by_name);
    out->type = MIZAN_MAP;
    out->as.map = (struct mizan_map){fields, filled};
}

static void enter_table(struct walk *walk, int index)
{
    const void *table = lua_topointer(walk->L, index);
    for (int i = 0; i < walk->depth; i++) {
        if (walk->above[i] == table) {
            refuse(walk, "leads back to a table that contains it");
        }
    }
    if (walk->depth == MZ_VALUE_DEPTH) {
        refuse(walk, "nests deeper than 32 tables");
    }
    luaL_checkstack(walk->L, LUA_MINSTACK, "nested tables");
    walk->above[walk->depth++] = table;
}

static void walk_table(struct walk *walk, int index, struct mizan_value *out)
{
    bool text;
    enter_table(walk, index);
    size_t count = count_keys(walk, index, &text);
    if (text) {
        walk_map(walk, index, count, NULL, out);
    } else {
        walk_list(walk, index, count, out);
    }
    walk->depth--;
}

static void walk_record(struct walk *walk, int index, struct mizan_value *out)
{
    const struct mizan_record *record = mz_check_record(walk->L, index)->record;
    size_t count = mz_record_count(record);
    struct mizan_field *fields = take(walk, count, sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        fields[i].name = take_text(walk, mz_name_text(name), mz_name_size(name));
        if (!mz_value_copy(walk->arena, value, &fields[i].value)) {
            refuse(walk, "is too large or nests too deep");
        }
    }
    out->type = MIZAN_MAP;
    out->as.map = (struct mizan_map){fields, count};
}

static void walk_userdata(struct walk *walk, int index, struct mizan_value *out)
{
    struct mz_decimal decimal;
    if (mz_test_decimal(walk->L, index, &decimal)) {
        char text[MZ_DECIMAL_TEXT];
        size_t size = mz_decimal_format(decimal, text);
        out->type = MIZAN_DECIMAL;
        out->as.text = take_text(walk, text, size);
        return;
    }
    struct mz_view_box *view = mz_test_view(walk->L, index);
    if (view != NULL) {
        if (!mz_alive(mz_lua_of(walk->L), view->epoch)) {
            mz_raise_dead(walk->L, "list");
        }
        if (!mz_value_copy(walk->arena, &view->value, out)) {
            refuse(walk, "is too large or nests too deep");
        }
        return;
    }
    if (mz_test_record(walk->L, index) != NULL) {
        walk_record(walk, index, out);
        return;
    }
    if (mz_test_item(walk->L, index) != NULL) {
        refuse(walk, "is a stage: stages stand in the list `stages` alone");
    }
    refuse(walk, "is a value that cannot be kept here");
}

static void walk_value(struct walk *walk, int index, struct mizan_value *out)
{
    lua_State *L = walk->L;
    memset(out, 0, sizeof *out);
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        *out = mz_boolean(lua_toboolean(L, index));
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            *out = mz_integer(lua_tointeger(L, index));
        } else if (isfinite(lua_tonumber(L, index))) {
            *out = mz_double(lua_tonumber(L, index));
        } else {
            refuse(walk, "is not a finite number");
        }
        break;
    case LUA_TSTRING:
        walk_string(walk, index, out);
        break;
    case LUA_TTABLE:
        walk_table(walk, index, out);
        break;
    case LUA_TUSERDATA:
        walk_userdata(walk, index, out);
        break;
    case LUA_TFUNCTION:
        refuse(walk, "is a function: only data can stand there");
        break;
    default:
        refuse(walk, "is a coroutine: only data can stand there");
    }
}

static void begin(struct walk *walk, lua_State *L, struct mz_arena *arena,
                  const char *path)
{
    walk->L = L;
    walk->arena = arena;
    walk->used = 0;
    walk->depth = 0;
    walk->path[0] = '\0';
    path_enter_name(walk, path);
}

void mz_to_value(lua_State *L, int index, struct mz_arena *arena, const char *path,
                 struct mizan_value *out)
{
    struct walk walk;
    begin(&walk, L, arena, path);
    walk_value(&walk, lua_absindex(L, index), out);
}

void mz_to_map(lua_State *L, int index, struct mz_arena *arena, const char *path,
               const char *skip, struct mizan_value *out)
{
    struct walk walk;
    bool text;
    begin(&walk, L, arena, path);
    index = lua_absindex(L, index);
    enter_table(&walk, index);
    size_t count = count_keys(&walk, index, &text);
    if (count > 0 && !text) {
        path_enter_position(&walk, 1);
        refuse(&walk, "has no name: write key = value");
    }
    walk_map(&walk, index, count, skip, out);
}

/* ---- towards Lua ---- */

static void push_decimal_text(lua_State *L, struct mizan_slice text)
{
    struct mz_decimal decimal;
    if (mz_decimal_parse(text.data, text.size, &decimal) == MZ_DECIMAL_OK) {
        mz_push_decimal(L, decimal);
    } else {
        lua_pushlstring(L, text.data, text.size);
    }
}

/* True when the value was one without parts. */
static bool push_simple(lua_State *L, const struct mizan_value *value)
{
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        lua_pushboolean(L, value->as.integer != 0);
        return true;
    case MIZAN_INTEGER:
    case MIZAN_TIME:
        lua_pushinteger(L, value->as.integer);
        return true;
    case MIZAN_DOUBLE:
        lua_pushnumber(L, value->as.number);
        return true;
    case MIZAN_DECIMAL:
        push_decimal_text(L, value->as.text);
        return true;
    case MIZAN_TEXT:
    case MIZAN_BYTES:
        lua_pushlstring(L, value->as.text.data, value->as.text.size);
        return true;
    case MIZAN_LIST:
    case MIZAN_MAP:
        return false;
    case MIZAN_NIL:
    default:
        lua_pushnil(L);
        return true;
    }
}

void mz_push_plain(lua_State *L, const struct mizan_value *value)
{
    luaL_checkstack(L, LUA_MINSTACK, "nested values");
    if (push_simple(L, value)) {
        return;
    }
    lua_newtable(L);
    if (value->type == MIZAN_LIST) {
        for (size_t i = 0; i < value->as.list.count; i++) {
            mz_push_plain(L, &value->as.list.items[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        return;
    }
    for (size_t i = 0; i < value->as.map.count; i++) {
        const struct mizan_field *field = &value->as.map.fields[i];
        lua_pushlstring(L, field->name.data, field->name.size);
        mz_push_plain(L, &field->value);
        lua_rawset(L, -3);
    }
}

void mz_push_field(lua_State *L, const struct mizan_value *value, int owner,
                   uint64_t epoch)
{
    if (!push_simple(L, value)) {
        mz_push_view(L, value, owner, epoch);
    }
}
