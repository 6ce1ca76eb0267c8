#include "cli/handover.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/ticks.h"
#include "db/dead.h"
#include "lua/timetable.h"
#include "run/alert_rules.h"
#include "run/intake.h"
#include "value/json.h"
#include "value/record.h"
#include "value/table.h"

#define TICKS     5
#define FAILURES  5
#define MOST_TEXT ((size_t)1 << 20)

struct page {
    struct mz_loaded *loaded;
    const struct mz_pipeline *pipeline;
    struct mz_arena *arena;
    struct mz_db *db; /* NULL: there is none yet */
};

static void print_facts(const struct page *page)
{
    const struct mz_pipeline *pipeline = page->pipeline;
    printf("# %s\n\n", pipeline->name);
    for (size_t i = 0; i < pipeline->about.as.map.count; i++) {
        const struct mizan_field *field = &pipeline->about.as.map.fields[i];
        printf("- **%.*s**: %s\n", (int)field->name.size, field->name.data,
               field->value.as.text.data);
    }
    printf("- **file**: `%s` (`%.12s`)\n- **database**: `%s` (%s)\n\n", pipeline->file,
           pipeline->script_hash, page->loaded->environment.database,
           page->loaded->environment.database_reason);
}

static void print_schedule(const struct page *page)
{
    const struct mz_timetable *timetable = page->pipeline->timetable;
    struct mz_buffer ticks;
    printf("## Schedule\n\n");
    if (timetable == NULL) {
        printf("None: it is run by hand, `mizan run %s`.\n\n",
               mz_path_name(page->pipeline->file));
        return;
    }
    printf("`%s` in %s; overlap %s, catch-up %s", timetable->expression,
           mz_zone_name(timetable->zone), timetable->overlap, timetable->catchup);
    if (timetable->shards > 1) {
        printf(", %lld shards", (long long)timetable->shards);
    }
    printf(".\n\n");
    const struct mz_tick_request request = {&timetable->cron, timetable->zone,
                                            mz_seconds(mz_clock_now()), TICKS};
    mz_buffer_init(&ticks, MOST_TEXT);
    mz_ticks_text(&ticks, &request, "    ", true);
    printf("%s\n", ticks.data == NULL ? "" : ticks.data);
    mz_buffer_finish(&ticks);
}

/* ---- sources ---- */

/* The cell of the source's row in the database, or nil. */
static struct mizan_value health(const struct mizan_value *rows, const char *id,
                                 const char *name)
{
    for (size_t i = 0; i < rows->as.list.count; i++) {
        const struct mizan_value *row = &rows->as.list.items[i];
        if (mz_value_is(mz_map_member(row, "id"), id)) {
            return *mz_map_member(row, name);
        }
    }
    return mz_nil();
}

static enum mz_code print_rows(const struct mizan_value *rows, const char *otherwise,
                               struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    if (rows->as.list.count == 0) {
        printf("%s\n", otherwise);
    } else {
        code = mz_table_print(stdout, rows, MZ_TABLE_MARKDOWN, 0, error);
    }
    printf("\n");
    return code;
}

/* Of a source that is the stage itself, what the stage reads. */
static const char *address_of(const struct page *page, const struct mz_source *source)
{
    static const char *const names[] = {"url", "path", "program"};
    const struct mizan_value *given = &page->pipeline->stages[source->stage].given;
    const char *text = mz_record_text(source->record, "url");
    for (size_t i = 0;
         text == NULL && given->type == MIZAN_MAP && i < sizeof names / sizeof names[0];
         i++) {
        text = mz_map_text(given, names[i]);
    }
    return text;
}

static enum mz_code fill_sources(struct page *page, const struct mz_source *sources,
                                 size_t count, const struct mizan_value *known,
                                 struct mizan_value *out, struct mz_error *error)
{
    static const char *const names[] = {"source", "url",   "last good",
                                        "fails",  "error", "documents"};
    static const char *const columns[] = {NULL,    NULL,         "ok_at",
                                          "fails", "last_error", "documents"};
    const size_t width = sizeof names / sizeof names[0];
    struct mizan_value *items =
        mz_arena_alloc(page->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++) {
        struct mizan_field *fields =
            mz_arena_alloc(page->arena, width * sizeof *fields);
        if (fields == NULL) {
            items = NULL;
            break;
        }
        for (size_t c = 0; c < width; c++) {
            fields[c].name = (struct mizan_slice){names[c], strlen(names[c])};
            fields[c].value =
                columns[c] == NULL
                    ? mz_text(c == 0 ? sources[i].id : address_of(page, &sources[i]))
                    : health(known, sources[i].id, columns[c]);
        }
        items[i] = (struct mizan_value){.type = MIZAN_MAP};
        items[i].as.map.fields = fields;
        items[i].as.map.count = width;
    }
    *out = (struct mizan_value){.type = MIZAN_LIST};
    out->as.list.items = items;
    out->as.list.count = items == NULL ? 0 : count;
    return items != NULL ? MZ_OK
                         : mz_fail(error, MZ_MEMORY, "no memory for the sources");
}

