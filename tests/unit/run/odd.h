/* What the odd plugins share: an instance that knows its option `mode`. */
#ifndef MIZAN_TEST_ODD_H
#define MIZAN_TEST_ODD_H

#include <mizan/plugin.h>

#include <stdlib.h>

struct odd {
    const struct mizan_host *host;
    const char *mode;
    int64_t held; /* records of a store */
};

static int32_t open_odd(const struct mizan_host *host, mizan_task *task,
                        const mizan_options *options, void **instance)
{
    (void)task;
    struct mizan_value mode;
    struct odd *odd = calloc(1, sizeof *odd);
    if (odd == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    if (host->option(options, "mode", &mode) != MIZAN_OK) {
        free(odd);
        return MIZAN_ERROR_OPTION;
    }
    odd->host = host;
    odd->mode = mode.as.text.data;
    *instance = odd;
    return MIZAN_OK;
}

static void close_odd(void *instance)
{
    free(instance);
}

static const struct mizan_option odd_options[] = {
    {.name = "mode",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "none",
     .help = "Where it goes wrong."},
};

#endif
