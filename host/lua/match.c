#include "lua/match.h"

#include <ctype.h>
#include <string.h>

#define ESCAPE      '%'
#define DEPTH_MOST  200
#define STEPS       INT64_C(10000000)
#define STEPS_BYTE  64   /* more for each byte of the text, for work that is in order */
#define CHECK_EVERY 8192 /* steps between looks at the CPU deadline; a power of two */

void mz_match_begin(struct mz_match *match, lua_State *L, const char *function,
                    struct mizan_slice text, struct mizan_slice pattern)
{
    match->L = L;
    match->function = function;
    match->text = text.data;
    match->text_end = text.data + text.size;
    match->pattern_end = pattern.data + pattern.size;
    match->steps = STEPS + (int64_t)text.size * STEPS_BYTE;
    match->depth = 0;
    match->captures = 0;
}

static MZ_RAISES void refuse(const struct mz_match *match, const char *what)
{
    mz_raise(match->L, MZ_SCRIPT, NULL, NULL, "string.%s: %s", match->function, what);
}

static void spend(struct mz_match *match, int64_t steps)
{
    int64_t before = match->steps;
    match->steps -= steps;
    if ((before ^ match->steps) & ~(int64_t)(CHECK_EVERY - 1)) {
        if (mz_lua_of(match->L)->tripped) {
            lua_pushlightuserdata(match->L, mz_lua_of(match->L));
            lua_error(match->L); /* the deadline: the hook says so where it can */
        }
        if (match->steps < 0) {
            mz_raise(
                match->L, MZ_SCRIPT, match->function,
                "a pattern with several * + - tries them in all combinations: make "
                "it stricter, or anchor it with ^",
                "string.%s: pattern budget used up on a text of %zu bytes",
                match->function, (size_t)(match->text_end - match->text));
        }
    }
}

/* ---- one character ---- */

/* Behind the single-character item at `at`. */
static const char *item_end(const struct mz_match *match, const char *at)
{
    if (*at == ESCAPE) {
        if (at + 1 == match->pattern_end) {
            refuse(match, "malformed pattern (ends with '%')");
        }
        return at + 2;
    }
    if (*at != '[') {
        return at + 1;
    }
    at++;
    if (at != match->pattern_end && *at == '^') {
        at++;
    }
    /* A ']' right at the start is one of the set. */
    do {
        if (at == match->pattern_end) {
            refuse(match, "malformed pattern (missing ']')");
        }
        bool escaped = *at == ESCAPE;
        at++;
        if (escaped) {
            if (at == match->pattern_end) {
                refuse(match, "malformed pattern (missing ']')");
            }
            at++;
        }
    } while (at == match->pattern_end || *at != ']');
    return at + 1;
}

static bool in_class(int byte, int letter)
{
    bool found;
    switch (tolower(letter)) {
    case 'a':
        found = isalpha(byte) != 0;
        break;
    case 'c':
        found = iscntrl(byte) != 0;
        break;
    case 'd':
        found = isdigit(byte) != 0;
        break;
    case 'g':
        found = isgraph(byte) != 0;
        break;
    case 'l':
        found = islower(byte) != 0;
        break;
    case 'p':
        found = ispunct(byte) != 0;
        break;
    case 's':
        found = isspace(byte) != 0;
        break;
    case 'u':
        found = isupper(byte) != 0;
        break;
    case 'w':
        found = isalnum(byte) != 0;
        break;
    case 'x':
        found = isxdigit(byte) != 0;
        break;
    default:
        return letter == byte;
    }
    return isupper(letter) ? !found : found;
}

/* `set` is at '[', `last` at the ']' that closes it. */
static bool in_set(int byte, const char *set, const char *last)
{
    bool wanted = true;
    if (set[1] == '^') {
        wanted = false;
        set++;
    }
    while (++set < last) {
        if (*set == ESCAPE) {
            set++;
            if (in_class(byte, (unsigned char)*set)) {
                return wanted;
            }
        } else if (set[1] == '-' && set + 2 < last) {
            set += 2;
            if ((unsigned char)set[-2] <= byte && byte <= (unsigned char)*set) {
                return wanted;
            }
        } else if ((unsigned char)*set == byte) {
            return wanted;
        }
    }
    return !wanted;
}

