#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "encoding.h"

#define PIECE       ((size_t)1 << 20) /* raw bytes that are read at a time */
#define GROWTH      4                 /* a raw byte becomes no more bytes of UTF-8 */
#define BAD_AT_ONCE 100

/* A piece of the body as UTF-8: `prefix` bytes left over from the one before, then what
 * the raw bytes from `offset` on became. */
struct window {
    const char *data;
    size_t size, prefix;
    const char *raw;
    size_t raw_size;
    uint64_t offset;
    bool last;
};

struct reader {
    const struct extract_csv *plugin;
    const struct mizan_host *host;
    mizan_task *task;
    struct mizan_slice body;
    bool whole; /* the body is in `body` */
    struct encoding encoding;
    struct guess *guess;
    bool forced[CELLS_MOST], integral[CELLS_MOST];
    const mizan_name **names;
    struct mizan_value *values;
    const mizan_name **used;
    struct window window;
    uint64_t line, number, begin, emitted, bad, left;
};

static int32_t no_memory(const struct reader *reader)
{
    return reader->host->fail(reader->task, MIZAN_ERROR_MEMORY,
                              "not enough memory for the rows of a document");
}

static void *room(const struct reader *reader, size_t size)
{
    return reader->host->alloc(reader->task, size);
}

/* ---- the body ---- */

static int32_t read_raw(const struct reader *reader, uint64_t offset, char *out,
                        size_t size, size_t *got)
{
    if (reader->whole) {
        size_t left =
            offset < reader->body.size ? reader->body.size - (size_t)offset : 0;
        *got = size < left ? size : left;
        if (*got > 0) {
            memcpy(out, reader->body.data + offset, *got);
        }
        return MIZAN_OK;
    }
    int32_t status = reader->host->body_read(reader->task, offset, out, size, got);
    return status == MIZAN_OK
               ? MIZAN_OK
               : reader->host->fail(reader->task, MIZAN_ERROR_TRANSIENT,
                                    "the document's body cannot be read");
}

/* The next piece, behind what is left of the one at hand. */
static int32_t next_window(struct reader *reader, const char *rest, size_t rest_size)
{
    struct window *window = &reader->window;
    uint64_t offset = window->offset + window->raw_size;
    size_t got = 0, used = 0;
    bool utf8 = reader->encoding.utf8;
    char *raw = room(reader, utf8 ? rest_size + PIECE : PIECE);
    if (raw == NULL) {
        return no_memory(reader);
    }
    char *data = utf8 ? raw : room(reader, rest_size + PIECE * GROWTH);
    if (data == NULL) {
        return no_memory(reader);
    }
    if (rest_size > 0) {
        memcpy(data, rest, rest_size);
    }
    raw = utf8 ? data + rest_size : raw;
    int32_t status = read_raw(reader, offset, raw, PIECE, &got);
    if (status != MIZAN_OK) {
        return status;
    }
    size_t size = got;
    used = got;
    if (!utf8) {
        size = encoding_convert(&reader->encoding, (struct piece){raw, got},
                                data + rest_size, PIECE * GROWTH, &used);
        size_t wrong = reader->encoding.wrong;
        if (wrong > 0) {
            reader->host->count(reader->task, "characters_replaced", (int64_t)wrong);
        }
    }
    *window = (struct window){data, rest_size + size, rest_size,  raw,
                              used, offset,           got < PIECE};
    return MIZAN_OK;
}

/* Where in the body the byte of the window stands that `at` points to; it is none of
 * the prefix. */
static uint64_t offset_of(struct reader *reader, const char *at)
{
    const struct window *window = &reader->window;
    size_t behind = (size_t)(at - window->data) - window->prefix;
    size_t used = 0;
    if (reader->encoding.utf8) {
        return window->offset + behind;
    }
    char *copy = room(reader, behind + 4);
    if (copy == NULL) {
        return window->offset;
    }
    (void)encoding_convert(&reader->encoding,
                           (struct piece){window->raw, window->raw_size}, copy, behind,
                           &used);
    return window->offset + used;
}

/* ---- what the first rows say ---- */

