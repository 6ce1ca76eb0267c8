/* One table of an SQLite database of the user's: made, brought up to what its rows
 * need, written to. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include <sqlite3.h>

#include "rows.h"

struct table {
    const struct mizan_host *host;
    sqlite3 *database;
    char *path, *name;
    char **keys; /* NULL-terminated; columns that tell rows apart; NULL: none */
    bool frozen; /* neither columns nor types may change */
};

/* Opens the file, made when it is missing; refuses a home database. */
int32_t table_open(struct table *table, mizan_task *task);
void table_close(struct table *table);
/* Writes all rows of the unit in one transaction, once, whatever happens: `batch` is
 * the unit's mark, of which mizan_batch keeps track. */
int32_t table_write(struct table *table, mizan_task *task, struct columns *columns,
                    struct rows *rows, const char *batch, struct mizan_slice run);

#endif
