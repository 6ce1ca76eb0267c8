/* Where in a JSON document something stands: a JSON Pointer (RFC 6901, "/data/rows/0"),
 * in which a part "*" is every member, or a path: names with points between them,
 * positions from 0 in brackets, "*" or "[*]" for every member ("data.rows[*].price").
 */
#ifndef EXTRACT_JSON_PATH_H
#define EXTRACT_JSON_PATH_H

#include "scan.h"

#define PATH_STEPS 32
#define PATH_TEXT  1024 /* bytes of a path, and of the pointer to what it found */

struct path_step {
    bool any;      /* every member */
    bool position; /* may be a position: `index` */
    bool bracket;  /* a position and nothing else */
    size_t index;
    const char *name; /* in path->text */
    size_t size;
};

struct path {
    struct path_step steps[PATH_STEPS];
    size_t count;
    char text[PATH_TEXT];
};

/* NULL, or what is wrong with it. An empty text is the whole document. */
const char *path_parse(const char *text, size_t size, struct path *out);

/* Called with each value that is found and the pointer to it; false ends the search. */
typedef bool (*path_found)(void *owner, const struct json_value *value,
                           const char *pointer, size_t size);
/* The value was checked by json_value. */
bool path_find(const struct path *path, const struct json_value *value,
               path_found found, void *owner);

#endif
