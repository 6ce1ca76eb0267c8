/* What is told, and to whom. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/outbox.h"
#include "deliver/alert.h"
#include "value/digest.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_MESSAGE ((size_t)1 << 20)

/* The words of a subject: "mizan: partnership failed". */
static const char *const began[MZ_ALERT_KINDS] = {[MZ_ALERT_FAILURE] = "failed",
                                                  [MZ_ALERT_LATE] = "is late",
                                                  [MZ_ALERT_FEW] =
                                                      "found far less than usual"};
static const char *const ended[MZ_ALERT_KINDS] = {[MZ_ALERT_FAILURE] = "works again",
                                                  [MZ_ALERT_LATE] = "is no longer late",
                                                  [MZ_ALERT_FEW] =
                                                      "found as much as usual again"};

struct telling {
    const struct mz_watched_pipeline *watched;
    enum mz_alert_kind kind;
    bool over;
    const char *since; /* when it began */
    char now[MZ_TIME_TEXT];
};

static void add_member(struct mz_buffer *out, const char *name, const char *text)
{
    if (text != NULL) {
        mz_buffer_printf(out, ",\"%s\":", name);
        mz_json_text(out, text, strlen(text));
    }
}

static void add_text(struct mz_buffer *out, const struct telling *telling,
                     const char *reason)
{
    struct mz_buffer text;
    const struct mz_watched_pipeline *watched = telling->watched;
    mz_buffer_init(&text, MOST_MESSAGE);
    mz_buffer_printf(&text, "The pipeline %s %s: %s\n", watched->name,
                     telling->over ? ended[telling->kind] : began[telling->kind],
                     reason);
    if (telling->over) {
        mz_buffer_printf(&text, "It was told at %s.\n", telling->since);
    }
    mz_buffer_printf(&text, "\nmizan runs %s", watched->name);
    if (watched->run_id != NULL) {
        mz_buffer_printf(&text, "\nmizan log %.12s", watched->run_id);
    }
    mz_buffer_printf(&text, "\nmizan dead list %s\n", watched->name);
    if (mz_buffer_ok(&text)) {
        add_member(out, "text", text.data);
    } else {
        out->failed = true;
    }
    mz_buffer_finish(&text);
}

static void compose(struct mz_buffer *out, const struct telling *telling,
                    const char *id)
{
    const struct mz_watched_pipeline *watched = telling->watched;
    const char *reason = watched->reason[telling->kind];
    reason = reason == NULL ? "no reason was noted" : reason;
    char subject[512];
    snprintf(subject, sizeof subject, "mizan: %s %s", watched->name,
             telling->over ? ended[telling->kind] : began[telling->kind]);
    mz_buffer_printf(out, "{\"v\":1,\"id\":\"%s\"", id);
    add_member(out, "alert", mz_alert_name(telling->kind));
    add_member(out, "state", telling->over ? "over" : "begun");
    add_member(out, "pipeline", watched->name);
    add_member(out, "run_id", watched->run_id);
    add_member(out, "since", telling->since);
    add_member(out, "at", telling->now);
    add_member(out, "reason", reason);
    add_member(out, "subject", subject);
    add_text(out, telling, reason);
    mz_buffer_byte(out, '}');
}

static void make_id(const struct telling *telling, const char *target, size_t number,
                    char out[MZ_ID_TEXT])
{
    char place[32];
    const char *parts[] = {"alert",
                           telling->watched->name,
                           mz_alert_name(telling->kind),
                           telling->over ? "over" : "begun",
                           telling->since,
                           telling->watched->run_id == NULL ? ""
                                                            : telling->watched->run_id,
                           target,
                           place};
    struct mizan_slice slices[sizeof parts / sizeof parts[0]];
    snprintf(place, sizeof place, "%zu", number);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        slices[i] = (struct mizan_slice){parts[i], strlen(parts[i])};
    }
    mz_hash_id(slices, sizeof slices / sizeof slices[0], out);
}

static enum mz_code tell_one(struct mz_db *db, const struct telling *telling,
                             const struct mizan_value *to, size_t number,
                             struct mz_error *error)
{
    const struct mizan_value *options = mz_map_member(to, "settings");
    const char *kind = mz_map_text(to, "kind");
    const char *target = mz_map_text(to, "target");
    char id[MZ_ID_TEXT];
    struct mz_buffer payload, settings;
    if (kind == NULL || target == NULL) {
        return mz_fail(error, MZ_INPUT, "the rules of the alerts of %s are damaged",
                       telling->watched->name);
    }
    make_id(telling, target, number, id);
    mz_buffer_init(&payload, MOST_MESSAGE);
    mz_buffer_init(&settings, MOST_MESSAGE);
    compose(&payload, telling, id);
    if (options != NULL) {
        mz_json_value(&settings, options);
    }
    struct mz_message message = {.id = id,
                                 .pipeline = telling->watched->name,
                                 .run_id = telling->watched->run_id,
                                 .kind = kind,
                                 .target = target,
                                 .settings = settings.data,
                                 .payload = payload.data};
    enum mz_code code = mz_buffer_ok(&payload) && mz_buffer_ok(&settings)
                            ? mz_outbox_add(db, &message, error)
                            : mz_fail(error, MZ_MEMORY, "no memory for an alert");
    mz_buffer_finish(&payload);
    mz_buffer_finish(&settings);
    return code;
}

enum mz_code mz_alert_tell(struct mz_db *db, const struct mz_watched_pipeline *watched,
                           enum mz_alert_kind kind, bool over, struct mz_error *error)
{
    struct telling telling = {.watched = watched, .kind = kind, .over = over};
    const struct mizan_value *to = mz_map_member(&watched->rules, "to");
    enum mz_code code = MZ_OK;
    mz_time_format(watched->now, telling.now);
    telling.since = over ? watched->since[kind] : telling.now;
    for (size_t i = 0;
         to != NULL && to->type == MIZAN_LIST && code == MZ_OK && i < to->as.list.count;
         i++) {
        code = tell_one(db, &telling, &to->as.list.items[i], i, error);
    }
    return code;
}
