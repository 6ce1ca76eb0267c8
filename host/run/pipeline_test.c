#include "run/pipeline_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/cassette.h"
#include "run/input.h"
#include "run/supervise.h"
#include "run/test_result.h"
#include "run/test_stores.h"
#include "run/work.h"
#include "value/json.h"

#define RESULT_CEILING  ((size_t)512 << 20)
#define MOST_INPUT      ((size_t)64 << 20)
#define MOST_GOLDEN     ((size_t)64 << 20)
#define MOST_PARAMETERS 64

struct mz_pipeline_tester {
    struct mz_tester functions;
    const struct mz_test_settings *settings;
    struct mz_activity *activity;
    char folder[MZ_PATH], scratch[MZ_PATH];
    int databases;          /* made so far */
    char file[MZ_PATH];     /* of the pipeline in work */
    char database[MZ_PATH]; /* of the last run */
    struct mz_arena *arena; /* of the call in work */
    /* of the run in work */
    const struct mizan_value *options;
    struct mz_run *run;
    struct mz_test_result result;
};

/* ---- options ---- */

static const char *const option_names[] = {
    "into",    "file", "text", "record", "doc",    "url",  "type",
    "charset", "lang", "now",  "params", "source", "http", "limit"};
#define OPTIONS (sizeof option_names / sizeof option_names[0])

static enum mz_code check_options(const struct mizan_value *options,
                                  struct mz_error *error)
{
    for (size_t i = 0; i < options->as.map.count; i++) {
        const char *name = options->as.map.fields[i].name.data;
        bool known = false;
        for (size_t n = 0; n < OPTIONS && !known; n++) {
            known = strcmp(name, option_names[n]) == 0;
        }
        if (!known) {
            const char *near = mz_nearest(name, option_names, OPTIONS);
            mz_fail(error, MZ_SCRIPT, "p:run has no option '%s'", name);
            if (near != NULL) {
                mz_error_help(error, "did you mean '%s'?", near);
            } else {
                mz_error_help(error, "it has into, file, text, record, doc, url, type, "
                                     "charset, lang, now, params, source, http, limit");
            }
            return MZ_SCRIPT;
        }
    }
    return MZ_OK;
}

/* The option as text, or NULL. */
static const char *text_option(const struct mz_pipeline_tester *tester,
                               const char *name)
{
    return mz_map_text(tester->options, name);
}

static enum mz_code set_clock(const struct mz_pipeline_tester *tester,
                              struct mz_error *error)
{
    const struct mizan_value *now = mz_map_member(tester->options, "now");
    int64_t time;
    if (now == NULL) {
        mz_clock_set(-1);
        return MZ_OK;
    }
    if (now->type == MIZAN_INTEGER) {
        time = now->as.integer;
    } else if (now->type != MIZAN_TEXT ||
               !mz_time_parse(now->as.text.data, now->as.text.size, &time)) {
        mz_fail(error, MZ_SCRIPT, "the option now is no time");
        mz_error_help(error, "write now = \"2025-09-03T10:00Z\"");
        return MZ_SCRIPT;
    }
    mz_clock_set(time);
    return MZ_OK;
}

/* `params` to the words of the command line, `name=value`. */
static enum mz_code read_parameters(const struct mz_pipeline_tester *tester,
                                    struct mz_run_settings *settings,
                                    struct mz_error *error)
{
    const struct mizan_value *map = mz_map_member(tester->options, "params");
    const char **words;
    if (map == NULL || (map->type == MIZAN_LIST && map->as.list.count == 0)) {
        return MZ_OK;
    }
    if (map->type != MIZAN_MAP || map->as.map.count > MOST_PARAMETERS) {
        return mz_fail(error, MZ_SCRIPT, "params wants a table of names and values");
    }
    words = mz_arena_alloc(tester->arena, map->as.map.count * sizeof *words);
    for (size_t i = 0; words != NULL && i < map->as.map.count; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        struct mz_buffer text;
        mz_buffer_init(&text, 1 << 20);
        mz_buffer_printf(&text, "%s=", field->name.data);
        if (field->value.type == MIZAN_TEXT) {
            mz_buffer_add(&text, field->value.as.text.data, field->value.as.text.size);
        } else {
            mz_json_value(&text, &field->value);
        }
        words[i] = mz_buffer_ok(&text)
                       ? mz_arena_copy(tester->arena, text.data, text.size)
                       : NULL;
        mz_buffer_finish(&text);
        if (words[i] == NULL) {
            words = NULL;
        }
    }
    if (words == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the parameters");
    }
    settings->parameters = words;
    settings->parameter_count = map->as.map.count;
    return MZ_OK;
}

