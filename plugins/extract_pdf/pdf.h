/* The library behind extract.pdf: what `pdftotext -bbox-layout` says of a PDF's words
 * and their places to text in reading order. Pure functions over bytes: no host, no
 * files, no processes, so the plugin, its tests and its fuzz target share it. */
#ifndef EXTRACT_PDF_PDF_H
#define EXTRACT_PDF_PDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PDF_WORDS      2000000 /* of a document; what comes later is left out */
#define PDF_TEXT_LIMIT ((size_t)16 << 20)

/* Aligned for any type, or NULL; dropped all at once. */
struct pdf_memory {
    void *(*allocate)(void *user, size_t size);
    void *user;
};

/* UTF-8; its characters stand from left to right as they do on the page. Places in
 * points from the page's upper left corner. */
struct pdf_word {
    const char *text;
    size_t size;
    float left, top, right, bottom;
};

struct pdf_line {
    uint32_t first, count; /* words, from left to right */
    uint32_t page;         /* from 1 */
    uint32_t block;        /* lines of one block share it */
    float left, top, right, bottom;
};

struct pdf_boxes {
    struct pdf_word *words;
    size_t word_count, word_room;
    struct pdf_line *lines;
    size_t line_count, line_room;
    uint32_t page_count, block_count;
    const char *title; /* of the document's information, or NULL */
    size_t title_size;
    bool partial; /* a cap was reached */
};

struct pdf_span {
    size_t start, end;
};

/* Text as other extractors give it: paragraphs joined by two line ends, NFC. */
struct pdf_text {
    char *text;
    size_t size, room;
    struct pdf_span *paragraphs;
    size_t paragraph_count, paragraph_room;
    size_t *pages; /* where the text of each page begins, page_count of them */
    uint32_t page_count;
    size_t turned_brackets; /* that stood among right-to-left letters */
    bool partial;
};

/* ---- boxes.c ---- */
/* Reads what the program printed. False when memory was refused. Texts point into
 * `printed`, which is changed in place where characters were escaped. */
bool pdf_boxes_read(char *printed, size_t size, const struct pdf_memory *memory,
                    struct pdf_boxes *out);

/* ---- order.c ---- */
enum pdf_base { PDF_LEFT_TO_RIGHT, PDF_RIGHT_TO_LEFT };

/* The letters of words by the direction that they are written in. */
struct pdf_letters {
    size_t left_to_right, right_to_left;
};
void pdf_count_letters(const struct pdf_word *words, size_t count,
                       struct pdf_letters *out);
/* Appends a line's words in logical order: characters of right-to-left scripts are
 * turned, numbers and what is written from left to right are not, presentation forms
 * become letters, marks follow their letters, all in NFC. With `mirrored` the file
 * gives the shapes of brackets among right-to-left letters in place of their
 * characters. False when memory was refused. */
bool pdf_append_line(const struct pdf_word *words, size_t count, enum pdf_base base,
                     bool mirrored, const struct pdf_memory *memory,
                     struct pdf_text *out);

/* ---- layout.c ---- */
/* Lines to paragraphs and pages; parts of one line become one. False when memory was
 * refused. */
bool pdf_lay_out(struct pdf_boxes *boxes, const struct pdf_memory *memory,
                 struct pdf_text *out);

/* ---- cmap.c ---- */
struct pdf_cmaps {
    size_t mended; /* maps of glyphs to letters that were turned around */
    size_t broken; /* maps in which one glyph stands for a whole line of letters */
};

/* A glyph that stands for several right-to-left letters (lam with alef) is given by a
 * PDF in the order of reading; pdftotext lays them out from left to right and so turns
 * them around. Reverses such entries in the maps (ToUnicode) of a PDF, in place: no
 * byte moves, a map that would not fit stays as it is. */
void pdf_mend_cmaps(char *pdf, size_t size, struct pdf_cmaps *out);

/* ---- memory.c ---- */
/* Room for `extra` items of `size` bytes behind `count`. */
bool pdf_grow(const struct pdf_memory *memory, void **items, size_t *room, size_t count,
              size_t extra, size_t size);
bool pdf_put(const struct pdf_memory *memory, struct pdf_text *out, const char *text,
             size_t size);

#endif
