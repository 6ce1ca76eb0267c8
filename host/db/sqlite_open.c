/* Opening: whose file it is is known before anything is written to it. */
#include "db/sqlite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "value/record.h"

#define URI_CEILING ((size_t)3 * 4096 + 64)

bool mz_sqlite_writes(enum mz_db_mode mode)
{
    return mode == MZ_DB_CREATE || mode == MZ_DB_WRITE || mode == MZ_DB_MIGRATE;
}

static enum mz_code run_pragma(struct mz_sqlite *db, const char *sql,
                               struct mz_error *error)
{
    struct mz_statement statement = {.sql = sql};

    return mz_sqlite_run(&db->base, &statement, error);
}

static bool take_integer(void *context, const struct mz_row *row)
{
    int64_t *out = context;

    *out = row->values[0].as.integer;
    return false;
}

static enum mz_code ask_integer(struct mz_sqlite *db, const char *sql, int64_t *out,
                                struct mz_error *error)
{
    struct mz_statement statement = {.sql = sql, .row = take_integer, .context = out};

    *out = 0;
    return mz_sqlite_run(&db->base, &statement, error);
}

static enum mz_code check_identity(struct mz_sqlite *db, struct mz_error *error)
{
    const char *path = db->base.location;
    int64_t application = 0, version = 0;
    enum mz_code code = ask_integer(db, "PRAGMA application_id", &application, error);

