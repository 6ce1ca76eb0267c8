#include <string.h>

#include "db/home.h"
#include "value/json.h"
#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* Pipelines and their runs. What a run counted is a JSON text in its row: documents by
 * outcome at the top, and groups of counters below. */

static const struct mz_web_column run_columns[] = {
    {"started_at", "Started", MZ_WEB_TIME, "/run/", "id"},
    {"ended_at", "Ended", MZ_WEB_TIME, NULL, NULL},
    {"status", "Status", MZ_WEB_STATUS, NULL, NULL},
    {"kind", "Kind", MZ_WEB_TEXT, NULL, NULL},
    {"tick_at", "Tick", MZ_WEB_TIME, NULL, NULL},
    {"new", "New", MZ_WEB_NUMBER, NULL, NULL},
    {"unchanged", "Unchanged", MZ_WEB_NUMBER, NULL, NULL},
    {"figures", "Figures", MZ_WEB_NUMBER, NULL, NULL},
    {"failed", "Failed", MZ_WEB_NUMBER, NULL, NULL},
    {"error", "Why", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column source_columns[] = {
    {"id", "Source", MZ_WEB_TEXT, NULL, NULL},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {"ok_at", "Last success", MZ_WEB_TIME, NULL, NULL},
    {"fails", "Failures in a row", MZ_WEB_NUMBER, NULL, NULL},
    {"last_error", "Last error", MZ_WEB_TEXT, NULL, NULL},
    {"next_at", "Next check", MZ_WEB_TIME, NULL, NULL},
    {0}};

static const struct mz_web_column letter_columns[] = {
    {"at", "When", MZ_WEB_TIME, NULL, NULL},
    {"outcome", "Outcome", MZ_WEB_STATUS, NULL, NULL},
    {"stage", "Stage", MZ_WEB_TEXT, NULL, NULL},
    {"reason", "Reason", MZ_WEB_TEXT, NULL, NULL},
    {"place", "Place", MZ_WEB_TEXT, NULL, NULL},
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {"id", "Letter", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column document_columns[] = {
    {"title", "Title", MZ_WEB_TEXT, "/document/", "id"},
    {"source_id", "Source", MZ_WEB_TEXT, NULL, NULL},
    {"fetched_at", "Fetched", MZ_WEB_TIME, NULL, NULL},
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {0}};

static const struct mz_web_column fact_columns[] = {
    {"pipeline", "Pipeline", MZ_WEB_TEXT, "/pipeline/", NULL},
    {"status", "Status", MZ_WEB_STATUS, NULL, NULL},
    {"kind", "Kind", MZ_WEB_TEXT, NULL, NULL},
    {"tick_at", "Tick", MZ_WEB_TIME, NULL, NULL},
    {"started_at", "Started", MZ_WEB_TIME, NULL, NULL},
    {"ended_at", "Ended", MZ_WEB_TIME, NULL, NULL},
    {"host", "Host", MZ_WEB_TEXT, NULL, NULL},
    {"host_version", "Version", MZ_WEB_TEXT, NULL, NULL},
    {"script_hash", "Files", MZ_WEB_TEXT, NULL, NULL},
    {"plugins", "Plugins", MZ_WEB_TEXT, NULL, NULL},
    {"settings", "Settings", MZ_WEB_TEXT, NULL, NULL},
    {"error", "Why", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column count_columns[] = {
    {"group", "What", MZ_WEB_TEXT, NULL, NULL},
    {"name", "Which", MZ_WEB_TEXT, NULL, NULL},
    {"count", "How many", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

/* The counters of a run's row; an empty map where there are none yet. */
static struct mizan_value counts_of(struct mz_web_call *call,
                                    const struct mizan_value *row)
{
    const char *text = mz_web_text(call, row, "counts");
    struct mizan_value counts = {.type = MIZAN_MAP};
    struct mz_error ignored;
    if (text[0] == '\0' ||
        mz_json_parse(call->arena, text, strlen(text), &counts, &ignored) != MZ_OK ||
        counts.type != MIZAN_MAP) {
        counts = (struct mizan_value){.type = MIZAN_MAP};
    }
    return counts;
}

static struct mizan_value member_of(const struct mizan_value *map, const char *name)
{
    const struct mizan_value *value =
        map == NULL || map->type != MIZAN_MAP ? NULL : mz_map_member(map, name);
    return value == NULL ? mz_nil() : *value;
}

/* Puts the counters that people look at first in front of a run's own columns. */
static enum mz_code with_counts(struct mz_web_call *call, struct mizan_value *rows,
                                struct mz_error *error)
{
    static const char *const names[] = {"new", "unchanged", "failed"};
    enum { ADDED = 4 };
    size_t count = rows->as.list.count;
    struct mizan_value *items = mz_arena_zero(call->arena, (count + 1) * sizeof *items);
    if (items == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
    }
    for (size_t i = 0; i < count; i++) {
        const struct mizan_map *row = &rows->as.list.items[i].as.map;
        struct mizan_value counts = counts_of(call, &rows->as.list.items[i]);
        struct mizan_value records = member_of(&counts, "records");
        struct mizan_field *fields =
            mz_arena_zero(call->arena, (row->count + ADDED) * sizeof *fields);
        if (fields == NULL) {
            return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
        }
        memcpy(fields, row->fields, row->count * sizeof *fields);
        for (size_t k = 0; k < ADDED; k++) {
            const char *name = k + 1 == ADDED ? "figures" : names[k];
            struct mizan_field *field = &fields[row->count + k];
            field->name = (struct mizan_slice){name, strlen(name)};
            field->value = k + 1 == ADDED ? member_of(&records, "figure")
                                          : member_of(&counts, name);
        }
        items[i].type = MIZAN_MAP;
        items[i].as.map.fields = fields;
        items[i].as.map.count = row->count + ADDED;
    }
    rows->as.list.items = items;
    return MZ_OK;
}

/* ---- a pipeline ---- */

/* The stages of the last run, in their order, with what went in and came out. */
static void draw_chain(struct mz_web_call *call, const struct mizan_value *rows)
{
    struct mz_buffer *out = mz_web_html(call);
    struct mizan_value counts =
        rows->as.list.count == 0 ? mz_nil() : counts_of(call, &rows->as.list.items[0]);
    struct mizan_value stages = member_of(&counts, "stages");
    if (out == NULL || stages.type != MIZAN_MAP) {
        return;
    }
    mz_buffer_text(out, "<section id=\"chain\"><h2>Stages of the last run</h2>"
                        "<ol class=\"chain\">");
    for (size_t i = 0; i < stages.as.map.count; i++) {
        const struct mizan_slice name = stages.as.map.fields[i].name;
        if (name.size > 3 && memcmp(name.data + name.size - 3, ".in", 3) == 0) {
            char *other = mz_arena_printf(call->arena, "%.*s.out", (int)(name.size - 3),
                                          name.data);
            struct mizan_value left =
                other == NULL ? mz_nil() : member_of(&stages, other);
            mz_buffer_text(out, "<li><strong>");
            mz_html_text(out, name.data, name.size - 3);
            mz_buffer_text(out, "</strong> <small>");
            mz_html_value(out, &stages.as.map.fields[i].value);
            mz_buffer_text(out, " in, ");
            mz_html_value(out, &left);
            mz_buffer_text(out, " out</small></li>");
        }
    }
    mz_buffer_text(out, "</ol></section>");
}

static enum mz_code show_sources(struct mz_web_call *call, const char *pipeline,
                                 struct mz_error *error)
{
    static const char sql[] =
        "SELECT id, outlet, lang, number_format, paused, ok_at, fails, last_error,"
        " next_at FROM source WHERE pipeline = CAST($1 AS TEXT) "
        "ORDER BY fails DESC, id LIMIT 500";
    const struct mizan_value name = mz_text(pipeline);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &name, 1, &rows, error);
    if (code == MZ_OK) {
        mz_web_table(call, "sources", "Sources", source_columns, &rows);
    }
    return code;
}

static enum mz_code show_letters(struct mz_web_call *call, const char *column,
                                 const char *key, struct mz_error *error)
{
    const char *sql = mz_arena_printf(
        call->arena,
        "SELECT at, outcome, stage, reason, place, url, attempts, id FROM dead_letter "
        "WHERE %s = CAST($1 AS TEXT) AND resolved_at IS NULL ORDER BY at DESC, id "
        "LIMIT 50",
        column);
    const struct mizan_value name = mz_text(key);
    struct mizan_value rows;
    if (sql == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
    }
    enum mz_code code = mz_web_rows(call, sql, &name, 1, &rows, error);
    if (code == MZ_OK) {
        mz_web_table(call, "failures", "Rejected and failed", letter_columns, &rows);
    }
    return code;
}

/* What the scheduler knows, and the button that asks it for a run. */
static enum mz_code show_schedule(struct mz_web_call *call, const char *pipeline,
                                  struct mz_error *error)
{
    static const struct mz_web_column columns[] = {
        {"file", "File", MZ_WEB_TEXT, NULL, NULL},
        {"state", "State", MZ_WEB_STATUS, NULL, NULL},
        {"error", "Why", MZ_WEB_TEXT, NULL, NULL},
        {"next_tick", "Next tick", MZ_WEB_TIME, NULL, NULL},
        {"paused_at", "Paused", MZ_WEB_TIME, NULL, NULL},
        {0}};
    static const char sql[] = "SELECT file, state, error, next_tick, paused_at "
                              "FROM pipeline WHERE name = CAST($1 AS TEXT)";
    const struct mizan_value name = mz_text(pipeline);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &name, 1, &rows, error);
    if (code != MZ_OK || rows.as.list.count == 0) {
        return code;
    }
    mz_web_facts(call, "schedule", NULL, columns, &rows.as.list.items[0]);
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL && call->may_write) {
        mz_web_form_open(call, call->path);
        mz_buffer_text(out, "<button>Run now</button></form>");
    }
    return MZ_OK;
}

enum mz_code mz_web_pipeline(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT id, started_at, ended_at, status, kind, tick_at, error, counts FROM "
        "run "
        "WHERE pipeline = CAST($1 AS TEXT) ORDER BY started_at DESC, id DESC LIMIT 50";
    const char *pipeline = call->segments[1] == NULL ? "" : call->segments[1];
    const struct mizan_value name = mz_text(pipeline);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &name, 1, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        code = mz_web_missing(error, "run of a pipeline", pipeline);
    }
    if (code == MZ_OK) {
        code = with_counts(call, &rows, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, pipeline);
    code = show_schedule(call, pipeline, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_web_table(call, "runs", "Runs", run_columns, &rows);
    draw_chain(call, &rows);
    code = show_sources(call, pipeline, error);
    return code == MZ_OK ? show_letters(call, "pipeline", pipeline, error) : code;
}

/* ---- a run ---- */

static void add_count(struct mz_web_call *call, struct mizan_value *list,
                      const struct mizan_slice *group, const struct mizan_field *field)
{
    static const char *const names[] = {"group", "name", "count"};
    struct mizan_field *fields = mz_arena_zero(call->arena, 3 * sizeof *fields);
    union {
        const struct mizan_value *in;
        struct mizan_value *out;
    } items = {list->as.list.items};
    if (fields == NULL) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        fields[i].name = (struct mizan_slice){names[i], strlen(names[i])};
    }
    fields[0].value = mz_text_slice(group->data, group->size);
    fields[1].value = mz_text_slice(field->name.data, field->name.size);
    fields[2].value = field->value;
    struct mizan_value *row = &items.out[list->as.list.count++];
    row->type = MIZAN_MAP;
    row->as.map.fields = fields;
    row->as.map.count = 3;
}

/* Counters as rows: group, name, number. */
static struct mizan_value count_rows(struct mz_web_call *call,
                                     const struct mizan_value *counts)
{
    static const struct mizan_slice top = {"documents", 9};
    const struct mizan_map *map = &counts->as.map;
    struct mizan_value list = {.type = MIZAN_LIST};
    size_t room = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct mizan_value *value = &map->fields[i].value;
        room += value->type == MIZAN_MAP ? value->as.map.count : 1;
    }
    list.as.list.items = mz_arena_zero(call->arena, (room + 1) * sizeof list);
    for (size_t i = 0; i < map->count && list.as.list.items != NULL; i++) {
        const struct mizan_field *field = &map->fields[i];
        if (field->value.type != MIZAN_MAP) {
            add_count(call, &list, &top, field);
            continue;
        }
        for (size_t k = 0; k < field->value.as.map.count; k++) {
            add_count(call, &list, &field->name, &field->value.as.map.fields[k]);
        }
    }
    return list;
}

/* The row as `out`; a run that was killed with all its processes could not say so in
 * its row: its status becomes `lost` here. */
static enum mz_code note_lost(struct mz_web_call *call, const struct mizan_value *row,
                              struct mizan_value *out, struct mz_error *error)
{
    static const struct {
        const char *name, *text;
    } changes[] = {{"status", "lost"},
                   {"error",
                    "its process is gone; the next run of the pipeline goes on "
                    "from what was stored"}};
    const struct mizan_map *map = &row->as.map;
    bool lost = false;
    *out = *row;
    if (strcmp(mz_web_text(call, row, "status"), "running") != 0) {
        return MZ_OK;
    }
    enum mz_code code = mz_home_run_lost(call->db, mz_web_text(call, row, "pipeline"),
                                         mz_web_text(call, row, "id"), &lost, error);
    if (code != MZ_OK || !lost) {
        return code;
    }
    struct mizan_field *fields =
        mz_arena_zero(call->arena, map->count * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
    }
    for (size_t i = 0; i < map->count; i++) {
        fields[i] = map->fields[i];
        for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
            const char *name = changes[k].name;
            if (fields[i].name.size == strlen(name) &&
                memcmp(fields[i].name.data, name, strlen(name)) == 0) {
                fields[i].value = mz_text(changes[k].text);
            }
        }
    }
    out->as.map.fields = fields;
    return MZ_OK;
}

static enum mz_code run_row(struct mz_web_call *call, struct mizan_value *row,
                            struct mz_error *error)
{
    static const char sql[] =
        "SELECT id, pipeline, status, kind, tick_at, started_at, ended_at, host,"
        " host_version, script_hash, plugins, settings, error, counts, log FROM run "
        "WHERE id = CAST($1 AS TEXT)";
    const char *id = call->segments[1] == NULL ? "" : call->segments[1];
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        code = mz_web_missing(error, "run", id);
    }
    return code == MZ_OK ? note_lost(call, &rows.as.list.items[0], row, error) : code;
}

/* One server-sent event: what the run has stored so far. The connection ends with it
 * and the browser asks again, so that a page that is open costs nothing in between. */
static enum mz_code run_event(struct mz_web_call *call, const struct mizan_value *row,
                              struct mz_error *error)
{
    static const char sql[] =
        "SELECT count(*) AS documents FROM document WHERE run_id = CAST($1 AS TEXT)";
    const struct mizan_value key = mz_text(call->segments[1]);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    struct mizan_value status = member_of(row, "status");
    struct mizan_value ended = member_of(row, "ended_at");
    struct mizan_value failure = member_of(row, "error");
    struct mizan_value documents = member_of(&rows.as.list.items[0], "documents");
    call->type = "text/event-stream";
    mz_buffer_text(&call->out, "retry: 250\nevent: run\ndata: {\"status\":");
    mz_json_value(&call->out, &status);
    mz_buffer_text(&call->out, ",\"ended_at\":");
    mz_json_value(&call->out, &ended);
    mz_buffer_text(&call->out, ",\"error\":");
    mz_json_value(&call->out, &failure);
    mz_buffer_text(&call->out, ",\"documents\":");
    mz_json_value(&call->out, &documents);
    mz_buffer_text(&call->out, "}\n\n");
    return MZ_OK;
}

static enum mz_code show_documents(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT d.id, COALESCE(t.title, d.url) AS title, d.source_id, d.fetched_at,"
        " d.url FROM document d LEFT JOIN doc_text t ON t.document_id = d.id"
        " AND t.is_current = 1 WHERE d.run_id = CAST($1 AS TEXT) "
        "ORDER BY d.fetched_at DESC, d.id LIMIT 100";
    const struct mizan_value key = mz_text(call->segments[1]);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK) {
        mz_web_table(call, "documents", "Documents", document_columns, &rows);
    }
    return code;
}

static void show_live(struct mz_web_call *call, bool running)
{
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL && running) {
        mz_buffer_text(out, "<p id=\"live\" role=\"status\" data-events=\"/run/");
        mz_html_segment(out, call->segments[1], strlen(call->segments[1]));
        mz_buffer_text(out,
                       "/events\">Running: <output>…</output> documents stored.</p>");
    }
}