static int32_t read_sample(struct reader *reader, const char **out, size_t *size,
                           bool *last)
{
    size_t got = 0, used = 0;
    char *raw = room(reader, SAMPLE_BYTES + 4);
    if (raw == NULL) {
        return no_memory(reader);
    }
    int32_t status = read_raw(reader, reader->encoding.mark, raw, SAMPLE_BYTES, &got);
    *last = got < SAMPLE_BYTES;
    *out = raw;
    *size = got;
    if (status != MIZAN_OK || reader->encoding.utf8) {
        return status;
    }
    char *data = room(reader, SAMPLE_BYTES * GROWTH);
    if (data == NULL) {
        return no_memory(reader);
    }
    *size = encoding_convert(&reader->encoding, (struct piece){raw, got}, data,
                             SAMPLE_BYTES * GROWTH, &used);
    *out = data;
    return MIZAN_OK;
}

static int32_t open_encoding(struct reader *reader, const mizan_record *document)
{
    size_t got = 0;
    struct mizan_value value;
    const char *known = reader->plugin->charset;
    size_t size = known == NULL ? 0 : strlen(known);
    char *raw = room(reader, SAMPLE_BYTES);
    if (raw == NULL) {
        return no_memory(reader);
    }
    if (known == NULL && reader->host->record_get(document, "charset", &value) &&
        value.type == MIZAN_TEXT) {
        known = value.as.text.data;
        size = value.as.text.size;
    }
    int32_t status = read_raw(reader, 0, raw, SAMPLE_BYTES, &got);
    if (status == MIZAN_OK &&
        !encoding_open(raw, got, got < SAMPLE_BYTES, known, size, &reader->encoding)) {
        status = reader->host->fail(reader->task, MIZAN_ERROR_INPUT,
                                    "the encoding \"%.*s\" is not known", (int)size,
                                    known == NULL ? "" : known);
    }
    return status;
}

/* A name for column i (from 0) that no other has. */
static const mizan_name *name_column(const struct reader *reader, size_t i,
                                     const struct cell *cell)
{
    char text[128];
    const mizan_name *name = NULL;
    const char *data = cell->data;
    size_t size = cell->size;
    while (size > 0 && (*data == ' ' || *data == '\t')) {
        data++;
        size--;
    }
    while (size > 0 && (data[size - 1] == ' ' || data[size - 1] == '\t')) {
        size--;
    }
    if (size > 0 && size < 100) {
        struct cell trimmed = {data, size, cell->quoted, cell->doubled};
        size = cell->doubled ? cell_text(&trimmed, reader->guess->dialect.quote, text)
                             : (memcpy(text, data, size), size);
        name = reader->host->name(text, size);
    }
    for (int suffix = 2; suffix < 5000; suffix++) {
        bool taken = name == NULL;
        for (size_t k = 0; k < i && !taken; k++) {
            taken = reader->names[k] == name;
        }
        if (!taken) {
            return name;
        }
        char numbered[160];
        int length = size > 0 && size < 100
                         ? snprintf(numbered, sizeof numbered, "%.*s_%d", (int)size,
                                    text, suffix)
                         : snprintf(numbered, sizeof numbered, "column%zu", i + 1);
        name = reader->host->name(numbered, (size_t)length);
    }
    return NULL;
}

static int32_t make_names(struct reader *reader, const char *data, size_t size,
                          bool last)
{
    struct row *row = &reader->guess->row;
    const char *at = data;
    enum row_status status = ROW_OK;
    do {
        status = row_read(&reader->guess->dialect, &at, data + size, last, row);
    } while (status == ROW_OK && row->count == 1 && row->cells[0].size == 0);
    if (status == ROW_MANY || (status == ROW_PART && row->count == CELLS_MOST)) {
        return reader->host->fail(reader->task, MIZAN_ERROR_INPUT,
                                  "line 1: more than %d columns", CELLS_MOST);
    }
    if (status != ROW_OK && status != ROW_END) {
        return reader->host->fail(
            reader->task, MIZAN_ERROR_INPUT,
            "line 1: the first row does not end within 256 KiB, or is no row: a quote "
            "is never closed, or this is no CSV");
    }
    static const struct cell none = {"", 0, false, false};
    const struct extract_csv *plugin = reader->plugin;
    size_t count = status == ROW_END ? 0 : row->count;
    for (size_t i = 0; i < count; i++) {
        struct cell cell = reader->guess->header ? row->cells[i] : none;
        if (i < plugin->column_count) {
            cell = (struct cell){plugin->columns[i], strlen(plugin->columns[i]), false,
                                 false};
        }
        if (!is_utf8(cell.data, cell.size, false)) {
            return reader->host->fail(reader->task, MIZAN_ERROR_INPUT,
                                      "line 1, column %zu: the name is not UTF-8; say "
                                      "charset",
                                      i + 1);
        }
        reader->names[i] = name_column(reader, i, &cell);
        if (reader->names[i] == NULL) {
            return no_memory(reader);
        }
    }
    reader->guess->columns = count;
    return MIZAN_OK;
}

