#include "db/postgres_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIBRARY "libpq.so.5"

struct entry {
    const char *symbol;
    size_t offset;
};

#define ENTRY(member)                                                                  \
    {                                                                                  \
        "PQ" #member, offsetof(struct mz_libpq, member)                                \
    }

static const struct entry entries[] = {
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
    enum mz_code code;
    char missing[256]; /* why it could not be loaded */
} library = {.once = PTHREAD_ONCE_INIT};

static void load(void)
{
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    library.code = MZ_CONFIGURATION;
    if (handle == NULL) {
        /* The C library keeps this text per thread. */
        const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe) */

        (void)snprintf(library.missing, sizeof library.missing, "cannot be loaded: %s",
                       reason != NULL ? reason : "no reason given");
        return;
    }
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        void *symbol = dlsym(handle, entries[i].symbol);

        if (symbol == NULL) {
            (void)snprintf(library.missing, sizeof library.missing,
                           "has no %s: it is too old", entries[i].symbol);
            return;
        }
        memcpy((char *)&library.table + entries[i].offset, &symbol, sizeof symbol);
    }
    library.code = MZ_OK;
}

enum mz_code mz_libpq_load(const struct mz_libpq **out, struct mz_error *error)
{
    (void)pthread_once(&library.once, load);
    *out = &library.table;
    if (library.code != MZ_OK) {
        mz_fail(error, library.code, "%s, which a database in PostgreSQL needs, %s",
                LIBRARY, library.missing);
        mz_error_help(error, "install the package libpq5");
    }
    return library.code;
}
