/* Pieces of HTML. Everything that comes from outside is escaped here and nowhere else:
 * pages hand over plain text. */
#ifndef MIZAN_WEB_HTML_H
#define MIZAN_WEB_HTML_H

#include "base/buffer.h"
#include "mizan/plugin.h"

/* Text or the value of a quoted attribute. */
void mz_html_text(struct mz_buffer *out, const char *text, size_t size);
void mz_html_string(struct mz_buffer *out, const char *text); /* NULL: nothing */
/* One segment of a path or one value of a query: what is not unreserved is %XX. */
void mz_html_segment(struct mz_buffer *out, const char *text, size_t size);
/* A number for people: digits in groups, amounts of a million and more in words where
 * three decimals say it exactly. */
void mz_html_number(struct mz_buffer *out, double number);
/* A value as plain text, escaped: times as they are stored, lists and maps as JSON. */
void mz_html_value(struct mz_buffer *out, const struct mizan_value *value);
/* True for an address that a link may lead to: http and https. */
bool mz_html_linkable(const char *text, size_t size);

#endif
