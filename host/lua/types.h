/* What editors and luacheck know of scripts: mizan.d.lua and .luacheckrc. */
#ifndef MIZAN_LUA_TYPES_H
#define MIZAN_LUA_TYPES_H

#include <stdio.h>

#include "plug/plugin.h"

/* The module, the keys of a pipeline, and the options of all plugins found, as
 * annotations of the Lua language server. */
MZ_NODISCARD enum mz_code mz_types_print(struct mz_registry *registry,
                                         struct mz_arena *arena, FILE *out,
                                         struct mz_error *error);
/* The settings of luacheck for scripts. */
void mz_luacheck_print(FILE *out);

#endif
