/* string.find, match, gmatch, gsub and rep of scripts: as Lua's, within a budget. */
#include <string.h>

#include "lua/match.h"

/* A subject and a pattern at stack indices 1 and 2. */
static void check_both(lua_State *L, struct mizan_slice *text,
                       struct mizan_slice *pattern)
{
    text->data = luaL_checklstring(L, 1, &text->size);
    pattern->data = luaL_checklstring(L, 2, &pattern->size);
}

/* An initial position as Lua counts it, as an offset; may lie beyond the text. */
static size_t offset_of(lua_State *L, int index, size_t size)
{
    lua_Integer position = luaL_optinteger(L, index, 1);
    if (position > 0) {
        return (size_t)position - 1;
    }
    if (position == 0 || position < -(lua_Integer)size) {
        return 0;
    }
    return size - (size_t)-position;
}

static bool is_plain(struct mizan_slice pattern)
{
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] != '\0' && strchr("^$*+?.([%-", pattern.data[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static int find_or_match(lua_State *L, const char *function, bool find)
{
    struct mizan_slice text, pattern;
    check_both(L, &text, &pattern);
    size_t start = offset_of(L, 3, text.size);
    if (start > text.size) {
        luaL_pushfail(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(pattern))) {
        const char *found =
            memmem(text.data + start, text.size - start, pattern.data, pattern.size);
        if (found == NULL) {
            luaL_pushfail(L);
            return 1;
        }
        lua_pushinteger(L, found - text.data + 1);
        lua_pushinteger(L, found - text.data + (lua_Integer)pattern.size);
        return 2;
    }
    struct mz_match match;
    mz_match_begin(&match, L, function, text, pattern);
    bool anchored = pattern.size > 0 && pattern.data[0] == '^';
    const char *at = text.data + start;
    do {
        match.captures = 0;
        const char *end = mz_match_at(&match, at, pattern.data + anchored);
        if (end != NULL && find) {
            lua_pushinteger(L, at - text.data + 1);
            lua_pushinteger(L, end - text.data);
            return mz_push_captures(&match, NULL, NULL, false) + 2;
        }
        if (end != NULL) {
            return mz_push_captures(&match, at, end, true);
        }
    } while (at++ < match.text_end && !anchored);
    luaL_pushfail(L);
    return 1;
}

static int text_find(lua_State *L)
{
    return find_or_match(L, "find", true);
}

static int text_match(lua_State *L)
{
    return find_or_match(L, "match", false);
}

/* ---- gmatch ---- */

/* Upvalues: text, pattern, offset to go on from, offset where the last match ended. */
static int next_match(lua_State *L)
{
    struct mizan_slice text, pattern;
    struct mz_match match;
    text.data = lua_tolstring(L, lua_upvalueindex(1), &text.size);
    pattern.data = lua_tolstring(L, lua_upvalueindex(2), &pattern.size);
    size_t start = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    mz_match_begin(&match, L, "gmatch", text, pattern);
    for (const char *at = text.data + start; at <= match.text_end; at++) {
        match.captures = 0;
        const char *end = mz_match_at(&match, at, pattern.data);
        if (end != NULL && end - text.data != last) {
            lua_pushinteger(L, end - text.data);
            lua_pushvalue(L, -1);
            lua_replace(L, lua_upvalueindex(3));
            lua_replace(L, lua_upvalueindex(4));
            return mz_push_captures(&match, at, end, true);
        }
    }
    return 0;
}

static int text_gmatch(lua_State *L)
{
    struct mizan_slice text, pattern;
    check_both(L, &text, &pattern);
    size_t start = offset_of(L, 3, text.size);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(start > text.size ? text.size + 1 : start));
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, next_match, 4);
    return 1;
}

/* ---- gsub ---- */

