#include "store.h"

#include <string.h>

void row_begin(struct row *row, struct unit *unit, const char *table)
{
    row->unit = unit;
    row->table = table;
    row->record = unit->host->record_new(unit->task, table);
    row->status = row->record != NULL ? MIZAN_OK : MIZAN_ERROR_MEMORY;
}

static void set(struct row *row, const char *column, const struct mizan_value *value)
{
    if (row->status == MIZAN_OK) {
        row->status = row->unit->host->record_set(row->record, column, value);
    }
}

void row_text(struct row *row, const char *column, struct mizan_slice text)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = text;
    if (text.size > 0) {
        set(row, column, &value);
    }
}

void row_string(struct row *row, const char *column, const char *text)
{
    row_text(row, column, (struct mizan_slice){text, strlen(text)});
}

void row_integer(struct row *row, const char *column, int64_t number)
{
    struct mizan_value value = {.type = MIZAN_INTEGER};
    value.as.integer = number;
    set(row, column, &value);
}

void row_double(struct row *row, const char *column, double number)
{
    struct mizan_value value = {.type = MIZAN_DOUBLE};
    value.as.number = number;
    set(row, column, &value);
}

int32_t row_write(struct row *row)
{
    const struct mizan_host *host = row->unit->host;
    if (row->status != MIZAN_OK) {
        return host->fail(row->unit->task, row->status,
                          "a row of table %s could not be built", row->table);
    }
    return host->db_upsert(row->unit->task, row->table, row->record);
}
