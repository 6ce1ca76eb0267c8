#include "dialect.h"

#include <string.h>

#define ROWS_LOOKED_AT 100

/* How well a dialect fits: rows that have the columns of the first, times their number.
 */
static size_t score(const struct sample *sample, const struct dialect *dialect,
                    struct row *row)
{
    const char *at = sample->data;
    const char *end = at + sample->size;
    size_t same = 0, rows = 0, columns = 0;
    while (rows < ROWS_LOOKED_AT) {
        enum row_status status = row_read(dialect, &at, end, sample->last, row);
        if (status == ROW_END || status == ROW_PART) {
            break;
        }
        if (status == ROW_OK && row->count == 1 && row->cells[0].size == 0) {
            continue;
        }
        columns = rows == 0 ? row->count : columns;
        same += status == ROW_OK && row->count == columns;
        rows++;
    }
    /* Rows of one cell say nothing of the separator. */
    return columns < 2 || rows == 0
               ? 0
               : same * 1000 / rows + (columns < 50 ? columns : 50);
}

/* A quote is one where a cell begins with it and ends with it. */
static char guess_quote(const struct sample *of, char separator)
{
    const char *sample = of->data;
    size_t size = of->size;
    size_t doubles = 0, singles = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        bool begins = i == 0 || sample[i - 1] == separator || sample[i - 1] == '\n';
        doubles += begins && sample[i] == '"';
        singles += begins && sample[i] == '\'';
    }
    return singles > 0 && doubles == 0 ? '\'' : '"';
}

void dialect_guess(const struct sample *sample, const struct dialect *known,
                   struct guess *guess)
{
    struct dialect *out = &guess->dialect;
    static const char separators[] = ",;\t|";
    size_t best = 0;
    *out = (struct dialect){known->separator != '\0' ? known->separator : ',',
                            known->quote != '\0' ? known->quote : '"'};
    for (size_t i = 0; i + 1 < sizeof separators && known->separator == '\0'; i++) {
        struct dialect dialect = {
            separators[i],
            known->quote != '\0' ? known->quote : guess_quote(sample, separators[i])};
        size_t fits = score(sample, &dialect, &guess->row);
        if (fits > best) {
            best = fits;
            *out = dialect;
        }
    }
    if (known->separator != '\0' && known->quote == '\0') {
        out->quote = guess_quote(sample, known->separator);
    }
}

/* ---- columns ---- */

static void weigh(struct evidence *of, const struct cell *cell)
{
    char text[NUMBER_TEXT];
    int64_t time;
    if (cell->size == 0) {
        return;
    }
    if (!of->any) {
        *of = (struct evidence){true, true, true, true};
    }
    of->point = of->point && number_of(cell->data, cell->size, '.', true, text) > 0;
    of->comma = of->comma && number_of(cell->data, cell->size, ',', true, text) > 0;
    of->time = of->time && time_of(cell->data, cell->size, true, &time);
}

static struct column decide(const struct evidence *of, char mark, char separator)
{
    struct column column = {TYPE_TEXT, mark != '\0' ? mark : '.'};
    if (!of->any) {
        return column;
    }
    if (of->time) {
        column.type = TYPE_TIME;
    } else if (of->point && mark != ',') {
        column.type = TYPE_NUMBER;
        column.mark = '.';
    } else if (of->comma && mark != '.' && (separator != ',' || mark == ',')) {
        column.type = TYPE_NUMBER;
        column.mark = ',';
    }
    return column;
}

/* A header has a name of its own for each column, and no number or time among them. */
static bool looks_like_header(const struct row *row)
{
    char text[NUMBER_TEXT];
    int64_t time;
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        if (cell->size == 0 ||
            number_of(cell->data, cell->size, '.', false, text) > 0 ||
            number_of(cell->data, cell->size, ',', false, text) > 0 ||
            time_of(cell->data, cell->size, false, &time)) {
            return false;
        }
        for (size_t k = 0; k < i && row->count < 256; k++) {
            if (row->cells[k].size == cell->size &&
                memcmp(row->cells[k].data, cell->data, cell->size) == 0) {
                return false;
            }
        }
    }
    return row->count > 0;
}

static bool is_blank(const struct row *row)
{
    return row->count == 1 && row->cells[0].size == 0 && !row->cells[0].quoted;
}

void columns_guess(const struct sample *sample, enum header header, char mark,
                   bool types, struct guess *guess)
{
    struct row *row = &guess->row;
    struct evidence *evidence = guess->evidence;
    const char *at = sample->data;
    const char *end = at + sample->size;
    size_t rows = 0;
    guess->header = header == HEADER_YES;
    guess->columns = 0;
    while (rows < SAMPLE_ROWS) {
        enum row_status status = row_read(&guess->dialect, &at, end, sample->last, row);
        if (status == ROW_END || status == ROW_PART) {
            break;
        }
        if (status != ROW_OK || is_blank(row)) {
            continue;
        }
        if (rows++ == 0) {
            guess->columns = row->count;
            memset(evidence, 0, row->count * sizeof *evidence);
            if (header == HEADER_GUESS) {
                guess->header = looks_like_header(row);
            }
            if (guess->header) {
                continue;
            }
        }
        for (size_t i = 0; i < row->count && i < guess->columns && types; i++) {
            weigh(&evidence[i], &row->cells[i]);
        }
    }
    for (size_t i = 0; i < guess->columns; i++) {
        guess->column[i] = types
                               ? decide(&evidence[i], mark, guess->dialect.separator)
                               : (struct column){TYPE_TEXT, mark != '\0' ? mark : '.'};
    }
}