/* ---- what goes in ---- */

/* The stage that the option `into` names, else the one after the source's fetch. */
static enum mz_code find_first(const struct mz_pipeline_tester *tester,
                               const struct mz_source *source, size_t *out,
                               struct mz_error *error)
{
    const struct mz_pipeline *pipeline = tester->run->loaded.pipeline;
    const char *name = text_option(tester, "into");
    *out = pipeline->stages[source == NULL ? 0 : source->stage].next;
    return name == NULL ? MZ_OK : mz_find_stage(pipeline, name, out, error);
}

/* The source that the option names, else the first; NULL when there is none. */
static enum mz_code find_source(struct mz_pipeline_tester *tester,
                                const struct mz_source **out, struct mz_error *error)
{
    const struct mz_source *sources;
    const char *wanted = text_option(tester, "source");
    size_t count;
    struct mz_run *run = tester->run;
    enum mz_code code =
        mz_sources_list(run->loaded.pipeline, run->arena, &sources, &count, error);
    *out = NULL;
    if (code != MZ_OK) {
        return code;
    }
    for (size_t i = 0; i < count && *out == NULL; i++) {
        if (wanted == NULL || strcmp(sources[i].id, wanted) == 0) {
            *out = &sources[i];
        }
    }
    return *out != NULL || wanted == NULL
               ? MZ_OK
               : mz_fail(error, MZ_SCRIPT, "the pipeline has no source '%s'", wanted);
}

static enum mz_code give_document(struct mz_pipeline_tester *tester,
                                  struct mz_error *error)
{
    const char *file = text_option(tester, "file"), *text = text_option(tester, "text");
    struct mz_given_document given = {.url = text_option(tester, "url"),
                                      .media_type = text_option(tester, "type"),
                                      .charset = text_option(tester, "charset"),
                                      .lang = text_option(tester, "lang")};
    char path[MZ_PATH], url[MZ_PATH + 16] = "test:text";
    char *data = NULL;
    struct mz_unit *unit = NULL;
    const struct mz_source *source = NULL;
    enum mz_code code = MZ_OK;
    if (file != NULL) {
        if (!mz_path_join(path, tester->folder, file)) {
            return mz_fail(error, MZ_SCRIPT, "the name of the file is too long");
        }
        code = mz_input_read(path, MOST_INPUT, &data, &given.body.size, error);
        given.body.data = data;
        snprintf(url, sizeof url, "test:%s", file);
    } else {
        given.body = mz_map_member(tester->options, "text")->as.text;
    }
    if (code == MZ_OK && given.url == NULL) {
        given.url = url;
    }
    if (code == MZ_OK && given.media_type == NULL) {
        given.media_type = mz_guess_media_type(file != NULL ? file : "text",
                                               file != NULL ? data : text);
    }
    if (code == MZ_OK) {
        code = mz_unit_of_document(&given, MZ_UNIT_CEILING, &unit, error);
    }
    free(data);
    if (code == MZ_OK) {
        code = find_source(tester, &source, error);
    }
    if (code == MZ_OK) {
        code = find_first(tester, source, &unit->first_stage, error);
    }
    if (code == MZ_OK) {
        unit->source_id = "test";
        if (source != NULL) {
            mz_source_owns(source, unit);
        }
        mz_counts_add(tester->run->counts, "documents", "fetched", 1);
        return mz_run_unit(tester->run, unit, error);
    }
    mz_unit_destroy(unit);
    return code;
}

