#include "lua/json_values.h"

#include <stdlib.h>
#include <string.h>

#include "lua/box.h"
#include "value/json.h"
#include "value/url.h"

#define TEXT_CEILING ((size_t)64 << 20)

struct mz_buffer *mz_text_buffer(struct mz_lua *lua)
{
    lua->text.ceiling = TEXT_CEILING;
    mz_buffer_clear(&lua->text);
    return &lua->text;
}

static int push_buffer(lua_State *L, const struct mz_buffer *text)
{
    if (!mz_buffer_ok(text)) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL, "the text is larger than 64 MiB");
    }
    lua_pushlstring(L, text->size > 0 ? text->data : "", text->size);
    return 1;
}

static const char *check_text(lua_State *L, int index, const char *what, size_t *size)
{
    if (lua_type(L, index) != LUA_TSTRING) {
        mz_raise(L, MZ_SCRIPT, what, NULL, "%s wants text, not %s", what,
                 luaL_typename(L, index));
    }
    return lua_tolstring(L, index, size);
}

/* ---- JSON ---- */

void mz_push_json(lua_State *L, int index)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_error error;
    struct mizan_value value;
    size_t size;
    const char *text = check_text(L, index, "mizan.json.parse", &size);
    mz_arena_reset(lua->scratch);
    if (mz_json_parse(lua->scratch, text, size, &value, &error) != MZ_OK) {
        mz_raise_error(L, &error, NULL);
    }
    mz_push_plain(L, &value);
    mz_arena_reset(lua->scratch);
}

/* Compares a part of a pointer, with its escapes ~0 and ~1, to make a key of it. */
static size_t unescape_part(const char *part, size_t size, char *out)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (part[i] == '~' && i + 1 < size &&
            (part[i + 1] == '0' || part[i + 1] == '1')) {
            out[length++] = part[++i] == '0' ? '~' : '/';
        } else {
            out[length++] = part[i];
        }
    }
    return length;
}

void mz_push_json_part(lua_State *L, int index, const char *pointer)
{
    char key[256];
    lua_pushvalue(L, index);
    if (pointer[0] != '\0' && pointer[0] != '/') {
        mz_raise(L, MZ_SCRIPT, pointer, "write /links/next",
                 "'%.80s' is no JSON Pointer: each part begins with a slash", pointer);
    }
    while (*pointer == '/') {
        const char *part = pointer + 1;
        size_t size = strcspn(part, "/");
        pointer = part + size;
        if (size >= sizeof key || !lua_istable(L, -1)) {
            lua_pop(L, 1);
            lua_pushnil(L);
            return;
        }
        size = unescape_part(part, size, key);
        key[size] = '\0';
        lua_pushlstring(L, key, size);
        if (lua_rawget(L, -2) == LUA_TNIL && size > 0 && size < 10 &&
            strspn(key, "0123456789") == size) {
            lua_pop(L, 1);
            lua_rawgeti(L, -1, (lua_Integer)strtoll(key, NULL, 10) + 1);
        }
        lua_remove(L, -2);
    }
}

static int json_parse(lua_State *L)
{
    mz_push_json(L, 1);
    return 1;
}

static int json_text(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mizan_value value;
    luaL_checkany(L, 1);
    mz_arena_reset(lua->scratch);
    mz_to_value(L, 1, lua->scratch, "value", &value);
    struct mz_buffer *text = mz_text_buffer(lua);
    mz_json_value(text, &value);
    mz_arena_reset(lua->scratch);
    return push_buffer(L, text);
}

static int json_at(lua_State *L)
{
    luaL_checkany(L, 1);
    size_t size;
    mz_push_json_part(L, 1, check_text(L, 2, "mizan.json.at", &size));
    return 1;
}

const luaL_Reg mz_json_functions[] = {
    {"parse", json_parse},
    {"text", json_text},
    {"at", json_at},
    {NULL, NULL},
};

/* ---- addresses ---- */

static void set_part(lua_State *L, const char *name, struct mizan_slice part)
{
    if (part.data != NULL) {
        lua_pushlstring(L, part.data, part.size);
        lua_setfield(L, -2, name);
    }
}

/* parse(text): a table of its parts, or nil when it is no address. */
static int url_parse(lua_State *L)
{
    struct mz_url url;
    size_t size;
    const char *text = check_text(L, 1, "mizan.url.parse", &size);
    if (!mz_url_split(text, size, &url)) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 7);
    set_part(L, "scheme", url.scheme);
    set_part(L, "user", url.user);
    set_part(L, "host", url.host);
    set_part(L, "path", url.path);
    set_part(L, "query", url.query);
    set_part(L, "fragment", url.fragment);
    if (url.port.size > 0) {
        lua_pushinteger(L, strtol(url.port.data, NULL, 10));
        lua_setfield(L, -2, "port");
    }
    return 1;
}

static int url_resolve(lua_State *L)
{
    size_t base_size, size;
    const char *base = check_text(L, 1, "mizan.url.resolve", &base_size);
    const char *reference = check_text(L, 2, "mizan.url.resolve", &size);
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    if (!mz_url_resolve(base, base_size, reference, size, text)) {
        return mz_raise(L, MZ_SCRIPT, "resolve", NULL,
                        "mizan.url.resolve: '%.80s' in '%.80s' is no address",
                        reference, base);
    }
    return push_buffer(L, text);
}

static int url_escape(lua_State *L)
{
    size_t size;
    const char *data = check_text(L, 1, "mizan.url.escape", &size);
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    mz_url_escape(data, size, text);
    return push_buffer(L, text);
}

static int url_unescape(lua_State *L)
{
    size_t size;
    const char *data = check_text(L, 1, "mizan.url.unescape", &size);
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    mz_url_unescape(data, size, false, text);
    return push_buffer(L, text);
}

/* query("a=1&b=x+y"): a table; of a name that comes twice the last counts. */
static int url_query(lua_State *L)
{
    size_t size;
    const char *at = check_text(L, 1, "mizan.url.query", &size);
    const char *end = at + size;
    lua_newtable(L);
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *name_end = equals != NULL ? equals : stop;
        for (int part = 0; part < 2; part++) {
            const char *start = part == 0 ? at : equals != NULL ? equals + 1 : stop;
            struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
            mz_url_unescape(start, (size_t)((part == 0 ? name_end : stop) - start),
                            true, text);
            push_buffer(L, text);
        }
        lua_rawset(L, -3);
        at = stop + 1;
    }
    return 1;
}

const luaL_Reg mz_url_functions[] = {
    {"parse", url_parse},       {"resolve", url_resolve}, {"escape", url_escape},
    {"unescape", url_unescape}, {"query", url_query},     {NULL, NULL},
};
