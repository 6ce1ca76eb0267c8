/* mizan.auth and mizan.secret among the options of a plugin's stage: spelled out as the
 * plain tables and names that plugins take. A plugin sends a secret to the hosts of its
 * stage; one that is bound to others is refused here. */
#include <string.h>
#include <strings.h>

#include "lua/auth_parts.h"
#include "lua/reader.h"
#include "lua/visiting.h"
#include "value/url.h"

/* ---- whom the stage asks ---- */

static void check_host(lua_State *L, int hosts, const char *name, const char *url)
{
    struct mz_url parts;
    if (url == NULL || !mz_url_split(url, strlen(url), &parts) ||
        parts.host.size == 0) {
        return; /* the stage itself says what is wrong with it */
    }
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, hosts); i++) {
        lua_rawgeti(L, hosts, i);
        const char *host = lua_tostring(L, -1);
        bool same = host != NULL && strlen(host) == parts.host.size &&
                    strncasecmp(host, parts.host.data, parts.host.size) == 0;
        lua_pop(L, 1);
        if (same) {
            return;
        }
    }
    mz_raise(L, MZ_NOT_PERMITTED, "auth", NULL,
             "the secret '%s' is not bound to the host %.*s, which the stage asks",
             name, (int)(parts.host.size < 80 ? parts.host.size : 80), parts.host.data);
}

/* The address of the table at the top, which it leaves there. */
static void check_address(lua_State *L, int hosts, const char *name)
{
    lua_getfield(L, -1, "url");
    check_host(L, hosts, name,
               lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL);
    lua_pop(L, 1);
}

/* All addresses of the stage whose options are at `options`. */
static void check_stage(lua_State *L, int options, int hosts, const char *name)
{
    lua_pushvalue(L, options);
    check_address(L, hosts, name);
    if (lua_getfield(L, -1, "sources") == LUA_TTABLE) {
        for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
            if (lua_rawgeti(L, -1, i) == LUA_TTABLE) {
                check_address(L, hosts, name);
            }
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 2);
}

/* ---- spelling out ---- */

/* Pushes the name of the secret at `index`, which goes to `url`, or, when that is NULL,
 * to the addresses of the stage. */
static void push_name(lua_State *L, int index, int options, const char *url)
{
    const struct mz_secret_box *secret = lua_touserdata(L, index);
    index = lua_absindex(L, index);
    if (lua_getiuservalue(L, index, 1) == LUA_TTABLE) {
        if (url != NULL) {
            check_host(L, lua_gettop(L), secret->name, url);
        } else {
            check_stage(L, options, lua_gettop(L), secret->name);
        }
    }
    lua_pop(L, 1);
    lua_pushstring(L, secret->name);
}

static void set_part(lua_State *L, int auth, int part, const char *name)
{
    if (lua_getiuservalue(L, auth, part) == LUA_TSTRING) {
        lua_setfield(L, -2, name);
    } else {
        lua_pop(L, 1);
    }
}

/* Pushes the table that the value of mizan.auth at `index` stands for. */
static void push_auth(lua_State *L, int index, int options)
{
    const struct mz_auth_box *auth = lua_touserdata(L, index);
    const char *url = NULL;
    index = lua_absindex(L, index);
    lua_createtable(L, 0, 4);
    int table = lua_gettop(L);
    switch (auth->kind) {
    case MZ_AUTH_OAUTH2:
        set_part(L, index, MZ_AUTH_URL, "oauth2");
        set_part(L, index, MZ_AUTH_USER, "client");
        set_part(L, index, MZ_AUTH_SCOPE, "scope");
        lua_getfield(L, table, "oauth2");
        url = lua_tostring(L, -1);
        if (lua_getiuservalue(L, index, MZ_AUTH_HOSTS) == LUA_TTABLE) {
            check_stage(L, options, lua_gettop(L), "of mizan.auth.oauth2");
        }
        lua_pop(L, 1);
        break;
    case MZ_AUTH_BASIC:
        set_part(L, index, MZ_AUTH_USER, "basic");
        break;
    case MZ_AUTH_BEARER:
    default:
        break;
    }
    lua_getiuservalue(L, index, MZ_AUTH_SECRET);
    push_name(L, -1, options, url);
    lua_setfield(L, table, auth->kind == MZ_AUTH_BEARER ? "bearer" : "secret");
    lua_settop(L, table);
}

/* Pushes what stands for the value at the top, in its place; others are left. */
static void spell_value(lua_State *L, int options)
{
    if (mz_is_secret(L, -1)) {
        push_name(L, -1, options, NULL);
        lua_remove(L, -2);
    } else if (mz_has_metatable(L, lua_gettop(L), mz_lua_of(L)->auth_meta)) {
        push_auth(L, -1, options);
        lua_remove(L, -2);
    }
}

/* Pushes a copy of the table at `index` with its own values spelled out. */
static void push_spelled(lua_State *L, int index, int options)
{
    luaL_checkstack(L, LUA_MINSTACK, "options");
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        spell_value(L, options);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, copy);
    }
}

void mz_auth_spell_out(lua_State *L)
{
    int options = lua_gettop(L);
    if (lua_getfield(L, options, "auth") != LUA_TNIL) {
        lua_pop(L, 1);
        push_spelled(L, options, options);
        /* Such as { bearer = mizan.secret "NAME" }. */
        if (lua_getfield(L, -1, "auth") == LUA_TTABLE) {
            push_spelled(L, lua_gettop(L), options);
            lua_setfield(L, -3, "auth");
        }
        lua_pop(L, 1);
        lua_replace(L, options);
    } else {
        lua_pop(L, 1);
    }
}