static enum mz_code print_sources(struct page *page, struct mz_error *error)
{
    static const char sql[] =
        "SELECT s.id, s.ok_at, s.fails, s.last_error, (SELECT count(*) FROM document d"
        " WHERE d.pipeline = s.pipeline AND d.source_id = s.id) AS documents"
        " FROM source s WHERE s.pipeline = $1";
    const struct mizan_value name = mz_text(page->pipeline->name);
    const struct mz_source *sources;
    struct mizan_value known = {.type = MIZAN_LIST}, rows;
    size_t count;
    printf("## Sources\n\n");
    enum mz_code code =
        mz_sources_list(page->pipeline, page->arena, &sources, &count, error);
    if (code == MZ_OK && page->db != NULL) {
        code = mz_db_rows(page->db, sql, &name, 1, page->arena, &known, error);
    }
    if (code == MZ_OK) {
        code = fill_sources(page, sources, count, &known, &rows, error);
    }
    return code == MZ_OK ? print_rows(&rows, "None.", error) : code;
}

/* ---- stages, tables, secrets ---- */

static void print_stages(const struct page *page)
{
    printf("## Stages\n\n| stage | what | line |\n|---|---|---|\n");
    for (size_t i = 0; i < page->pipeline->stage_count; i++) {
        const struct mz_stage *stage = &page->pipeline->stages[i];
        if (stage->kind == MZ_STAGE_PLUGIN) {
            printf("| %s | `%s` %s | %d |\n", stage->name,
                   mz_plugin_label(stage->plugin),
                   mz_plugin_descriptor(stage->plugin)->version, stage->line);
        } else {
            printf("| %s | %s %s | %d |\n", stage->name, mz_stage_word(stage),
                   stage->type == NULL ? "" : stage->type, stage->line);
        }
    }
    printf("\n");
    for (size_t i = 0; i < page->pipeline->parameter_count; i++) {
        const struct mz_parameter *parameter = &page->pipeline->parameters[i];
        printf("%s- `-p %s=…` (%s)%s%s\n", i == 0 ? "Parameters:\n\n" : "",
               parameter->name, parameter->type, parameter->help == NULL ? "" : ": ",
               parameter->help == NULL ? "" : parameter->help);
    }
    printf("%s", page->pipeline->parameter_count > 0 ? "\n" : "");
}

static enum mz_code print_tables(struct page *page, struct mz_error *error)
{
    static const char sql[] =
        "SELECT 'document' AS \"table\", count(*) AS rows, max(fetched_at) AS latest"
        " FROM document WHERE pipeline = $1"
        " UNION ALL SELECT 'figure', count(*), max(d.fetched_at) FROM figure f"
        " JOIN document d ON d.id = f.document_id WHERE d.pipeline = $1"
        " UNION ALL SELECT 'dead_letter', count(*), max(at) FROM dead_letter"
        " WHERE pipeline = $1 AND resolved_at IS NULL"
        " UNION ALL SELECT 'outbox', count(*), max(created_at) FROM outbox"
        " WHERE pipeline = $1";
    const struct mizan_value name = mz_text(page->pipeline->name);
    struct mizan_value rows = {.type = MIZAN_LIST};
    enum mz_code code = MZ_OK;
    printf("## Tables\n\n");
    if (page->db != NULL) {
        code = mz_db_rows(page->db, sql, &name, 1, page->arena, &rows, error);
    }
    return code == MZ_OK ? print_rows(&rows, "The first run makes the database.", error)
                         : code;
}

