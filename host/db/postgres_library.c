#include "db/postgres_library.h"

#include <pthread.h>
#include <stddef.h>

#include "base/library.h"

#define ENTRY(member)                                                                  \
    {                                                                                  \
        "PQ" #member, offsetof(struct mz_libpq, member)                                \
    }

static const struct mz_symbol symbols[] = {
    ENTRY(connectdbParams),
    ENTRY(finish),
    ENTRY(status),
    ENTRY(transactionStatus),
    ENTRY(errorMessage),
    ENTRY(conninfoParse),
    ENTRY(conninfoFree),
    ENTRY(setNoticeProcessor),
    ENTRY(exec),
    ENTRY(execParams),
    ENTRY(prepare),
    ENTRY(sendQueryPrepared),
    ENTRY(setSingleRowMode),
    ENTRY(getResult),
    ENTRY(resultStatus),
    ENTRY(resultErrorField),
    ENTRY(cmdStatus),
    ENTRY(cmdTuples),
    ENTRY(ntuples),
    ENTRY(nfields),
    ENTRY(fname),
    ENTRY(ftype),
    ENTRY(getisnull),
    ENTRY(getvalue),
    ENTRY(getlength),
    ENTRY(enterPipelineMode),
    ENTRY(exitPipelineMode),
    ENTRY(pipelineSync),
    ENTRY(clear),
    ENTRY(freemem),
};

static struct {
    pthread_once_t once;
    struct mz_libpq table;
    struct mz_error error; /* why it could not be loaded */
    enum mz_code code;
} once = {.once = PTHREAD_ONCE_INIT};

static void load(void)
{
    static const struct mz_library library = {"libpq.so.5", "libpq5",
                                              "a database in PostgreSQL", symbols,
                                              sizeof symbols / sizeof *symbols};
    once.code = mz_library_load(&library, &once.table, &once.error);
}

enum mz_code mz_libpq_load(const struct mz_libpq **out, struct mz_error *error)
{
    (void)pthread_once(&once.once, load);
    *out = &once.table;
    if (once.code != MZ_OK) {
        *error = once.error;
    }
    return once.code;
}
