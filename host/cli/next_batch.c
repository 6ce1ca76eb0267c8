#include "cli/next_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "cli/command.h"
#include "cli/ticks.h"
#include "value/json.h"
#include "value/record.h"

#define ROW_CEILING   ((size_t)1 << 20)
#define ZONES_CEILING ((size_t)64 << 20) /* every zone there is takes under 4 MiB */
#define LINE_CEILING  ((size_t)32)       /* bytes of an instant in the answer */

struct batch {
    int64_t count;
    struct mz_arena *row;   /* of one line */
    struct mz_arena *zones; /* of the batch */
    struct mz_map *known;   /* name: zone */
    struct mz_buffer out;
    bool failed; /* a line was answered with an error */
};

static enum mz_code find_zone(struct batch *batch, const char *name,
                              const struct mz_zone **zone, struct mz_error *error)
{
    union {
        const struct mz_zone *in;
        void *out;
    } held = {.out = mz_map_get(batch->known, name, strlen(name))};
    *zone = held.in;
    if (*zone != NULL) {
        return MZ_OK;
    }
    enum mz_code code = mz_zone_load(NULL, name, batch->zones, zone, error);
    held.in = *zone;
    if (code == MZ_OK &&
        !mz_map_set(batch->known, name, strlen(name), held.out, NULL)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for the time zones");
    }
    return code;
}

/* The text of a member; `otherwise` when there is none, NULL after an error. */
static const char *text_of(const struct mizan_value *row, const char *name,
                           const char *otherwise, struct mz_error *error)
{
    const struct mizan_value *member = mz_map_member(row, name);
    if (member != NULL && member->type == MIZAN_TEXT &&
        strlen(member->as.text.data) == member->as.text.size) {
        return member->as.text.data;
    }
    if (member != NULL || otherwise == NULL) {
        mz_fail(error, MZ_INPUT, "\"%s\" wants text%s", name,
                member == NULL ? ", and there is none" : "");
        return NULL;
    }
    return otherwise;
}

/* What H is drawn from: an id that is text, or the digits of one that is a number. */
static const char *id_text(struct batch *batch, const struct mizan_value *id)
{
    if (id == NULL || id->type == MIZAN_TEXT) {
        return id == NULL ? NULL : id->as.text.data;
    }
    struct mz_buffer text;
    mz_buffer_init(&text, 4096);
    mz_json_value(&text, id);
    const char *copy = mz_arena_string(batch->row, text.data == NULL ? "" : text.data);
    mz_buffer_finish(&text);
    return copy;
}

static enum mz_code ask(struct batch *batch, const struct mizan_value *row,
                        struct mz_cron *cron, struct mz_tick_request *request,
                        struct mz_error *error)
{
    int64_t from = 0;
    const char *expression = text_of(row, "expr", NULL, error);
    const char *zone = expression == NULL ? NULL : text_of(row, "tz", "UTC", error);
    const char *time = zone == NULL ? NULL : text_of(row, "from", NULL, error);
    if (time == NULL) {
        return MZ_INPUT;
    }
    enum mz_code code = mz_cron_parse(
        expression, id_text(batch, mz_map_member(row, "id")), cron, error);
    if (code != MZ_OK) {
        mz_error_prefix(error, "column %d", error->column);
        return code;
    }
    code = find_zone(batch, zone, &request->zone, error);
    if (code == MZ_OK && !mz_time_parse(time, strlen(time), &from)) {
        code = mz_fail(error, MZ_INPUT, "\"from\" wants a time, not '%s'", time);
        mz_error_help(error, "write 2025-03-30T01:00:00Z");
    }
    request->cron = cron;
    request->count = batch->count;
    request->from = mz_seconds(from);
    return code;
}

static void add_refusal(struct mz_buffer *out, const struct mz_error *error)
{
    char sentence[sizeof error->message + sizeof error->help + 4];
    snprintf(sentence, sizeof sentence, "%s%s%s", error->message,
             error->help[0] == '\0' ? "" : "; ", error->help);
    mz_buffer_text(out, ",\"error\":");
    mz_json_text(out, sentence, strlen(sentence));
}

/* Answers one line. Failing is for what ends the batch. */
static enum mz_code answer(struct batch *batch, const char *line, size_t size,
                           struct mz_error *error)
{
    struct mizan_value row;
    struct mz_cron cron;
    struct mz_tick_request request = {0};
    struct mz_error refusal;
    const struct mizan_value *id = NULL;
    mz_arena_reset(batch->row);
    mz_buffer_clear(&batch->out);
    enum mz_code code = mz_json_parse(batch->row, line, size, &row, &refusal);
    if (code == MZ_OK && row.type != MIZAN_MAP) {
        code = mz_fail(&refusal, MZ_INPUT, "a line is an object {id, expr, tz, from}");
    } else if (code == MZ_OK) {
        id = mz_map_member(&row, "id");
        code = ask(batch, &row, &cron, &request, &refusal);
    }
    mz_buffer_text(&batch->out, "{\"id\":");
    if (id == NULL) {
        mz_buffer_text(&batch->out, "null");
    } else {
        mz_json_value(&batch->out, id);
    }
    if (code == MZ_OK) {
        mz_buffer_text(&batch->out, ",\"next\":");
        mz_ticks_json(&batch->out, &request);
    } else {
        add_refusal(&batch->out, &refusal);
        batch->failed = true;
    }
    mz_buffer_text(&batch->out, "}\n");
    if (!mz_buffer_ok(&batch->out)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for an answer");
    }
    if (fwrite(batch->out.data, 1, batch->out.size, stdout) != batch->out.size) {
        return mz_fail_errno(error, MZ_IO, "standard output cannot be written");
    }
    return MZ_OK;
}

static enum mz_code answer_all(struct batch *batch, FILE *in, struct mz_error *error)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    enum mz_code code = MZ_OK;
    while (code == MZ_OK && (size = getline(&line, &room, in)) >= 0) {
        if (strspn(line, " \t\r\n") < (size_t)size) {
            code = answer(batch, line, (size_t)size, error);
        }
    }
    if (code == MZ_OK && ferror(in) != 0) {
        code = mz_fail_errno(error, MZ_IO, "the lines cannot be read");
    }
    free(line);
    return code;
}

int mz_next_batch(const char *path, int64_t count)
{
    struct mz_error error;
    struct batch batch = {.count = count,
                          .row = mz_arena_create(ROW_CEILING),
                          .zones = mz_arena_create(ZONES_CEILING),
                          .known = mz_map_create()};
    enum mz_code code = MZ_OK;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    mz_buffer_init(&batch.out, LINE_CEILING * (size_t)count + 8 * ROW_CEILING);
    if (in == NULL) {
        code = mz_fail_errno(&error, MZ_NO_FILE, "%s cannot be opened", path);
    } else if (batch.row == NULL || batch.zones == NULL || batch.known == NULL) {
        code = mz_fail(&error, MZ_MEMORY, "not enough memory for the batch");
    } else {
        code = answer_all(&batch, in, &error);
    }
    if (in != NULL && in != stdin) {
        fclose(in);
    }
    mz_buffer_finish(&batch.out);
    mz_map_destroy(batch.known, NULL);
    mz_arena_destroy(batch.zones);
    mz_arena_destroy(batch.row);
    if (code != MZ_OK) {
        return mz_command_fail(&error);
    }
    return mz_exit_status(batch.failed ? MZ_ITEMS_FAILED : MZ_OK);
}