static int32_t apply_types(struct reader *reader)
{
    const struct extract_csv *plugin = reader->plugin;
    for (size_t w = 0; w < plugin->wanted_count; w++) {
        const struct wanted_type *wanted = &plugin->wanted[w];
        const mizan_name *name =
            reader->host->name(wanted->column, strlen(wanted->column));
        size_t i = 0;
        while (i < reader->guess->columns && reader->names[i] != name) {
            i++;
        }
        if (i == reader->guess->columns) {
            return reader->host->fail(
                reader->task, MIZAN_ERROR_INPUT,
                "option `types` names the column \"%s\", which the "
                "document does not have",
                wanted->column);
        }
        struct column *column = &reader->guess->column[i];
        if (wanted->type == TYPE_NUMBER && column->type != TYPE_NUMBER) {
            const struct evidence *of = &reader->guess->evidence[i];
            column->mark = plugin->mark != '\0'      ? plugin->mark
                           : of->comma && !of->point ? ','
                                                     : '.';
        }
        column->type = wanted->type;
        reader->forced[i] = true;
        reader->integral[i] = wanted->whole;
    }
    return MIZAN_OK;
}

static int32_t look(struct reader *reader)
{
    const struct extract_csv *plugin = reader->plugin;
    const char *data = NULL;
    size_t size = 0;
    bool last = false;
    int32_t status = read_sample(reader, &data, &size, &last);
    if (status != MIZAN_OK) {
        return status;
    }
    struct sample first = {data, size, last};
    dialect_guess(&first, &plugin->dialect, reader->guess);
    columns_guess(&first, plugin->header, plugin->mark, plugin->typed, reader->guess);
    status = make_names(reader, data, size, last);
    return status == MIZAN_OK ? apply_types(reader) : status;
}

/* ---- rows ---- */

static int32_t refuse(struct reader *reader, const char *why)
{
    reader->bad++;
    if (reader->emitted == 0 && reader->bad >= BAD_AT_ONCE &&
        reader->begin <= reader->encoding.mark) {
        return reader->host->fail(reader->task, MIZAN_ERROR_INPUT,
                                  "the first %d rows are none; line %" PRIu64 ": %s",
                                  BAD_AT_ONCE, reader->line, why);
    }
    return reader->host->reject(reader->task, NULL, "line %" PRIu64 ": %s",
                                reader->line, why);
}

static bool to_number(const struct reader *reader, const struct cell *cell, size_t i,
                      struct mizan_value *out)
{
    char text[NUMBER_TEXT];
    const struct column *column = &reader->guess->column[i];
    size_t size =
        number_of(cell->data, cell->size, column->mark, !reader->forced[i], text);
    if (size == 0 || (reader->integral[i] && memchr(text, '.', size) != NULL)) {
        return false;
    }
    *out = (struct mizan_value){.type = MIZAN_TEXT, .reserved = MIZAN_FORM_JSON};
    if (size == cell->size && memcmp(text, cell->data, size) == 0) {
        out->as.text = (struct mizan_slice){cell->data, size};
        return true;
    }
    char *copy = room(reader, size);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, size);
    out->as.text = (struct mizan_slice){copy, size};
    return true;
}

/* A number as most are: digits, a point, digits; it needs no copy. */
static bool plain_number(const struct cell *cell, struct mizan_value *out)
{
    size_t at = cell->size > 0 && cell->data[0] == '-' ? 1 : 0;
    size_t first = at, points = 0;
    if (cell->size - first > 18 || at == cell->size ||
        (cell->data[at] == '0' && cell->size > at + 1 && cell->data[at + 1] != '.')) {
        return false;
    }
    for (; at < cell->size; at++) {
        unsigned char digit = (unsigned char)(cell->data[at] - '0');
        if (digit > 9) {
            if (cell->data[at] != '.' || points++ > 0 || at == first) {
                return false;
            }
        }
    }
    *out = (struct mizan_value){.type = MIZAN_TEXT,
                                .reserved = MIZAN_FORM_JSON,
                                .as.text = {cell->data, cell->size}};
    return cell->data[cell->size - 1] != '.';
}

