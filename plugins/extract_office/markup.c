#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "office.h"

struct reading {
    struct markup *markup;
    xmlParserCtxt *parser;
    bool failed;
};

bool slice_is(struct table_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

struct table_slice markup_attribute(int count, const char **attributes,
                                    const char *name)
{
    struct table_slice value = {"", 0};
    for (int i = 0; i < count; i++) {
        if (strcmp(attributes[5 * i], name) == 0) {
            value.data = attributes[5 * i + 3];
            value.size = (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3]);
            break;
        }
    }
    return value;
}

uint32_t markup_number(int count, const char **attributes, const char *name,
                       uint32_t otherwise)
{
    struct table_slice text = markup_attribute(count, attributes, name);
    uint32_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || number > 100000000) {
            return otherwise;
        }
        number = number * 10 + (uint32_t)(text.data[i] - '0');
    }
    return text.size == 0 ? otherwise : number;
}

void gather(struct office_document *document, struct gathered *text, const char *data,
            size_t size)
{
    void *items = text->data;
    if (size > OFFICE_TEXT || text->size > OFFICE_TEXT - size) {
        document->partial = true;
        return;
    }
    if (!table_grow(document->memory, &items, &text->room, text->size, size + 1, 1)) {
        document->no_memory = true;
        return;
    }
    text->data = items;
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
}

/* ---- events ---- */

static struct reading *reading_of(void *context)
{
    return ((xmlParserCtxt *)context)->_private;
}

static void on_element_start(void *context, const xmlChar *name, const xmlChar *prefix,
                             const xmlChar *space, int space_count,
                             const xmlChar **spaces, int count, int defaulted,
                             const xmlChar **attributes)
{
    struct markup *markup = reading_of(context)->markup;
    (void)prefix;
    (void)space;
    (void)space_count;
    (void)spaces;
    (void)defaulted;
    markup->start(markup->owner, (const char *)name, count, (const char **)attributes);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *space)
{
    struct markup *markup = reading_of(context)->markup;
    (void)prefix;
    (void)space;
    markup->end(markup->owner, (const char *)name);
}

static void on_text(void *context, const xmlChar *data, int size)
{
    struct markup *markup = reading_of(context)->markup;
    markup->text(markup->owner, (const char *)data, (size_t)size);
}

/* Nothing may be declared, so that nothing is expanded or fetched. */
static void on_document_type(void *context, const xmlChar *name,
                             const xmlChar *public_id, const xmlChar *system_id)
{
    struct reading *reading = reading_of(context);
    (void)name;
    (void)public_id;
    (void)system_id;
    reading->failed = true;
    (void)office_refuse(
        reading->markup->document,
        "a part declares a document type, which no office program does");
    xmlStopParser(context);
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct reading *reading = reading_of(context);
    if (error->level == XML_ERR_FATAL && !reading->failed) {
        const char *message = error->message == NULL ? "it is no XML" : error->message;
        reading->failed = true;
        (void)office_refuse(reading->markup->document, "line %d: %.*s", error->line,
                            (int)strcspn(message, "\n"), message);
    }
}

static bool feed(void *owner, const char *data, size_t size)
{
    struct reading *reading = owner;
    (void)xmlParseChunk(reading->parser, data, (int)size, 0);
    return !reading->failed && !reading->markup->document->no_memory;
}

enum office_status markup_read(const struct package *package, const char *name,
                               struct markup *markup)
{
    xmlSAXHandler events = {.initialized = XML_SAX2_MAGIC,
                            .startElementNs = on_element_start,
                            .endElementNs = on_end,
                            .characters = on_text,
                            .cdataBlock = on_text,
                            .internalSubset = on_document_type,
                            .serror = on_error};
    struct reading reading = {.markup = markup};
    reading.parser = xmlCreatePushParserCtxt(&events, NULL, NULL, 0, NULL);
    if (reading.parser == NULL) {
        return OFFICE_NO_MEMORY;
    }
    reading.parser->_private = &reading;
    /* "&amp;" in attributes becomes what it stands for; others cannot be declared. */
    (void)xmlCtxtUseOptions(reading.parser,
                            XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_NOENT);
    enum office_status status =
        package_read(markup->document, package, name, feed, &reading);
    if (status == OFFICE_OK && !reading.failed) {
        (void)xmlParseChunk(reading.parser, "", 0, 1);
    }
    if (status == OFFICE_OK && reading.failed) {
        status = OFFICE_REFUSED;
    }
    if (status != OFFICE_CANCELLED && markup->document->no_memory) {
        status = OFFICE_NO_MEMORY;
    }
    /* Without a tree, what is left is the parser's own. */
    if (reading.parser->myDoc != NULL) {
        xmlFreeDoc(reading.parser->myDoc);
    }
    xmlFreeParserCtxt(reading.parser);
    return status;
}

enum office_status office_refuse(struct office_document *document, const char *format,
                                 ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(document->reason, sizeof document->reason, format, arguments);
    va_end(arguments);
    return OFFICE_REFUSED;
}
