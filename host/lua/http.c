/* ctx.http in the functions of sources: get, post and pages. Each asks the run and
 * yields until the answer is there. */
#include "lua/visiting.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lua/json_values.h"
#include "net/net.h"
#include "value/json.h"
#include "value/url.h"

#define HEADERS_MOST 64
#define PAGES_MOST   1000

static const char *const option_names[] = {"headers", "params", "auth", "conditional",
                                           "maximum", "json",   "form", "next",
                                           "most",    NULL};

/* What is being made of the options at `options` (0: none). */
struct draft {
    lua_State *L;
    struct mz_visit *visit;
    int options;
    struct mizan_http_request *request;
    struct mizan_header *headers;
};

static void no_memory(lua_State *L)
{
    mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a request");
}

static const char *keep(struct draft *draft, const char *data, size_t size)
{
    const char *copy = mz_arena_copy(draft->visit->request, data, size);
    if (copy == NULL) {
        no_memory(draft->L);
    }
    return copy;
}

/* Field of the options, pushed; its type. */
static int option(struct draft *draft, const char *name)
{
    if (draft->options == 0) {
        lua_pushnil(draft->L);
        return LUA_TNIL;
    }
    lua_pushstring(draft->L, name);
    return lua_rawget(draft->L, draft->options);
}

static void check_options(struct draft *draft)
{
    lua_State *L = draft->L;
    if (draft->options == 0) {
        return;
    }
    for (lua_pushnil(L); lua_next(L, draft->options); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        const char *const *known = option_names;
        while (*known != NULL && strcmp(*known, name) != 0) {
            known++;
        }
        if (*known == NULL) {
            mz_raise(L, MZ_SCRIPT, name,
                     "it knows headers, params, auth, conditional, maximum, json, form",
                     "ctx.http knows no option '%.40s'", name);
        }
    }
}

static void add_header(struct draft *draft, const char *name, size_t name_size,
                       const char *value, size_t value_size)
{
    struct mizan_http_request *request = draft->request;
    if (request->header_count == HEADERS_MOST) {
        mz_raise(draft->L, MZ_SCRIPT, NULL, NULL,
                 "a request has no more than %d headers", HEADERS_MOST);
    }
    struct mizan_header *header = &draft->headers[request->header_count++];
    header->name = (struct mizan_slice){keep(draft, name, name_size), name_size};
    header->value = (struct mizan_slice){keep(draft, value, value_size), value_size};
}

/* Pushes the value at the top as text: a secret revealed for this address. */
static const char *text_value(struct draft *draft, const char *what, size_t *size)
{
    lua_State *L = draft->L;
    if (mz_is_secret(L, -1)) {
        mz_secret_reveal(L, -1, draft->visit, draft->request->url);
        draft->request->flags |= MZ_HTTP_PRIVATE_HEADERS;
    } else if (lua_isstring(L, -1)) {
        lua_pushvalue(L, -1);
    } else {
        mz_raise(L, MZ_SCRIPT, what, NULL, "%s: text is needed, not %s", what,
                 luaL_typename(L, -1));
    }
    return lua_tolstring(L, -1, size);
}

static void add_headers(struct draft *draft)
{
    lua_State *L = draft->L;
    int type = option(draft, "headers");
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (type != LUA_TTABLE) {
        mz_raise(L, MZ_SCRIPT, "headers", NULL,
                 "headers is a table of names and texts");
    }
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 2)) {
        size_t size, value_size;
        if (lua_type(L, -2) != LUA_TSTRING) {
            mz_raise(L, MZ_SCRIPT, "headers", NULL, "a header has a name");
        }
        const char *value = text_value(draft, "headers", &value_size);
        const char *name = lua_tolstring(L, -3, &size);
        add_header(draft, name, size, value, value_size);
    }
    lua_pop(L, 1);
}

