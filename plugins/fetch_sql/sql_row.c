#include <string.h>

#include "sql.h"

void sql_row_begin(struct sql_row *row)
{
    sql_text_clear(&row->json);
    sql_text_clear(&row->cursor);
    row->has_cursor = false;
    row->columns = 0;
    sql_text_string(&row->json, "{");
}

bool sql_row_name(struct sql_row *row, const char *name)
{
    if (row->columns++ > 0) {
        sql_text_string(&row->json, ",");
    }
    sql_json_text(&row->json, name, strlen(name));
    sql_text_string(&row->json, ":");
    return row->query->column != NULL && strcmp(row->query->column, name) == 0;
}

enum sql_status sql_row_end(struct sql_row *row)
{
    sql_text_string(&row->json, "}");
    if (row->json.failed || row->cursor.failed) {
        return SQL_NO_MEMORY;
    }
    return row->query->row(row->query->owner, row->json.data, row->json.size,
                           row->has_cursor ? row->cursor.data : NULL)
               ? SQL_OK
               : SQL_STOPPED;
}

void sql_row_finish(struct sql_row *row)
{
    sql_text_finish(&row->json);
    sql_text_finish(&row->cursor);
}
