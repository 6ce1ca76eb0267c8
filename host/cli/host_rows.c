#include "cli/host_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "db/schedule.h"
#include "value/json.h"
#include "value/record.h"

#define FIELDS     8
#define MOST_NAMED ((size_t)1 << 20)

static bool parse(struct mz_arena *arena, const char *text, struct mizan_value *out)
{
    struct mz_error ignored;
    return text != NULL &&
           mz_json_parse(arena, text, strlen(text), out, &ignored) == MZ_OK &&
           out->type == MIZAN_MAP;
}

static struct mizan_value text_in(struct mz_arena *arena, struct mz_buffer *buffer)
{
    struct mizan_value value = mz_nil();
    if (mz_buffer_ok(buffer) && buffer->size > 0) {
        mz_buffer_byte(buffer, '\0');
        const char *copy = mz_arena_string(arena, buffer->data);
        value = copy == NULL ? mz_nil() : mz_text(copy);
    }
    mz_buffer_finish(buffer);
    return value;
}

/* The names of those deployed whose hash on the host is another. */
static struct mizan_value out_of_date(struct mz_arena *arena,
                                      const struct mizan_value *files,
                                      const struct mizan_value *deployed)
{
    struct mz_buffer names;
    mz_buffer_init(&names, MOST_NAMED);
    for (size_t i = 0; i < deployed->as.list.count; i++) {
        const struct mizan_value *row = &deployed->as.list.items[i];
        const char *name = mz_map_text(row, "name");
        const char *here = mz_map_text(files, name);
        if (here != NULL && strcmp(here, mz_map_text(row, "deployed_hash")) != 0) {
            mz_buffer_printf(&names, "%s%s", names.size == 0 ? "" : ", ", name);
        }
    }
    return text_in(arena, &names);
}

/* ",eu,gpu," as "eu, gpu". */
static struct mizan_value labels_of(struct mz_arena *arena, const char *text)
{
    struct mz_buffer out;
    mz_buffer_init(&out, MOST_NAMED);
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t size = strcspn(at, ",");
        if (size > 0) {
            mz_buffer_text(&out, out.size == 0 ? "" : ", ");
            mz_buffer_add(&out, at, size);
        }
        at += size + (at[size] == ',' ? 1 : 0);
    }
    return text_in(arena, &out);
}

static const char *state_of(const struct mizan_value *row, int64_t now, int64_t *seen)
{
    const char *beat = mz_map_text(row, "heartbeat");
    int64_t at = 0;
    if (beat != NULL && mz_time_parse(beat, strlen(beat), &at)) {
        *seen = now > at ? (now - at) / 1000 : 0;
    }
    if (mz_map_member(row, "pid")->type != MIZAN_INTEGER) {
        return "stopped";
    }
    return now - at < mz_host_silence() ? "works" : "silent";
}

static bool make_row(struct mz_arena *arena, const struct mizan_value *row, int64_t now,
                     const struct mizan_value *deployed, struct mizan_value *out)
{
    static const char *const names[FIELDS] = {"host",      "state",      "seen",
                                              "version",   "since",      "labels",
                                              "pipelines", "out_of_date"};
    struct mizan_field *fields = mz_arena_zero(arena, FIELDS * sizeof *fields);
    struct mizan_value files = {.type = MIZAN_MAP};
    int64_t seen = 0;
    if (fields == NULL) {
        return false;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i].name = (struct mizan_slice){names[i], strlen(names[i])};
    }
    (void)parse(arena, mz_map_text(row, "deployed"), &files);
    fields[0].value = *mz_map_member(row, "name");
    fields[1].value = mz_text(state_of(row, now, &seen));
    fields[2].value = mz_integer(seen);
    fields[3].value = *mz_map_member(row, "host_version");
    fields[4].value = *mz_map_member(row, "started_at");
    fields[5].value = labels_of(arena, mz_map_text(row, "labels"));
    fields[6].value = mz_integer((int64_t)files.as.map.count);
    fields[7].value = out_of_date(arena, &files, deployed);
    *out = (struct mizan_value){.type = MIZAN_MAP};
    out->as.map.fields = fields;
    out->as.map.count = FIELDS;
    return true;
}