/* A record of the map's fields; its type is the field `record`. */
static struct mizan_record *record_of(struct mz_arena *arena,
                                      const struct mizan_value *map, const char *type)
{
    const struct mizan_value *named = mz_map_member(map, "record");
    struct mizan_record *record = mz_record_create(
        arena, named != NULL && named->type == MIZAN_TEXT ? named->as.text.data : type);
    for (size_t i = 0; record != NULL && i < map->as.map.count; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        if (strcmp(field->name.data, "record") != 0 &&
            mz_record_put(record, field->name.data, &field->value) != MIZAN_OK) {
            return NULL;
        }
    }
    return record;
}

/* A single record through the stages: nothing is stored, since it is no document. */
static enum mz_code give_record(struct mz_pipeline_tester *tester,
                                struct mz_error *error)
{
    const struct mizan_value *map = mz_map_member(tester->options, "record");
    const struct mizan_value *doc = mz_map_member(tester->options, "doc");
    const struct mz_pipeline *pipeline = tester->run->loaded.pipeline;
    const struct mz_source *source = NULL;
    struct mz_unit *unit;
    size_t first;
    if (map->type != MIZAN_MAP || mz_map_member(map, "record") == NULL ||
        (doc != NULL && doc->type != MIZAN_MAP)) {
        mz_fail(error, MZ_SCRIPT, "record and doc want tables of fields");
        mz_error_help(error, "record = { record = \"figure\", kind = \"count\", … }");
        return MZ_SCRIPT;
    }
    unit = mz_unit_create(MZ_UNIT_CEILING);
    if (unit == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    struct mz_unit_context context = {
        .run_id = "test", .trigger = "test", .attempt = 1};
    unit->document = record_of(unit->arena, map, "record");
    context.document = doc == NULL ? NULL : record_of(unit->arena, doc, "document");
    enum mz_code code = MZ_OK;
    if (unit->document == NULL || (doc != NULL && context.document == NULL)) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory for the record");
    }
    if (code == MZ_OK) {
        code = find_source(tester, &source, error);
        context.source = source == NULL ? NULL : source->record;
    }
    if (code == MZ_OK) {
        code = find_first(tester, source, &first, error);
    }
    if (code == MZ_OK) {
        unit->url = "test:record";
        code = mz_stages_run(&tester->run->stages, unit, first,
                             pipeline->stage_count - 1, &context, error);
    }
    mz_unit_destroy(unit);
    return code;
}

/* Beside the database of the run; p:again goes on in the same files. */
static enum mz_code see_loaded(struct mz_run *run, void *owner, struct mz_error *error)
{
    const struct mz_pipeline_tester *tester = owner;
    char prefix[MZ_PATH];
    snprintf(prefix, sizeof prefix, "%.4000s/%d", tester->scratch, tester->databases);
    return mz_test_stores(&run->loaded, prefix, error);
}

static enum mz_code work(struct mz_run *run, void *owner, struct mz_error *error)
{
    struct mz_pipeline_tester *tester = owner;
    tester->result.last_stage = run->loaded.pipeline->stage_count - 1;
    if (text_option(tester, "file") != NULL || text_option(tester, "text") != NULL) {
        return give_document(tester, error);
    }
    if (mz_map_member(tester->options, "record") != NULL) {
        return give_record(tester, error);
    }
    if (text_option(tester, "into") != NULL) {
        mz_fail(error, MZ_SCRIPT, "into needs something to give: file, text or record");
        return MZ_SCRIPT;
    }
    return mz_run_work(run, error);
}

static void see_record(void *owner, size_t stage, bool out,
                       const struct mizan_record *record)
{
    struct mz_pipeline_tester *tester = owner;
    if (!out && stage == tester->result.last_stage) {
        mz_test_result_record(&tester->result, record);
    }
}

