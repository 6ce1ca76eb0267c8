#include "run/outbox_row.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "db/outbox.h"
#include "value/json.h"

#define MOST_MESSAGE ((size_t)16 << 20)

static const struct field_rule {
    const char *name;
    uint32_t type;
    bool required;
} rules[] = {{"id", MIZAN_TEXT, true},
             {"target", MIZAN_TEXT, true},
             {"settings", MIZAN_MAP, false},
             {"records", MIZAN_LIST, true}};

static enum mz_code check(const mizan_record *record, struct mz_error *error)
{
    size_t known = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct mizan_value *value = mz_record_find(record, rules[i].name);
        if (value == NULL ? rules[i].required : value->type != rules[i].type) {
            return mz_fail(error, MZ_INPUT, "a row of outbox needs %s as %s",
                           rules[i].name, mz_type_name(rules[i].type));
        }
        known += value != NULL ? 1 : 0;
    }
    return known == mz_record_count(record)
               ? MZ_OK
               : mz_fail(error, MZ_INPUT,
                         "a row of outbox has id, target, settings and records, and "
                         "nothing else");
}

static void add_member(struct mz_buffer *out, const char *name, const char *text)
{
    if (text != NULL) {
        mz_buffer_printf(out, ",\"%s\":", name);
        mz_json_text(out, text, strlen(text));
    }
}

static void compose(struct mz_buffer *out, const char *pipeline,
                    const struct mz_unit *unit, const mizan_record *record)
{
    char now[MZ_TIME_TEXT];
    mz_buffer_text(out, "{\"v\":1");
    add_member(out, "id", mz_record_text(record, "id"));
    add_member(out, "pipeline", pipeline);
    add_member(out, "run_id", unit->row.run_id);
    add_member(out, "document_id", unit->row.id);
    add_member(out, "source_id", unit->source_id);
    add_member(out, "url", unit->url);
    add_member(out, "at", mz_time_format(mz_clock_now(), now));
    mz_buffer_text(out, ",\"records\":");
    mz_json_value(out, mz_record_find(record, "records"));
    mz_buffer_byte(out, '}');
}

enum mz_code mz_outbox_row(struct mz_db *db, const char *pipeline,
                           const struct mz_unit *unit, const mizan_record *record,
                           struct mz_error *error)
{
    struct mz_buffer payload, settings;
    enum mz_code code = check(record, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_buffer_init(&payload, MOST_MESSAGE);
    mz_buffer_init(&settings, MOST_MESSAGE);
    compose(&payload, pipeline, unit, record);
    if (mz_record_find(record, "settings") != NULL) {
        mz_json_value(&settings, mz_record_find(record, "settings"));
    }
    if (mz_buffer_ok(&payload) && mz_buffer_ok(&settings)) {
        struct mz_message message = {.id = mz_record_text(record, "id"),
                                     .pipeline = pipeline,
                                     .run_id = unit->row.run_id,
                                     .kind = "webhook",
                                     .target = mz_record_text(record, "target"),
                                     .settings = settings.data,
                                     .payload = payload.data};
        code = mz_outbox_add(db, &message, error);
    } else {
        code = mz_fail(error, MZ_INPUT, "a message of more than %zu MiB",
                       MOST_MESSAGE >> 20);
        mz_error_help(error, "lower `batch` of the stage");
    }
    mz_buffer_finish(&payload);
    mz_buffer_finish(&settings);
    return code;
}
