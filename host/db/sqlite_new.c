/* A new database, as bytes in memory. */
#include "db/sqlite.h"

#include "base/clock.h"

static enum mz_code load_schema(sqlite3 *handle, struct mz_error *error)
{
    char now[MZ_TIME_TEXT];
    char *text =
        sqlite3_mprintf("BEGIN;%s"
                        "INSERT INTO schema_version(version, applied_at, host_version)"
                        " VALUES(%d, %Q, %Q);"
                        "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
                        (const char *)mz_schema_sql, MZ_SCHEMA_VERSION,
                        mz_time_format(mz_clock_now(), now), MIZAN_VERSION,
                        MZ_APPLICATION_ID, MZ_SCHEMA_VERSION);
    int result =
        text == NULL ? SQLITE_NOMEM : sqlite3_exec(handle, text, NULL, NULL, NULL);

    sqlite3_free(text);
    if (result != SQLITE_OK) {
        return mz_fail(error, MZ_INTERNAL, "the schema does not load: %s",
                       sqlite3_errmsg(handle));
    }
    return MZ_OK;
}

enum mz_code mz_sqlite_image(unsigned char **image, size_t *size,
                             struct mz_error *error)
{
    sqlite3 *handle = NULL;
    sqlite3_int64 bytes = 0;
    enum mz_code code;

    *image = NULL;
    if (sqlite3_open_v2(":memory:", &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        code = mz_fail(error, MZ_MEMORY, "no memory for a new database");
        goto done;
    }
    code = load_schema(handle, error);
    if (code != MZ_OK) {
        goto done;
    }
    *image = sqlite3_serialize(handle, "main", &bytes, 0);
    if (*image == NULL || bytes < 100) {
        code = mz_fail(error, MZ_MEMORY, "no memory for a new database");
        goto done;
    }
    /* Bytes 18 and 19 of the header, 2: the file is read and written with a write-ahead
     * log from its first use on, and needs no exclusive moment to be switched to it. */
    (*image)[18] = 2;
    (*image)[19] = 2;
    *size = (size_t)bytes;
done:
    (void)sqlite3_close_v2(handle);
    return code;
}

void mz_sqlite_image_free(unsigned char *image)
{
    sqlite3_free(image);
}
