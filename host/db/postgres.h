/* Private to postgres*.c: the parts of the engine of PostgreSQL 15. */
#ifndef MIZAN_DB_POSTGRES_H
#define MIZAN_DB_POSTGRES_H

#include "db/engine.h"
#include "db/postgres_library.h"

#define MZ_POSTGRES_CACHED 64
#define MZ_POSTGRES_PLACES 1000 /* most arguments of a statement */
/* Milliseconds. A session that stands still inside a transaction loses it well before
 * its lease does, so that the row it locked is free for whoever takes over. */
#define MZ_POSTGRES_IDLE 20000
#define MZ_POSTGRES_STATEMENT                                                          \
    120000                          /* a statement of a writer, unless told otherwise */
#define MZ_POSTGRES_RECONNECT 30000 /* how long a lost server is waited for */

/* What a look at the text of a statement tells, before the server sees it. */
struct mz_sql_scan {
    size_t places; /* the highest $n */
    bool used[MZ_POSTGRES_PLACES];
    size_t statements; /* those with something in them */
    bool reads;        /* begins with a word that only reads */
    bool with;         /* begins with WITH, which may do either */
    char refused[128]; /* a function that SQL of users may not call, or empty */
};
void mz_sql_scan(const char *sql, struct mz_sql_scan *out);
/* The word at byte `offset` of the SQL, quotes taken off. */
void mz_sql_word(const char *sql, size_t offset, char *out, size_t size);

struct mz_prepared {
    char *sql; /* NULL: free */
    uint64_t hash, used;
    unsigned int name; /* of the server's statement, "mN" */
    size_t places;
    bool reads, busy;
};

/* Rows that are coming in. A statement that is run inside of the callback takes those
 * that are still on their way aside, since the connection carries one answer at a time.
 */
struct mz_stream {
    struct mz_stream *outer;
    PGresult **aside;
    size_t aside_count, aside_next;
    bool all_in;
};

struct mz_postgres {
    struct mz_db base;
    const struct mz_libpq *pq;
    PGconn *connection; /* NULL: none yet */
    enum mz_db_mode mode;
    char *url; /* with its password, to connect again */
    char label[64];
    bool stale; /* what the server has prepared no longer fits its tables, or is gone */
    bool lost;  /* the server said so, whatever libpq still thinks of the connection */
    int64_t limit, set_limit; /* of a statement; what the session has, -1: unknown */
    int64_t patience, set_patience;
    bool transaction; /* one was begun and neither committed nor undone */
    bool broken;      /* it can only be undone; `first` says why */
    struct mz_error first;
    char transaction_id[24];
    int64_t clock_offset, clock_at; /* database minus monotonic clock; when looked at */
    uint64_t uses;
    unsigned int names;
    struct mz_prepared cache[MZ_POSTGRES_CACHED];
    struct mz_stream *stream;
    bool piped; /* libpq is in pipeline mode: statements were sent and not yet answered
                 */
    size_t pending;
};

extern const struct mz_engine mz_postgres_engine;

/* postgres.c */
enum mz_code mz_postgres_run(struct mz_db *base, struct mz_statement *given,
                             struct mz_error *error);
void mz_postgres_close(struct mz_db *base);
bool mz_postgres_alive(const struct mz_postgres *db);
/* One or more statements of the host's own, without arguments, outside of the cache;
 * `result` (may be NULL) is the last one's, to be cleared by the caller. */
enum mz_code mz_postgres_text(struct mz_postgres *db, const char *sql,
                              PGresult **result, struct mz_error *error);

bool mz_postgres_good(const struct mz_postgres *db, const PGresult *result);
/* Connects again when the connection is gone. */
enum mz_code mz_postgres_connected(struct mz_postgres *db, struct mz_error *error);
/* Time limit and patience, where the session has others. */
enum mz_code mz_postgres_settings(struct mz_postgres *db, struct mz_error *error);

/* postgres_prepared.c: the statement of a text, prepared now or before; not busy any
 * more when the caller says so. */
enum mz_code mz_postgres_borrow(struct mz_postgres *db, const char *sql,
                                struct mz_prepared **out, struct mz_error *error);
void mz_postgres_forget(struct mz_postgres *db); /* what the server had prepared */

bool mz_postgres_is_prepared(const struct mz_postgres *db, const char *sql);

/* postgres_pipeline.c: sends a statement that was prepared without waiting for what
 * becomes of it; and waits for all of them: the first failure is theirs. */
enum mz_code mz_postgres_send_on(struct mz_postgres *db, struct mz_statement *given,
                                 struct mz_error *error);
enum mz_code mz_postgres_drain(struct mz_postgres *db, struct mz_error *error);

/* postgres_transaction.c */
enum mz_code mz_postgres_begin(struct mz_db *base, struct mz_error *error);
enum mz_code mz_postgres_commit(struct mz_db *base, struct mz_error *error);
void mz_postgres_rollback(struct mz_db *base);
bool mz_postgres_in_transaction(const struct mz_db *db);

/* postgres_columns.c */
enum mz_code mz_postgres_columns(struct mz_db *db, const char *table,
                                 struct mz_column **columns, size_t *count,
                                 struct mz_error *error);

/* postgres_value.c */
struct mz_places {
    size_t count;
    const char **values;
    int *lengths, *formats;
};
enum mz_code mz_postgres_encode(struct mz_postgres *db,
                                const struct mz_statement *given, size_t count,
                                struct mz_places *out, struct mz_error *error);
/* Column of a row as a value; what it needs of memory lies in `arena` or the result. */
bool mz_postgres_decode(const struct mz_libpq *pq, const PGresult *result, int row,
                        int column, struct mz_arena *arena, struct mizan_value *out);

/* postgres_connect.c: connects, or connects again, waiting up to `wait` ms for a server
 * that is starting. */
enum mz_code mz_postgres_connect(struct mz_postgres *db, int64_t wait,
                                 struct mz_error *error);
/* Where it is, without password, for sentences; in the arena. NULL: no memory. */
char *mz_postgres_place(const struct mz_libpq *pq, const char *url,
                        struct mz_arena *arena, struct mz_error *error);

/* postgres_error.c: the sentence for a failed result; NULL: for the connection. */
enum mz_code mz_postgres_fail(struct mz_postgres *db, const PGresult *result,
                              const char *sql, struct mz_error *error);

#endif
