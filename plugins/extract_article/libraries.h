/* libxml2, uchardet and utf8proc, loaded when the first page needs them: with them come
 * ICU's data and the C++ library, which cost a run some ten milliseconds that reads
 * plain text only. The headers are used for types alone; nothing links against the
 * libraries.
 */
#ifndef MIZAN_EXTRACT_ARTICLE_LIBRARIES_H
#define MIZAN_EXTRACT_ARTICLE_LIBRARIES_H

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <uchardet/uchardet.h>
#include <utf8proc.h>

struct xml_library {
    __typeof__(xmlInitParser) *init_parser;
    __typeof__(htmlCreateMemoryParserCtxt) *create_context;
    __typeof__(htmlCtxtUseOptions) *use_options;
    __typeof__(xmlSwitchEncoding) *switch_encoding;
    __typeof__(htmlParseDocument) *parse_document;
    __typeof__(htmlFreeParserCtxt) *free_context;
    __typeof__(xmlStopParser) *stop;
};

struct charset_library {
    __typeof__(uchardet_new) *create;
    __typeof__(uchardet_handle_data) *handle_data;
    __typeof__(uchardet_data_end) *data_end;
    __typeof__(uchardet_get_charset) *charset;
    __typeof__(uchardet_delete) *destroy;
};

/* The library, loaded once for the process and by whichever thread comes first, or NULL
 * when it is not installed. Never unloaded. */
const struct xml_library *xml_library(void);
const struct charset_library *charset_library(void);

struct compose_library {
    __typeof__(utf8proc_map) *map;
};
const struct compose_library *compose_library(void);

#endif
