#include "cli/opened.h"

#include <string.h>

#include "value/record.h"

#define ARENA_CEILING ((size_t)1 << 30)

enum mz_code mz_opened_open(struct mz_opened *opened,
                            const struct mz_arguments *arguments, enum mz_db_mode mode,
                            struct mz_error *error)
{
    memset(opened, 0, sizeof *opened);
    enum mz_code code = mz_environment_init(&opened->environment, NULL,
                                            mz_argument(arguments, "db"), error);
    if (code != MZ_OK) {
        return code;
    }
    opened->arena = mz_arena_create(ARENA_CEILING);
    return opened->arena == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory")
               : mz_db_open(opened->environment.database, mode, &opened->db, error);
}

void mz_opened_close(struct mz_opened *opened)
{
    mz_db_close(opened->db);
    mz_arena_destroy(opened->arena);
    mz_environment_finish(&opened->environment);
}

enum mz_code mz_first(struct mz_opened *opened, const char *sql,
                      const struct mizan_value *arguments, size_t count,
                      struct mizan_value *row, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code =
        mz_db_rows(opened->db, sql, arguments, count, opened->arena, &rows, error);
    *row = code == MZ_OK && rows.as.list.count > 0 ? rows.as.list.items[0] : mz_nil();
    return code;
}

const char *mz_row_text(const struct mizan_value *row, const char *name)
{
    const struct mizan_value *value =
        row->type == MIZAN_MAP ? mz_map_member(row, name) : NULL;
    return value != NULL && value->type == MIZAN_TEXT ? value->as.text.data : NULL;
}

int64_t mz_row_integer(const struct mizan_value *row, const char *name)
{
    return row->type == MIZAN_MAP ? mz_map_integer(row, name, 0) : 0;
}

enum mz_code mz_find_figure(struct mz_opened *opened, const char *beginning,
                            const char **id, struct mz_error *error)
{
    struct mizan_value key = mz_text(beginning), rows;
    size_t size = strspn(beginning, "0123456789abcdef");
    if (beginning[size] != '\0' || size < 4 || size > 32) {
        mz_fail(error, MZ_USAGE, "'%s' is no id of a figure", beginning);
        mz_error_help(error, "give four or more of the digits that mizan query figures "
                             "shows as id");
        return MZ_USAGE;
    }
    /* An id has digits and a to f only: 'g' stands behind all that begin so. */
    enum mz_code code = mz_db_rows(
        opened->db, "SELECT id FROM figure WHERE id >= $1 AND id < $1 || 'g' LIMIT 2",
        &key, 1, opened->arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        mz_fail(error, MZ_NOT_FOUND, "no figure has an id that begins with '%s'",
                beginning);
        mz_error_help(error, "mizan query figures lists the last ones with their ids");
        return MZ_NOT_FOUND;
    }
    if (code == MZ_OK && rows.as.list.count > 1) {
        return mz_fail(error, MZ_USAGE,
                       "several figures have an id that begins with '%s': give more of "
                       "it",
                       beginning);
    }
    if (code == MZ_OK) {
        *id = mz_row_text(&rows.as.list.items[0], "id");
    }
    return code;
}
