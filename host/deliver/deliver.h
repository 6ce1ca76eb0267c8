/* Sends what is due in the outbox: webhooks through the host's client, programs that
 * the project allows, mail by sendmail. Each message goes out at least once and carries
 * its id, by which a receiver knows a repeat. Two processes may send at once. */
#ifndef MIZAN_DELIVER_DELIVER_H
#define MIZAN_DELIVER_DELIVER_H

#include <stdatomic.h>

#include "db/outbox.h"

struct mz_deliver_settings {
    const char *folder;          /* of the project: its secrets, where programs work */
    const char *const *programs; /* that mizan.lua allows */
    size_t program_count;
    const char *const *private_hosts; /* receivers in a private network */
    size_t private_count;
    const char *sendmail;     /* NULL: /usr/sbin/sendmail */
    int64_t attempts;         /* after which a message is given up; 0: 20 */
    int64_t limit;            /* messages; 0: all that are due */
    bool follow;              /* goes on with what becomes due later, until cancelled */
    const atomic_int *cancel; /* may be NULL */
};

struct mz_delivered {
    int64_t sent, failed, dead; /* failed: will be tried again */
    char first_failure[1200];   /* or empty */
};

/* An error is one of the database; messages that failed are counted. */
MZ_NODISCARD enum mz_code mz_deliver(struct mz_db *db,
                                     const struct mz_deliver_settings *settings,
                                     struct mz_delivered *delivered,
                                     struct mz_error *error);

#endif