/* Appends name=value pairs of the table at the top, in the order of their names. */
static void add_pairs(struct draft *draft, const char *what, struct mz_buffer *out)
{
    lua_State *L = draft->L;
    struct mizan_value map;
    mz_to_map(L, -1, draft->visit->request, what, NULL, &map);
    for (size_t i = 0; i < map.as.map.count; i++) {
        const struct mizan_field *field = &map.as.map.fields[i];
        const struct mizan_value *value = &field->value;
        mz_url_escape(field->name.data, field->name.size, out);
        mz_buffer_byte(out, '=');
        if (value->type == MIZAN_TEXT || value->type == MIZAN_DECIMAL ||
            value->type == MIZAN_BYTES) {
            mz_url_escape(value->as.text.data, value->as.text.size, out);
        } else if (value->type == MIZAN_INTEGER || value->type == MIZAN_BOOLEAN) {
            mz_json_value(out, value);
        } else {
            mz_raise(L, MZ_SCRIPT, what, NULL,
                     "%s: '%.60s' is neither text nor a number", what,
                     field->name.data);
        }
        mz_buffer_byte(out, '&');
    }
    if (out->size > 0 && map.as.map.count > 0) {
        out->size--;
    }
}

static void set_address(struct draft *draft, const char *url, size_t size)
{
    lua_State *L = draft->L;
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    draft->request->url = keep(draft, url, size);
    if (option(draft, "params") == LUA_TTABLE) {
        mz_buffer_add(text, url, size);
        mz_buffer_byte(text, strchr(draft->request->url, '?') == NULL ? '?' : '&');
        add_pairs(draft, "params", text);
        if (!mz_buffer_ok(text)) {
            no_memory(L);
        }
        draft->request->url = keep(draft, text->data, text->size);
    }
    lua_pop(L, 1);
}

/* The body from the options json and form; one given as text stays. */
static void set_body(struct draft *draft)
{
    lua_State *L = draft->L;
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    static const char *const kinds[] = {"json", "form"};
    static const char *const types[] = {"application/json",
                                        "application/x-www-form-urlencoded"};
    for (size_t i = 0; i < 2; i++) {
        int type = option(draft, kinds[i]);
        if (type != LUA_TNIL) {
            mz_buffer_clear(text);
            if (i == 0) {
                struct mizan_value value;
                mz_to_value(L, -1, draft->visit->request, "json", &value);
                mz_json_value(text, &value);
            } else if (type == LUA_TTABLE) {
                add_pairs(draft, "form", text);
            }
            if (!mz_buffer_ok(text)) {
                no_memory(L);
            }
            draft->request->body = (struct mizan_slice){
                keep(draft, text->size > 0 ? text->data : "", text->size), text->size};
            add_header(draft, "Content-Type", 12, types[i], strlen(types[i]));
        }
        lua_pop(L, 1);
    }
}

static void set_limits(struct draft *draft)
{
    lua_State *L = draft->L;
    if (option(draft, "conditional") != LUA_TNIL && lua_toboolean(L, -1)) {
        draft->request->flags |= MIZAN_HTTP_CONDITIONAL;
    }
    if (option(draft, "maximum") != LUA_TNIL) {
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) {
            mz_raise(L, MZ_SCRIPT, "maximum", NULL,
                     "maximum is the most bytes of a body, a whole number");
        }
        draft->request->maximum_body = (uint64_t)lua_tointeger(L, -1);
    }
    lua_pop(L, 2);
}

/* Makes the request in the visit's arena, whose former one is forgotten. The answer of
 * that one, if it is still outstanding because a pcall went past it, is given up. */
