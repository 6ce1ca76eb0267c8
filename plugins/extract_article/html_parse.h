/* The state of one parse and what its parts call of one another: html.c drives the
 * parser and takes its events, html_text.c keeps text, html_facts.c reads attributes.
 */
#ifndef ARTICLE_HTML_PARSE_H
#define ARTICLE_HTML_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libraries.h"
#include "page.h"
#include "tags.h"

#define DEPTH_KEPT      512  /* elements nested deeper do not get a frame */
#define DEPTH_LIMIT     1024 /* the page ends here: the parser's work is squared */
#define NODE_LIMIT      200000
#define BLOCK_LIMIT     200000
#define ATTRIBUTE_LIMIT 256
#define CAPTURE_LIMIT   4 /* texts that are read for themselves, open at once */
#define CAPTURE_SIZE    512
#define DATA_LIMIT      (1 << 20) /* bytes of one JSON-LD script */
#define TAG_CACHE       128

enum frame_flag {
    FRAME_SKIP = 1,
    FRAME_LINK = 2,
    FRAME_RAISED = 4,
    FRAME_BLOCK = 8,
    FRAME_CAPTURE = 16,
    FRAME_AUTHOR = 32,
    FRAME_PUBLISHER = 64,
    FRAME_DATA = 128
};

struct frame {
    uint32_t node; /* to return to */
    uint8_t flags;
    uint8_t captures;
};

struct capture {
    enum { CAPTURE_FACT, CAPTURE_TITLE, CAPTURE_HEADING } use;
    enum article_fact fact;
    enum article_rank rank;
    size_t size;
    char text[CAPTURE_SIZE];
};

struct parse {
    struct page *page;
    htmlParserCtxtPtr parser;
    struct frame frames[DEPTH_KEPT];
    size_t depth, beyond; /* frames, and open elements without one */
    unsigned skip, link, raised, author, publisher;
    uint32_t node;        /* the innermost block-level element */
    uint32_t block_start; /* of the text that no block holds yet */
    uint32_t block_links;
    bool dated;       /* a <time> began in it */
    bool space;       /* white space was seen since the last character */
    bool broken;      /* the last thing was a <br> */
    bool open_entity; /* the last text was the & of an entity without its semicolon */
    struct capture captures[CAPTURE_LIMIT];
    size_t capture_count;
    bool in_data;
    char *data; /* JSON-LD */
    size_t data_size, data_room;
    /* Names are interned by the parser: its addresses find the tag again. */
    struct {
        const xmlChar *name;
        const struct tag *tag;
    } cache[TAG_CACHE];
};

/* End the parse: memory was refused, or a cap was reached and the page is partial. */
void html_fail(struct parse *parse);
void html_cut(struct parse *parse);

/* Closes the running text as a block of the current node. */
void html_end_block(struct parse *parse);
/* Makes a node for a block-level element the current one. */
void html_begin_node(struct parse *parse, const struct tag *tag, uint8_t flags);
/* Events of the parser. */
void html_on_text(void *user, const xmlChar *text, int length);
void html_on_script(void *user, const xmlChar *text, int length);

/* A text that is read until the current frame ends, or NULL when too many are open. */
struct capture *html_begin_capture(struct parse *parse, uint8_t *flags);
void html_capture_fact(struct parse *parse, enum article_fact fact,
                       enum article_rank rank, uint8_t *flags);
void html_end_capture(struct parse *parse);

/* The value of an attribute, or NULL. */
const char *html_attribute(const xmlChar **attributes, const char *name);
/* Offers a value, NULL too, to the page's facts. */
void html_offer(struct parse *parse, enum article_fact fact, const char *value,
                enum article_rank rank);
void html_read_relation(struct parse *parse, const xmlChar **attributes);
void html_read_meta(struct parse *parse, const xmlChar **attributes);
void html_read_input(struct parse *parse, const xmlChar **attributes);
void html_read_time(struct parse *parse, const xmlChar **attributes);
/* Microdata: what the element is the property of, and where its value stands. */
void html_read_property(struct parse *parse, const char *property,
                        const xmlChar **attributes, uint8_t *flags);
/* One look at all attributes of a block-level element: node flags, and whether its
 * class says that it holds a date. */
uint8_t html_read_hints(const xmlChar **attributes, const struct tag *tag, bool *dated);
void html_read_inline(struct parse *parse, const xmlChar **attributes, uint8_t *flags);

#endif
