#include "deliver/deliver.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "deliver/alerts.h"
#include "deliver/message.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_ATTEMPTS   20
#define CLAIMED_AT_ONCE 16
/* Longer than all that are claimed at once can take. */
#define LEASE           ((int64_t)16 * 60 * 1000)
#define CEILING         ((size_t)256 << 20)
#define LOOK_INTERVAL   1000  /* milliseconds between two looks for what became due */
#define ALERTS_INTERVAL 60000 /* milliseconds */

struct delivery {
    struct mz_db *db;
    struct mz_sender sender;
    struct mz_delivered *delivered;
    struct mz_arena *arena;
    struct mz_map *paused; /* target to int64_t, malloced: nothing before that time */
    int64_t attempts, taken;
    char claim[MZ_CLAIM_TEXT];
};

static bool is_cancelled(const struct delivery *delivery)
{
    const atomic_int *cancel = delivery->sender.settings->cancel;
    return cancel != NULL && atomic_load(cancel) != 0;
}

static double chance(void)
{
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
        number = UINT32_MAX;
    }
    return (double)number / (double)UINT32_MAX;
}

/* ---- one message ---- */

static enum mz_code read_row(const struct mizan_value *row, struct mz_arena *arena,
                             struct mz_outgoing *out, struct mz_error *error)
{
    const struct mizan_value *settings = mz_map_member(row, "settings");
    memset(out, 0, sizeof *out);
    out->id = mz_map_text(row, "id");
    out->kind = mz_map_text(row, "kind");
    out->target = mz_map_text(row, "target");
    out->payload = mz_map_member(row, "payload")->as.text;
    out->arena = arena;
    out->settings.type = MIZAN_MAP;
    return settings->type != MIZAN_TEXT
               ? MZ_OK
               : mz_json_parse(arena, settings->as.text.data, settings->as.text.size,
                               &out->settings, error);
}

static enum mz_code send_message(struct delivery *delivery,
                                 const struct mz_outgoing *message,
                                 struct mz_attempt_end *end, struct mz_error *error)
{
    struct mz_sender *sender = &delivery->sender;
    if (strcmp(message->kind, "webhook") == 0) {
        return mz_send_webhook(sender, message, end, error);
    }
    return strcmp(message->kind, "mail") == 0 ? mz_send_mail(sender, message, error)
                                              : mz_send_command(sender, message, error);
}

static void pause_target(struct delivery *delivery, const char *target, int64_t until)
{
    int64_t *time = malloc(sizeof *time);
    void *old = NULL;
    /* Without memory the target is only asked once more. */
    if (time != NULL) {
        *time = until;
        if (!mz_map_set(delivery->paused, target, strlen(target), time, &old)) {
            old = time;
        }
        free(old);
    }
}

static enum mz_code note_failure(struct delivery *delivery,
                                 const struct mz_outgoing *message, int64_t attempts,
                                 const struct mz_attempt_end *end,
                                 const struct mz_error *why, struct mz_error *error)
{
    char reason[sizeof why->message + sizeof why->help + 4];
    char id[64];
    struct mz_delivered *delivered = delivery->delivered;
    int64_t wait = mz_message_wait(attempts, chance());
    int64_t next = mz_clock_now() + (end->wait > wait ? end->wait : wait);
    bool dead = end->hopeless || attempts >= delivery->attempts;
    snprintf(reason, sizeof reason, "%s%s%s", why->message,
             why->help[0] == '\0' ? "" : "; ", why->help);
    mz_log(dead ? MZ_LOG_ERROR : MZ_LOG_WARNING, NULL, "message %.10s %s: %s",
           message->id, dead ? "is given up" : "was not delivered", reason);
    snprintf(id, sizeof id, "%.32s", message->id);
    if (delivered->first_failure[0] == '\0') {
        snprintf(delivered->first_failure, sizeof delivered->first_failure,
                 "message %.10s: %.1100s", message->id, why->message);
    }
    if (end->whole) {
        pause_target(delivery, message->target, next);
    }
    delivered->failed += dead ? 0 : 1;
    delivered->dead += dead ? 1 : 0;
    return mz_outbox_failed(delivery->db, id, delivery->claim, reason, dead ? 0 : next,
                            error);
}