static struct draft begin(lua_State *L, const char *what, int options)
{
    struct mz_visit *visit = mz_visit_in_work(L, what);
    mz_visit_may_wait(L, what);
    if (visit->asked) {
        visit->services->drop(visit->owner);
        visit->asked = false;
    }
    mz_arena_reset(visit->request);
    struct draft draft = {L, visit, 0, NULL, NULL};
    draft.request = mz_arena_zero(visit->request, sizeof *draft.request);
    draft.headers = mz_arena_zero(visit->request, HEADERS_MOST * sizeof *draft.headers);
    if (draft.request == NULL || draft.headers == NULL) {
        no_memory(L);
    } else {
        draft.request->size = sizeof *draft.request;
        draft.request->headers = draft.headers;
    }
    if (!lua_isnoneornil(L, options)) {
        if (lua_type(L, options) != LUA_TTABLE) {
            mz_raise(L, MZ_SCRIPT, what, NULL, "%s: the options are a table, not %s",
                     what, luaL_typename(L, options));
        }
        draft.options = options;
        check_options(&draft);
    }
    return draft;
}

static void send(struct draft *draft)
{
    struct mz_error error;
    struct mz_visit *visit = draft->visit;
    if (visit->services->ask(visit->owner, draft->request, &error) != MZ_OK) {
        mz_raise_error(draft->L, &error, NULL);
    }
    visit->asked = true;
    visit->state = MZ_VISIT_ASKED;
}

/* ---- answers ---- */

static void push_slice(lua_State *L, const char *name, struct mizan_slice text)
{
    if (text.size > 0) {
        lua_pushlstring(L, text.data, text.size);
        lua_setfield(L, -2, name);
    }
}

static void push_headers(lua_State *L, const struct mizan_http_response *response)
{
    char name[256];
    lua_newtable(L);
    for (size_t i = 0; i < response->header_count; i++) {
        const struct mizan_header *header = &response->headers[i];
        size_t size = header->name.size < sizeof name ? header->name.size : 0;
        for (size_t k = 0; k < size; k++) {
            char byte = header->name.data[k];
            name[k] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
        }
        lua_pushlstring(L, name, size);
        lua_pushvalue(L, -1);
        /* headers, name, value of an earlier line or nil */
        if (lua_rawget(L, -3) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushlstring(L, header->value.data, header->value.size);
        } else {
            lua_pushliteral(L, ", ");
            lua_pushlstring(L, header->value.data, header->value.size);
            lua_concat(L, 3);
        }
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "headers");
}

/* Pushes the option auth of the options at `options`, or nil. */
static void push_auth(lua_State *L, int options)
{
    if (lua_istable(L, options)) {
        lua_pushliteral(L, "auth");
        lua_rawget(L, options);
    } else {
        lua_pushnil(L);
    }
}

/* Pushes the answer as a table; raises what went wrong with it. False, with nothing
 * pushed, when the token was refused and the request is to be made again with another.
 */
static bool push_answer(lua_State *L, struct mz_visit *visit, int options)
{
    struct mz_error error;
    struct mizan_http_response response = {.size = sizeof response};
    mz_arena_reset(visit->answer);
    visit->asked = false;
    bool good = visit->services->answer(visit->owner, visit->answer, &response,
                                        &error) == MZ_OK;
    push_auth(L, options);
    bool renewed = !good && response.status == 401 && mz_auth_renew(L, -1);
    if (good) {
        mz_auth_prove(L, -1);
    }
    lua_pop(L, 1);
    if (renewed) {
        return false;
    }
    if (!good) {
        mz_raise_error(L, &error, NULL);
    }
    lua_createtable(L, 0, 12);
    lua_pushinteger(L, response.status);
    lua_setfield(L, -2, "status");
    lua_pushboolean(L, response.status == 304);
    lua_setfield(L, -2, "unchanged");
    lua_pushinteger(L, response.fetched_at);
    lua_setfield(L, -2, "fetched_at");
    lua_pushstring(L, response.url);
    lua_setfield(L, -2, "url");
    lua_pushstring(L, response.final_url);
    lua_setfield(L, -2, "final_url");
    lua_pushlstring(L, response.body.data, response.body.size);
    lua_setfield(L, -2, "body");
    push_slice(L, "media_type", response.media_type);
    push_slice(L, "charset", response.charset);
    push_slice(L, "etag", response.etag);
    push_slice(L, "last_modified", response.last_modified);
    push_headers(L, &response);
    mz_arena_reset(visit->answer);
    if (response.status == 304) {
        visit->services->unchanged(visit->owner);
    }
    return true;
}

