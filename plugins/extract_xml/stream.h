/* Records of an XML text that is fed in pieces. No document type is accepted: no entity
 * is declared, expanded or fetched, and nothing is ever opened. */
#ifndef EXTRACT_XML_STREAM_H
#define EXTRACT_XML_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_REASON 256
#define STREAM_FIELDS 4096              /* of one record */
#define STREAM_RECORD ((size_t)8 << 20) /* bytes of one record's texts */
#define STREAM_SPACES 1024              /* namespace declarations of a document */
#define STREAM_NOTES  100000            /* processing instructions and comments */

/* One text of a record: of the element at `path` below the record's ("price",
 * "address/city"), of an attribute ("@id", "price/@unit"), or of the record's element
 * itself ("text"). */
struct stream_field {
    const char *path, *text;
    size_t path_size, size;
};

/* Called with each whole record; false stops. `path` is that of its element, with the
 * names of all around it: "/rss/channel/item". */
typedef bool (*stream_found)(void *owner, const struct stream_field *fields,
                             size_t count, const char *path);

struct stream;

/* `records`: the name of the elements that are records, or the end of their path
 * ("channel/item", "/rss/channel/item"). NULL: out of memory. */
struct stream *stream_open(const char *records, size_t size);
void stream_close(struct stream *stream); /* NULL is fine */
/* Feeds the next bytes; `last` ends the text. False when it is refused or broken:
 * stream_reason says why and where. */
bool stream_feed(struct stream *stream, const char *data, size_t size, bool last,
                 stream_found found, void *owner);
const char *stream_reason(const struct stream *stream);

#endif