static enum mz_code deliver_row(struct delivery *delivery,
                                const struct mizan_value *row, struct mz_error *error)
{
    struct mz_outgoing message;
    struct mz_attempt_end end = {false, false, 0};
    struct mz_error why = {.code = MZ_OK};
    enum mz_code code = read_row(row, delivery->arena, &message, &why);
    const int64_t *paused =
        mz_map_get(delivery->paused, message.target, strlen(message.target));
    if (is_cancelled(delivery) || (paused != NULL && *paused > mz_clock_now())) {
        int64_t next = paused != NULL ? *paused : mz_clock_now();
        return mz_outbox_postpone(delivery->db, message.id, delivery->claim, next,
                                  error);
    }
    if (code == MZ_OK) {
        code = send_message(delivery, &message, &end, &why);
    }
    if (code == MZ_OK) {
        delivery->delivered->sent++;
        return mz_outbox_sent(delivery->db, message.id, error);
    }
    if (code == MZ_CANCELLED) {
        return mz_outbox_postpone(delivery->db, message.id, delivery->claim,
                                  mz_clock_now(), error);
    }
    int64_t attempts = mz_map_member(row, "attempts")->as.integer + 1;
    return note_failure(delivery, &message, attempts, &end, &why, error);
}

/* ---- all of them ---- */

/* Up to CLAIMED_AT_ONCE messages; *count of them. */
static enum mz_code deliver_some(struct delivery *delivery, size_t *count,
                                 struct mz_error *error)
{
    int64_t most = CLAIMED_AT_ONCE;
    int64_t limit = delivery->sender.settings->limit;
    struct mizan_value rows = {.type = MIZAN_LIST};
    if (limit > 0 && limit - delivery->taken < most) {
        most = limit - delivery->taken;
    }
    *count = 0;
    if (most == 0) {
        return MZ_OK;
    }
    mz_arena_reset(delivery->arena);
    mz_outbox_claimant(delivery->claim);
    enum mz_code code = mz_outbox_claim(delivery->db, delivery->claim, LEASE, most,
                                        delivery->arena, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        code = deliver_row(delivery, &rows.as.list.items[i], error);
    }
    *count = rows.as.list.count;
    delivery->taken += (int64_t)*count;
    return code;
}

static enum mz_code renew(struct delivery *delivery, struct mz_error *error)
{
    mz_map_destroy(delivery->paused, free);
    delivery->paused = mz_map_create();
    return delivery->paused != NULL ? mz_outbox_free_claims(delivery->db, error)
                                    : mz_fail(error, MZ_MEMORY, "no memory to deliver");
}

static enum mz_code deliver_all(struct delivery *delivery, struct mz_error *error)
{
    int64_t look_at = mz_clock_monotonic() + ALERTS_INTERVAL;
    enum mz_code code = renew(delivery, error);
    while (code == MZ_OK && !is_cancelled(delivery)) {
        size_t count = 0;
        code = deliver_some(delivery, &count, error);
        if (code != MZ_OK || count > 0) {
            continue;
        }
        if (!delivery->sender.settings->follow) {
            break;
        }
        (void)poll(NULL, 0, LOOK_INTERVAL);
        code = renew(delivery, error);
        if (code == MZ_OK && mz_clock_monotonic() >= look_at) {
            code = mz_alerts_look(delivery->db, NULL, error); /* who is late */
            look_at = mz_clock_monotonic() + ALERTS_INTERVAL;
        }
    }
    return code;
}

enum mz_code mz_deliver(struct mz_db *db, const struct mz_deliver_settings *settings,
                        struct mz_delivered *delivered, struct mz_error *error)
{
    struct delivery delivery = {.db = db,
                                .sender = {.settings = settings},
                                .delivered = delivered,
                                .arena = mz_arena_create(CEILING),
                                .attempts = settings->attempts > 0 ? settings->attempts
                                                                   : MOST_ATTEMPTS};
    memset(delivered, 0, sizeof *delivered);
    enum mz_code code = delivery.arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory to deliver")
                            : deliver_all(&delivery, error);
    mz_client_destroy(delivery.sender.client);
    mz_map_destroy(delivery.paused, free);
    mz_arena_destroy(delivery.arena);
    return code;
}