/* False: there is no value in the cell, or, with *wrong, no such value. */
static bool to_value(const struct reader *reader, const struct cell *cell, size_t i,
                     struct mizan_value *out, bool *wrong)
{
    int64_t time;
    bool truth;
    const struct column *column = &reader->guess->column[i];
    if (cell->size == 0 && (!cell->quoted || column->type != TYPE_TEXT)) {
        return false;
    }
    if (column->type == TYPE_NUMBER) {
        if ((column->mark == '.' && !reader->integral[i] && plain_number(cell, out)) ||
            to_number(reader, cell, i, out)) {
            return true;
        }
    } else if (column->type == TYPE_TIME) {
        if (time_of(cell->data, cell->size, !reader->forced[i], &time)) {
            *out = (struct mizan_value){.type = MIZAN_TIME, .as.integer = time};
            return true;
        }
    } else if (column->type == TYPE_BOOLEAN &&
               boolean_of(cell->data, cell->size, &truth)) {
        *out = (struct mizan_value){.type = MIZAN_BOOLEAN, .as.integer = truth};
        return true;
    }
    if (column->type != TYPE_TEXT && reader->forced[i]) {
        *wrong = true;
        return false;
    }
    *out =
        (struct mizan_value){.type = MIZAN_TEXT, .as.text = {cell->data, cell->size}};
    if (cell->doubled) {
        char *copy = room(reader, cell->size);
        *wrong = copy == NULL;
        out->as.text.data = copy;
        out->as.text.size =
            copy == NULL ? 0 : cell_text(cell, reader->guess->dialect.quote, copy);
    }
    return !*wrong;
}

static int32_t emit(struct reader *reader, const struct row *row)
{
    char why[200];
    size_t kept = 0;
    for (size_t i = 0; i < row->count; i++) {
        bool wrong = false;
        if (to_value(reader, &row->cells[i], i, &reader->values[kept], &wrong)) {
            reader->used[kept++] = reader->names[i];
        } else if (wrong) {
            static const char *const kinds[] = {"text", "number", "time", "boolean"};
            snprintf(why, sizeof why, "column %zu: \"%.*s\" is no %s", i + 1,
                     (int)(row->cells[i].size < 80 ? row->cells[i].size : 80),
                     row->cells[i].data, kinds[reader->guess->column[i].type]);
            return refuse(reader, why);
        }
    }
    struct mizan_parts parts = {
        .size = sizeof parts,
        .type = reader->plugin->type,
        .names = reader->used,
        .values = reader->values,
        .count = kept,
        .locator = {.kind = MIZAN_LOCATOR_CELL, .a = 1, .b = (int64_t)reader->number}};
    mizan_record *record = reader->host->record_of(reader->task, &parts);
    reader->emitted++;
    return record == NULL ? no_memory(reader)
                          : reader->host->emit(reader->task, record);
}

static bool is_well_formed(const struct row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        if (!is_utf8(row->cells[i].data, row->cells[i].size, false)) {
            return false;
        }
    }
    return true;
}

static int32_t take_row(struct reader *reader, struct row *row, enum row_status status)
{
    char why[160];
    size_t columns = reader->guess->columns;
    if (status == ROW_UNCLOSED) {
        return refuse(reader, "a quote that is not closed within 1 MiB");
    }
    if (status == ROW_BEHIND) {
        return refuse(reader, "something follows a closing quote");
    }
    if (status == ROW_MANY) {
        return refuse(reader, "more than 4096 cells");
    }
    if (row->count == 1 && row->cells[0].size == 0 && !row->cells[0].quoted) {
        return MIZAN_OK; /* a blank line */
    }
    reader->number++;
    if (reader->number == 1 && reader->guess->header) {
        return MIZAN_OK;
    }
    if (row->count == columns + 1 && row->cells[columns].size == 0) {
        row->count--; /* the separator behind the last cell */
    }
    if (row->count != columns) {
        snprintf(why, sizeof why,
                 "%zu cells, where the first row has %zu (separator %s)", row->count,
                 columns,
                 reader->guess->dialect.separator == '\t'  ? "tab"
                 : reader->guess->dialect.separator == ';' ? "';'"
                 : reader->guess->dialect.separator == ',' ? "','"
                                                           : "as given");
        return refuse(reader, why);
    }
    if (row->nul) {
        return refuse(reader, "a NUL byte");
    }
    if (!row->ascii && !is_well_formed(row)) {
        return refuse(reader, "bytes that are not UTF-8; say charset = …");
    }
    return emit(reader, row);
}

static bool is_full(const struct reader *reader, const char *at)
{
    if (reader->emitted >= SLICE_ROWS) {
        return true;
    }
    const struct window *window = &reader->window;
    uint64_t about = window->offset + (uint64_t)(at - window->data);
    return about > reader->begin && about - reader->begin >= SLICE_BYTES &&
           (size_t)(at - window->data) >= window->prefix;
}

