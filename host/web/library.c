#include "web/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

struct entry {
    const char *symbol;
    size_t offset;
};

#define HTTP(member)                                                                   \
    {                                                                                  \
        "MHD_" #member, offsetof(struct mz_http_library, member)                       \
    }

static const struct entry http_entries[] = {
    HTTP(start_daemon),
    HTTP(stop_daemon),
    HTTP(lookup_connection_value),
    HTTP(get_connection_info),
    HTTP(create_response_from_buffer),
    HTTP(add_response_header),
    HTTP(queue_response),
    HTTP(destroy_response),
};

static const struct entry password_entries[] = {
    {"argon2_verify", offsetof(struct mz_password_library, verify)},
};

static enum mz_code load(const char *name, const char *package,
                         const struct entry *entries, size_t count, void *table,
                         struct mz_error *error)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        /* The C library keeps this text per thread. */
        const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe) */
        mz_fail(error, MZ_CONFIGURATION,
                "%s, which the dashboard needs, cannot be loaded: %s", name,
                reason != NULL ? reason : "no reason given");
        mz_error_help(error, "install the package %s", package);
        return MZ_CONFIGURATION;
    }
    for (size_t i = 0; i < count; i++) {
        void *symbol = dlsym(library, entries[i].symbol);
        if (symbol == NULL) {
            return mz_fail(error, MZ_CONFIGURATION, "%s has no %s: it is too old", name,
                           entries[i].symbol);
        }
        memcpy((char *)table + entries[i].offset, &symbol, sizeof symbol);
    }
    return MZ_OK;
}

enum mz_code mz_http_load(struct mz_http_library *http, struct mz_error *error)
{
    return load("libmicrohttpd.so.12", "libmicrohttpd12", http_entries,
                sizeof http_entries / sizeof *http_entries, http, error);
}

enum mz_code mz_password_load(struct mz_password_library *passwords,
                              struct mz_error *error)
{
    return load("libargon2.so.1", "libargon2-1", password_entries,
                sizeof password_entries / sizeof *password_entries, passwords, error);
}