static void add_template(struct mz_match *match, luaL_Buffer *out, const char *start,
                         const char *end)
{
    lua_State *L = match->L;
    size_t size;
    const char *text = lua_tolstring(L, 3, &size), *stop = text + size;
    for (const char *escape;
         (escape = memchr(text, '%', (size_t)(stop - text))) != NULL;
         text = escape + 2) {
        luaL_addlstring(out, text, (size_t)(escape - text));
        char what = escape + 1 < stop ? escape[1] : '\0';
        if (what == '%') {
            luaL_addchar(out, '%');
        } else if (what == '0') {
            luaL_addlstring(out, start, (size_t)(end - start));
        } else if (what >= '1' && what <= '9') {
            mz_push_capture(match, what - '1', start, end);
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            mz_raise(L, MZ_SCRIPT, "gsub", "a per cent sign is written %%",
                     "string.gsub: invalid use of '%%' in the replacement");
        }
    }
    luaL_addlstring(out, text, (size_t)(stop - text));
}

/* Adds what stands for the match; `type` is that of the replacement at index 3. */
static bool add_replacement(struct mz_match *match, luaL_Buffer *out, int type,
                            const char *start, const char *end)
{
    lua_State *L = match->L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = mz_push_captures(match, start, end, true);
        lua_call(L, count, 1);
    } else if (type == LUA_TTABLE) {
        mz_push_capture(match, 0, start, end);
        lua_gettable(L, 3);
    } else {
        add_template(match, out, start, end);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, start, (size_t)(end - start));
        return false;
    }
    if (!lua_isstring(L, -1)) {
        mz_raise(L, MZ_SCRIPT, "gsub", NULL,
                 "string.gsub: the replacement is a %s; text is needed",
                 luaL_typename(L, -1));
    }
    luaL_addvalue(out);
    return true;
}

static int text_gsub(lua_State *L)
{
    struct mizan_slice text, pattern;
    struct mz_match match;
    luaL_Buffer out;
    check_both(L, &text, &pattern);
    int type = lua_type(L, 3);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING ||
                         type == LUA_TFUNCTION || type == LUA_TTABLE,
                     3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)text.size + 1);
    lua_Integer count = 0;
    bool anchored = pattern.size > 0 && pattern.data[0] == '^', changed = false;
    const char *at = text.data, *last = NULL;
    mz_match_begin(&match, L, "gsub", text, pattern);
    luaL_buffinit(L, &out);
    while (count < most) {
        match.captures = 0;
        const char *end = mz_match_at(&match, at, pattern.data + anchored);
        if (end != NULL && end != last) {
            count++;
            changed = add_replacement(&match, &out, type, at, end) || changed;
            at = last = end;
        } else if (at < match.text_end) {
            luaL_addchar(&out, *at);
            at++;
        } else {
            break;
        }
        if (anchored) {
            break;
        }
    }
    if (changed) {
        luaL_addlstring(&out, at, (size_t)(match.text_end - at));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

/* ---- rep ---- */

static int text_rep(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    size_t size, separator_size;
    const char *text = luaL_checklstring(L, 1, &size);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_size);
    size_t each = size + separator_size;
    luaL_Buffer out;
    if (count <= 0 || each == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((size_t)count > lua->memory_limit / each) {
        lua->refused = true;
        lua_pushliteral(L, "not enough memory");
        return lua_error(L);
    }
    size_t whole = each * (size_t)count - separator_size;
    char *at = luaL_buffinitsize(L, &out, whole);
    for (lua_Integer i = 0; i < count; i++) {
        memcpy(at, text, size);
        at += size;
        if (separator_size > 0 && i + 1 < count) {
            memcpy(at, separator, separator_size);
            at += separator_size;
        }
    }
    luaL_pushresultsize(&out, whole);
    return 1;
}

const luaL_Reg mz_string_functions[] = {
    {"find", text_find}, {"match", text_match}, {"gmatch", text_gmatch},
    {"gsub", text_gsub}, {"rep", text_rep},     {NULL, NULL},
};
