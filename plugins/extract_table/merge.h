/* The lines of a page's tables in the place of their cells in the article's text. */
#ifndef TABLE_MERGE_H
#define TABLE_MERGE_H

#include "shared/tables/table.h"

struct merged_span {
    size_t start, end;
};

struct merged {
    char *text; /* paragraphs joined by two line ends */
    size_t size, room;
    struct merged_span *paragraphs;
    size_t paragraph_count, paragraph_room;
    struct table_place *places; /* ascending; offsets into the text */
    size_t place_count, place_room;
};

/* Finds each data table by the run of paragraphs that are its cells and puts its lines
 * there. Tables that are not found are appended with `outside`, or where there is no
 * text at all; else left out: they are no part of the article. False when memory was
 * refused. */
bool merge_tables(const struct table_page *page, const struct table_memory *memory,
                  struct table_slice text, bool outside, struct merged *out);

#endif
