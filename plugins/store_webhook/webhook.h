/* The parts of store.webhook: what one stage keeps, the ids of figures, the messages
 * that a unit becomes. */
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "mizan/plugin.h"

#define ID_SIZE 33

struct store {
    const struct mizan_host *host;
    char *url, *secret, *token; /* names of secrets, or NULL */
    char **types;               /* wanted; NULL-terminated; NULL: all but documents */
    size_t batch;
    /* Of the unit at hand: its figures, all of them since ids count them, and others
     * that are wanted. */
    const mizan_record **records;
    size_t count, room;
};

struct mizan_slice text_field(const struct mizan_host *host, const mizan_record *record,
                              const char *name);
bool is_wanted(const struct store *store, const char *type);
/* identity.c: the id that the home database knows each figure by, in the order of
 * store->records; "" for what is no figure or lacks what an id is made of. */
int32_t make_ids(const struct store *store, mizan_task *task, char (**out)[ID_SIZE]);
/* messages.c: writes the unit's records to the outbox. */
int32_t write_messages(const struct store *store, mizan_task *task);

#endif
