#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <uchardet.h>

#include "feed_internal.h"

#define DETECT_MOST ((size_t)1024 * 1024)
#define MENDED_MOST ((size_t)64 * 1024 * 1024)
#define SAFE_OPTIONS                                                                   \
    (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)

struct attempt {
    xmlDoc *document;
    bool has_entities, well_formed, unknown_charset, no_memory;
};

/* A feed has no use for entities of its own; the uses that are known are attacks. */
static void refuse_entity(void *context, const xmlChar *name, int type,
                          const xmlChar *public_id, const xmlChar *system_id,
                          xmlChar *content) /* NOLINT: the library's type */
{
    xmlParserCtxt *parser = context;
    struct attempt *attempt = parser->_private;
    (void)name;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    attempt->has_entities = true;
    xmlStopParser(parser);
}

static void parse(const char *data, size_t size, const struct feed_input *input,
                  const char *charset, int options, struct attempt *attempt)
{
    memset(attempt, 0, sizeof *attempt);
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (parser == NULL) {
        attempt->no_memory = true;
        return;
    }
    parser->_private = attempt;
    parser->sax->entityDecl = refuse_entity;
    attempt->document = xmlCtxtReadMemory(parser, data, (int)size, input->url, charset,
                                          SAFE_OPTIONS | options);
    attempt->well_formed = parser->wellFormed != 0;
    attempt->unknown_charset = parser->lastError.code == XML_ERR_UNSUPPORTED_ENCODING ||
                               parser->lastError.code == XML_ERR_UNKNOWN_ENCODING;
    attempt->no_memory = parser->lastError.code == XML_ERR_NO_MEMORY;
    if (attempt->document == NULL && parser->myDoc != NULL) {
        xmlFreeDoc(parser->myDoc);
        parser->myDoc = NULL;
    }
    xmlFreeParserCtxt(parser);
    if (attempt->has_entities && attempt->document != NULL) {
        xmlFreeDoc(attempt->document);
        attempt->document = NULL;
    }
}

static bool has_mark(const unsigned char *bytes, size_t size)
{
    return (size >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf) ||
           (size >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff) ||
           (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe);
}

static void parse_mended(const char *data, size_t size, const struct feed_input *input,
                         const char *charset, struct attempt *attempt)
{
    struct feed_text mended;
    feed_text_init(&mended, MENDED_MOST);
    feed_mend(data, size, &mended);
    if (mended.failed || mended.data == NULL) {
        memset(attempt, 0, sizeof *attempt);
        attempt->no_memory = true;
    } else {
        parse(mended.data, mended.size, input, charset, XML_PARSE_RECOVER, attempt);
    }
    feed_text_finish(&mended);
}

/* False at the first byte that is not of a well-formed character. */
static bool is_utf8(const char *data, size_t size)
{
    const unsigned char *at = (const unsigned char *)data, *end = at + size;
    while (at < end) {
        int length = *at < 0x80                  ? 1
                     : *at >= 0xC2 && *at < 0xE0 ? 2
                     : *at >= 0xE0 && *at < 0xF0 ? 3
                     : *at >= 0xF0 && *at < 0xF5 ? 4
                                                 : 0;
        if (length == 0 || end - at < length) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            if ((at[i] & 0xC0U) != 0x80U) {
                return false;
            }
        }
        at += length;
    }
    return true;
}

/* True when the feed is, by its own word or for want of another, UTF-8. */
static bool claims_utf8(const char *data, size_t size, const char *charset)
{
    if (charset != NULL) {
        return strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "utf8") == 0;
    }
    const char *end = memchr(data, '>', size < 200 ? size : 200);
    size_t head = end == NULL ? 0 : (size_t)(end - data);
    const char *name = head == 0 ? NULL : memmem(data, head, "encoding", 8);
    return name == NULL ||
           memmem(name, head - (size_t)(name - data), "utf-8", 5) != NULL ||
           memmem(name, head - (size_t)(name - data), "UTF-8", 5) != NULL;
}

/* The encoding of a feed that says UTF-8 and is none, as its bytes tell; "" when they
 * do not. */
static void detect(const char *data, size_t size, char out[64])
{
    uchardet_t detector = uchardet_new();
    out[0] = '\0';
    if (detector != NULL) {
        (void)uchardet_handle_data(detector, data,
                                   size < DETECT_MOST ? size : DETECT_MOST);
        uchardet_data_end(detector);
        (void)snprintf(out, 64, "%s", uchardet_get_charset(detector));
        uchardet_delete(detector);
    }
}

enum feed_status feed_read_xml(const struct feed_input *input, xmlDoc **document,
                               bool *broken)
{
    const char *data = input->data;
    size_t size = input->size;
    const char *charset = input->charset;
    struct attempt attempt;
    *document = NULL;
    *broken = false;
    while (size > 0 && strchr(" \t\r\n", *data) != NULL && *data != '\0') {
        data++;
        size--;
    }
    if (size == 0 || size > INT_MAX / 2) {
        return FEED_IS_NOT_XML;
    }
    if (charset != NULL &&
        (*charset == '\0' || has_mark((const unsigned char *)data, size))) {
        charset = NULL;
    }
    char detected[64] = "";
    bool marked = has_mark((const unsigned char *)data, size);
    if (!marked && claims_utf8(data, size, charset) && !is_utf8(data, size)) {
        detect(data, size, detected);
        charset = detected[0] == '\0' ? charset : detected;
    }
    parse(data, size, input, charset, 0, &attempt);
    if (attempt.unknown_charset && charset != NULL) {
        charset = NULL;
        parse(data, size, input, NULL, 0, &attempt);
    }
    if (attempt.document == NULL && !attempt.has_entities && !attempt.no_memory) {
        parse_mended(data, size, input, charset, &attempt);
        *broken = !attempt.well_formed;
    }
    *document = attempt.document;
    if (attempt.document != NULL) {
        return FEED_OK;
    }
    return attempt.has_entities
               ? FEED_HAS_ENTITIES
               : (attempt.no_memory ? FEED_NO_MEMORY : FEED_IS_NOT_XML);
}
