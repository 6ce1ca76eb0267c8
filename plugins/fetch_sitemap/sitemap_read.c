#include "sitemap_read.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/xmlreader.h>
#include <zlib.h>

#define RATIO_MOST 200
#define RATIO_FROM ((size_t)1024 * 1024)
#define GZIP_BITS  (15 + 16)

/* ---- gzip ---- */

static enum sitemap_status grow(char **data, size_t used, size_t *room, size_t packed)
{
    if (used > SITEMAP_MOST_BYTES ||
        (used > RATIO_FROM && used / RATIO_MOST > packed)) {
        return SITEMAP_TOO_LARGE;
    }
    if (used < *room) {
        return SITEMAP_OK;
    }
    size_t larger = *room == 0 ? (size_t)256 * 1024 : *room * 2;
    char *grown = realloc(*data, larger);
    if (grown == NULL) {
        return SITEMAP_NO_MEMORY;
    }
    *data = grown;
    *room = larger;
    return SITEMAP_OK;
}

static enum sitemap_status unpack(const char *data, size_t size, char **out,
                                  size_t *out_size)
{
    union {
        const char *in;
        Bytef *out; /* the library does not write there */
    } input = {data};
    z_stream stream = {.next_in = input.out, .avail_in = (uInt)size};
    enum sitemap_status status = SITEMAP_OK;
    size_t room = 0;
    int result = inflateInit2(&stream, GZIP_BITS);
    if (result != Z_OK) {
        return SITEMAP_NO_MEMORY;
    }
    while (result != Z_STREAM_END && status == SITEMAP_OK &&
           (status = grow(out, *out_size, &room, size)) == SITEMAP_OK) {
        stream.next_out = (Bytef *)*out + *out_size;
        stream.avail_out = (uInt)(room - *out_size);
        result = inflate(&stream, Z_NO_FLUSH);
        *out_size = room - stream.avail_out;
        bool stuck = stream.avail_in == 0 && stream.avail_out > 0;
        if (result != Z_STREAM_END && (result != Z_OK || stuck)) {
            status = SITEMAP_DAMAGED;
        }
    }
    (void)inflateEnd(&stream);
    return status;
}

/* ---- lists ---- */

/* Adds an address without blanks around it; one that is too long is left out. */
static enum sitemap_status add_url(struct sitemap *sitemap, const char *text,
                                   size_t size)
{
    while (size > 0 && isspace((unsigned char)*text)) {
        text++;
        size--;
    }
    while (size > 0 && isspace((unsigned char)text[size - 1])) {
        size--;
    }
    if (size == 0 || size >= SITEMAP_URL || memchr(text, '\0', size) != NULL) {
        return SITEMAP_OK;
    }
    sitemap->total++;
    if (sitemap->count == SITEMAP_MOST_URLS) {
        return SITEMAP_OK;
    }
    if (sitemap->count == sitemap->room) {
        size_t room = sitemap->room == 0 ? 256 : sitemap->room * 2;
        struct sitemap_url *urls = realloc(sitemap->urls, room * sizeof *urls);
        if (urls == NULL) {
            return SITEMAP_NO_MEMORY;
        }
        sitemap->urls = urls;
        sitemap->room = room;
    }
    struct sitemap_url *url = &sitemap->urls[sitemap->count];
    url->address = strndup(text, size);
    url->lastmod[0] = '\0';
    sitemap->count += url->address != NULL ? 1 : 0;
    return url->address != NULL ? SITEMAP_OK : SITEMAP_NO_MEMORY;
}

static enum sitemap_status read_lines(const char *data, size_t size,
                                      struct sitemap *sitemap)
{
    enum sitemap_status status = SITEMAP_OK;
    for (size_t at = 0; at < size && status == SITEMAP_OK;) {
        const char *end = memchr(data + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - data) - at;
        status = add_url(sitemap, data + at, length);
        at += length + 1;
    }
    return status;
}

/* ---- XML ---- */

static void set_lastmod(struct sitemap *sitemap, const char *text)
{
    struct sitemap_url *url =
        sitemap->count > 0 ? &sitemap->urls[sitemap->count - 1] : NULL;
    text += strspn(text, " \t\r\n");
    size_t size = strcspn(text, " \t\r\n");
    if (url != NULL && size < sizeof url->lastmod) {
        memcpy(url->lastmod, text, size);
        url->lastmod[size] = '\0';
    }
}

static bool is_named(const char *name, const char *other)
{
    return name != NULL && strcasecmp(name, other) == 0;
}

/* What is being read: which element stands open, and whether `lastmod` came before the
 * address that it belongs to. */
struct place {
    bool in_loc, in_lastmod, has_loc;
    int entry_depth; /* of <url> or <sitemap>; -1: in none */
    char lastmod[32];
};

static enum sitemap_status open_element(xmlTextReader *reader, struct sitemap *sitemap,
                                        struct place *place, bool *root)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(reader);
    int depth = xmlTextReaderDepth(reader);
    if (*root) {
        *root = false;
        sitemap->is_index = is_named(name, "sitemapindex");
        return sitemap->is_index || is_named(name, "urlset") ? SITEMAP_OK
               : is_named(name, "html")                      ? SITEMAP_IS_HTML
                                                             : SITEMAP_IS_OTHER;
    }
    if (is_named(name, "url") || is_named(name, "sitemap")) {
        place->entry_depth = depth;
        place->has_loc = false;
        place->lastmod[0] = '\0';
    }
    bool direct =
        depth == place->entry_depth + 1 && !xmlTextReaderIsEmptyElement(reader);
    place->in_loc = direct && is_named(name, "loc");
    place->in_lastmod = direct && is_named(name, "lastmod");
    return SITEMAP_OK;
}

