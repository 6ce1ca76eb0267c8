/* The tokens of a Lua source text, with their places. Good enough to find a key or an
 * assignment in a text that compiles; it judges nothing. */
#ifndef MIZAN_LUA_SOURCE_SCAN_H
#define MIZAN_LUA_SOURCE_SCAN_H

#include "lua/source_map.h"

enum mz_token_kind { MZ_TOKEN_END, MZ_TOKEN_NAME, MZ_TOKEN_STRING, MZ_TOKEN_OTHER };

struct mz_token {
    enum mz_token_kind kind;
    const char *text; /* of a string: without its quotes */
    size_t size;
    struct mz_spot spot;
};

struct mz_scanner {
    const char *at, *end, *line_start;
    int line;
    struct mz_token token;
};

/* Reads the next token into scanner->token. A scanner begins as
 * {source, source + size, source, 1, {0}}. */
void mz_scan_next(struct mz_scanner *scanner);

#endif
