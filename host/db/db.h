/* The home database behind one interface. SQL is written once for both engines: places
 * are $1, $2, … in the order of their first appearance; types and functions are those
 * that SQLite 3.40 and PostgreSQL 15 share. A connection belongs to one thread. */
#ifndef MIZAN_DB_DB_H
#define MIZAN_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"

struct mz_db;

enum mz_db_mode {
    MZ_DB_CREATE,     /* read and write; a new file gets the schema */
    MZ_DB_WRITE,      /* read and write; must exist */
    MZ_DB_READ,       /* read only; a missing file is MZ_NO_FILE */
    MZ_DB_RESTRICTED, /* read only, for SQL of users: what else it could do is refused,
                       * within limits */
    MZ_DB_MIGRATE     /* as MZ_DB_WRITE; the schema may be older than the program's */
};

/* `url` is "sqlite:PATH" (or a bare path) or "postgres://USER@HOST:PORT/NAME" with all
 * that libpq takes. Refuses with a hint, and never writes to, a file that is no SQLite
 * database, a folder, another program's database or one of a newer schema; makes what a
 * new one needs in one transaction. A server that does not answer is MZ_UNREACHABLE. */
MZ_NODISCARD enum mz_code mz_db_open(const char *url, enum mz_db_mode mode,
                                     struct mz_db **out, struct mz_error *error);
void mz_db_close(struct mz_db *db); /* NULL is fine; an open transaction is undone */
const char *mz_db_location(const struct mz_db *db); /* the path, or URL less password */

/* A statement that fails inside of a transaction leaves it only to be undone: in
 * PostgreSQL what follows is told the same failure. Writers exclude one another in
 * SQLite; in PostgreSQL each statement sees what others have committed by then: who
 * decides by what was read locks it first, by an UPDATE of the row or of the one row of
 * `fence`. A lost connection or a conflict is MZ_TRY_AGAIN: the transaction is undone
 * and may be repeated from its start. When the answer to a commit is lost, the engine
 * finds out whether it was made before it answers; MZ_UNREACHABLE: it could not. */
MZ_NODISCARD enum mz_code mz_db_begin(struct mz_db *db, struct mz_error *error);
MZ_NODISCARD enum mz_code mz_db_commit(struct mz_db *db, struct mz_error *error);
void mz_db_rollback(struct mz_db *db);
bool mz_db_in_transaction(const struct mz_db *db);

/* The database's clock, milliseconds since 1970: for leases and all that several
 * machines compare. That of this machine in SQLite, and where a test made it stand. */
int64_t mz_db_now(struct mz_db *db);
/* What the server's administrator sees of this connection: "HOST/RUN". */
void mz_db_set_label(struct mz_db *db, const char *label);

/* Runs a statement without result; `changed` (may be NULL) is the number of rows.
 * Statements are prepared once and kept. Busy for longer than the connection's patience
 * (10 s) is MZ_TRY_AGAIN. */
MZ_NODISCARD enum mz_code mz_db_execute(struct mz_db *db, const char *sql,
                                        const struct mizan_value *arguments,
                                        size_t count, int64_t *changed,
                                        struct mz_error *error);

/* One row of a result, valid inside the callback. */
struct mz_row {
    size_t count;
    const char *const *names;
    const struct mizan_value *values; /* nil, integer, double, text or bytes */
};
/* Calls `row` for each; a callback that returns false ends the query early. */
MZ_NODISCARD enum mz_code
mz_db_query(struct mz_db *db, const char *sql, const struct mizan_value *arguments,
            size_t count, bool (*row)(void *context, const struct mz_row *row),
            void *context, struct mz_error *error);
/* All rows as a list of maps in `arena`. */
MZ_NODISCARD enum mz_code mz_db_rows(struct mz_db *db, const char *sql,
                                     const struct mizan_value *arguments, size_t count,
                                     struct mz_arena *arena, struct mizan_value *rows,
                                     struct mz_error *error);
/* A query that runs longer than this is stopped with MZ_DEADLINE; 0: no limit. */
void mz_db_set_time_limit(struct mz_db *db, int64_t milliseconds);
/* `url` without its password, for people; at most size - 1 bytes. */
void mz_db_show_url(const char *url, char *out, size_t size);

/* How long to wait for another writer. */
void mz_db_set_patience(struct mz_db *db, int milliseconds);

/* Inserts the record's fields as columns of `table`, or updates the row of the same
 * primary key. Tables and columns must be of the data schema; others are MZ_INPUT with
 * the nearest name. Decimals are written to their column as text; booleans as 0 or 1;
 * times as YYYY-MM-DDTHH:MM:SSZ; lists and maps as JSON text. */
MZ_NODISCARD enum mz_code mz_db_upsert(struct mz_db *db, const char *table,
                                       const struct mizan_record *record,
                                       struct mz_error *error);

/* Named queries: host/db/queries/NAME.sql, embedded. The first comment lines of each
 * say what it answers (`-- about: …`), its parameters (`-- param: topic text what it
 * is`) and how it likes to be shown. */
struct mz_named_query {
    const char *name, *about, *sql;
    const struct mz_query_parameter {
        const char *name, *type, *help, *default_value; /* default NULL: required */
    } * parameters;
    size_t parameter_count;
};
/* NULL and, in `nearest` (may be NULL), the nearest name, when there is none. */
const struct mz_named_query *mz_named_query(const char *name, const char **nearest);
/* What only home stores run, in the unit's transaction: host/db/statements/NAME.sql, of
 * the same form, writing ones among them. NULL when there is none. */
const struct mz_named_query *mz_store_statement(const char *name);
size_t mz_named_query_count(void);
const struct mz_named_query *mz_named_query_at(size_t index);
/* Arguments is a map by parameter name; defaults are filled in. */
MZ_NODISCARD enum mz_code mz_db_named(struct mz_db *db,
                                      const struct mz_named_query *query,
                                      const struct mizan_value *arguments,
                                      struct mz_arena *arena, struct mizan_value *rows,
                                      struct mz_error *error);

#endif