static void show_log(struct mz_web_call *call, const char *log)
{
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL && log[0] != '\0') {
        mz_buffer_text(out, "<section id=\"log\"><h2>Log</h2><pre tabindex=\"0\">");
        mz_html_string(out, log);
        mz_buffer_text(out, "</pre></section>");
    }
}

enum mz_code mz_web_run(struct mz_web_call *call, struct mz_error *error)
{
    struct mizan_value row;
    enum mz_code code = run_row(call, &row, error);
    if (code != MZ_OK) {
        return code;
    }
    if (call->segments[2] != NULL && strcmp(call->segments[2], "events") == 0) {
        return run_event(call, &row, error);
    }
    struct mizan_value counts = counts_of(call, &row);
    struct mizan_value rows = count_rows(call, &counts);
    mz_web_begin(call, mz_arena_printf(call->arena, "Run of %s",
                                       mz_web_text(call, &row, "pipeline")));
    show_live(call, strcmp(mz_web_text(call, &row, "status"), "running") == 0);
    mz_web_facts(call, "run", NULL, fact_columns, &row);
    mz_web_table(call, "counts", "Counts", count_columns, &rows);
    code = show_letters(call, "run_id", call->segments[1], error);
    if (code == MZ_OK) {
        code = show_documents(call, error);
    }
    show_log(call, mz_web_text(call, &row, "log"));
    return code;
}