static void see_verdict(void *owner, size_t stage, enum mz_outcome outcome,
                        const char *reason, const char *place,
                        const struct mizan_record *record)
{
    struct mz_pipeline_tester *tester = owner;
    (void)record;
    mz_test_result_verdict(&tester->result,
                           tester->run->loaded.pipeline->stages[stage].name, outcome,
                           reason, place);
}

/* ---- the functions of the tester ---- */

static enum mz_code perform(struct mz_pipeline_tester *tester,
                            struct mz_run_settings *settings,
                            struct mizan_value *result, struct mz_error *error)
{
    const struct mz_run_hooks hooks = {.owner = tester,
                                       .loaded = see_loaded,
                                       .trace = see_record,
                                       .verdict = see_verdict,
                                       .work = work};
    struct mz_run run = {
        .settings = settings, .activity = tester->activity, .hooks = &hooks};
    tester->run = &run;
    mz_test_result_init(&tester->result, tester->arena);
    enum mz_code code = mz_run_perform(&run, error);
    /* A run that came to its end is a result, however it ended; but what a test itself
     * got wrong is the test's failure. */
    if (run.status != NULL && code != MZ_SCRIPT && code != MZ_USAGE &&
        code != MZ_MEMORY) {
        const char *failure =
            code == MZ_OK || error->message[0] == '\0' ? NULL : error->message;
        code = mz_test_result_finish(&tester->result, run.counts, run.status, failure,
                                     result, error);
    }
    mz_run_close(&run);
    tester->run = NULL;
    return code;
}

static enum mz_code open_cassette(const struct mz_pipeline_tester *tester,
                                  struct mz_error *error)
{
    const char *name = text_option(tester, "http");
    char path[MZ_PATH];
    if (name != NULL && !mz_path_join(path, tester->folder, name)) {
        return mz_fail(error, MZ_SCRIPT, "the name of the cassette is too long");
    }
    return mz_cassette_insert(name == NULL ? NULL : path, tester->settings->record,
                              error);
}