    if (code == MZ_OK) {
        code = ask_integer(db, "PRAGMA user_version", &version, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    if (application != MZ_APPLICATION_ID) {
        mz_fail(error, MZ_INPUT,
                "%s is a database of another program (application_id %" PRId64 ")",
                path, application);
        mz_error_help(error, "name another file; nothing was written to this one");
        return MZ_INPUT;
    }
    return mz_db_check_version(&db->base, db->mode, version, error);
}

static enum mz_code open_handle(struct mz_sqlite *db, const char *path, int flags,
                                struct mz_error *error)
{
    static const struct {
        int option, value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        /* Until it is known whose file this is, closing must not write to it. */
        {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
    };
    int result = sqlite3_open_v2(
        path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

    if (db->handle == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for the database");
    }
    if (result != SQLITE_OK) {
        return mz_sqlite_fail(db, result, NULL, error);
    }
    for (size_t i = 0; i < MZ_COUNT(options); i++) {
        (void)sqlite3_db_config(db->handle, options[i].option, options[i].value, NULL);
    }
    (void)sqlite3_busy_timeout(db->handle, MZ_DB_PATIENCE);
    return MZ_OK;
}

/* file:PATH?immutable=1, every special byte escaped. */
static bool immutable_uri(struct mz_buffer *uri, const char *path)
{
    mz_buffer_text(uri, path[0] == '/' ? "file://" : "file:");
    for (; *path != '\0'; path++) {
        if (strchr("%?#", *path) != NULL) {
            mz_buffer_printf(uri, "%%%02X", (unsigned int)(unsigned char)*path);
        } else {
            mz_buffer_byte(uri, *path);
        }
    }
    mz_buffer_text(uri, "?immutable=1");
    return mz_buffer_ok(uri);
}

/* Looks at the header alone, without lock, journal or recovery, so that a file of
 * someone else is not touched, not even by files beside it. What another process is
 * writing just now can look damaged here; then the ordinary opening decides. (The file
 * is not read with open(2): closing it would drop this process's locks on it.) */
static enum mz_code probe(const char *path, const char *plain, enum mz_db_mode mode,
                          struct mz_error *error)
{
    struct mz_sqlite db = {.mode = mode};
    struct mz_buffer uri;
    int64_t ignored = 0;
    enum mz_code code = MZ_OK;

    mz_buffer_init(&uri, URI_CEILING);
    if (!immutable_uri(&uri, plain) || !mz_db_init(&db.base, &mz_sqlite_engine, path)) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the database");
        goto done;
    }
    code = open_handle(&db, uri.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    if (code != MZ_OK) {
        goto done;
    }
    code = ask_integer(&db, "PRAGMA schema_version", &ignored, error);
    if (code == MZ_OK) {
        code = check_identity(&db, error);
    } else if ((sqlite3_errcode(db.handle) & 0xff) == SQLITE_NOTADB) {
        mz_fail(error, MZ_INPUT, "%s is not an SQLite database", path);
        mz_error_help(error, "name another file; nothing was written to this one");
        code = MZ_INPUT;
    } else {
        code = MZ_OK;
    }
done:
    for (size_t i = 0; i < MZ_SQLITE_CACHED; i++) {
        (void)sqlite3_finalize(db.cache[i].statement);
    }
    (void)sqlite3_close_v2(db.handle);
    mz_db_finish(&db.base);
    mz_buffer_finish(&uri);
    return code;
}

static bool take_journal(void *context, const struct mz_row *row)
{
    bool *wal = context;

    *wal = mz_value_is(&row->values[0], "wal");
    return false;
}

static enum mz_code set_up(struct mz_sqlite *db, struct mz_error *error)
{
    static const char *const writing[] = {
        "PRAGMA synchronous=FULL", "PRAGMA cell_size_check=ON",
        /* Ids are hashes: rows that go together lie
         * on many pages, which a commit touches
         * again and again. */
        "PRAGMA cache_size=-65536", "PRAGMA journal_size_limit=67108864"};
    static const char *const reading[] = {"PRAGMA query_only=ON",
                                          "PRAGMA cell_size_check=ON"};
    bool writes = mz_sqlite_writes(db->mode);
    const char *const *pragmas = writes ? writing : reading;
    size_t count = writes ? MZ_COUNT(writing) : MZ_COUNT(reading);
    bool wal = false;
    struct mz_statement journal = {
        .sql = "PRAGMA journal_mode=WAL", .row = take_journal, .context = &wal};
    enum mz_code code = MZ_OK;

    for (size_t i = 0; code == MZ_OK && i < count; i++) {
        code = run_pragma(db, pragmas[i], error);
    }
    if (code == MZ_OK && writes) {
        code = mz_sqlite_run(&db->base, &journal, error);
        if (code == MZ_OK && !wal) {
            code =
                mz_fail(error, MZ_IO,
                        "the database %s cannot keep a write-ahead log where it lies",
                        db->base.location);
            mz_error_help(error, "put it on a local disk, not on a network folder");
        }
        (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    }
    return code;
}

enum mz_code mz_sqlite_open(const char *path, enum mz_db_mode mode, struct mz_db **out,
                            struct mz_error *error)
{
    bool writes = mz_sqlite_writes(mode);
    struct mz_sqlite *db = calloc(1, sizeof *db);
    const char *plain;
    enum mz_code code;

    if (db == NULL || !mz_db_init(&db->base, &mz_sqlite_engine, path)) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the database");
        goto failed;
    }
    db->mode = mode;
    /* SQLite reads some names as more than names: ":memory:", "file:…". */
    plain = path[0] == '/' ? path : mz_arena_printf(db->base.keep, "./%s", path);
    if (plain == NULL) {
        code = mz_fail(error, MZ_MEMORY, "no memory for the database");
        goto failed;
    }
    code = mz_sqlite_prepare_file(path, mode, error);
    if (code == MZ_OK) {
        code = probe(path, plain, mode, error);
    }
    if (code == MZ_OK) {
        code = open_handle(
            db, plain, writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, error);
    }
    if (code == MZ_OK) {
        code = check_identity(db, error);
    }
    if (code == MZ_OK) {
        code = set_up(db, error);
    }
    if (code != MZ_OK) {
        goto failed;
    }
    if (mode == MZ_DB_RESTRICTED) {
        mz_sqlite_restrict(db);
    }
    *out = &db->base;
    return MZ_OK;
failed:
    if (db != NULL) {
        mz_sqlite_close(&db->base);
    }
    return code;
}
