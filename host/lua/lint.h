/* Warnings about scripts that load and yet are likely wrong. */
#ifndef MIZAN_LUA_LINT_H
#define MIZAN_LUA_LINT_H

#include <stddef.h>

#include "lua/source_map.h"
#include "lua/state.h"

enum mz_lint_kind {
    MZ_LINT_OUTER,  /* a local of the file that a function assigns */
    MZ_LINT_DECIMAL /* a decimal field compared with a number by == */
};
typedef void (*mz_lint_warn)(void *owner, const struct mz_spot *spot,
                             enum mz_lint_kind kind, const char *name, size_t size);
/* One text that compiles. */
void mz_lint(const char *source, size_t size, mz_lint_warn warn, void *owner);

typedef void (*mz_lint_report)(void *owner, const char *file, int line,
                               const char *text);
struct mz_lint_file {
    const char *name;
    mz_lint_report report;
    void *owner;
};
/* A warn function whose owner is a struct mz_lint_file. */
void mz_lint_to_report(void *owner, const struct mz_spot *spot, enum mz_lint_kind kind,
                       const char *name, size_t size);
/* All files that the state has loaded. */
void mz_lua_lint(const struct mz_lua *lua, mz_lint_report report, void *owner);

#endif
