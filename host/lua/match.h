/* Lua patterns with a budget of steps: what string.find, match, gmatch and gsub of
 * scripts are made of. The same patterns mean the same as in Lua 5.4; a match that
 * backtracks for ever ends in an error instead. */
#ifndef MIZAN_LUA_MATCH_H
#define MIZAN_LUA_MATCH_H

#include "lua/internal.h"

#define MZ_CAPTURES_MOST 32

struct mz_capture {
    const char *start;
    ptrdiff_t size; /* or one of enum mz_capture_kind */
};
enum mz_capture_kind { MZ_CAPTURE_OPEN = -1, MZ_CAPTURE_POSITION = -2 };

/* One call of a function: the text, the pattern and what it may still cost. */
struct mz_match {
    lua_State *L;
    const char *function; /* "find", for messages */
    const char *text, *text_end, *pattern_end;
    int64_t steps; /* that are left */
    int depth;
    int captures;
    struct mz_capture capture[MZ_CAPTURES_MOST];
};

void mz_match_begin(struct mz_match *match, lua_State *L, const char *function,
                    struct mizan_slice text, struct mizan_slice pattern);
/* The end of the match of `pattern` that begins at `at`, or NULL. Raises for a
 * malformed pattern, and when the budget or the CPU time is used up. */
const char *mz_match_at(struct mz_match *match, const char *at, const char *pattern);
/* Pushes capture `index` from 0; with none in the pattern, 0 is the whole match. */
void mz_push_capture(struct mz_match *match, int index, const char *start,
                     const char *end);
/* Pushes all; `whole`: the whole match when there is none. Returns how many. */
int mz_push_captures(struct mz_match *match, const char *start, const char *end,
                     bool whole);

extern const luaL_Reg mz_string_functions[]; /* text_library.c */
extern const luaL_Reg mz_table_functions[];  /* table_library.c */
/* The same, each with the function that it stands before as its upvalue. */
extern const luaL_Reg mz_table_guards[];

#endif