/* True when the item from `item` to `end` matches the byte at `at`. */
static bool matches_one(const struct mz_match *match, const char *at, const char *item,
                        const char *end)
{
    if (at >= match->text_end) {
        return false;
    }
    int byte = (unsigned char)*at;
    switch (*item) {
    case '.':
        return true;
    case ESCAPE:
        return in_class(byte, (unsigned char)item[1]);
    case '[':
        return in_set(byte, item, end - 1);
    default:
        return (unsigned char)*item == byte;
    }
}

/* ---- captures ---- */

/* The closed capture that a digit names. */
static const struct mz_capture *named(const struct mz_match *match, int digit)
{
    int index = digit - '1';
    if (index < 0 || index >= match->captures ||
        match->capture[index].size == MZ_CAPTURE_OPEN) {
        mz_raise(match->L, MZ_SCRIPT, NULL, NULL,
                 "string.%s: invalid capture index %%%d in the pattern",
                 match->function, index + 1);
    }
    return &match->capture[index];
}

static const char *begin_capture(struct mz_match *match, const char *at,
                                 const char *pattern, enum mz_capture_kind kind)
{
    if (match->captures == MZ_CAPTURES_MOST) {
        refuse(match, "too many captures");
    }
    match->capture[match->captures++] = (struct mz_capture){at, kind};
    const char *end = mz_match_at(match, at, pattern);
    if (end == NULL) {
        match->captures--;
    }
    return end;
}

static const char *end_capture(struct mz_match *match, const char *at,
                               const char *pattern)
{
    int open = match->captures - 1;
    while (open >= 0 && match->capture[open].size != MZ_CAPTURE_OPEN) {
        open--;
    }
    if (open < 0) {
        refuse(match, "invalid pattern capture");
    }
    match->capture[open].size = at - match->capture[open].start;
    const char *end = mz_match_at(match, at, pattern);
    if (end == NULL) {
        match->capture[open].size = MZ_CAPTURE_OPEN;
    }
    return end;
}

/* ---- items of more than one character ---- */

