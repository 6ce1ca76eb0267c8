/* Lua line by line, in the sandbox of scripts: for `mizan repl`. Names that are
 * assigned without `local` stay from line to line. */
#ifndef MIZAN_LUA_INTERACTIVE_H
#define MIZAN_LUA_INTERACTIVE_H

#include "base/buffer.h"
#include "lua/state.h"

/* Makes the names that lines can see: those of scripts, and `mizan`. Once a state. */
MZ_NODISCARD enum mz_code mz_lua_interactive(struct mz_lua *lua,
                                             struct mz_error *error);
/* Evaluates an expression, else a chunk, with a CPU budget of `milliseconds`, and adds
 * its values to `out` as text, a line each. `incomplete` becomes true, and nothing is
 * run, when more lines have to follow. */
MZ_NODISCARD enum mz_code mz_lua_evaluate(struct mz_lua *lua, const char *text,
                                          int64_t milliseconds, struct mz_buffer *out,
                                          bool *incomplete, struct mz_error *error);
/* Calls `name` for what may follow `text`, a path like `mizan.fe`: whole paths. */
void mz_lua_complete(struct mz_lua *lua, const char *text,
                     void (*name)(void *context, const char *path), void *context);

#endif
