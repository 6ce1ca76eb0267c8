/* CSV comes from strangers: every row that is read ends behind where it began, its
 * cells lie inside it, and whether the file comes at once or in pieces makes no
 * difference. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dialect.h"
#include "encoding.h"

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

static void check_cells(const struct row *row, char quote, const char *first,
                        const char *end)
{
    char number[NUMBER_TEXT];
    int64_t time;
    require(row->count > 0 && row->count <= CELLS_MOST);
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        require(cell->data >= first && cell->data + cell->size <= end);
        require(number_of(cell->data, cell->size, ',', false, number) <= sizeof number);
        (void)time_of(cell->data, cell->size, false, &time);
        if (cell->doubled) {
            char *text = malloc(cell->size);
            require(text != NULL && cell_text(cell, quote, text) < cell->size);
            free(text);
        }
    }
}

static void convert(const char *data, size_t size)
{
    struct encoding encoding;
    size_t used = 0;
    if (!encoding_open(data, size, true, "", 0, &encoding) || encoding.utf8) {
        encoding_close(&encoding);
        return;
    }
    char *out = malloc(4 * size + 8);
    require(out != NULL);
    size_t done = encoding_convert(&encoding, (struct piece){data, size}, out,
                                   4 * size + 8, &used);
    require(used <= size && is_utf8(out, done, false));
    free(out);
    encoding_close(&encoding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guess guess;
    static struct row row;
    struct dialect unknown = {'\0', '\0'};
    const char *text = size > 0 ? (const char *)data : "";
    struct sample sample = {text, size, true};
    dialect_guess(&sample, &unknown, &guess);
    columns_guess(&sample, HEADER_GUESS, '\0', true, &guess);
    const char *at = text;
    for (;;) {
        const char *first = at;
        enum row_status status = row_read(&guess.dialect, &at, text + size, true, &row);
        if (status == ROW_END) {
            break;
        }
        require(status != ROW_PART && at > first && at <= text + size);
        if (status == ROW_OK) {
            check_cells(&row, guess.dialect.quote, first, at);
        }
    }
    require(at == text + size);
    convert(text, size);
    return 0;
}
