/* Secrets in scripts: values that can be handed to a request and to nothing else. They
 * are read when a request needs them; a script sees only their name. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "lua/visiting.h"
#include "net/cassette.h"
#include "value/base64.h"
#include "value/url.h"

/* User values: 1 the list of hosts that it is bound to, or nil: those of the stage. */
struct secret {
    char name[MZ_SECRET_NAME];
};

enum auth_kind { AUTH_BEARER, AUTH_BASIC };

/* User values: 1 the secret, 2 the user's name. */
struct auth {
    enum auth_kind kind;
};

static int secret_text(lua_State *L)
{
    const struct secret *secret = lua_touserdata(L, 1);
    lua_pushfstring(L, "secret %s", secret->name);
    return 1;
}

static int refuse_access(lua_State *L)
{
    return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                    "a secret has no fields and cannot be read: hand it to a request");
}

static int refuse_joining(lua_State *L)
{
    return mz_raise(L, MZ_SCRIPT, NULL,
                    "hand it over as the whole value of a header, or by mizan.auth",
                    "a secret cannot be joined to text");
}

static const luaL_Reg operators[] = {
    {"__tostring", secret_text},
    {"__index", refuse_access},
    {"__newindex", refuse_access},
    {"__concat", refuse_joining},
    {NULL, NULL},
};

void mz_secret_box_open(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    mz_lua_of(L)->secret_meta = mz_keep_metatable(L, "secret");
    lua_newtable(L);
    lua_pushcfunction(L, refuse_access);
    lua_setfield(L, -2, "__index");
    mz_lua_of(L)->auth_meta = mz_keep_metatable(L, "auth");
}

bool mz_is_secret(lua_State *L, int index)
{
    return mz_has_metatable(L, index, mz_lua_of(L)->secret_meta);
}

/* The list of hosts in field `host` of the table at 1: one text or several. */
static void take_hosts(lua_State *L)
{
    lua_pushliteral(L, "host");
    int type = lua_rawget(L, 1);
    if (type == LUA_TSTRING) {
        lua_createtable(L, 1, 0);
        lua_insert(L, -2);
        lua_rawseti(L, -2, 1);
        return;
    }
    bool texts = type == LUA_TTABLE && lua_rawlen(L, -1) > 0;
    for (size_t i = 1; texts && i <= lua_rawlen(L, -1); i++) {
        texts = lua_rawgeti(L, -1, (lua_Integer)i) == LUA_TSTRING;
        lua_pop(L, 1);
    }
    if (type != LUA_TNIL && !texts) {
        mz_raise(L, MZ_SCRIPT, "host", NULL,
                 "mizan.secret: 'host' is the name of a host, or a list of such");
    }
}

int mz_secret_make(lua_State *L)
{
    static const char usage[] = "mizan.secret \"API_KEY\", or mizan.secret { name = "
                                "\"API_KEY\", host = \"api.example.org\" }";
    lua_settop(L, 1);
    if (lua_istable(L, 1)) {
        take_hosts(L);
        lua_pushliteral(L, "name");
        lua_rawget(L, 1);
    } else {
        lua_pushnil(L);
        lua_pushvalue(L, 1);
    }
    const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (name == NULL || !mz_secret_name_ok(name)) {
        return mz_raise(L, MZ_SCRIPT, "secret", usage,
                        "mizan.secret wants the name of a secret: letters, digits, '-' "
                        "and '_', a letter first");
    }
    struct secret *secret = lua_newuserdatauv(L, sizeof *secret, 1);
    snprintf(secret->name, sizeof secret->name, "%s", name);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 1);
    mz_set_metatable(L, mz_lua_of(L)->secret_meta);
    return 1;
}

/* ---- binding ---- */

static bool same_host(struct mizan_slice host, const char *name)
{
    return strlen(name) == host.size && strncasecmp(name, host.data, host.size) == 0;
}

