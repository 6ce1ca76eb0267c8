#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

static enum mz_code too_old(const struct mz_library *library, const char *symbol,
                            struct mz_error *error)
{
    mz_fail(error, MZ_CONFIGURATION, "%s has no %s: it is too old", library->file,
            symbol);
    mz_error_help(error, "install the package %s of Debian 12", library->package);
    return MZ_CONFIGURATION;
}

enum mz_code mz_library_load(const struct mz_library *library, void *table,
                             struct mz_error *error)
{
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        /* The C library keeps this text per thread. */
        const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe) */
        mz_fail(error, MZ_CONFIGURATION, "%s, which %s needs, cannot be loaded: %s",
                library->file, library->needed,
                reason != NULL ? reason : "no reason given");
        mz_error_help(error, "install the package %s", library->package);
        return MZ_CONFIGURATION;
    }
    for (size_t i = 0; i < library->count; i++) {
        if (dlsym(handle, library->symbols[i].name) == NULL) {
            return too_old(library, library->symbols[i].name, error);
        }
    }
    for (size_t i = 0; i < library->count; i++) {
        void *symbol = dlsym(handle, library->symbols[i].name);
        memcpy((char *)table + library->symbols[i].offset, &symbol, sizeof symbol);
    }
    return MZ_OK;
}