static enum sitemap_status take_text(xmlTextReader *reader, struct sitemap *sitemap,
                                     struct place *place)
{
    const char *text = (const char *)xmlTextReaderConstValue(reader);
    if (text == NULL) {
        return SITEMAP_OK;
    }
    if (place->in_loc && !place->has_loc) {
        size_t before = sitemap->count;
        enum sitemap_status status = add_url(sitemap, text, strlen(text));
        place->has_loc = sitemap->count > before;
        if (place->has_loc && place->lastmod[0] != '\0') {
            set_lastmod(sitemap, place->lastmod);
        }
        return status;
    }
    if (place->in_lastmod && place->has_loc) {
        set_lastmod(sitemap, text);
    } else if (place->in_lastmod && strlen(text) < sizeof place->lastmod) {
        memcpy(place->lastmod, text, strlen(text) + 1);
    }
    return SITEMAP_OK;
}

static enum sitemap_status read_node(xmlTextReader *reader, struct sitemap *sitemap,
                                     struct place *place, bool *root)
{
    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
        return SITEMAP_HAS_ENTITIES;
    case XML_READER_TYPE_ELEMENT:
        return open_element(reader, sitemap, place, root);
    case XML_READER_TYPE_END_ELEMENT:
        place->in_loc = place->in_lastmod = false;
        return SITEMAP_OK;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
        return take_text(reader, sitemap, place);
    default:
        return SITEMAP_OK;
    }
}

static enum sitemap_status read_xml(const char *data, size_t size,
                                    struct sitemap *sitemap)
{
    struct place place = {.entry_depth = -1};
    bool root = true;
    int more = 1;
    xmlTextReader *reader = xmlReaderForMemory(
        data, (int)size, NULL, NULL,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
    enum sitemap_status status = reader == NULL ? SITEMAP_NO_MEMORY : SITEMAP_OK;
    while (status == SITEMAP_OK && (more = xmlTextReaderRead(reader)) == 1) {
        status = read_node(reader, sitemap, &place, &root);
    }
    xmlFreeTextReader(reader);
    sitemap->broken = more < 0;
    return status == SITEMAP_OK && root ? SITEMAP_IS_OTHER : status;
}

/* ---- the whole ---- */

static enum sitemap_status read_text(const char *data, size_t size,
                                     struct sitemap *sitemap)
{
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        size -= 3;
    }
    while (size > 0 && isspace((unsigned char)*data)) {
        data++;
        size--;
    }
    if (size > INT_MAX || size > SITEMAP_MOST_BYTES) {
        return SITEMAP_TOO_LARGE;
    }
    if (size > 7 && strncasecmp(data, "http", 4) == 0) {
        return read_lines(data, size, sitemap);
    }
    if ((size >= 14 && strncasecmp(data, "<!doctype html", 14) == 0) ||
        (size >= 5 && strncasecmp(data, "<html", 5) == 0)) {
        return SITEMAP_IS_HTML;
    }
    return size > 0 && *data == '<' ? read_xml(data, size, sitemap) : SITEMAP_IS_OTHER;
}

enum sitemap_status sitemap_read(const char *data, size_t size, struct sitemap *sitemap)
{
    char *unpacked = NULL;
    size_t unpacked_size = 0;
    enum sitemap_status status = SITEMAP_OK;
    memset(sitemap, 0, sizeof *sitemap);
    if (size > 2 && (unsigned char)data[0] == 0x1f && (unsigned char)data[1] == 0x8b) {
        status = unpack(data, size, &unpacked, &unpacked_size);
        data = unpacked;
        size = unpacked_size;
    }
    if (status == SITEMAP_OK) {
        status = read_text(data, size, sitemap);
    }
    free(unpacked);
    if (status != SITEMAP_OK) {
        sitemap_finish(sitemap);
    }
    return status;
}

void sitemap_finish(struct sitemap *sitemap)
{
    for (size_t i = 0; i < sitemap->count; i++) {
        free(sitemap->urls[i].address);
    }
    free(sitemap->urls);
    memset(sitemap, 0, sizeof *sitemap);
}

const char *sitemap_status_text(enum sitemap_status status)
{
    switch (status) {
    case SITEMAP_OK:
        return "a sitemap";
    case SITEMAP_IS_HTML:
        return "unexpected content: an HTML page, not a sitemap";
    case SITEMAP_IS_OTHER:
        return "unexpected content: neither a sitemap nor a list of addresses";
    case SITEMAP_HAS_ENTITIES:
        return "refused: the sitemap declares a document type of its own";
    case SITEMAP_TOO_LARGE:
        return "the sitemap unpacks to more than 50 MB, or to 200 times its size";
    case SITEMAP_DAMAGED:
        return "the gzip of the sitemap is damaged or cut";
    case SITEMAP_NO_MEMORY:
        return "not enough memory for the sitemap";
    }
    return "";
}
