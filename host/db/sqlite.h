/* Private to sqlite*.c: the parts of the engine of SQLite. These files alone know it.
 */
#ifndef MIZAN_DB_SQLITE_H
#define MIZAN_DB_SQLITE_H

#include <sqlite3.h>

#include "db/engine.h"

#define MZ_SQLITE_CACHED 64

struct mz_cached {
    sqlite3_stmt *statement; /* NULL: free */
    uint64_t hash, used;
    bool busy; /* being stepped: a nested use of the same text gets its own */
};

struct mz_sqlite {
    struct mz_db base;
    sqlite3 *handle;
    enum mz_db_mode mode;
    int64_t limit,
        deadline; /* milliseconds; deadline on the monotonic clock, 0: none */
    uint64_t uses;
    struct mz_cached cache[MZ_SQLITE_CACHED];
};

extern const struct mz_engine mz_sqlite_engine;

enum mz_code mz_sqlite_run(struct mz_db *base, struct mz_statement *given,
                           struct mz_error *error);
void mz_sqlite_close(struct mz_db *base);
void mz_sqlite_set_time_limit(struct mz_db *base, int64_t milliseconds);

/* sqlite_backup.c */
enum mz_code mz_sqlite_backup(struct mz_db *base, const char *path,
                              struct mz_error *error);
enum mz_code mz_sqlite_script(struct mz_db *base, const char *sql,
                              struct mz_error *error);
enum mz_code mz_sqlite_mark_version(struct mz_db *base, int64_t version,
                                    struct mz_error *error);
/* sqlite_open.c */
bool mz_sqlite_writes(enum mz_db_mode mode);
/* sqlite_error.c: the sentence for a result code, as the handle's last failure. */
enum mz_code mz_sqlite_fail(struct mz_sqlite *db, int result, const char *sql,
                            struct mz_error *error);
/* sqlite_restrict.c: from now on the handle only reads, within limits. */
void mz_sqlite_restrict(struct mz_sqlite *db);
/* sqlite_new.c: the bytes of a new, empty home database. */
enum mz_code mz_sqlite_image(unsigned char **image, size_t *size,
                             struct mz_error *error);
void mz_sqlite_image_free(unsigned char *image);
/* sqlite_file.c: what is decided about a file before SQLite may touch it; in mode
 * MZ_DB_CREATE a missing one is made. */
enum mz_code mz_sqlite_prepare_file(const char *path, enum mz_db_mode mode,
                                    struct mz_error *error);

#endif
