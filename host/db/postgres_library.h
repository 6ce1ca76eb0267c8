/* libpq as a table of functions, loaded when the first connection is made. Its header
 * is used for types alone: the program is not linked against it, so that who keeps to
 * SQLite pays nothing. */
#ifndef MIZAN_DB_POSTGRES_LIBRARY_H
#define MIZAN_DB_POSTGRES_LIBRARY_H

#include <libpq-fe.h>

#include "base/error.h"

struct mz_libpq {
    PGconn *(*connectdbParams)(const char *const *keywords, const char *const *values,
                               int expand);
    void (*finish)(PGconn *connection);
    ConnStatusType (*status)(const PGconn *connection);
    PGTransactionStatusType (*transactionStatus)(const PGconn *connection);
    char *(*errorMessage)(const PGconn *connection);
    PQconninfoOption *(*conninfoParse)(const char *text, char **message);
    void (*conninfoFree)(PQconninfoOption *options);
    PQnoticeProcessor (*setNoticeProcessor)(PGconn *connection, PQnoticeProcessor call,
                                            void *argument);
    PGresult *(*exec)(PGconn *connection, const char *sql);
    PGresult *(*execParams)(PGconn *connection, const char *sql, int count,
                            const Oid *types, const char *const *values,
                            const int *lengths, const int *formats, int form);
    PGresult *(*prepare)(PGconn *connection, const char *name, const char *sql,
                         int count, const Oid *types);
    int (*sendQueryPrepared)(PGconn *connection, const char *name, int count,
                             const char *const *values, const int *lengths,
                             const int *formats, int form);
    int (*setSingleRowMode)(PGconn *connection);
    PGresult *(*getResult)(PGconn *connection);
    ExecStatusType (*resultStatus)(const PGresult *result);
    char *(*resultErrorField)(const PGresult *result, int field);
    char *(*cmdStatus)(PGresult *result);
    char *(*cmdTuples)(PGresult *result);
    int (*ntuples)(const PGresult *result);
    int (*nfields)(const PGresult *result);
    char *(*fname)(const PGresult *result, int column);
    Oid (*ftype)(const PGresult *result, int column);
    int (*getisnull)(const PGresult *result, int row, int column);
    char *(*getvalue)(const PGresult *result, int row, int column);
    int (*getlength)(const PGresult *result, int row, int column);
    int (*enterPipelineMode)(PGconn *connection);
    int (*exitPipelineMode)(PGconn *connection);
    int (*pipelineSync)(PGconn *connection);
    void (*clear)(PGresult *result);
    void (*freemem)(void *memory);
};

/* The table, loaded once for all threads. It stays as long as the process. */
MZ_NODISCARD enum mz_code mz_libpq_load(const struct mz_libpq **out,
                                        struct mz_error *error);

#endif
