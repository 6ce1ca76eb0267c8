/* A text that grows in plain memory, for addresses, bodies and headers. */
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_TEXT_MOST ((size_t)16 * 1024 * 1024)

/* `data` is NUL-terminated when not NULL. After a refused append it stays as it was and
 * further appends do nothing. A zeroed one is empty. */
struct http_text {
    char *data;
    size_t size, room;
    bool failed;
};

void http_text_add(struct http_text *text, const char *data, size_t size);
void http_text_string(struct http_text *text, const char *string);
/* As a name or value of a query (RFC 3986): what is not unreserved as %XX. */
void http_text_escaped(struct http_text *text, const char *data, size_t size);
void http_text_base64(struct http_text *text, const char *data, size_t size);
/* Overwrites and frees: for texts that hold secrets, and all others. */
void http_text_finish(struct http_text *text);

#endif