static int32_t end_slice(struct reader *reader, const char *at)
{
    char state[64];
    int size = snprintf(state, sizeof state, "%" PRIu64 " %" PRIu64, reader->line,
                        reader->number);
    struct mizan_cursor next = {offset_of(reader, at), {state, (size_t)size}};
    return reader->host->slice_end(reader->task, &next);
}

/* The rows of the window; *rest is where the first begins that is not whole. */
static int32_t take_window(struct reader *reader, const char **rest, bool *full)
{
    const struct window *window = &reader->window;
    struct row *row = &reader->guess->row;
    const char *at = window->data;
    const char *end = window->data + window->size;
    int32_t status = MIZAN_OK;
    *full = false;
    while (status == MIZAN_OK && at < end) {
        if (is_full(reader, at)) {
            *full = true;
            break;
        }
        enum row_status found =
            row_read(&reader->guess->dialect, &at, end, window->last, row);
        if (found == ROW_PART) {
            break;
        }
        status = take_row(reader, row, found);
        reader->line += row->lines;
    }
    *rest = at;
    return status;
}

static void resume(struct reader *reader, const struct mizan_cursor *cursor)
{
    uint64_t numbers[2] = {0, 0};
    size_t which = 0;
    for (size_t i = 0; i < cursor->state.size && which < 2; i++) {
        char c = cursor->state.data[i];
        if (c == ' ') {
            which++;
        } else {
            numbers[which] = numbers[which] * 10 + (uint64_t)(c - '0');
        }
    }
    reader->line = numbers[0] > 0 ? numbers[0] : 1;
    reader->number = numbers[1];
    reader->begin = cursor->offset > 0 ? cursor->offset : reader->encoding.mark;
}

static int32_t read_rows(struct reader *reader)
{
    const char *rest = NULL;
    bool full = false;
    int32_t status = MIZAN_OK;
    reader->window = (struct window){.offset = reader->begin};
    if (reader->whole && reader->encoding.utf8) {
        size_t skip = reader->begin < reader->body.size ? (size_t)reader->begin
                                                        : reader->body.size;
        reader->window = (struct window){.data = reader->body.data + skip,
                                         .size = reader->body.size - skip,
                                         .offset = reader->begin,
                                         .last = true};
    } else {
        status = next_window(reader, NULL, 0);
    }
    while (status == MIZAN_OK) {
        status = take_window(reader, &rest, &full);
        if (status != MIZAN_OK || (!full && reader->window.last)) {
            return status;
        }
        if (full || reader->emitted >= SLICE_ROWS) {
            return end_slice(reader, rest);
        }
        const struct window *window = &reader->window;
        status =
            next_window(reader, rest, (size_t)(window->data + window->size - rest));
    }
    return status;
}

static int32_t make_room(struct reader *reader)
{
    reader->guess = room(reader, sizeof *reader->guess);
    reader->names = room(reader, CELLS_MOST * sizeof(void *));
    reader->used = room(reader, CELLS_MOST * sizeof(void *));
    reader->values = room(reader, CELLS_MOST * sizeof *reader->values);
    return reader->guess == NULL || reader->names == NULL || reader->used == NULL ||
                   reader->values == NULL
               ? no_memory(reader)
               : MIZAN_OK;
}

int32_t read_slice(const struct extract_csv *plugin, mizan_task *task,
                   mizan_record *document)
{
    struct mizan_value value;
    struct mizan_cursor cursor = {0};
    struct reader reader = {.plugin = plugin, .host = plugin->host, .task = task};
    reader.whole = plugin->host->record_get(document, "body", &value) != 0 &&
                   (value.type == MIZAN_BYTES || value.type == MIZAN_TEXT);
    reader.body = (struct mizan_slice){"", 0};
    if (reader.whole && value.as.text.size > 0) {
        reader.body = value.as.text;
    }
    int32_t status = plugin->host->slice_begin(task, &cursor);
    if (status == MIZAN_OK) {
        status = make_room(&reader);
    }
    if (status == MIZAN_OK) {
        status = open_encoding(&reader, document);
    }
    if (status == MIZAN_OK) {
        resume(&reader, &cursor);
        status = look(&reader);
    }
    if (status == MIZAN_OK) {
        status = read_rows(&reader);
    }
    encoding_close(&reader.encoding);
    return status;
}
