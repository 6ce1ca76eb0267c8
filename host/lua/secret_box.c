/* Secrets in scripts: values that can be handed to a request and to nothing else. They
 * are read when a request needs them; a script sees only their name. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/secret.h"
#include "lua/auth_parts.h"
#include "lua/visiting.h"
#include "net/cassette.h"
#include "value/base64.h"
#include "value/url.h"

static int secret_text(lua_State *L)
{
    const struct mz_secret_box *secret = lua_touserdata(L, 1);
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
    struct mz_secret_box *secret = lua_newuserdatauv(L, sizeof *secret, 1);
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

/* Whether the host is in the list at the top or, when that is nil, the source's own. */
static bool is_bound(lua_State *L, const struct mz_visit *visit,
                     struct mizan_slice host)
{
    return lua_istable(L, -1) ? is_listed(L, lua_gettop(L), host)
                              : is_of_source(visit, host);
}

void mz_secret_reveal(lua_State *L, int index, const struct mz_visit *visit,
                      const char *url)
{
    index = lua_absindex(L, index);
    const struct mz_secret_box *secret = lua_touserdata(L, index);
    struct mz_url parts;
    char text[MZ_SECRET_MOST + 1];
    size_t size;
    struct mz_error error;
    int top = lua_gettop(L);
    if (!mz_url_split(url, strlen(url), &parts) || parts.host.size == 0) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "'%.80s' is no address to send a secret to",
                 url);
    }
    lua_getiuservalue(L, index, 1);
    bool bound = is_bound(L, visit, parts.host);
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

static int make_auth(lua_State *L, enum mz_auth_kind kind, int secret, int user)
{
    if (!mz_is_secret(L, secret)) {
        return mz_raise(L, MZ_SCRIPT, "auth",
                        "mizan.secret \"NAME\" reads it at run time",
                        "mizan.auth wants a secret, not %s: what stands in a script is "
                        "none",
                        luaL_typename(L, secret));
    }
    struct mz_auth_box *auth = lua_newuserdatauv(L, sizeof *auth, MZ_AUTH_HOSTS);
    *auth = (struct mz_auth_box){.kind = kind};
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
    return make_auth(L, MZ_AUTH_BEARER, 1, 0);
}

/* auth.basic(user, secret) */
static int auth_basic(lua_State *L)
{
    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING || strchr(lua_tostring(L, 1), ':') != NULL) {
        return mz_raise(L, MZ_SCRIPT, "basic", "mizan.auth.basic(\"user\", secret)",
                        "mizan.auth.basic wants a user's name without a colon");
    }
    return make_auth(L, MZ_AUTH_BASIC, 2, 1);
}

/* Pushes field `name` of the table at 1: text, or nil when it may be left out. */
static void take_text(lua_State *L, const char *name, bool needed)
{
    lua_pushstring(L, name);
    int type = lua_rawget(L, 1);
    if (type != LUA_TSTRING && (needed || type != LUA_TNIL)) {
        mz_raise(L, MZ_SCRIPT, name,
                 "mizan.auth.oauth2 { url = \"https://…/token\", client = \"ID\", "
                 "secret = mizan.secret { name = \"NAME\", host = … }, scope = \"…\" }",
                 "mizan.auth.oauth2: '%s' is text, not %s", name, luaL_typename(L, -1));
    }
}

/* auth.oauth2 { url, client, secret, scope?, host? }: client credentials (RFC
 * 6749 4.4). The token goes to the source's own host or to those in `host`. */
static int auth_oauth2(lua_State *L)
{
    lua_settop(L, 1);
    if (!lua_istable(L, 1)) {
        return mz_raise(L, MZ_SCRIPT, "oauth2", NULL,
                        "mizan.auth.oauth2 wants a table, not %s", luaL_typename(L, 1));
    }
    lua_pushliteral(L, "secret");
    lua_rawget(L, 1);
    take_text(L, "client", true);
    take_text(L, "url", true);
    take_text(L, "scope", false);
    take_hosts(L);
    /* table, secret, client, url, scope, hosts */
    make_auth(L, MZ_AUTH_OAUTH2, 2, 3);
    lua_pushvalue(L, 4);
    lua_setiuservalue(L, -2, MZ_AUTH_URL);
    lua_pushvalue(L, 5);
    lua_setiuservalue(L, -2, MZ_AUTH_SCOPE);
    lua_pushvalue(L, 6);
    lua_setiuservalue(L, -2, MZ_AUTH_HOSTS);
    return 1;
}

const luaL_Reg mz_auth_functions[] = {
    {"bearer", auth_bearer},
    {"basic", auth_basic},
    {"oauth2", auth_oauth2},
    {NULL, NULL},
};

static void push_base64(lua_State *L, const char *data, size_t size)
{
    luaL_Buffer out;
    mz_base64_encode(data, size, luaL_buffinitsize(L, &out, MZ_BASE64_SIZE(size)));
    luaL_pushresultsize(&out, MZ_BASE64_SIZE(size));
}

