#include "run/report.h"

#include <string.h>

#include "db/dead.h"
#include "value/json.h"
#include "value/record.h"
#include "value/table.h"

#define LARGEST_CAUSES 3

static void print_json(const struct mz_run_end *end)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)8 << 20);
    mz_buffer_text(&out, "{\"v\":1,\"run\":");
    mz_json_text(&out, end->run_id, strlen(end->run_id));
    mz_buffer_text(&out, ",\"pipeline\":");
    mz_json_text(&out, end->pipeline->name, strlen(end->pipeline->name));
    mz_buffer_text(&out, ",\"status\":");
    mz_json_text(&out, end->status, strlen(end->status));
    if (end->failure != NULL) {
        mz_buffer_text(&out, ",\"failure\":");
        mz_json_text(&out, end->failure, strlen(end->failure));
    }
    mz_buffer_text(&out, ",\"database\":");
    mz_json_text(&out, end->database, strlen(end->database));
    mz_buffer_printf(&out, ",\"milliseconds\":%lld,\"counts\":%s}\n",
                     (long long)end->milliseconds,
                     end->counts_json == NULL ? "{}" : end->counts_json);
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

static void print_summary(const struct mz_run_end *end)
{
    static const char *const words[] = {"fetched",
                                        "new",
                                        "unchanged",
                                        "retried",
                                        "replayed",
                                        "rejected",
                                        "failed",
                                        "set_aside",
                                        "paused_sources",
                                        "resting_sources",
                                        "throttled_sources",
                                        "failed_sources"};
    static const char *const shown[] = {"fetched",
                                        "new",
                                        "unchanged",
                                        "retried",
                                        "replayed",
                                        "rejected",
                                        "failed",
                                        "set aside",
                                        "paused sources",
                                        "resting sources",
                                        "sources throttled",
                                        "sources failed"};
    enum { SOURCES_FAILED = sizeof words / sizeof words[0] - 1 };
    struct mz_count counts[16];
    fprintf(stderr, "%s: %s in %.1f s:", end->pipeline->name, end->status,
            (double)end->milliseconds / 1000.0);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        long long value = (long long)mz_counts_get(end->counts, "documents", words[i]);
        if (value > 0 || i < 3) {
            const char *word =
                value == 1 && i == SOURCES_FAILED ? "source failed" : shown[i];
            fprintf(stderr, "%s %lld %s", i == 0 ? "" : ",", value, word);
        }
    }
    size_t count = mz_counts_largest(end->counts, "records", counts, 16);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(counts[i].name, "document") != 0) {
            fprintf(stderr, ", %lld × %s", (long long)counts[i].value, counts[i].name);
        }
    }
    fprintf(stderr, "\n");
    count = mz_counts_largest(end->counts, "dropped", counts, LARGEST_CAUSES);
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "  dropped %lld: %s\n", (long long)counts[i].value,
                counts[i].name);
    }
}

/* The largest causes of failure of this run, each with the command that shows more. */
static void print_causes(const struct mz_run_end *end, struct mz_db *db,
                         struct mz_arena *arena)
{
    struct mz_dead_filter filter = {.pipeline = end->pipeline->name,
                                    .run_id = end->run_id,
                                    .limit = LARGEST_CAUSES};
    struct mz_error error = {.code = MZ_OK};
    struct mizan_value rows;
    if (mz_dead_causes(db, &filter, arena, &rows, &error) != MZ_OK) {
        mz_error_print(&error, stderr);
        return;
    }
    for (size_t i = 0; i < rows.as.list.count; i++) {
        const struct mizan_value *row = &rows.as.list.items[i];
        const struct mizan_value *letters = mz_map_member(row, "letters");
        const char *place = mz_map_text(row, "place");
        fprintf(stderr, "  %lld × %s: %s%s%s%s\n", (long long)letters->as.integer,
                mz_map_text(row, "stage"), mz_map_text(row, "reason"),
                place == NULL ? "" : " (", place == NULL ? "" : place,
                place == NULL ? "" : ")");
        fprintf(stderr, "      mizan dead show %.10s\n", mz_map_text(row, "id"));
    }
    if (rows.as.list.count == LARGEST_CAUSES) {
        fprintf(stderr, "  all causes: mizan dead list %s\n", end->pipeline->name);
    }
}

/* The entry without its member `query`: what is left are the query's arguments. */
static struct mizan_value arguments_of(const struct mizan_value *entry,
                                       struct mz_arena *arena)
{
    struct mizan_value arguments = {.type = MIZAN_MAP};
    if (entry->type != MIZAN_MAP || entry->as.map.count == 0) {
        return arguments;
    }
    struct mizan_field *fields =
        mz_arena_alloc(arena, entry->as.map.count * sizeof *fields);
    for (size_t i = 0; fields != NULL && i < entry->as.map.count; i++) {
        const struct mizan_field *field = &entry->as.map.fields[i];
        if (field->name.size != 5 || memcmp(field->name.data, "query", 5) != 0) {
            fields[arguments.as.map.count++] = *field;
        }
    }
    arguments.as.map.fields = fields;
    return arguments;
}

/* An entry of `report` is a query's name or a map {query = NAME, argument = …}. */
static void print_query(struct mz_db *db, const struct mizan_value *entry,
                        struct mz_arena *arena)
{
    struct mz_error error = {.code = MZ_OK};
    struct mizan_value rows;
    const struct mizan_value *name =
        entry->type == MIZAN_MAP ? mz_map_member(entry, "query") : entry;
    struct mizan_value arguments = arguments_of(entry, arena);
    const struct mz_named_query *query = mz_named_query(name->as.text.data, NULL);
    enum mz_code code = MZ_OK;
    if (query == NULL) {
        code = mz_fail(&error, MZ_NOT_FOUND, "report: there is no query named '%s'",
                       name->as.text.data);
    }
    if (code == MZ_OK) {
        code = mz_db_named(db, query, &arguments, arena, &rows, &error);
    }
    if (code == MZ_OK && rows.as.list.count > 0) {
        printf("\n%s: %s\n", query->name, query->about);
        code = mz_table_print(stdout, &rows, MZ_TABLE_ALIGNED, 2, &error);
    }
    if (code != MZ_OK) {
        mz_error_print(&error, stderr);
    }
}

void mz_run_report(const struct mz_run_end *end, const struct mz_run_settings *settings,
                   struct mz_db *db, struct mz_arena *arena)
{
    if (settings->json) {
        print_json(end);
        return;
    }
    if (!settings->quiet) {
        print_summary(end);
        print_causes(end, db, arena);
    }
    const struct mizan_value *report = &end->pipeline->report;
    bool shown = end->failure == NULL && report->type == MIZAN_LIST;
    for (size_t i = 0; shown && i < report->as.list.count && !ferror(stdout); i++) {
        print_query(db, &report->as.list.items[i], arena);
    }
}

void mz_run_report_nothing(const struct mz_pipeline *pipeline, const char *tick,
                           const char *why, const struct mz_run_settings *settings)
{
    struct mz_buffer out;
    if (!settings->json) {
        fprintf(stderr, "%s\n", why);
        return;
    }
    mz_buffer_init(&out, 1 << 16);
    mz_buffer_text(&out, "{\"v\":1,\"pipeline\":");
    mz_json_text(&out, pipeline->name, strlen(pipeline->name));
    mz_buffer_printf(&out, ",\"status\":\"nothing\",\"tick\":\"%s\",\"why\":", tick);
    mz_json_text(&out, why, strlen(why));
    mz_buffer_text(&out, "}\n");
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}