/* What is asked, and where its options stand, behind all other arguments. */
enum call { CALL_GET, CALL_POST, CALL_PAGE };
static const int options_at[] = {3, 4, 2};

static int go(lua_State *L, enum call call);

static int answered(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    enum call call = (enum call)context;
    if (!push_answer(L, mz_visit_in_work(L, "ctx.http"), options_at[call])) {
        return go(L, call);
    }
    return 1;
}

/* Reads address, options and what goes with them, and asks. */
static void ask(lua_State *L, const char *what, int url, int options,
                struct mizan_slice body, const char *method)
{
    size_t size;
    if (lua_type(L, url) != LUA_TSTRING) {
        mz_raise(L, MZ_SCRIPT, what, NULL, "%s wants an address as text, not %s", what,
                 luaL_typename(L, url));
    }
    struct draft draft = begin(L, what, options);
    const char *text = lua_tolstring(L, url, &size);
    draft.request->method = method;
    set_address(&draft, text, size);
    if (body.data != NULL) {
        draft.request->body =
            (struct mizan_slice){keep(&draft, body.data, body.size), body.size};
    }
    if (method != NULL) {
        set_body(&draft);
    }
    add_headers(&draft);
    if (option(&draft, "auth") != LUA_TNIL) {
        size_t value_size;
        const char *value;
        if (!mz_push_authorization(L, -1, draft.visit, draft.request->url)) {
            mz_raise(L, MZ_SCRIPT, "auth",
                     "auth = mizan.auth.bearer(mizan.secret \"NAME\")",
                     "auth is made by mizan.auth, not %s", luaL_typename(L, -1));
        }
        value = lua_tolstring(L, -1, &value_size);
        add_header(&draft, "Authorization", 13, value, value_size);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    set_limits(&draft);
    send(&draft);
}

/* ---- OAuth 2 ---- */

/* Asks for a token of the auth at `auth`. */
static void ask_for_token(lua_State *L, int auth)
{
    size_t size;
    struct draft draft = begin(L, "mizan.auth.oauth2", lua_gettop(L) + 1);
    mz_auth_push_request(L, auth, draft.visit);
    int first = lua_gettop(L) - 2; /* address, authorization, body */
    const char *text = lua_tolstring(L, first, &size);
    draft.request->url = keep(&draft, text, size);
    draft.request->method = "POST";
    draft.request->flags |= MZ_HTTP_PRIVATE_HEADERS;
    text = lua_tolstring(L, first + 1, &size);
    add_header(&draft, "Authorization", 13, text, size);
    add_header(&draft, "Content-Type", 12, "application/x-www-form-urlencoded", 33);
    text = lua_tolstring(L, first + 2, &size);
    draft.request->body = (struct mizan_slice){keep(&draft, text, size), size};
    send(&draft);
}

static int token_answered(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    enum call call = (enum call)context;
    int options = options_at[call];
    (void)push_answer(L, mz_visit_in_work(L, "mizan.auth.oauth2"), 0);
    lua_getfield(L, -1, "body");
    mz_push_json(L, -1);
    push_auth(L, options);
    int auth = lua_gettop(L);
    lua_Integer seconds = 0;
    bool has = false;
    if (lua_istable(L, auth - 1)) {
        lua_pushliteral(L, "expires_in");
        lua_rawget(L, auth - 1);
        seconds = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        lua_pushliteral(L, "access_token");
        has = lua_rawget(L, auth - 1) == LUA_TSTRING;
    }
    if (!has) {
        return mz_raise(L, MZ_INPUT, "oauth2", NULL,
                        "the answer to mizan.auth.oauth2 has no access_token");
    }
    mz_auth_take_token(L, auth, seconds);
    lua_settop(L, options);
    return go(L, call);
}

static int page_answered(lua_State *L, int status, lua_KContext context);

/* Asks, after having got a token if there is need of one, and yields. */
static int go(lua_State *L, enum call call)
{
    struct mizan_slice body = {NULL, 0};
    int options = options_at[call];
    push_auth(L, options);
    if (mz_auth_wants_token(L, options + 1)) {
        ask_for_token(L, options + 1);
        lua_settop(L, options);
        return mz_visit_yield(L, token_answered, (lua_KContext)call);
    }
    lua_settop(L, options);
    if (call == CALL_PAGE) {
        ask(L, "ctx.http:pages", 1, 2, body, NULL);
        return mz_visit_yield(L, page_answered, (lua_KContext)call);
    }
    if (call == CALL_POST) {
        body.data = lua_tolstring(L, 3, &body.size);
    }
    ask(L, call == CALL_POST ? "ctx.http:post" : "ctx.http:get", 2, options, body,
        call == CALL_POST ? "POST" : NULL);
    return mz_visit_yield(L, answered, (lua_KContext)call);
}

static int http_get(lua_State *L)
{
    lua_settop(L, 3);
    return go(L, CALL_GET);
}

static int http_post(lua_State *L)
{
    lua_settop(L, 4);
    if (lua_istable(L, 3) && lua_isnil(L, 4)) {
        lua_insert(L, 3); /* post(url, options) */
    }
    if (lua_tostring(L, 3) == NULL && !lua_isnil(L, 3)) {
        return mz_raise(
            L, MZ_SCRIPT, "post", "json = … and form = … make one of a table",
            "ctx.http:post wants the body as text, not %s", luaL_typename(L, 3));
    }
    return go(L, CALL_POST);
}

/* ---- pages ---- */

/* Upvalues of the iterator. */
enum { PAGE_URL = 1, PAGE_OPTIONS, PAGE_COUNT, PAGE_SEEN, PAGE_UPVALUES = 4 };

/* Pushes the target of the header Link with rel=next, or nil. */
static void push_link(lua_State *L, int page)
{
    lua_getfield(L, page, "headers");
    lua_getfield(L, -1, "link");
    const char *link = lua_tostring(L, -1);
    for (const char *at = link; at != NULL && (at = strchr(at, '<')) != NULL;) {
        const char *end = strchr(at, '>');
        const char *comma = end != NULL ? strstr(end, ",") : NULL;
        size_t rest = end == NULL     ? 0
                      : comma != NULL ? (size_t)(comma - end)
                                      : strlen(end);
        for (size_t i = 0; i + 8 <= rest; i++) {
            if (strncasecmp(end + i, "rel=next", 8) == 0 ||
                (i + 9 <= rest && strncasecmp(end + i, "rel=\"next", 9) == 0)) {
                lua_pushlstring(L, at + 1, (size_t)(end - at - 1));
                lua_replace(L, -3);
                lua_pop(L, 1);
                return;
            }
        }
        at = end;
    }
    lua_pop(L, 2);
    lua_pushnil(L);
}

/* Makes what leads to the next page absolute and keeps it. On the top: text or nil. */
static void keep_next(lua_State *L, int page)
{
    struct mz_buffer *text = mz_text_buffer(mz_lua_of(L));
    size_t size, base_size;
    if (lua_type(L, -1) != LUA_TSTRING || lua_rawlen(L, -1) == 0) {
        lua_pushnil(L);
        lua_replace(L, lua_upvalueindex(PAGE_URL));
        return;
    }
    const char *next = lua_tolstring(L, -1, &size);
    lua_getfield(L, page, "final_url");
    const char *base = lua_tolstring(L, -1, &base_size);
    if (!mz_url_resolve(base, base_size, next, size, text) || !mz_buffer_ok(text)) {
        mz_raise(L, MZ_SCRIPT, "pages", NULL,
                 "the page %.100s leads on to '%.100s', which is no address", base,
                 next);
    }
    lua_pushlstring(L, text->data, text->size);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, lua_upvalueindex(PAGE_SEEN)) != LUA_TNIL) {
        mz_raise(L, MZ_SCRIPT, "pages", NULL,
                 "the page %.200s leads back to one that was there before", base);
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, lua_upvalueindex(PAGE_SEEN));
    lua_replace(L, lua_upvalueindex(PAGE_URL));
}