/* The hosts in the list at `index`. */
static bool is_listed(lua_State *L, int index, struct mizan_slice host)
{
    bool found = false;
    for (size_t i = 1; !found && i <= lua_rawlen(L, index); i++) {
        lua_rawgeti(L, index, (lua_Integer)i);
        found = same_host(host, lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    return found;
}

/* The host of the source's own address. */
static bool is_of_source(const struct mz_visit *visit, struct mizan_slice host)
{
    const struct mizan_value *url =
        visit->source != NULL ? mz_record_find(visit->source, "url") : NULL;
    struct mz_url parts;
    return url != NULL && url->type == MIZAN_TEXT &&
           mz_url_split(url->as.text.data, url->as.text.size, &parts) &&
           parts.host.size == host.size && parts.host.data != NULL &&
           strncasecmp(parts.host.data, host.data, host.size) == 0;
}

void mz_secret_reveal(lua_State *L, int index, const struct mz_visit *visit,
                      const char *url)
{
    index = lua_absindex(L, index);
    const struct secret *secret = lua_touserdata(L, index);
    struct mz_url parts;
    char text[MZ_SECRET_MOST + 1];
    size_t size;
    struct mz_error error;
    int top = lua_gettop(L);
    if (!mz_url_split(url, strlen(url), &parts) || parts.host.size == 0) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "'%.80s' is no address to send a secret to",
                 url);
    }
    bool listed = lua_getiuservalue(L, index, 1) == LUA_TTABLE;
    bool bound = listed ? is_listed(L, lua_gettop(L), parts.host)
                        : is_of_source(visit, parts.host);
    lua_settop(L, top);
    if (!bound) {
        mz_raise(L, MZ_NOT_PERMITTED, NULL,
                 "mizan.secret { name = …, host = \"api.example.org\" } binds it to "
                 "another host than that of the source's url",
                 "the secret '%s' is not bound to the host %.*s and is not sent there",
                 secret->name, (int)(parts.host.size < 80 ? parts.host.size : 80),
                 parts.host.data);
    }
    bool plain =
        parts.scheme.size == 4 && strncasecmp(parts.scheme.data, "http", 4) == 0;
    bool local = same_host(parts.host, "127.0.0.1") ||
                 same_host(parts.host, "localhost") || same_host(parts.host, "::1");
    if (plain && !local) {
        mz_raise(L, MZ_NOT_PERMITTED, NULL, "write https://",
                 "the secret '%s' is not sent without encryption", secret->name);
    }
    if (mz_cassette_playing()) {
        lua_pushliteral(L, "not read in tests");
        return;
    }
    if (mz_secret_read(secret->name, mz_lua_of(L)->folder, text, &size, &error) !=
        MZ_OK) {
        mz_raise_error(L, &error, NULL);
    }
    lua_pushlstring(L, text, size);
    mz_secret_wipe(text, sizeof text);
}

/* ---- mizan.auth ---- */

static int make_auth(lua_State *L, enum auth_kind kind, int secret, int user)
{
    if (!mz_is_secret(L, secret)) {
        return mz_raise(L, MZ_SCRIPT, "auth",
                        "mizan.secret \"NAME\" reads it at run time",
                        "mizan.auth wants a secret, not %s: what stands in a script is "
                        "none",
                        luaL_typename(L, secret));
    }
    struct auth *auth = lua_newuserdatauv(L, sizeof *auth, 2);
    auth->kind = kind;
    lua_pushvalue(L, secret);
    lua_setiuservalue(L, -2, 1);
    if (user != 0) {
        lua_pushvalue(L, user);
        lua_setiuservalue(L, -2, 2);
    }
    mz_set_metatable(L, mz_lua_of(L)->auth_meta);
    return 1;
}

/* auth.bearer(secret) */
static int auth_bearer(lua_State *L)
{
    lua_settop(L, 1);
    return make_auth(L, AUTH_BEARER, 1, 0);
}

/* auth.basic(user, secret) */
static int auth_basic(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING || strchr(lua_tostring(L, 1), ':') != NULL) {
        return mz_raise(L, MZ_SCRIPT, "basic", "mizan.auth.basic(\"user\", secret)",
                        "mizan.auth.basic wants a user's name without a colon");
    }
    return make_auth(L, AUTH_BASIC, 2, 1);
}

const luaL_Reg mz_auth_functions[] = {
    {"bearer", auth_bearer},
    {"basic", auth_basic},
    {NULL, NULL},
};

static void push_base64(lua_State *L, const char *data, size_t size)
{
    luaL_Buffer out;
    mz_base64_encode(data, size, luaL_buffinitsize(L, &out, MZ_BASE64_SIZE(size)));
    luaL_pushresultsize(&out, MZ_BASE64_SIZE(size));
}

bool mz_push_authorization(lua_State *L, int index, const struct mz_visit *visit,
                           const char *url)
{
    if (!mz_has_metatable(L, index, mz_lua_of(L)->auth_meta)) {
        return false;
    }
    index = lua_absindex(L, index);
    const struct auth *auth = lua_touserdata(L, index);
    int top;
    if (auth->kind == AUTH_BEARER) {
        lua_pushliteral(L, "Bearer ");
        top = lua_gettop(L);
        lua_getiuservalue(L, index, 1);
        mz_secret_reveal(L, lua_gettop(L), visit, url);
        lua_remove(L, top + 1);
        lua_concat(L, 2);
        return true;
    }
    lua_getiuservalue(L, index, 2);
    top = lua_gettop(L);
    lua_pushliteral(L, ":");
    lua_getiuservalue(L, index, 1);
    mz_secret_reveal(L, lua_gettop(L), visit, url);
    lua_remove(L, top + 2);
    lua_concat(L, 3);
    size_t size;
    const char *joined = lua_tolstring(L, top, &size);
    lua_pushliteral(L, "Basic ");
    push_base64(L, joined, size);
    lua_concat(L, 2);
    lua_remove(L, top);
    return true;
}
