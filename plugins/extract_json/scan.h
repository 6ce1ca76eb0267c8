/* A scanner of JSON that builds nothing: it checks a text against RFC 8259 and says
 * where its values stand. Stricter than most readers where exactness or safety asks for
 * it: texts are UTF-8 without lone surrogates, a decimal has 38 digits at most, an
 * exponent lies within 308, containers nest no deeper than the caller says. */
#ifndef EXTRACT_JSON_SCAN_H
#define EXTRACT_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH 512 /* the deepest that any caller may allow */

enum json_kind {
    JSON_TEXT,    /* between the quotes, every byte stands for itself */
    JSON_ESCAPED, /* a text with escapes, with its quotes */
    JSON_NUMBER,
    JSON_LONG, /* a whole number of more than 38 digits */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_LIST, /* with its brackets */
    JSON_MAP
};

struct json_value {
    enum json_kind kind;
    const char *data;
    size_t size;
};

struct json_scan {
    const char *at, *end;
    int depth;         /* containers that may still be opened */
    const char *wrong; /* what is wrong at `at`, or NULL */
};

void json_blanks(struct json_scan *scan);
/* The first byte that does not stand for itself in a text, or `end`. */
const char *json_skip_plain(const char *at, const char *end);
/* Moves behind the value that begins at scan->at. False: scan->wrong says why and
 * scan->at is where. */
bool json_value(struct json_scan *scan, struct json_value *out);
/* Behind the opening quote of a text, to behind the closing one. */
bool json_text(struct json_scan *scan, bool *escaped);

/* The members of a list or map, one by one; `scan` starts behind the bracket. *more is
 * false behind the last. `name` is NULL for lists. */
bool json_member(struct json_scan *scan, bool first, struct json_value *name,
                 struct json_value *value, bool *more);

/* Writes what a checked text with escapes (without its quotes) means; at most `size`
 * bytes. Returns how many. */
size_t json_unescape(const char *data, size_t size, char *out);

#endif