/* Replaces user and secret at `first` and behind it by "Basic …". */
static void join_basic(lua_State *L, int first)
{
    size_t size;
    lua_concat(L, lua_gettop(L) - first + 1);
    const char *joined = lua_tolstring(L, first, &size);
    lua_pushliteral(L, "Basic ");
    push_base64(L, joined, size);
    lua_concat(L, 2);
    lua_remove(L, first);
}

/* Pushes the user, a colon and the secret, revealed for the address; joins them. */
static void push_basic(lua_State *L, int index, const struct mz_visit *visit,
                       const char *url)
{
    lua_getiuservalue(L, index, MZ_AUTH_USER);
    int first = lua_gettop(L);
    lua_pushliteral(L, ":");
    lua_getiuservalue(L, index, MZ_AUTH_SECRET);
    mz_secret_reveal(L, lua_gettop(L), visit, url);
    lua_remove(L, first + 2);
    join_basic(L, first);
}

/* ---- tokens ---- */

static struct mz_auth_box *oauth2_at(lua_State *L, int index)
{
    struct mz_auth_box *auth = mz_has_metatable(L, index, mz_lua_of(L)->auth_meta)
                                   ? lua_touserdata(L, index)
                                   : NULL;
    return auth != NULL && auth->kind == MZ_AUTH_OAUTH2 ? auth : NULL;
}

bool mz_auth_wants_token(lua_State *L, int index)
{
    const struct mz_auth_box *auth = oauth2_at(L, index);
    if (auth == NULL) {
        return false;
    }
    bool has = lua_getiuservalue(L, index, MZ_AUTH_TOKEN) == LUA_TSTRING;
    lua_pop(L, 1);
    return !has || mz_clock_monotonic() >= auth->expires;
}

void mz_auth_push_request(lua_State *L, int index, const struct mz_visit *visit)
{
    index = lua_absindex(L, index);
    lua_getiuservalue(L, index, MZ_AUTH_URL);
    push_basic(L, index, visit, lua_tostring(L, -1));
    lua_pushliteral(L, "grant_type=client_credentials");
    if (lua_getiuservalue(L, index, MZ_AUTH_SCOPE) == LUA_TSTRING) {
        struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
        size_t size;
        const char *scope = lua_tolstring(L, -1, &size);
        mz_buffer_text(text, "&scope=");
        mz_url_escape(scope, size, text);
        lua_pop(L, 1);
        lua_pushlstring(L, text->data, mz_buffer_ok(text) ? text->size : 0);
        lua_concat(L, 2);
    } else {
        lua_pop(L, 1);
    }
}

void mz_auth_take_token(lua_State *L, int index, int64_t seconds)
{
    struct mz_auth_box *auth = oauth2_at(L, index);
    int64_t most = seconds > 0 && seconds < 86400 ? seconds : 3600;
    auth->expires = mz_clock_monotonic() + (most > 60 ? most - 30 : most) * 1000;
    auth->proven = false;
    lua_setiuservalue(L, index, MZ_AUTH_TOKEN);
}

void mz_auth_prove(lua_State *L, int index)
{
    struct mz_auth_box *auth = oauth2_at(L, index);
    if (auth != NULL) {
        auth->proven = true;
    }
}

bool mz_auth_renew(lua_State *L, int index)
{
    struct mz_auth_box *auth = oauth2_at(L, index);
    if (auth == NULL || !auth->proven) {
        return false;
    }
    auth->proven = false;
    auth->expires = 0;
    return true;
}

/* Pushes "Bearer …" when the token may go to that host. */
static void push_token(lua_State *L, int index, const struct mz_visit *visit,
                       const char *url)
{
    struct mz_url parts;
    lua_getiuservalue(L, index, MZ_AUTH_HOSTS);
    if (!mz_url_split(url, strlen(url), &parts) || !is_bound(L, visit, parts.host)) {
        mz_raise(
            L, MZ_NOT_PERMITTED, NULL,
            "mizan.auth.oauth2 { …, host = \"api.example.org\" } binds it to another "
            "host than that of the source's url",
            "the token of mizan.auth.oauth2 is not bound to %.80s and is not sent "
            "there",
            url);
    }
    lua_pop(L, 1);
    lua_pushliteral(L, "Bearer ");
    lua_getiuservalue(L, index, MZ_AUTH_TOKEN);
    lua_concat(L, 2);
}

bool mz_push_authorization(lua_State *L, int index, const struct mz_visit *visit,
                           const char *url)
{
    if (!mz_has_metatable(L, index, mz_lua_of(L)->auth_meta)) {
        return false;
    }
    index = lua_absindex(L, index);
    const struct mz_auth_box *auth = lua_touserdata(L, index);
    if (auth->kind == MZ_AUTH_OAUTH2) {
        push_token(L, index, visit, url);
    } else if (auth->kind == MZ_AUTH_BASIC) {
        push_basic(L, index, visit, url);
    } else {
        lua_pushliteral(L, "Bearer ");
        int top = lua_gettop(L);
        lua_getiuservalue(L, index, MZ_AUTH_SECRET);
        mz_secret_reveal(L, lua_gettop(L), visit, url);
        lua_remove(L, top + 1);
        lua_concat(L, 2);
    }
    return true;
}
