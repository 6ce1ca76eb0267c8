/* The key `schedule` of a pipeline. */
#include "lua/timetable.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lua/pipeline.h"
#include "lua/reader.h"
#include "lua/source_map.h"
#include "value/record.h"

#define MOST_SHARDS  256
#define MOST_RETRIES 100
#define RETRIES      2
#define RETRY_DELAY  60000

static const char *text_of(const struct mizan_value *map, const char *name,
                           const char *otherwise)
{
    const struct mizan_value *value = mz_map_member(map, name);
    return value == NULL ? otherwise : value->as.text.data;
}

/* Moves the place of the error from the key to the part of its text that is wrong, when
 * the text stands in the script as it is. */
static void point_into(const struct mz_reader *reader, const char *text, int column,
                       int width)
{
    struct mz_spot spot;
    char word[MZ_CRON_TEXT + 1];
    struct mz_error *error = reader->error;
    const struct mz_item *item = reader->item;
    if (item->file < 0 || error->line <= 0) {
        return;
    }
    const struct mz_script_file *file = &reader->lua->files[item->file];
    int size = snprintf(word, sizeof word, "\"%s", text);
    if (text[0] != '\0' && size > 0 && (size_t)size < sizeof word &&
        mz_source_token(file->source, file->size, error->line, word, &spot) == 1) {
        int quote = (spot.width - (int)strlen(text)) / 2; /* of "…" or [[…]] */
        error->column = spot.column + quote + column - 1;
        error->width = width;
    }
}

static enum mz_code refuse(const struct mz_reader *reader, const char *key,
                           const char *text)
{
    char path[64];
    int column = reader->error->column > 0 ? reader->error->column : 1;
    int width = reader->error->width > 0 ? reader->error->width : (int)strlen(text);
    snprintf(path, sizeof path, "schedule.%s", key);
    mz_error_prefix(reader->error, "schedule: '%s'", key);
    reader->error->code = MZ_SCRIPT;
    (void)mz_reader_place(reader, reader->item, "pipeline", path, MZ_SCRIPT);
    point_into(reader, text, column, width);
    return MZ_SCRIPT;
}

static enum mz_code read_time(const struct mz_reader *reader,
                              const struct mizan_value *schedule, const char *key,
                              bool zero, int64_t *out)
{
    const char *text = text_of(schedule, key, NULL);
    *out = 0;
    if (text == NULL || (mz_parse_duration(text, out) && (zero || *out > 0))) {
        return MZ_OK;
    }
    mz_fail(reader->error, MZ_SCRIPT, "cannot be 0");
    mz_error_help(reader->error, "leave it out, or write a time like \"20m\"");
    return refuse(reader, key, text);
}

static enum mz_code read_shards(const struct mz_reader *reader,
                                const struct mizan_value *schedule, int64_t *out)
{
    const struct mizan_value *shards = mz_map_member(schedule, "shards");
    *out = shards == NULL ? 1 : shards->as.integer;
    if (*out <= MOST_SHARDS) {
        return MZ_OK;
    }
    mz_fail(reader->error, MZ_SCRIPT, "is at most %d", MOST_SHARDS);
    return refuse(reader, "shards", "");
}

static enum mz_code read_retries(const struct mz_reader *reader,
                                 const struct mizan_value *schedule,
                                 struct mz_timetable *out)
{
    const struct mizan_value *retries = mz_map_member(schedule, "retries");
    enum mz_code code =
        read_time(reader, schedule, "retry_delay", false, &out->retry_delay);
    out->retry_delay = out->retry_delay == 0 ? RETRY_DELAY : out->retry_delay;
    out->retries = RETRIES;
    if (code != MZ_OK || retries == NULL) {
        return code;
    }
    out->retries = retries->type == MIZAN_INTEGER ? retries->as.integer : -1;
    if (out->retries >= 0 && out->retries <= MOST_RETRIES) {
        return MZ_OK;
    }
    mz_fail(reader->error, MZ_SCRIPT, "is a whole number from 0 to %d", MOST_RETRIES);
    return refuse(reader, "retries", "");
}

static enum mz_code read_cron(const struct mz_reader *reader,
                              const struct mizan_value *schedule,
                              struct mz_timetable *out)
{
    const char *zone = text_of(schedule, "tz", "UTC");
    out->expression = text_of(schedule, "cron", NULL);
    if (out->expression != NULL &&
        mz_cron_parse(out->expression, reader->pipeline->name, &out->cron,
                      reader->error) != MZ_OK) {
        return refuse(reader, "cron", out->expression);
    }
    enum mz_code code =
        mz_zone_load(NULL, zone, reader->arena, &out->zone, reader->error);
    if (code == MZ_MEMORY) {
        return code;
    }
    return code == MZ_OK ? MZ_OK : refuse(reader, "tz", zone);
}

enum mz_code mz_timetable_read(const struct mz_reader *reader)
{
    struct mz_pipeline *pipeline = reader->pipeline;
    const struct mizan_value *schedule = &pipeline->schedule;
    if (schedule->as.map.count == 0) {
        return MZ_OK;
    }
    struct mz_timetable *out = mz_arena_zero(reader->arena, sizeof *out);
    if (out == NULL) {
        return mz_fail(reader->error, MZ_MEMORY, "not enough memory for the script");
    }
    out->overlap = text_of(schedule, "overlap", "skip");
    out->catchup = text_of(schedule, "catchup", "latest");
    enum mz_code code = read_cron(reader, schedule, out);
    if (code == MZ_OK) {
        code = read_time(reader, schedule, "jitter", true, &out->jitter);
    }
    if (code == MZ_OK) {
        code =
            read_time(reader, schedule, "start_deadline", false, &out->start_deadline);
    }
    if (code == MZ_OK) {
        code = read_time(reader, schedule, "timeout", false, &out->timeout);
    }
    if (code == MZ_OK) {
        code = read_shards(reader, schedule, &out->shards);
    }
    if (code == MZ_OK) {
        code = read_retries(reader, schedule, out);
    }
    pipeline->timetable = code == MZ_OK ? out : NULL;
    return code;
}
