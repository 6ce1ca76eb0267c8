#include "cells.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct scan {
    const struct dialect *dialect;
    const char *at, *end;
    struct row *row;
    unsigned char
        high; /* or of what was passed: beyond ASCII when its top bit is set */
    bool last;
};

/* Moves to the separator or line end behind a bare cell, or to the end. */
static void skip_bare(struct scan *scan)
{
    const char *at = scan->at;
    const char separator = scan->dialect->separator;
#ifdef __SSE2__
    const __m128i separators = _mm_set1_epi8(separator);
    const __m128i newlines = _mm_set1_epi8('\n');
    const __m128i returns = _mm_set1_epi8('\r');
    const __m128i zero = _mm_setzero_si128();
    while (scan->end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, separators),
                                                 _mm_cmpeq_epi8(bytes, newlines)),
                                    _mm_cmpeq_epi8(bytes, returns));
        unsigned stops = (unsigned)_mm_movemask_epi8(stop);
        unsigned seen = stops != 0 ? (stops & (0U - stops)) - 1 : 0xffffU;
        scan->high |= (_mm_movemask_epi8(bytes) & (int)seen) != 0 ? 0x80 : 0;
        scan->row->nul |=
            ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, zero)) & seen) != 0;
        if (stops != 0) {
            scan->at = at + __builtin_ctz(stops);
            return;
        }
        at += 16;
    }
#endif
    for (; at < scan->end && *at != separator && *at != '\n' && *at != '\r'; at++) {
        scan->high |= (unsigned char)*at;
        scan->row->nul |= *at == '\0';
    }
    scan->at = at;
}

/* Between the quotes: what to know of the text. */
static void look_at(struct scan *scan, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        scan->high |= (unsigned char)data[i];
        scan->row->lines += data[i] == '\n';
        scan->row->nul |= data[i] == '\0';
    }
}

/* At the opening quote. */
static enum row_status take_quoted(struct scan *scan, struct cell *cell)
{
    char quote = scan->dialect->quote;
    const char *first = scan->at + 1;
    const char *at = first;
    *cell = (struct cell){.data = first, .quoted = true};
    for (;;) {
        const char *close = memchr(at, quote, (size_t)(scan->end - at));
        if (close == NULL || (size_t)(close - first) > QUOTED_MOST) {
            bool more = close == NULL && !scan->last &&
                        (size_t)(scan->end - first) <= QUOTED_MOST;
            return more ? ROW_PART : ROW_UNCLOSED;
        }
        if (close + 1 == scan->end && !scan->last) {
            return ROW_PART; /* another quote may follow */
        }
        if (close + 1 < scan->end && close[1] == quote) {
            cell->doubled = true;
            at = close + 2;
            continue;
        }
        cell->size = (size_t)(close - first);
        look_at(scan, first, cell->size);
        scan->at = close + 1;
        return ROW_OK;
    }
}

static enum row_status take_cell(struct scan *scan)
{
    struct row *row = scan->row;
    if (row->count == CELLS_MOST) {
        return ROW_MANY;
    }
    struct cell *cell = &row->cells[row->count++];
    if (scan->at < scan->end && *scan->at == scan->dialect->quote &&
        scan->dialect->quote != '\0') {
        enum row_status status = take_quoted(scan, cell);
        if (status != ROW_OK || scan->at == scan->end) {
            return status;
        }
        return *scan->at == scan->dialect->separator || *scan->at == '\n' ||
                       *scan->at == '\r'
                   ? ROW_OK
                   : ROW_BEHIND;
    }
    const char *first = scan->at;
    skip_bare(scan);
    *cell = (struct cell){.data = first, .size = (size_t)(scan->at - first)};
    return ROW_OK;
}

/* Behind the last cell: moves behind the line end. */
static enum row_status end_row(struct scan *scan)
{
    if (scan->at == scan->end) {
        return scan->last ? ROW_OK : ROW_PART;
    }
    if (*scan->at == '\r') {
        if (scan->at + 1 == scan->end && !scan->last) {
            return ROW_PART;
        }
        scan->at++;
        if (scan->at == scan->end || *scan->at != '\n') {
            scan->row->lines++;
            return ROW_OK; /* a lone CR ends lines on old systems */
        }
    }
    scan->at++;
    scan->row->lines++;
    return ROW_OK;
}

/* Behind the first line of what is no row. */
static const char *skip_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline == NULL ? end : newline + 1;
}

enum row_status row_read(const struct dialect *dialect, const char **at,
                         const char *end, bool last, struct row *row)
{
    struct scan scan = {dialect, *at, end, row, 0, last};
    enum row_status status = ROW_OK;
    row->count = 0;
    row->lines = 0;
    row->nul = false;
    if (*at == end) {
        return ROW_END;
    }
    for (;;) {
        status = take_cell(&scan);
        if (status != ROW_OK || scan.at == end || *scan.at != dialect->separator) {
            break;
        }
        scan.at++;
    }
    if (status == ROW_OK) {
        status = end_row(&scan);
    }
    row->ascii = (scan.high & 0x80) == 0;
    if (status == ROW_MANY && !last && memchr(*at, '\n', (size_t)(end - *at)) == NULL &&
        (size_t)(end - *at) < QUOTED_MOST) {
        status = ROW_PART;
    }
    if (status == ROW_OK) {
        *at = scan.at;
    } else if (status != ROW_PART) {
        row->lines = 1;
        *at = skip_line(*at, end);
    }
    return status;
}

size_t cell_text(const struct cell *cell, char quote, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < cell->size; i++) {
        out[size++] = cell->data[i];
        i += cell->data[i] == quote;
    }
    return size;
}
