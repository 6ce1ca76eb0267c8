/* JSON read in place: values are the bytes that they stand in, so that a slice of a
 * list is the source's own bytes. It finds, steps and skips; that every value within is
 * well formed is checked by whoever reads the rows. */
#ifndef JSON_SPAN_H
#define JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "http_text.h"

#define JSON_DEPTH 512 /* deeper is refused */

/* The bytes of one value, without blanks around it. */
struct json_span {
    const char *data; /* NULL: none */
    size_t size;
};

/* The one value of a text; false when it is cut, too deep, or followed by something. */
bool json_span_whole(const char *data, size_t size, struct json_span *out);
/* The value at the JSON pointer (RFC 6901), "" being `value` itself. */
bool json_span_find(struct json_span value, const char *pointer, struct json_span *out);

/* Steps through a list; zeroed but for `list` before the first step. */
struct json_items {
    struct json_span list;
    const char *at; /* NULL: before the first */
};
/* The next item; false behind the last one, and when `list` is no list. */
bool json_items_next(struct json_items *items, struct json_span *out);
bool json_span_is_list(struct json_span value);

/* The value as text: a text without its quotes and escapes, a number or word as
 * written. False for lists, objects and null. */
bool json_span_text(struct json_span value, struct http_text *out);

#endif
