/* JSON Lines: a value on each line. What is wrong with a line is said with its number
 * and byte, and the others go on. */
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PIECE     ((size_t)1 << 20) /* bytes that are read at a time */
#define LINE_MOST SLICE_BYTES
#define BAD_AT_ONCE                                                                    \
    100 /* as many first lines that are no JSON: it is something else                  \
         */

/* A piece of the body in memory. */
struct window {
    const char *data;
    size_t size;
    uint64_t offset; /* of its first byte in the body */
    bool end;        /* nothing follows it */
};

struct lines {
    struct rows *rows;
    struct window window;
    uint64_t number; /* of the line at hand, from 1 */
    uint64_t bad;
    uint64_t begin; /* of the slice */
};

static int32_t read_window(struct lines *lines, const char *rest, size_t rest_size)
{
    const struct rows *rows = lines->rows;
    size_t got = 0;
    size_t room = rest_size + PIECE;
    char *data = rows->host->alloc(rows->task, room);
    if (data == NULL) {
        return rows->host->fail(rows->task, MIZAN_ERROR_MEMORY,
                                "not enough memory for a piece of the document");
    }
    if (rest_size > 0) {
        memcpy(data, rest, rest_size);
    }
    uint64_t offset = lines->window.offset + lines->window.size;
    int32_t status =
        rows->host->body_read(rows->task, offset, data + rest_size, PIECE, &got);
    lines->window =
        (struct window){data, rest_size + got, offset - rest_size, got < PIECE};
    return status == MIZAN_OK ? MIZAN_OK
                              : rows->host->fail(rows->task, MIZAN_ERROR_TRANSIENT,
                                                 "the document's body cannot be read");
}

static int32_t refuse_line(struct lines *lines, uint64_t byte)
{
    struct rows *rows = lines->rows;
    lines->bad++;
    if (rows->emitted == 0 && lines->bad >= BAD_AT_ONCE && lines->begin == 0) {
        return rows->host->fail(rows->task, MIZAN_ERROR_INPUT,
                                "not JSON Lines: the first %d lines are no JSON; line "
                                "%" PRIu64 ", byte %" PRIu64 ": %s",
                                BAD_AT_ONCE, lines->number, byte, rows->wrong);
    }
    return rows->host->reject(rows->task, NULL,
                              "line %" PRIu64 ", byte %" PRIu64 ": %s", lines->number,
                              byte, rows->wrong);
}

static int32_t take_line(struct lines *lines, const char *line, const char *end)
{
    struct rows *rows = lines->rows;
    uint64_t offset = lines->window.offset + (uint64_t)(line - lines->window.data);
    struct json_scan scan = {.at = line, .end = end};
    struct mizan_locator locator = {.kind = MIZAN_LOCATOR_SPAN};
    json_blanks(&scan);
    if (scan.at == end) {
        return MIZAN_OK;
    }
    locator.a = (int64_t)(offset + (uint64_t)(scan.at - line));
    locator.b = (int64_t)(offset + (uint64_t)(end - line));
    while (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t') {
        end--;
        locator.b--;
    }
    scan.end = end;
    int32_t status = rows_value(rows, &scan, true, &locator);
    if (status == MIZAN_ERROR_INPUT && rows->wrong != NULL) {
        status = refuse_line(lines, offset + (uint64_t)(rows->place - line));
        rows->wrong = NULL;
    }
    return status;
}

static int32_t skip_mark(struct lines *lines)
{
    struct window *window = &lines->window;
    const unsigned char *first = (const unsigned char *)window->data;
    if (window->offset != 0 || window->size < 2) {
        return MIZAN_OK;
    }
    if ((first[0] == 0xfe && first[1] == 0xff) ||
        (first[0] == 0xff && first[1] == 0xfe) || first[0] == 0 || first[1] == 0) {
        return lines->rows->host->fail(lines->rows->task, MIZAN_ERROR_INPUT,
                                       "byte 0: this looks like UTF-16 or UTF-32; JSON "
                                       "is UTF-8 (RFC 8259): convert "
                                       "it with iconv -t utf-8");
    }
    if (window->size >= 3 && memcmp(first, "\xef\xbb\xbf", 3) == 0) {
        window->data += 3;
        window->size -= 3;
        window->offset += 3;
    }
    return MIZAN_OK;
}

static bool is_full(const struct lines *lines, uint64_t offset)
{
    return lines->rows->emitted >= SLICE_ROWS || offset - lines->begin >= SLICE_BYTES;
}

static int32_t end_slice(struct lines *lines, uint64_t offset)
{
    char state[32];
    const struct rows *rows = lines->rows;
    int size = snprintf(state, sizeof state, "%" PRIu64, lines->number);
    struct mizan_cursor next = {offset, {state, (size_t)size}};
    return rows->host->slice_end(rows->task, &next);
}

/* The lines of the window; *rest is where the last one, which is not whole, begins. */
static int32_t take_window(struct lines *lines, const char **rest, bool *full)
{
    const struct window *window = &lines->window;
    const char *at = window->data;
    const char *end = window->data + window->size;
    int32_t status = MIZAN_OK;
    *full = false;
    while (status == MIZAN_OK && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL && !window->end) {
            break;
        }
        if (is_full(lines, window->offset + (uint64_t)(at - window->data))) {
            *full = true;
            break;
        }
        const char *next = line_end == NULL ? end : line_end + 1;
        status = take_line(lines, at, line_end == NULL ? end : line_end);
        lines->number++;
        at = next;
    }
    *rest = at;
    return status;
}

static uint64_t line_number(const struct mizan_cursor *cursor)
{
    uint64_t number = 0;
    for (size_t i = 0; i < cursor->state.size; i++) {
        number = number * 10 + (uint64_t)(cursor->state.data[i] - '0');
    }
    return number > 0 ? number : 1;
}

int32_t read_lines(struct rows *rows, struct mizan_slice body, bool whole)
{
    struct mizan_cursor cursor = {0};
    struct lines lines = {.rows = rows};
    const char *rest = NULL;
    bool full = false;
    int32_t status = rows->host->slice_begin(rows->task, &cursor);
    lines.number = line_number(&cursor);
    lines.begin = cursor.offset;
    lines.window.offset = cursor.offset;
    if (status == MIZAN_OK && whole) {
        size_t skip = cursor.offset < body.size ? (size_t)cursor.offset : body.size;
        lines.window =
            (struct window){body.data + skip, body.size - skip, cursor.offset, true};
    } else if (status == MIZAN_OK) {
        status = read_window(&lines, NULL, 0);
    }
    if (status == MIZAN_OK) {
        status = skip_mark(&lines);
    }
    while (status == MIZAN_OK) {
        status = take_window(&lines, &rest, &full);
        uint64_t offset = lines.window.offset + (uint64_t)(rest - lines.window.data);
        if (status == MIZAN_OK && full) {
            return end_slice(&lines, offset);
        }
        if (status != MIZAN_OK || lines.window.end) {
            break;
        }
        size_t left = (size_t)(lines.window.data + lines.window.size - rest);
        if (left > LINE_MOST) {
            return rows->host->fail(rows->task, MIZAN_ERROR_INPUT,
                                    "line %" PRIu64 ", byte %" PRIu64
                                    ": the line has more than 16 MiB",
                                    lines.number, offset);
        }
        status = read_window(&lines, rest, left);
    }
    return status;
}