static bool is_json(lua_State *L, int page)
{
    lua_getfield(L, page, "media_type");
    const char *type = lua_tostring(L, -1);
    size_t size = type != NULL ? strlen(type) : 0;
    bool json = size >= 4 && strcmp(type + size - 4, "json") == 0;
    lua_pop(L, 1);
    return json;
}

static int page_answered(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    if (!push_answer(L, mz_visit_in_work(L, "ctx.http"), options_at[CALL_PAGE])) {
        return go(L, (enum call)context);
    }
    int page = lua_gettop(L);
    const char *pointer = NULL;
    if (lua_istable(L, lua_upvalueindex(PAGE_OPTIONS))) {
        lua_pushliteral(L, "next");
        lua_rawget(L, lua_upvalueindex(PAGE_OPTIONS));
        pointer = lua_tostring(L, -1);
    }
    lua_getfield(L, page, "unchanged");
    bool unchanged = lua_toboolean(L, -1); /* then there is no body, nor what it says */
    if (!unchanged && (pointer != NULL || is_json(L, page))) {
        lua_getfield(L, page, "body");
        mz_push_json(L, -1);
        lua_pushvalue(L, -1);
        lua_setfield(L, page, "json");
        if (pointer != NULL) {
            mz_push_json_part(L, -1, pointer);
            keep_next(L, page);
            lua_settop(L, page);
            return 1;
        }
    }
    push_link(L, page);
    keep_next(L, page);
    lua_settop(L, page);
    return 1;
}

