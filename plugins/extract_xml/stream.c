#include "stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#define DEPTH_MOST 200
#define PATH_MOST  1024
#define HEAD_MOST  256 /* bytes in which an XML declaration must end */

/* Text that grows. */
struct text {
    char *data;
    size_t size, room;
};

struct place {
    size_t path, text; /* offsets into the texts of the record */
    size_t path_size, size;
};

struct level {
    size_t path_size; /* of the path before this element */
    size_t text;      /* where its own text begins in `pending` */
};

struct stream {
    xmlParserCtxt *parser;
    char *records;
    bool from_root; /* `records` is a whole path */
    char reason[STREAM_REASON];
    bool failed, started;
    /* the elements that are open */
    char path[PATH_MOST];
    size_t path_size;
    struct level levels[DEPTH_MOST + 1];
    size_t depth;
    size_t record_depth; /* 0: outside of any record */
    size_t record_path;  /* size of the path of the record's element */
    struct text texts, pending;
    struct place *places;
    size_t count, room;
    size_t spaces, notes;
    stream_found found;
    void *owner;
    struct stream_field *fields;
    size_t field_room;
};

/* ---- failures ---- */

static void refuse(struct stream *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void refuse(struct stream *stream, const char *format, ...)
{
    char sentence[200];
    va_list arguments;
    if (stream->failed) {
        return;
    }
    stream->failed = true;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    int line = stream->parser == NULL || stream->parser->input == NULL
                   ? 1
                   : stream->parser->input->line;
    snprintf(stream->reason, sizeof stream->reason, "line %d: %s", line, sentence);
    if (stream->parser != NULL) {
        xmlStopParser(stream->parser);
    }
}

const char *stream_reason(const struct stream *stream)
{
    return stream->reason;
}

static void on_error(void *owner, xmlErrorPtr error)
{
    struct stream *stream = ((xmlParserCtxt *)owner)->_private;
    /* None yet: the first bytes are in an encoding that the parser does not know. */
    if (stream != NULL && error->level == XML_ERR_FATAL && !stream->failed) {
        const char *message = error->message == NULL ? "it is not XML" : error->message;
        refuse(stream, "%.*s", (int)strcspn(message, "\n"), message);
    }
}

static bool add(struct stream *stream, struct text *text, const char *data, size_t size)
{
    if (stream->failed) {
        return false;
    }
    if (text->size + size > STREAM_RECORD) {
        refuse(stream, "a record of more than %zu MiB", STREAM_RECORD >> 20);
        return false;
    }
    if (text->size + size > text->room) {
        size_t room = text->room == 0 ? 4096 : text->room;
        while (room < text->size + size) {
            room *= 2;
        }
        char *grown = realloc(text->data, room);
        if (grown == NULL) {
            refuse(stream, "not enough memory");
            return false;
        }
        text->data = grown;
        text->room = room;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    return true;
}

/* ---- records ---- */

/* True when the element that is open now is a record. */
static bool is_record(const struct stream *stream)
{
    size_t size = strlen(stream->records);
    const char *path = stream->path;
    if (stream->from_root) {
        return size == stream->path_size && memcmp(path, stream->records, size) == 0;
    }
    return stream->path_size > size && path[stream->path_size - size - 1] == '/' &&
           memcmp(path + stream->path_size - size, stream->records, size) == 0;
}

static void add_field(struct stream *stream, const char *name, bool attribute,
                      const char *data, size_t size)
{
    if (stream->count >= STREAM_FIELDS) {
        refuse(stream, "a record of more than %d fields", STREAM_FIELDS);
        return;
    }
    if (stream->count == stream->room) {
        size_t room = stream->room == 0 ? 64 : 2 * stream->room;
        struct place *places = realloc(stream->places, room * sizeof *places);
        if (places == NULL) {
            refuse(stream, "not enough memory");
            return;
        }
        stream->places = places;
        stream->room = room;
    }
    struct place place = {.path = stream->texts.size};
    const char *below = stream->path + stream->record_path;
    size_t below_size = stream->path_size - stream->record_path;
    if (below_size > 0) { /* without the slash in front */
        add(stream, &stream->texts, below + 1, below_size - 1);
    }
    if (attribute) {
        add(stream, &stream->texts, "/@", below_size > 0 ? 2 : 0);
        add(stream, &stream->texts, "@", below_size > 0 ? 0 : 1);
        add(stream, &stream->texts, name, strlen(name));
    } else if (below_size == 0) {
        add(stream, &stream->texts, "text", 4);
    }
    place.path_size = stream->texts.size - place.path;
    place.text = stream->texts.size;
    place.size = size;
    add(stream, &stream->texts, data, size);
    if (!stream->failed) {
        stream->places[stream->count++] = place;
    }
}

static void give_record(struct stream *stream)
{
    char path[PATH_MOST + 1];
    if (stream->count > stream->field_room) {
        struct stream_field *fields =
            realloc(stream->fields, stream->room * sizeof *fields);
        if (fields == NULL) {
            refuse(stream, "not enough memory");
            return;
        }
        stream->fields = fields;
        stream->field_room = stream->room;
    }
    for (size_t i = 0; i < stream->count; i++) {
        const struct place *place = &stream->places[i];
        stream->fields[i] = (struct stream_field){stream->texts.data + place->path,
                                                  stream->texts.data + place->text,
                                                  place->path_size, place->size};
    }
    memcpy(path, stream->path, stream->path_size);
    path[stream->path_size] = '\0';
    if (!stream->found(stream->owner, stream->fields, stream->count, path)) {
        refuse(stream, "stopped");
    }
}

/* ---- what the parser tells ---- */

static bool push(struct stream *stream, const char *name)
{
    size_t size = strlen(name);
    if (stream->depth >= DEPTH_MOST || stream->path_size + size + 1 > PATH_MOST) {
        refuse(stream, "it nests deeper than %d levels, or its names are too long",
               DEPTH_MOST);
        return false;
    }
    stream->levels[stream->depth++] =
        (struct level){stream->path_size, stream->pending.size};
    stream->path[stream->path_size++] = '/';
    memcpy(stream->path + stream->path_size, name, size);
    stream->path_size += size;
    return true;
}

/* Without prefixes: they are the document's own choice. */
static void on_element_start(void *context, const xmlChar *name, const xmlChar *prefix,
                             const xmlChar *space, int space_count,
                             const xmlChar **spaces, int attribute_count,
                             int default_count, const xmlChar **attributes)
{
    struct stream *stream = ((xmlParserCtxt *)context)->_private;
    (void)prefix;
    (void)space;
    (void)spaces;
    (void)default_count;
    stream->spaces += (size_t)space_count;
    if (stream->spaces > STREAM_SPACES) {
        refuse(stream, "more than %d namespace declarations", STREAM_SPACES);
    }
    if (stream->failed || !push(stream, (const char *)name)) {
        return;
    }
    if (stream->record_depth == 0 && is_record(stream)) {
        stream->record_depth = stream->depth;
        stream->record_path = stream->path_size;
        stream->count = 0;
        stream->texts.size = 0;
        stream->pending.size = 0;
        stream->levels[stream->depth - 1].text = 0;
    }
    for (int i = 0; i < attribute_count && stream->record_depth > 0; i++) {
        const xmlChar **attribute = attributes + (ptrdiff_t)5 * i;
        add_field(stream, (const char *)attribute[0], true, (const char *)attribute[3],
                  (size_t)(attribute[4] - attribute[3]));
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *space)
{
    struct stream *stream = ((xmlParserCtxt *)context)->_private;
    (void)name;
    (void)prefix;
    (void)space;
    if (stream->failed || stream->depth == 0) {
        return;
    }
    const struct level *level = &stream->levels[stream->depth - 1];
    if (stream->record_depth > 0) {
        size_t size = stream->pending.size - level->text;
        const char *data = size > 0 ? stream->pending.data + level->text : "";
        while (size > 0 && is_blank(*data)) {
            data++;
            size--;
        }
        while (size > 0 && is_blank(data[size - 1])) {
            size--;
        }
        if (size > 0) {
            add_field(stream, "", false, data, size);
        }
        stream->pending.size = level->text;
    }
    if (stream->record_depth == stream->depth && !stream->failed) {
        give_record(stream);
        stream->record_depth = 0;
    }
    stream->path_size = level->path_size;
    stream->depth--;
}

static void on_text(void *context, const xmlChar *text, int size)
{
    struct stream *stream = ((xmlParserCtxt *)context)->_private;
    if (stream->record_depth > 0) {
        add(stream, &stream->pending, (const char *)text, (size_t)size);
    }
}

static void on_note(struct stream *stream)
{
    if (++stream->notes > STREAM_NOTES) {
        refuse(stream, "more than %d comments and processing instructions",
               STREAM_NOTES);
    }
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    on_note(((xmlParserCtxt *)context)->_private);
}

static void on_comment(void *context, const xmlChar *text)
{
    (void)text;
    on_note(((xmlParserCtxt *)context)->_private);
}

static void on_document_type(void *context, const xmlChar *name,
                             const xmlChar *public_id, const xmlChar *system_id)
{
    (void)name;
    (void)public_id;
    (void)system_id;
    refuse(((xmlParserCtxt *)context)->_private,
           "it has a document type (DOCTYPE), which is refused: entities are neither "
           "expanded nor fetched");
}

/* The five that XML itself has; there are no others. */
static xmlEntityPtr on_entity(void *context, const xmlChar *name)
{
    (void)context;
    return xmlGetPredefinedEntity(name);
}

static xmlParserInputPtr on_outside(void *context, const xmlChar *public_id,
                                    const xmlChar *system_id)
{
    (void)public_id;
    (void)system_id;
    refuse(((xmlParserCtxt *)context)->_private,
           "it refers to something outside of it, which is refused");
    return NULL;
}

/* ---- the text ---- */

/* Encodings in which the same bytes read otherwise to whoever looks at them as ASCII
 * are refused: UTF-7 and its like. */
static bool accepts_encoding(struct stream *stream, const char *data, size_t size)
{
    static const char *const refused[] = {
        "utf-7", "utf7",   "unicode-1-1-utf-7", "csutf7",
        "scsu",  "bocu-1", "hz-gb-2312",        "iso-2022-kr"};
    char head[HEAD_MOST + 1];
    size = size < HEAD_MOST ? size : HEAD_MOST;
    memcpy(head, data, size);
    head[size] = '\0';
    char *end = strstr(head, "?>");
    char *encoding = strstr(head, "encoding");
    if (strncmp(head, "+ADw-", 5) == 0) {
        refuse(stream, "the encoding UTF-7 is refused");
        return false;
    }
    if (encoding == NULL || end == NULL || encoding > end) {
        return true;
    }
    encoding += strcspn(encoding, "\"'");
    size_t length = *encoding == '\0' ? 0 : strcspn(encoding + 1, "\"'");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (length == strlen(refused[i]) &&
            strncasecmp(encoding + 1, refused[i], length) == 0) {
            refuse(stream, "the encoding %s is refused", refused[i]);
            return false;
        }
    }
    return true;
}

struct stream *stream_open(const char *records, size_t size)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        return NULL;
    }
    stream->records = strndup(records, size);
    stream->from_root = size > 0 && records[0] == '/';
    if (stream->records == NULL) {
        stream_close(stream);
        return NULL;
    }
    return stream;
}

