#include "run/alert_rules.h"

#include <string.h>

#include "base/text.h"
#include "deliver/alerts.h"
#include "lua/timetable.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_RULES ((size_t)1 << 20)

/* The pipeline's own value of a key, else the project's, else NULL. */
static const struct mizan_value *rule(const struct mz_loaded *loaded, const char *name)
{
    const struct mizan_value *own = mz_map_member(&loaded->pipeline->alerts, name);
    const struct mizan_value *project =
        mz_map_member(&loaded->environment.project.all, "alerts");
    if (own == NULL && project != NULL && project->type == MIZAN_MAP) {
        own = mz_map_member(project, name);
    }
    return own;
}

/* ---- as JSON ---- */

static void add_setting(struct mz_buffer *out, const char *name, const char *text,
                        bool *first)
{
    if (text != NULL) {
        mz_buffer_printf(out, "%s\"%s\":", *first ? "" : ",", name);
        mz_json_text(out, text, strlen(text));
        *first = false;
    }
}

static void add_command(struct mz_buffer *out, const struct mizan_value *command)
{
    mz_buffer_text(out, "{\"kind\":\"command\",\"target\":");
    mz_json_value(out, &command->as.list.items[0]);
    mz_buffer_text(out, ",\"settings\":{\"arguments\":[");
    for (size_t i = 1; i < command->as.list.count; i++) {
        mz_buffer_text(out, i == 1 ? "" : ",");
        mz_json_value(out, &command->as.list.items[i]);
    }
    mz_buffer_text(out, "]}}");
}

static void add_target(struct mz_buffer *out, const struct mizan_value *target)
{
    const struct mizan_value *command = mz_map_member(target, "command");
    const char *mail = mz_map_text(target, "mail");
    const char *address = mail != NULL ? mail : mz_map_text(target, "webhook");
    bool first = true;
    if (command != NULL) {
        add_command(out, command);
        return;
    }
    mz_buffer_printf(out,
                     "{\"kind\":\"%s\",\"target\":", mail != NULL ? "mail" : "webhook");
    mz_json_text(out, address, strlen(address));
    mz_buffer_text(out, ",\"settings\":{");
    add_setting(out, "secret", mz_map_text(target, "secret"), &first);
    add_setting(out, "token", mz_map_text(target, "token"), &first);
    add_setting(out, "from", mz_map_text(target, "from"), &first);
    mz_buffer_text(out, "}}");
}

static void add_targets(struct mz_buffer *out, const struct mizan_value *to)
{
    mz_buffer_text(out, ",\"to\":[");
    if (to != NULL && to->type == MIZAN_MAP && to->as.map.count > 0) {
        add_target(out, to);
    }
    for (size_t i = 0; to != NULL && to->type == MIZAN_LIST && i < to->as.list.count;
         i++) {
        mz_buffer_text(out, i == 0 ? "" : ",");
        add_target(out, &to->as.list.items[i]);
    }
    mz_buffer_byte(out, ']');
}

static bool says_anything(const struct mz_loaded *loaded)
{
    const struct mizan_value *project =
        mz_map_member(&loaded->environment.project.all, "alerts");
    return loaded->pipeline->alerts.as.map.count > 0 ||
           (project != NULL && project->type == MIZAN_MAP && project->as.map.count > 0);
}

void mz_alert_rules_json(const struct mz_loaded *loaded, struct mz_buffer *out)
{
    static const char *const numbers[] = {"after", "few"};
    const struct mizan_value *on = rule(loaded, "on");
    const struct mizan_value *late = rule(loaded, "late");
    int64_t milliseconds = 0;
    if (!says_anything(loaded)) {
        return;
    }
    mz_buffer_text(out, "{\"v\":1");
    if (on != NULL) {
        mz_buffer_text(out, ",\"on\":");
        /* An empty table of Lua is a map. */
        if (on->type == MIZAN_LIST) {
            mz_json_value(out, on);
        } else {
            mz_buffer_text(out, "[]");
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct mizan_value *number = rule(loaded, numbers[i]);
        if (number != NULL) {
            mz_buffer_printf(out, ",\"%s\":%lld", numbers[i],
                             (long long)number->as.integer);
        }
    }
    if (late != NULL && mz_parse_duration(late->as.text.data, &milliseconds)) {
        mz_buffer_printf(out, ",\"late\":%lld", (long long)milliseconds);
    }
    add_targets(out, rule(loaded, "to"));
    mz_buffer_byte(out, '}');
}

enum mz_code mz_alert_rules_note(struct mz_db *db, const struct mz_loaded *loaded,
                                 struct mz_error *error)
{
    const struct mz_timetable *timetable = loaded->pipeline->timetable;
    struct mz_buffer rules;
    mz_buffer_init(&rules, MOST_RULES);
    mz_alert_rules_json(loaded, &rules);
    struct mz_alert_rule note = {
        .pipeline = loaded->pipeline->name,
        .rules = rules.data,
        .cron = timetable == NULL ? NULL : timetable->expression,
        .tz = timetable == NULL ? NULL : mz_zone_name(timetable->zone)};
    enum mz_code code = mz_buffer_ok(&rules)
                            ? mz_alerts_watch(db, &note, error)
                            : mz_fail(error, MZ_LIMIT, "the alerts of %s are too many",
                                      loaded->pipeline->name);
    mz_buffer_finish(&rules);
    return code;
}

/* ---- programs ---- */

static enum mz_code check_program(const struct mz_loaded *loaded,
                                  const struct mizan_value *target,
                                  struct mz_error *error)
{
    const struct mz_project *project = &loaded->environment.project;
    const struct mizan_value *command =
        target->type == MIZAN_MAP ? mz_map_member(target, "command") : NULL;
    if (command == NULL) {
        return MZ_OK;
    }
    const char *program = command->as.list.items[0].as.text.data;
    for (size_t i = 0; i < project->program_count; i++) {
        if (strcmp(project->programs[i], program) == 0) {
            return MZ_OK;
        }
    }
    mz_fail(error, MZ_NOT_PERMITTED,
            "alerts: the project does not allow the program %s", program);
    mz_error_help(error, "programs = { \"%s\" } in %s/mizan.lua allows it", program,
                  project->folder);
    return MZ_NOT_PERMITTED;
}

enum mz_code mz_alert_rules_check(const struct mz_loaded *loaded,
                                  struct mz_error *error)
{
    const struct mizan_value *to = rule(loaded, "to");
    enum mz_code code = to == NULL ? MZ_OK : check_program(loaded, to, error);
    for (size_t i = 0;
         code == MZ_OK && to != NULL && to->type == MIZAN_LIST && i < to->as.list.count;
         i++) {
        code = check_program(loaded, &to->as.list.items[i], error);
    }
    return code;
}