enum mz_code mz_host_rows(struct mz_db *db, struct mz_arena *arena,
                          struct mizan_value *rows, struct mz_error *error)
{
    struct mizan_value hosts, deployed;
    enum mz_code code = mz_db_rows(db,
                                   "SELECT name, deployed_hash FROM pipeline"
                                   " WHERE deployed_hash IS NOT NULL ORDER BY name",
                                   NULL, 0, arena, &deployed, error);
    if (code == MZ_OK) {
        code = mz_db_rows(db,
                          "SELECT name, host_version, pid, started_at, heartbeat,"
                          " labels, deployed FROM host ORDER BY name",
                          NULL, 0, arena, &hosts, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    *rows = (struct mizan_value){.type = MIZAN_LIST};
    struct mizan_value *items =
        mz_arena_zero(arena, (hosts.as.list.count + 1) * sizeof *items);
    rows->as.list.items = items;
    int64_t now = mz_db_now(db);
    for (size_t i = 0; i < hosts.as.list.count && items != NULL; i++) {
        if (!make_row(arena, &hosts.as.list.items[i], now, &deployed, &items[i])) {
            break;
        }
        rows->as.list.count++;
    }
    return rows->as.list.count == hosts.as.list.count
               ? MZ_OK
               : mz_fail(error, MZ_MEMORY, "not enough memory for the hosts");
}

/* ---- pipelines without a host ---- */

static bool has_all(const struct mizan_value *host, const struct mizan_value *labels)
{
    const char *own = mz_map_text(host, "labels");
    char list[1100];
    snprintf(list, sizeof list, ", %s, ", own == NULL ? "" : own);
    for (size_t i = 0; i < labels->as.list.count; i++) {
        const struct mizan_value *label = &labels->as.list.items[i];
        char wanted[80];
        if (label->type != MIZAN_TEXT) {
            continue;
        }
        snprintf(wanted, sizeof wanted, " %.64s,", label->as.text.data);
        if (strstr(list, wanted) == NULL) {
            return false;
        }
    }
    return true;
}

static bool has_home(const struct mizan_value *hosts, const struct mizan_value *labels)
{
    for (size_t i = 0; i < hosts->as.list.count; i++) {
        const struct mizan_value *host = &hosts->as.list.items[i];
        if (strcmp(mz_map_text(host, "state"), "works") == 0 && has_all(host, labels)) {
            return true;
        }
    }
    return false;
}

enum mz_code mz_homeless_rows(struct mz_db *db, struct mz_arena *arena,
                              const struct mizan_value *hosts, struct mizan_value *rows,
                              struct mz_error *error)
{
    struct mizan_value known;
    enum mz_code code = mz_db_rows(db,
                                   "SELECT name AS pipeline, spec AS labels FROM"
                                   " pipeline WHERE state = 'ok'"
                                   " AND spec LIKE '%\"labels\"%' ORDER BY name",
                                   NULL, 0, arena, &known, error);
    if (code != MZ_OK) {
        return code;
    }
    struct mizan_value *items =
        mz_arena_zero(arena, (known.as.list.count + 1) * sizeof *items);
    *rows = (struct mizan_value){.type = MIZAN_LIST};
    rows->as.list.items = items;
    for (size_t i = 0; i < known.as.list.count && items != NULL; i++) {
        struct mizan_value spec;
        const struct mizan_value *row = &known.as.list.items[i];
        if (!parse(arena, mz_map_text(row, "labels"), &spec)) {
            continue;
        }
        const struct mizan_value *schedule = mz_map_member(&spec, "schedule");
        const struct mizan_value *labels =
            schedule == NULL || schedule->type != MIZAN_MAP
                ? NULL
                : mz_map_member(schedule, "labels");
        if (labels != NULL && labels->type == MIZAN_LIST && !has_home(hosts, labels)) {
            items[rows->as.list.count++] = *row;
        }
    }
    if (items == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the pipelines");
    }
    return MZ_OK;
}