void stream_close(struct stream *stream)
{
    if (stream == NULL) {
        return;
    }
    if (stream->parser != NULL) {
        xmlFreeDoc(stream->parser->myDoc);
        xmlFreeParserCtxt(stream->parser);
    }
    free(stream->records);
    free(stream->texts.data);
    free(stream->pending.data);
    free(stream->places);
    free(stream->fields);
    free(stream);
}

static bool start(struct stream *stream, const char *data, size_t size)
{
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = on_element_start,
                             .endElementNs = on_end,
                             .characters = on_text,
                             .ignorableWhitespace = on_text,
                             .cdataBlock = on_text,
                             .processingInstruction = on_instruction,
                             .comment = on_comment,
                             .internalSubset = on_document_type,
                             .externalSubset = on_document_type,
                             .getEntity = on_entity,
                             .getParameterEntity = NULL,
                             .resolveEntity = on_outside,
                             .serror = on_error};
    stream->started = true;
    if (!accepts_encoding(stream, data, size)) {
        return false;
    }
    /* The first bytes tell the encoding. */
    stream->parser =
        xmlCreatePushParserCtxt(&handler, NULL, data, size < 4 ? (int)size : 4, NULL);
    if (stream->parser == NULL) {
        refuse(stream, "not enough memory");
        return false;
    }
    stream->parser->_private = stream;
    if (stream->parser->errNo != XML_ERR_OK) {
        refuse(stream, "its encoding is not known");
        return false;
    }
    (void)xmlCtxtUseOptions(stream->parser,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    /* The options reset what they do not know. */
    *stream->parser->sax = handler;
    return true;
}

bool stream_feed(struct stream *stream, const char *data, size_t size, bool last,
                 stream_found found, void *owner)
{
    stream->found = found;
    stream->owner = owner;
    if (stream->failed) {
        return false;
    }
    size_t skip = 0;
    if (!stream->started) {
        if (!start(stream, data, size)) {
            return false;
        }
        skip = size < 4 ? size : 4;
    }
    int status = xmlParseChunk(stream->parser, data + skip, (int)(size - skip), last);
    if (!stream->failed && (status != 0 || (last && !stream->parser->wellFormed))) {
        refuse(stream, "it is not well-formed XML");
    }
    return !stream->failed;
}
