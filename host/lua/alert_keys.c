#include "lua/alert_keys.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "value/record.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

const struct mz_key mz_alert_keys[MZ_ALERT_KEYS] = {
    {"on", MZ_KEY_TEXTS, NULL},      {"after", MZ_KEY_COUNT, NULL},
    {"late", MZ_KEY_DURATION, NULL}, {"few", MZ_KEY_COUNT, NULL},
    {"to", MZ_KEY_ANY, NULL},
};

const struct mz_key mz_keep_keys[MZ_KEEP_KEYS] = {
    {"raw", MZ_KEY_DURATION, NULL},
    {"logs", MZ_KEY_DURATION, NULL},
    {"history", MZ_KEY_DURATION, NULL},
    {"messages", MZ_KEY_DURATION, NULL},
};

const struct mz_key mz_deliver_keys[MZ_DELIVER_KEYS] = {
    {"private", MZ_KEY_TEXTS, NULL},
    {"attempts", MZ_KEY_COUNT, NULL},
    {"sendmail", MZ_KEY_TEXT, NULL},
};

static const struct mz_key target_keys[] = {
    {"webhook", MZ_KEY_TEXT, NULL}, {"secret", MZ_KEY_TEXT, NULL},
    {"token", MZ_KEY_TEXT, NULL},   {"mail", MZ_KEY_TEXT, NULL},
    {"from", MZ_KEY_TEXT, NULL},    {"command", MZ_KEY_TEXTS, NULL},
};

static const char *const events[] = {"failure", "late", "few", "recovery"};

static enum mz_code check_events(const struct mizan_value *alerts,
                                 struct mz_error *error)
{
    const struct mizan_value *on = mz_map_member(alerts, "on");
    for (size_t i = 0; on != NULL && on->type == MIZAN_LIST && i < on->as.list.count;
         i++) {
        const char *word = on->as.list.items[i].as.text.data;
        bool known = false;
        for (size_t k = 0; k < COUNT(events); k++) {
            known = known || strcmp(word, events[k]) == 0;
        }
        if (!known) {
            const char *nearest = mz_nearest(word, events, COUNT(events));
            enum mz_code code =
                mz_fail(error, MZ_SCRIPT, "alerts: 'on' knows no \"%.60s\"", word);
            mz_error_help(error, "%s%s%sfailure, late, few and recovery",
                          nearest == NULL ? "" : "did you mean ",
                          nearest == NULL ? "" : nearest,
                          nearest == NULL ? "it knows " : "? it knows ");
            return code;
        }
    }
    return MZ_OK;
}

static enum mz_code check_names(const struct mizan_value *target,
                                struct mz_error *error)
{
    static const char *const names[] = {"secret", "token"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *name = mz_map_text(target, names[i]);
        if (name != NULL && !mz_secret_name_ok(name)) {
            enum mz_code code = mz_fail(
                error, MZ_SCRIPT, "alerts: '%s' is no name of a secret", names[i]);
            mz_error_help(error, "letters, digits, '-' and '_', a letter first; the "
                                 "secret itself stands in secrets/NAME");
            return code;
        }
        if (name != NULL && mz_map_text(target, "webhook") == NULL) {
            return mz_fail(error, MZ_SCRIPT, "alerts: '%s' goes with a webhook",
                           names[i]);
        }
    }
    return MZ_OK;
}

static enum mz_code check_target(const struct mizan_value *target,
                                 char path[MZ_KEY_PATH], struct mz_error *error)
{
    static const char *const ways[] = {"webhook", "mail", "command"};
    size_t count = 0;
    if (target->type != MIZAN_MAP) {
        enum mz_code code =
            mz_fail(error, MZ_SCRIPT, "alerts: 'to' wants tables, not %s",
                    mz_value_kind(target));
        mz_error_help(error, "to = { { webhook = \"https://…\", secret = \"NAME\" } }");
        return code;
    }
    enum mz_code code =
        mz_keys_check(target_keys, COUNT(target_keys), target, "to", path, error);
    if (code != MZ_OK) {
        return code;
    }
    for (size_t i = 0; i < COUNT(ways); i++) {
        count += mz_map_member(target, ways[i]) != NULL ? 1 : 0;
    }
    const struct mizan_value *command = mz_map_member(target, "command");
    if (count != 1 || (command != NULL && mz_is_empty_table(command))) {
        code = mz_fail(error, MZ_SCRIPT,
                       "alerts: a target is one of webhook, mail and "
                       "command");
        mz_error_help(error,
                      "to = { { webhook = \"https://…\" }, { mail = \"a@b.org\" }, "
                      "{ command = { \"/usr/bin/page\", \"-x\" } } }");
        return code;
    }
    return check_names(target, error);
}

enum mz_code mz_alerts_check_keys(const struct mizan_value *alerts,
                                  char path[MZ_KEY_PATH], struct mz_error *error)
{
    enum mz_code code = mz_keys_check(mz_alert_keys, COUNT(mz_alert_keys), alerts,
                                      "alerts", path, error);
    const struct mizan_value *to = mz_map_member(alerts, "to");
    size_t used = strlen(path);
    if (code == MZ_OK) {
        code = check_events(alerts, error);
    }
    if (code != MZ_OK || to == NULL || mz_is_empty_table(to)) {
        return code;
    }
    snprintf(path + used, MZ_KEY_PATH - used, "%sto", used > 0 ? "." : "");
    if (to->type != MIZAN_LIST) {
        code = check_target(to, path, error);
    }
    for (size_t i = 0; to->type == MIZAN_LIST && code == MZ_OK && i < to->as.list.count;
         i++) {
        code = check_target(&to->as.list.items[i], path, error);
    }
    if (code == MZ_OK) {
        path[used] = '\0';
    }
    return code;
}
