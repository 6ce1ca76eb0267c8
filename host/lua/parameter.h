/* mizan.param: what a script declares and the command line gives. */
#ifndef MIZAN_LUA_PARAMETER_H
#define MIZAN_LUA_PARAMETER_H

#include "lua/internal.h"

/* param { name, type, default, help }: the value in force. */
int mz_parameter_declare(lua_State *L);
/* Moves what was declared into the pipeline, and refuses what the command line
 * gives without the script having declared it. */
MZ_NODISCARD enum mz_code mz_parameter_collect(struct mz_lua *lua,
                                               struct mz_arena *arena,
                                               struct mz_pipeline *pipeline,
                                               struct mz_error *error);

#endif