/* %bxy; `pattern` is behind the b. The end in the text, or NULL. */
static const char *match_balance(struct mz_match *match, const char *at,
                                 const char *pattern)
{
    if (match->pattern_end - pattern < 2) {
        refuse(match, "malformed pattern (missing arguments to '%b')");
    }
    if (at >= match->text_end || *at != pattern[0]) {
        return NULL;
    }
    size_t open = 1;
    for (const char *p = at + 1; p < match->text_end; p++) {
        spend(match, 1);
        if (*p == pattern[1]) {
            if (--open == 0) {
                return p + 1;
            }
        } else if (*p == pattern[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set]; `set` is at what must be '['. False: no frontier here. */
static bool match_frontier(const struct mz_match *match, const char *at,
                           const char *set, const char **set_end)
{
    if (set == match->pattern_end || *set != '[') {
        refuse(match, "missing '[' after '%f' in pattern");
    }
    *set_end = item_end(match, set);
    int before = at == match->text ? 0 : (unsigned char)at[-1];
    int here = at < match->text_end ? (unsigned char)*at : 0;
    return !in_set(before, set, *set_end - 1) && in_set(here, set, *set_end - 1);
}

static const char *match_back_reference(struct mz_match *match, const char *at,
                                        int digit)
{
    const struct mz_capture *capture = named(match, digit);
    if (capture->size < 0) {
        return NULL; /* of a position: there is no text to compare */
    }
    size_t size = (size_t)capture->size;
    spend(match, (int64_t)size / 16);
    return (size_t)(match->text_end - at) >= size &&
                   memcmp(capture->start, at, size) == 0
               ? at + size
               : NULL;
}

/* As many as possible, then fewer. */
static const char *match_most(struct mz_match *match, const char *at, const char *item,
                              const char *end)
{
    const char *far = at;
    while (matches_one(match, far, item, end)) {
        far++;
    }
    spend(match, far - at);
    for (;; far--) {
        const char *found = mz_match_at(match, far, end + 1);
        if (found != NULL || far == at) {
            return found;
        }
    }
}

/* As few as possible, then more. */
static const char *match_least(struct mz_match *match, const char *at, const char *item,
                               const char *end)
{
    for (;; at++) {
        const char *found = mz_match_at(match, at, end + 1);
        if (found != NULL || !matches_one(match, at, item, end)) {
            return found;
        }
    }
}

/* ---- the whole ---- */

/* The next position for items that need no choice; NULL: no match. `pattern` moves on.
 * Sets *done when what it returns is the end of the whole match. */
static const char *match_item(struct mz_match *match, const char *at,
                              const char **pattern, bool *done)
{
    const char *item = *pattern, *end;
    *done = true;
    if (*item == '(') {
        bool position = item + 1 != match->pattern_end && item[1] == ')';
        return position ? begin_capture(match, at, item + 2, MZ_CAPTURE_POSITION)
                        : begin_capture(match, at, item + 1, MZ_CAPTURE_OPEN);
    }
    if (*item == ')') {
        return end_capture(match, at, item + 1);
    }
    if (*item == '$' && item + 1 == match->pattern_end) {
        return at == match->text_end ? at : NULL;
    }
    if (*item == ESCAPE && item + 1 != match->pattern_end) {
        *done = false;
        if (item[1] == 'b') {
            *pattern = item + 4;
            return match_balance(match, at, item + 2);
        }
        if (item[1] == 'f') {
            return match_frontier(match, at, item + 2, pattern) ? at : NULL;
        }
        if (isdigit((unsigned char)item[1])) {
            *pattern = item + 2;
            return match_back_reference(match, at, (unsigned char)item[1]);
        }
        *done = true;
    }
    end = item_end(match, item);
    char repeat = end != match->pattern_end ? *end : '\0';
    switch (repeat) {
    case '*':
        return match_most(match, at, item, end);
    case '+':
        return matches_one(match, at, item, end) ? match_most(match, at + 1, item, end)
                                                 : NULL;
    case '-':
        return match_least(match, at, item, end);
    case '?':
        if (matches_one(match, at, item, end)) {
            const char *found = mz_match_at(match, at + 1, end + 1);
            if (found != NULL) {
                return found;
            }
        }
        *done = false;
        *pattern = end + 1;
        return at;
    default:
        *done = false;
        *pattern = end;
        return matches_one(match, at, item, end) ? at + 1 : NULL;
    }
}

const char *mz_match_at(struct mz_match *match, const char *at, const char *pattern)
{
    bool done = false;
    if (match->depth++ == DEPTH_MOST) {
        refuse(match, "pattern too complex");
    }
    while (at != NULL && !done && pattern != match->pattern_end) {
        spend(match, 1);
        at = match_item(match, at, &pattern, &done);
    }
    match->depth--;
    return at;
}

void mz_push_capture(struct mz_match *match, int index, const char *start,
                     const char *end)
{
    if (index >= match->captures) {
        if (index != 0) {
            mz_raise(match->L, MZ_SCRIPT, NULL, NULL,
                     "string.%s: invalid capture index %%%d", match->function,
                     index + 1);
        }
        lua_pushlstring(match->L, start, (size_t)(end - start));
        return;
    }
    const struct mz_capture *capture = &match->capture[index];
    if (capture->size == MZ_CAPTURE_OPEN) {
        refuse(match, "unfinished capture");
    } else if (capture->size == MZ_CAPTURE_POSITION) {
        lua_pushinteger(match->L, capture->start - match->text + 1);
    } else {
        lua_pushlstring(match->L, capture->start, (size_t)capture->size);
    }
}

int mz_push_captures(struct mz_match *match, const char *start, const char *end,
                     bool whole)
{
    int count = match->captures == 0 && whole ? 1 : match->captures;
    luaL_checkstack(match->L, count, "too many captures");
    for (int i = 0; i < count; i++) {
        mz_push_capture(match, i, start, end);
    }
    return count;
}
