/* Private to host/deliver: one message on its way. */
#ifndef MIZAN_DELIVER_MESSAGE_H
#define MIZAN_DELIVER_MESSAGE_H

#include "deliver/deliver.h"
#include "net/net.h"

struct mz_sender {
    const struct mz_deliver_settings *settings;
    struct mz_client *client; /* NULL until the first webhook */
};

struct mz_outgoing {
    const char *id, *kind, *target;
    struct mizan_slice payload;
    struct mizan_value settings; /* a map */
    struct mz_arena *arena;      /* of the message */
};

/* What a try came to besides its error. */
struct mz_attempt_end {
    bool hopeless; /* no later try will do */
    bool whole;    /* nothing else goes to this target now either */
    int64_t wait;  /* milliseconds that the receiver asked for; 0: none */
};

/* Each is one try; a failure's sentence says what to do. */
enum mz_code mz_send_webhook(struct mz_sender *sender,
                             const struct mz_outgoing *message,
                             struct mz_attempt_end *end, struct mz_error *error);
enum mz_code mz_send_command(struct mz_sender *sender,
                             const struct mz_outgoing *message, struct mz_error *error);
enum mz_code mz_send_mail(struct mz_sender *sender, const struct mz_outgoing *message,
                          struct mz_error *error);

/* Milliseconds until the next try after `attempts` that failed, 1 or more: doubled from
 * 10 s up to 2 h, of that at least a half, `chance` (0 to 1) of the rest. */
int64_t mz_message_wait(int64_t attempts, double chance);

#endif
