/* Private to host/db: what an engine provides. The functions of db.h dispatch through
 * this table; a second engine is a second file that fills it. */
#ifndef MIZAN_DB_ENGINE_H
#define MIZAN_DB_ENGINE_H

#include "base/map.h"
#include "db/db.h"

/* Hundreds are the major version. Within one, migrations only add: an older program
 * works on a database that was brought further, and is told so by nothing. */
#define MZ_SCHEMA_VERSION        100
#define MZ_SCHEMA_MAJOR(version) ((version) / 100)
#define MZ_APPLICATION_ID        0x4d5a414e /* "MZAN", at byte 68 of an SQLite file */
#define MZ_DB_PATIENCE           10000 /* milliseconds to wait for another writer */

/* One statement with its arguments; `row` NULL: rows, if any, are passed over. */
struct mz_statement {
    const char *sql;
    const struct mizan_value *arguments;
    size_t count;
    bool (*row)(void *context, const struct mz_row *row);
    void *context;
    int64_t changed; /* filled: rows changed */
    /* In a transaction, without rows: the engine may send it on with those that follow
     * and tell its failure by a later statement, at the latest by the commit. */
    bool deferred;
};

enum mz_column_type {
    MZ_COLUMN_TEXT,
    MZ_COLUMN_INTEGER,
    MZ_COLUMN_SMALL, /* 16 bits, in PostgreSQL */
    MZ_COLUMN_DOUBLE,
    MZ_COLUMN_BYTES
};

struct mz_column {
    const char *name;
    const char *fallback; /* SQL of the default, or NULL */
    enum mz_column_type type;
    bool key, generated, required; /* required: NOT NULL */
};

struct mz_engine {
    void (*close)(struct mz_db *db);
    enum mz_code (*begin)(struct mz_db *db, struct mz_error *error);
    enum mz_code (*commit)(struct mz_db *db, struct mz_error *error);
    void (*rollback)(struct mz_db *db);
    bool (*in_transaction)(const struct mz_db *db);
    enum mz_code (*run)(struct mz_db *db, struct mz_statement *statement,
                        struct mz_error *error);
    /* The columns of a table in their order, in db->keep; count 0: no such table. */
    enum mz_code (*columns)(struct mz_db *db, const char *table,
                            struct mz_column **columns, size_t *count,
                            struct mz_error *error);
    void (*set_time_limit)(struct mz_db *db, int64_t milliseconds);
    void (*set_patience)(struct mz_db *db, int milliseconds);
    /* Several statements, as they stand in a file. */
    enum mz_code (*script)(struct mz_db *db, const char *sql, struct mz_error *error);
    /* A copy of the whole into a new file, while it is in use; NULL: the server's
     * administrator makes copies. */
    enum mz_code (*backup)(struct mz_db *db, const char *path, struct mz_error *error);
    /* Where the engine keeps the schema's version besides schema_version; or NULL. */
    enum mz_code (*mark_version)(struct mz_db *db, int64_t version,
                                 struct mz_error *error);
    /* NULL: the clock of this machine is the database's. */
    int64_t (*now)(struct mz_db *db);
    void (*set_label)(struct mz_db *db, const char *label); /* or NULL */
};

struct mz_db {
    const struct mz_engine *engine;
    char *location;
    struct mz_arena *keep;    /* lives as long as the connection */
    struct mz_arena *scratch; /* of one call: values converted for binding */
    struct mz_map *tables;    /* name: struct mz_table of upsert.c, in `keep` */
    const char **summary;   /* statements of summary.sql, NULL at the end, in `keep` */
    const char *raw_folder; /* where raw bodies go; NULL: into the table */
    bool basis_written;     /* a work or topic row was written: see summary_basis */
};

/* Makes the parts that all engines share; false when out of memory. */
bool mz_db_init(struct mz_db *db, const struct mz_engine *engine, const char *location);
void mz_db_finish(struct mz_db *db);

/* sqlite.c */
enum mz_code mz_sqlite_open(const char *path, enum mz_db_mode mode, struct mz_db **out,
                            struct mz_error *error);
/* db.c: refuses a schema of another major version than this program's, and one that
 * lacks what this program's has; what is to be migrated may be older. */
enum mz_code mz_db_check_version(const struct mz_db *db, enum mz_db_mode mode,
                                 int64_t version, struct mz_error *error);
/* postgres_open.c */
enum mz_code mz_postgres_open(const char *url, enum mz_db_mode mode, struct mz_db **out,
                              struct mz_error *error);
/* upsert.c: the tables that users and stores may write. */
size_t mz_data_table_count(void);
const char *mz_data_table(size_t index);

/* process.c: who a lease belongs to. */
#define MZ_HOST_NAME 256
#define MZ_BOOT_NAME 128
struct mz_process {
    char host[MZ_HOST_NAME];
    char boot[MZ_BOOT_NAME]; /* boot id and process namespace; empty when unknown */
    int64_t pid, start;
};
void mz_process_self(struct mz_process *out);
enum mz_process_state {
    MZ_PROCESS_ALIVE,
    MZ_PROCESS_GONE,
    MZ_PROCESS_UNKNOWN /* of another host, or not visible from here */
};
enum mz_process_state mz_process_state(const struct mz_process *process);

/* db.c: helpers of the host's own statements. */
#define MZ_COUNT(array) (sizeof(array) / sizeof(array)[0])
/* Converts the arguments, runs the statement, forgets the conversions. */
enum mz_code mz_db_run(struct mz_db *db, struct mz_statement *statement,
                       struct mz_error *error);
/* Runs it for its first row; `found` tells whether there was one. Values live in
 * `arena`; columns beyond `count` are passed over, missing ones are nil. */
struct mz_first_row {
    struct mizan_value *values;
    size_t count;
    struct mz_arena *arena;
    bool found, failed;
};
enum mz_code mz_db_first(struct mz_db *db, struct mz_statement *statement,
                         struct mz_first_row *first, struct mz_error *error);
/* As text for a column or parameter: ISO time, JSON, decimal; nil, integer, double,
 * text and bytes stay. Made in db->scratch. */
enum mz_code mz_db_plain(struct mz_db *db, const struct mizan_value *value,
                         struct mizan_value *out, struct mz_error *error);
struct mizan_value mz_db_time(struct mz_arena *arena, int64_t time);
/* NUL and invalid UTF-8 cannot be kept as text in both engines: MZ_INPUT naming `what`.
 */
enum mz_code mz_db_check_text(const char *what, struct mizan_slice text,
                              struct mz_error *error);

/* The embedded files. */
extern const unsigned char mz_schema_sql[];
extern const size_t mz_schema_sql_size;
extern const struct mz_named_query mz_named_queries[];
extern const size_t mz_named_queries_count;
extern const struct mz_named_query mz_store_statements[];
extern const size_t mz_store_statements_count;

#endif
