/* The context of one plugin call: `mizan_task` of plugin.h. The caller (a run, a
 * command, a test) supplies the services that need a database or the network through
 * struct mz_services; a service that is NULL answers MIZAN_ERROR_UNSUPPORTED. */
#ifndef MIZAN_PLUG_TASK_H
#define MIZAN_PLUG_TASK_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "mizan/plugin.h"

struct mz_services {
    int32_t (*emit)(struct mizan_task *task, struct mizan_record *record);
    int32_t (*http)(struct mizan_task *task, const struct mizan_http_request *request,
                    struct mizan_http_response *response);
    int32_t (*unchanged)(struct mizan_task *task, const char *url);
    int32_t (*keep_validators)(struct mizan_task *task,
                               const struct mizan_http_response *response);
    int32_t (*state_get)(struct mizan_task *task, const char *key,
                         struct mizan_slice *out);
    int32_t (*state_set)(struct mizan_task *task, const char *key,
                         struct mizan_slice value);
    int32_t (*secret)(struct mizan_task *task, const char *name,
                      struct mizan_slice *out);
    int32_t (*db_upsert)(struct mizan_task *task, const char *table,
                         const struct mizan_record *record);
    int32_t (*db_query)(struct mizan_task *task, const char *name,
                        const struct mizan_value *arguments, struct mizan_value *rows);
    void (*count)(struct mizan_task *task, const char *name, int64_t delta);
    /* `reason` is the whole sentence. */
    int32_t (*reject)(struct mizan_task *task, const struct mizan_record *record,
                      const char *reason);
    int32_t (*body_read)(struct mizan_task *task, uint64_t offset, void *out,
                         size_t size, size_t *got);
    int32_t (*slice_begin)(struct mizan_task *task, struct mizan_cursor *cursor);
    int32_t (*slice_end)(struct mizan_task *task, const struct mizan_cursor *next);
};

struct mizan_task {
    const struct mz_services *services;
    void *context;            /* of whoever supplies the services */
    struct mz_arena *arena;   /* borrowed */
    const char *stage;        /* name of the stage, for messages */
    const char *record;       /* what is being worked on (an address), or NULL */
    const char *folder;       /* of the plugin; set by the call functions */
    const char *plugin;       /* "extract.figures"; set by the call functions */
    int64_t deadline;         /* monotonic milliseconds, 0: none */
    const atomic_int *cancel; /* non-zero: the run is being stopped; may be NULL */
    struct mz_error *error;   /* host->fail writes here; may be NULL */
};

/* The table of services that is handed to every plugin. */
const struct mizan_host *mz_host_table(void);

/* Called with every failure of a plugin before it goes on, from its thread: for what
 * only the process knows (which walls it stands in). NULL: none. Set before threads. */
void mz_set_failure_hook(void (*hook)(struct mz_error *error));

/* The error code for a status that a plugin returned. */
enum mz_code mz_status_code(int32_t status);

#endif
