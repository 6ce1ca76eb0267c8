/* The functions behind the module `mizan`; prelude.lua gives them their form.
 */
#include "lua/box.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "lua/json_values.h"
#include "lua/parameter.h"
#include "lua/visiting.h"

extern const unsigned char mz_prelude[];
extern const size_t mz_prelude_size;

/* ---- plugins ---- */

static bool takes_data_file(struct mz_plugin *plugin)
{
    struct mz_schema schema = mz_plugin_schema(plugin);
    bool file = false, data = false;
    for (size_t i = 0; i < schema.count; i++) {
        struct mizan_option option = mz_schema_option(&schema, i);
        file = file || strcmp(option.name, "file") == 0;
        data = data ||
               (strcmp(option.name, "data") == 0 && option.type == MIZAN_OPTION_MAP);
    }
    return file && data;
}

/* A plugin has no Lua. One that takes `file` beside a table `data` gets what the
 * project's Lua file returns: read as `require` reads modules, in the sandbox, and so
 * part of the script's hash. The options stand at 1. */
static void load_data_file(lua_State *L)
{
    const char *name =
        lua_getfield(L, 1, "file") == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    bool given = lua_getfield(L, 1, "data") != LUA_TNIL;
    size_t size = name == NULL ? 0 : strlen(name);
    if (name == NULL || given) {
        lua_pop(L, 2);
        return;
    }
    if (size > 4 && strcmp(name + size - 4, ".lua") == 0) {
        size -= 4;
    }
    lua_pushcfunction(L, mz_require);
    lua_pushlstring(L, name, size);
    luaL_gsub(L, lua_tostring(L, -1), "/", ".");
    lua_remove(L, -2);
    lua_call(L, 1, 1);
    lua_setfield(L, 1, "data"); /* options file nil */
    lua_pop(L, 2);
}

/* fetch.NAME { … }; upvalues: the plugin, its label. */
static int construct_plugin(lua_State *L)
{
    const char *label = lua_tostring(L, lua_upvalueindex(2));
    int first = 1;
    if (lua_gettop(L) != first || lua_type(L, first) != LUA_TTABLE) {
        return mz_raise(L, MZ_SCRIPT, strchr(label, '.') + 1, NULL,
                        "%s wants a table of options: %s { … }", label, label);
    }
    if (takes_data_file(lua_touserdata(L, lua_upvalueindex(1)))) {
        load_data_file(L);
    }
    struct mz_item *item = mz_push_item(L, MZ_ITEM_PLUGIN);
    item->plugin = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushvalue(L, first);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

/* mizan.extract.exec { program = … }: a stage of the host's own, since it needs the
 * project's list of programs. */
static int construct_exec(lua_State *L)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TTABLE) {
        return mz_raise(L, MZ_SCRIPT, "exec", NULL,
                        "extract.exec wants a table of options: extract.exec { … }");
    }
    mz_push_item(L, MZ_ITEM_EXEC);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

/* mizan.fetch.NAME; upvalue: the kind. Argument 1 is the table of constructors
 * made so far, which are kept in it. */
static int find_plugin(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    enum mizan_kind kind = (enum mizan_kind)lua_tointeger(L, lua_upvalueindex(1));
    const char *word = mz_kind_name(kind);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, word, NULL, "a plugin has a name: mizan.%s.NAME",
                        word);
    }
    const char *name = lua_tostring(L, 2);
    if (lua->registry == NULL) {
        return mz_raise(L, MZ_SCRIPT, name, NULL, "there are no plugins in this file");
    }
    if (!lua->loading) {
        return mz_raise(L, MZ_SCRIPT, name, NULL,
                        "stages are made while the file is loaded, not by a stage");
    }
    if (kind == MIZAN_KIND_EXTRACT && strcmp(name, "exec") == 0) {
        lua_pushcfunction(L, construct_exec);
        return 1;
    }
    struct mz_plugin *plugin;
    struct mz_error error;
    if (mz_registry_find(lua->registry, kind, name, &plugin, &error) != MZ_OK) {
        return mz_raise_error(L, &error, name);
    }
    lua_pushlightuserdata(L, plugin);
    lua_pushstring(L, mz_plugin_label(plugin));
    lua_pushcclosure(L, construct_plugin, 2);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

