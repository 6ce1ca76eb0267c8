/* Addresses and bodies of requests, made of what the options say. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "http_text.h"
#include "mizan/draft.h"

/* The address that a link in an answer from `base` means (RFC 3986, 5.2), without
 * fragment. False when memory is refused. */
bool http_address_resolve(const char *base, const char *link, struct http_text *out);
/* True when both have the same scheme, host and port. */
bool http_address_same_origin(const char *a, const char *b);
/* Appends NAME=VALUE to the query of the address, which may have one already; a former
 * parameter of that name is removed. */
void http_address_set(struct http_text *address, const char *name, const char *value);
/* The same for each member of the map: texts, numbers, booleans, lists of such
 * (repeated). False for other values; *name is the member then. */
bool http_address_set_all(struct http_text *address, const struct mizan_value *map,
                          struct mizan_slice *name);

/* A text member of the body beside those of the map. */
struct http_field {
    const char *name;
    const char *value;
    bool bare; /* a number, written as it is */
};
/* The map as a JSON object, the fields in place of members of the same name. */
void http_body_write(struct http_text *out, const struct mizan_value *map,
                     const struct http_field *fields, size_t count);

#endif