static int next_page(lua_State *L)
{
    if (lua_isnil(L, lua_upvalueindex(PAGE_URL))) {
        lua_pushnil(L);
        return 1;
    }
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(PAGE_COUNT));
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(PAGE_URL));
    lua_pushvalue(L, lua_upvalueindex(PAGE_OPTIONS));
    lua_Integer most = PAGES_MOST;
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "most");
        if (lua_rawget(L, 2) != LUA_TNIL) {
            most = lua_tointeger(L, -1);
        }
    }
    lua_settop(L, 2);
    if (count >= most) {
        return mz_raise(L, MZ_SCRIPT, "pages", "most = … among its options raises it",
                        "ctx.http:pages: more than %lld pages", (long long)most);
    }
    lua_pushinteger(L, count + 1);
    lua_replace(L, lua_upvalueindex(PAGE_COUNT));
    if (count > 0 && lua_istable(L, 2)) {
        /* The link has its own parameters. */
        lua_newtable(L);
        for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
            /* A key is text, but the table is the script's to change between pages. */
            if (lua_type(L, -2) != LUA_TSTRING ||
                strcmp(lua_tostring(L, -2), "params") != 0) {
                lua_pushvalue(L, -2);
                lua_pushvalue(L, -2);
                lua_rawset(L, 3);
            }
        }
        lua_replace(L, 2);
    }
    return go(L, CALL_PAGE);
}

/* pages(url, { next = "/links/next", most = 100, … }): an iterator of answers. Without
 * `next` the header Link leads on. Pages of JSON have it read in `json`. */
static int http_pages(lua_State *L)
{
    lua_settop(L, 3);
    (void)mz_visit_in_work(L, "ctx.http:pages");
    if (lua_type(L, 2) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, "pages", NULL,
                        "ctx.http:pages wants an address as text, not %s",
                        luaL_typename(L, 2));
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_pushinteger(L, 0);
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    lua_pushcclosure(L, next_page, PAGE_UPVALUES);
    return 1;
}

const luaL_Reg mz_http_functions[] = {
    {"get", http_get},
    {"post", http_post},
    {"pages", http_pages},
    {NULL, NULL},
};
