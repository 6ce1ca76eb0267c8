/* Where in a source text a key stands: a pass over its tokens, for the line and
 * column of an error. Lua itself knows only the line of the constructor call.
 */
#ifndef MIZAN_LUA_SOURCE_MAP_H
#define MIZAN_LUA_SOURCE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct mz_spot {
    int line, column, width; /* from 1; column 0: unknown */
};

/* Finds the call `constructor {` (or `constructor ({`) that begins in `line`
 * or, when the text has it later, after it; in it the key of `path`
 * ("schedule.cron", "sources[2].url", "[3]"). Gives the deepest part that is
 * written out there, else the constructor. False when not even that is found.
 */
bool mz_source_find(const char *source, size_t size, int line, const char *constructor,
                    const char *path, struct mz_spot *spot);
/* How often a token stands in a line, and where first: a name, a mark, or the content
 * of a string. A word that begins with a double quote is looked for in strings alone.
 */
size_t mz_source_token(const char *source, size_t size, int line, const char *word,
                       struct mz_spot *spot);

#endif