/* ---- all sources ---- */

enum mz_code mz_web_sources(struct mz_web_call *call, struct mz_error *error)
{
    static const struct mz_web_column columns[] = {
        {"id", "Source", MZ_WEB_TEXT, NULL, NULL},
        {"pipeline", "Pipeline", MZ_WEB_TEXT, "/pipeline/", NULL},
        {"health", "Health", MZ_WEB_STATUS, NULL, NULL},
        {"ok_at", "Last success", MZ_WEB_TIME, NULL, NULL},
        {"fails", "Failures in a row", MZ_WEB_NUMBER, NULL, NULL},
        {"last_error", "Last error", MZ_WEB_TEXT, NULL, NULL},
        {"next_at", "Next check", MZ_WEB_TIME, NULL, NULL},
        {0}};
    static const char sql[] =
        "SELECT id, pipeline, CASE WHEN paused = 1 THEN 'paused' WHEN fails > 0 THEN"
        " 'failing' ELSE 'ok' END AS health, outlet, lang, ok_at, fails, last_error,"
        " next_at FROM source ORDER BY fails DESC, pipeline, id LIMIT 1000";
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    if (code == MZ_OK) {
        mz_web_begin(call, "Sources");
        mz_web_table(call, "sources", NULL, columns, &rows);
    }
    return code;
}