static enum mz_code run_pipeline(void *owner, const char *pipeline,
                                 const struct mizan_value *options, bool again,
                                 struct mizan_value *result, struct mz_error *error)
{
    struct mz_pipeline_tester *tester = owner;
    struct mz_run_settings settings = {.quiet = true};
    const struct mizan_value *limit = mz_map_member(options, "limit");
    mz_arena_reset(tester->arena);
    tester->options = options;
    error->message[0] = '\0';
    enum mz_code code = check_options(options, error);
    if (code == MZ_OK && !mz_path_join(tester->file, tester->folder, pipeline)) {
        code = mz_fail(error, MZ_SCRIPT, "the name of the pipeline is too long");
    }
    if (code == MZ_OK) {
        code = set_clock(tester, error);
    }
    if (code == MZ_OK) {
        code = read_parameters(tester, &settings, error);
    }
    if (code == MZ_OK) {
        code = open_cassette(tester, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    tester->databases += again ? 0 : 1;
    snprintf(tester->database, sizeof tester->database, "sqlite:%.4000s/%d.db",
             tester->scratch, tester->databases);
    settings.file = tester->file;
    settings.database = tester->database;
    settings.limit =
        limit != NULL && limit->type == MIZAN_INTEGER ? limit->as.integer : 0;
    code = perform(tester, &settings, result, error);
    struct mz_error late;
    enum mz_code closed = mz_cassette_eject(&late);
    if (code == MZ_OK && closed != MZ_OK) {
        *error = late;
        code = closed;
    }
    mz_clock_set(-1);
    return code;
}

static enum mz_code read_rows(void *owner, const char *sql, struct mizan_value *rows,
                              struct mz_error *error)
{
    struct mz_pipeline_tester *tester = owner;
    struct mz_db *db;
    if (tester->database[0] == '\0') {
        return mz_fail(error, MZ_SCRIPT, "no pipeline ran yet");
    }
    enum mz_code code = mz_db_open(tester->database, MZ_DB_RESTRICTED, &db, error);
    if (code == MZ_OK) {
        code = mz_db_rows(db, sql, NULL, 0, tester->arena, rows, error);
        mz_db_close(db);
    }
    return code;
}

static enum mz_code write_lines(const struct mizan_value *list, struct mz_buffer *out,
                                struct mz_error *error)
{
    for (size_t i = 0; i < list->as.list.count; i++) {
        mz_json_value(out, &list->as.list.items[i]);
        mz_buffer_byte(out, '\n');
    }
    return mz_buffer_ok(out)
               ? MZ_OK
               : mz_fail(error, MZ_LIMIT, "the records are more than 64 MiB of text");
}

/* The first line in which the two texts differ, in words; NULL when there is none. */
static const char *first_difference(struct mz_arena *arena, const char *name,
                                    const char *want, const char *got)
{
    for (int line = 1; *want != '\0' || *got != '\0'; line++) {
        size_t wanted = strcspn(want, "\n"), given = strcspn(got, "\n");
        if (wanted != given || memcmp(want, got, wanted) != 0) {
            return mz_arena_printf(
                arena, "%s:%d differs\n  want %.*s\n  got  %.*s", name, line,
                (int)(wanted < 600 ? wanted : 600), *want == '\0' ? "no more" : want,
                (int)(given < 600 ? given : 600), *got == '\0' ? "no more" : got);
        }
        want += wanted + (want[wanted] == '\n');
        got += given + (got[given] == '\n');
    }
    return NULL;
}

static enum mz_code compare_golden(void *owner, const char *name,
                                   const struct mizan_value *list,
                                   const char **difference, struct mz_error *error)
{
    struct mz_pipeline_tester *tester = owner;
    char path[MZ_PATH], *want = NULL;
    size_t size;
    struct mz_buffer got;
    *difference = NULL;
    if (!mz_path_join(path, tester->folder, name)) {
        return mz_fail(error, MZ_SCRIPT, "the name of the golden file is too long");
    }
    mz_buffer_init(&got, MOST_GOLDEN);
    mz_buffer_text(&got, "");
    enum mz_code code = write_lines(list, &got, error);
    if (code == MZ_OK && tester->settings->update) {
        code = mz_file_write(path, got.data, got.size, error);
    } else if (code == MZ_OK) {
        code = mz_file_read(path, MOST_GOLDEN, &want, &size, error);
        if (code == MZ_NO_FILE) {
            mz_error_help(error, "mizan test --update writes it");
        }
    }
    if (code == MZ_OK && want != NULL) {
        *difference = first_difference(tester->arena, name, want,
                                       got.data == NULL ? "" : got.data);
    }
    free(want);
    mz_buffer_finish(&got);
    return code;
}

struct mz_pipeline_tester *
mz_pipeline_tester_create(const struct mz_test_settings *settings,
                          struct mz_activity *activity, const char *folder,
                          const char *scratch)
{
    struct mz_pipeline_tester *tester = calloc(1, sizeof *tester);
    if (tester == NULL) {
        return NULL;
    }
    tester->arena = mz_arena_create(RESULT_CEILING);
    if (tester->arena == NULL) {
        free(tester);
        return NULL;
    }
    tester->settings = settings;
    tester->activity = activity;
    snprintf(tester->folder, sizeof tester->folder, "%s", folder);
    snprintf(tester->scratch, sizeof tester->scratch, "%s", scratch);
    tester->functions = (struct mz_tester){.owner = tester,
                                           .run = run_pipeline,
                                           .rows = read_rows,
                                           .golden = compare_golden};
    return tester;
}

void mz_pipeline_tester_destroy(struct mz_pipeline_tester *tester)
{
    if (tester != NULL) {
        mz_arena_destroy(tester->arena);
        free(tester);
    }
}

const struct mz_tester *
mz_pipeline_tester_functions(const struct mz_pipeline_tester *tester)
{
    return &tester->functions;
}