static void print_secrets(struct page *page)
{
    const char *names[MZ_MOST_SECRETS];
    char secret[MZ_SECRET_MOST + 1];
    size_t size, count = mz_named_secrets(page->loaded, page->arena, names);
    printf("## Secrets\n\n%s", count == 0 ? "None.\n" : "");
    for (size_t i = 0; i < count; i++) {
        struct mz_error error;
        bool there = mz_secret_read(names[i], page->loaded->environment.project.folder,
                                    secret, &size, &error) == MZ_OK;
        mz_secret_wipe(secret, sizeof secret);
        printf("- `%s`: %s\n", names[i],
               there ? "there" : "**not to be read here**: `mizan help secrets`");
    }
    printf("\n");
}

static void print_alerts(struct page *page)
{
    struct mz_buffer rules;
    struct mizan_value map;
    printf("## Alerts\n\n");
    mz_buffer_init(&rules, MOST_TEXT);
    mz_alert_rules_json(page->loaded, &rules);
    if (rules.size == 0 || !mz_buffer_ok(&rules) ||
        mz_json_parse(page->arena, rules.data, rules.size, &map, NULL) != MZ_OK) {
        printf("None.\n");
    } else {
        const struct mizan_value *to = mz_map_member(&map, "to");
        for (size_t i = 0; to != NULL && i < to->as.list.count; i++) {
            const struct mizan_value *target = &to->as.list.items[i];
            printf("- %s `%s`\n", mz_map_text(target, "kind"),
                   mz_map_text(target, "target"));
        }
        printf("%s", to == NULL || to->as.list.count == 0
                         ? "Noted, told to nobody: `mizan alerts`.\n"
                         : "");
    }
    printf("\n");
    mz_buffer_finish(&rules);
}

/* ---- what happened ---- */

static enum mz_code print_failures(struct page *page, struct mz_error *error)
{
    static const char sql[] =
        "SELECT started_at AS began, status, substr(id, 1, 12) AS run, error AS reason"
        " FROM run WHERE pipeline = $1 AND status = 'failed'"
        " ORDER BY started_at DESC LIMIT $2";
    const struct mizan_value arguments[] = {mz_text(page->pipeline->name),
                                            mz_integer(FAILURES)};
    struct mz_dead_filter filter = {.pipeline = page->pipeline->name,
                                    .limit = FAILURES};
    struct mizan_value runs = {.type = MIZAN_LIST}, causes = {.type = MIZAN_LIST};
    enum mz_code code = MZ_OK;
    if (page->db != NULL) {
        code = mz_db_rows(page->db, sql, arguments, 2, page->arena, &runs, error);
    }
    if (code == MZ_OK && page->db != NULL) {
        code = mz_dead_causes(page->db, &filter, page->arena, &causes, error);
    }
    if (code == MZ_OK) {
        printf("## Last failures\n\n");
        code = print_rows(&runs, "No run has failed.", error);
    }
    if (code == MZ_OK) {
        printf("## Dead letters\n\n");
        code = print_rows(&causes, "None.", error);
    }
    return code;
}

static void print_end(const struct page *page)
{
    printf("## Tests\n\n");
    mz_print_tests(page->pipeline);
    printf("\n## When it fails\n\n"
           "    mizan runs %s\n    mizan dead list %s\n"
           "    mizan try %s --dead ID --watch\n    mizan dead replay ID\n"
           "    mizan doctor\n",
           page->pipeline->name, page->pipeline->name,
           mz_path_name(page->pipeline->file));
}

static enum mz_code print_page(struct page *page, struct mz_error *error)
{
    print_facts(page);
    print_schedule(page);
    enum mz_code code = print_sources(page, error);
    if (code == MZ_OK) {
        print_stages(page);
        code = print_tables(page, error);
    }
    if (code == MZ_OK) {
        print_secrets(page);
        print_alerts(page);
        code = print_failures(page, error);
    }
    if (code == MZ_OK) {
        print_end(page);
    }
    return code;
}

enum mz_code mz_handover_print(struct mz_loaded *loaded, struct mz_error *error)
{
    struct page page = {.loaded = loaded,
                        .pipeline = loaded->pipeline,
                        .arena = loaded->environment.arena};
    enum mz_code code =
        mz_db_open(loaded->environment.database, MZ_DB_READ, &page.db, error);
    if (code == MZ_NO_FILE) {
        page.db = NULL; /* nothing ran yet */
        code = MZ_OK;
    }
    if (code == MZ_OK) {
        code = print_page(&page, error);
    }
    mz_db_close(page.db);
    return code;
}