/* plugins(kind): the table mizan.fetch, mizan.extract or mizan.store. */
static int api_plugins(lua_State *L)
{
    const char *word = luaL_checkstring(L, 1);
    char label[32];
    enum mizan_kind kind = MIZAN_KIND_STORE;
    if (strcmp(word, "fetch") == 0) {
        kind = MIZAN_KIND_FETCH;
    } else if (strcmp(word, "extract") == 0) {
        kind = MIZAN_KIND_EXTRACT;
    }
    lua_newtable(L);
    lua_newtable(L);
    lua_pushinteger(L, kind);
    lua_pushcclosure(L, find_plugin, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    snprintf(label, sizeof label, "mizan.%s", word);
    mz_freeze(L, label, false);
    return 1;
}

/* ---- values ---- */

/* type(value): "figure" for a record of that type, "decimal", else Lua's. */
static int api_type(lua_State *L)
{
    struct mz_decimal decimal;
    luaL_checkany(L, 1);
    if (mz_test_record(L, 1) != NULL) {
        lua_pushstring(L, mz_record_type(mz_check_record(L, 1)->record));
    } else if (mz_test_decimal(L, 1, &decimal)) {
        lua_pushliteral(L, "decimal");
    } else {
        const struct mz_view_box *view = mz_test_view(L, 1);
        if (view != NULL) {
            lua_pushstring(L, mz_type_name(view->value.type));
        } else {
            lua_pushstring(L, luaL_typename(L, 1));
        }
    }
    return 1;
}

/* time("2025-09-03T10:00+03:00"): milliseconds since 1970 UTC. */
static int api_time(lua_State *L)
{
    int64_t time;
    if (lua_type(L, 1) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, "time", NULL, "mizan.time wants text, not %s",
                        luaL_typename(L, 1));
    }
    size_t size;
    const char *text = lua_tolstring(L, 1, &size);
    if (!mz_time_parse(text, size, &time)) {
        return mz_raise(L, MZ_SCRIPT, text,
                        "write 2025-09-03 or 2025-09-03T10:00+03:00",
                        "'%.60s' is no time", text);
    }
    lua_pushinteger(L, time);
    return 1;
}

/* iso(milliseconds): the time as text. */
static int api_iso(lua_State *L)
{
    char text[MZ_TIME_TEXT];
    if (!lua_isinteger(L, 1)) {
        return mz_raise(L, MZ_SCRIPT, "iso", NULL,
                        "mizan.iso wants milliseconds as an integer, not %s",
                        luaL_typename(L, 1));
    }
    lua_pushstring(L, mz_time_format(lua_tointeger(L, 1), text));
    return 1;
}

/* now(): milliseconds since 1970 UTC; stands still where a test sets it. */
static int api_now(lua_State *L)
{
    lua_pushinteger(L, mz_clock_now());
    return 1;
}

static const luaL_Reg functions[] = {
    {"plugins", api_plugins},
    {"param", mz_parameter_declare},
    {"decimal", mz_new_decimal},
    {"record", mz_new_record},
    {"type", api_type},
    {"secret", mz_secret_make},
    {"time", api_time},
    {"iso", api_iso},
    {"now", api_now},
    {"zone", mz_zone_make},
    {NULL, NULL},
};

/* mizan.NAME, a table of functions. */
static void add_part(lua_State *L, const char *name, const luaL_Reg *list)
{
    char label[32];
    lua_newtable(L);
    luaL_setfuncs(L, list, 0);
    snprintf(label, sizeof label, "mizan.%s", name);
    mz_freeze(L, label, true);
    lua_setfield(L, -2, name);
}

void mz_api_open(lua_State *L)
{
    mz_decimal_box_open(L);
    mz_record_box_open(L);
    mz_view_box_open(L);
    mz_item_box_open(L);
    mz_secret_box_open(L);
    mz_zone_box_open(L);
    mz_context_open(L);
    /* The prelude sees the globals on the top of the stack, not yet read only. */
    if (luaL_loadbufferx(L, (const char *)mz_prelude, mz_prelude_size, "=mizan", "t") !=
        LUA_OK) {
        lua_error(L);
    }
    lua_pushvalue(L, -2);
    lua_setupvalue(L, -2, 1);
    luaL_newlib(L, functions);
    luaL_setfuncs(L, mz_constructors, 0);
    add_part(L, "json", mz_json_functions);
    add_part(L, "url", mz_url_functions);
    add_part(L, "auth", mz_auth_functions);
    lua_pushliteral(L, MIZAN_VERSION);
    lua_setfield(L, -2, "version");
    lua_call(L, 1, 1);
    mz_freeze(L, "mizan", true);
    lua_newtable(L);
    lua_insert(L, -2);
    lua_setfield(L, -2, "mizan");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &mz_modules_key);
    if (mz_lua_of(L)->tester != NULL) {
        mz_test_open(L);
    }
}
