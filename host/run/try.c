#include <stdio.h>
#include <string.h>

#include "run/intake.h"
#include "run/run.h"
#include "run/supervise.h"
#include "run/try_input.h"
#include "run/try_watch.h"
#include "run/walls.h"
#include "value/json.h"

#define TRY_CEILING ((size_t)512 << 20)
/* A field of a record is shown up to this many bytes. */
#define SHOWN_BYTES 120

/* One try in the child. */
struct trial {
    const struct mz_try_settings *settings;
    struct mz_loaded loaded;
    struct mz_arena *arena;
    struct mz_counts *counts;
    struct mz_stages stages;
    size_t first, last;
    size_t shown; /* the stage whose heading was printed last, plus one */
    bool failed;
};

/* ---- what is shown ---- */

static void show_value(const struct mizan_value *value)
{
    struct mz_buffer text;
    mz_buffer_init(&text, (size_t)64 << 20);
    if (value->type == MIZAN_BYTES) {
        mz_buffer_printf(&text, "%zu bytes", value->as.text.size);
    } else {
        mz_json_value(&text, value);
    }
    if (mz_buffer_ok(&text) && text.size > SHOWN_BYTES) {
        size_t end = SHOWN_BYTES;
        while (end > 0 && ((unsigned char)text.data[end] & 0xc0) == 0x80) {
            end--;
        }
        printf("%.*s… (%zu bytes)", (int)end, text.data, text.size);
    } else if (mz_buffer_ok(&text)) {
        printf("%s", text.data);
    }
    mz_buffer_finish(&text);
}

static void show_record(const char *mark, const struct mizan_record *record)
{
    printf("  %s %s", mark, mz_record_type(record));
    for (size_t i = 0; i < mz_record_count(record); i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(record, i, &name);
        printf("%s%s = ", i == 0 ? "  " : ", ", mz_name_text(name));
        show_value(value);
    }
    printf("\n");
}

static void show_json(const char *stage, const char *what, const char *reason,
                      const struct mizan_record *record)
{
    struct mz_buffer text;
    mz_buffer_init(&text, (size_t)256 << 20);
    mz_buffer_text(&text, "{\"v\":1,\"stage\":");
    mz_json_text(&text, stage, strlen(stage));
    mz_buffer_printf(&text, ",\"what\":\"%s\"", what);
    if (reason != NULL) {
        mz_buffer_text(&text, ",\"reason\":");
        mz_json_text(&text, reason, strlen(reason));
    }
    mz_buffer_text(&text, ",\"record\":");
    mz_json_record(&text, record, true);
    mz_buffer_text(&text, "}\n");
    if (mz_buffer_ok(&text)) {
        fwrite(text.data, 1, text.size, stdout);
    }
    mz_buffer_finish(&text);
}

static void heading(struct trial *trial, size_t stage)
{
    if (trial->shown != stage + 1) {
        printf("%s\n", trial->loaded.pipeline->stages[stage].name);
        trial->shown = stage + 1;
    }
}

static void trace(void *owner, size_t stage, bool out,
                  const struct mizan_record *record)
{
    struct trial *trial = owner;
    const struct mz_stage *at = &trial->loaded.pipeline->stages[stage];
    /* What a store passes on is what it was given. */
    if (out && mz_stage_is_store(at)) {
        return;
    }
    if (trial->settings->json) {
        show_json(at->name, out ? "out" : "in", NULL, record);
        return;
    }
    heading(trial, stage);
    show_record(out ? "→" : "←", record);
}

static void verdict(void *owner, size_t stage, enum mz_outcome outcome,
                    const char *reason, const char *place,
                    const struct mizan_record *record)
{
    (void)place;
    static const char *const words[] = {"pass", "drop", "reject", "error"};
    struct trial *trial = owner;
    const struct mz_stage *at = &trial->loaded.pipeline->stages[stage];
    trial->failed = trial->failed || outcome != MZ_DROP;
    if (trial->settings->json) {
        show_json(at->name, words[outcome], reason, record);
        return;
    }
    heading(trial, stage);
    printf("  ✗ %s: %s\n", words[outcome], reason);
}

/* ---- where documents come from ---- */

static enum mz_code through(struct trial *trial, struct mz_unit *unit,
                            struct mz_error *error)
{
    struct mz_unit_context context = {.document = unit->document,
                                      .source = unit->source,
                                      .run_id = "try",
                                      .trigger = "try",
                                      .attempt = 1};
    if (!trial->settings->json) {
        printf("%s\n", unit->url == NULL ? "document" : unit->url);
    }
    trial->shown = 0;
    /* From the start means behind the stage that fetched it. */
    size_t first = trial->first > 1 ? trial->first
                                    : trial->loaded.pipeline->stages[unit->stage].next;
    enum mz_code code =
        mz_stages_run(&trial->stages, unit, first, trial->last, &context, error);
    for (struct mz_letter *l = unit->letters; l != NULL && !trial->settings->json;
         l = l->next) {
        if (l->traceback != NULL) {
            fprintf(stderr, "%s\n", l->traceback);
        }
    }
    return code;
}

static enum mz_code try_sources(struct trial *trial, struct mz_error *error)
{
    const struct mz_source *sources;
    struct mz_intake *intake = NULL;
    struct mz_intake_item item = {.kind = MZ_INTAKE_UNIT};
    struct mz_intake_settings settings = {
        .stages = &trial->stages,
        .document_limit = trial->settings->limit > 0 ? trial->settings->limit : 1};
    enum mz_code code = mz_sources_list(trial->loaded.pipeline, trial->arena, &sources,
                                        &settings.source_count, error);
    settings.sources = sources;
    if (code == MZ_OK) {
        code = mz_intake_start(&settings, &intake, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    int64_t documents = 0;
    while (code == MZ_OK && item.kind != MZ_INTAKE_END) {
        mz_intake_take(intake, &item);
        if (item.kind == MZ_INTAKE_UNIT) {
            documents++;
            code = through(trial, item.unit, error);
            mz_unit_destroy(item.unit);
        } else if (item.kind == MZ_INTAKE_SOURCE_END && item.failure != MZ_OK) {
            code = mz_fail(error, item.failure, "source %s: %s", item.source_id,
                           item.message);
        }
    }
    mz_intake_destroy(intake);
    if (code == MZ_OK && mz_cancel_signal() != 0) {
        code = mz_fail(error, MZ_CANCELLED, "stopped by %s",
                       strsignal(mz_cancel_signal()));
    } else if (code == MZ_OK && documents == 0) {
        fprintf(stderr, "the sources gave no document\n");
    }
    return code;
}

static enum mz_code try_input(struct trial *trial, struct mz_error *error)
{
    struct mz_given_document given;
    struct mz_unit *unit;
    enum mz_code code =
        mz_try_input(trial->settings, &trial->loaded, trial->arena, &given, error);
    if (code == MZ_OK) {
        code = mz_unit_of_document(&given, TRY_CEILING, &unit, error);
    }
    if (code == MZ_OK) {
        code = through(trial, unit, error);
        mz_unit_destroy(unit);
    }
    return code;
}

/* ---- the stages asked for ---- */

static enum mz_code choose_stages(struct trial *trial, struct mz_error *error)
{
    const struct mz_try_settings *settings = trial->settings;
    const struct mz_pipeline *pipeline = trial->loaded.pipeline;
    enum mz_code code = MZ_OK;
    trial->first = 1;
    trial->last = pipeline->stage_count - 1;
    if (settings->from != NULL) {
        code = mz_find_stage(pipeline, settings->from, &trial->first, error);
    }
    if (code == MZ_OK && settings->to != NULL) {
        code = mz_find_stage(pipeline, settings->to, &trial->last, error);
    }
    if (code == MZ_OK && trial->first > trial->last) {
        code = mz_fail(error, MZ_USAGE, "stage '%s' comes after stage '%s'",
                       settings->from, settings->to);
    }
    return code;
}

static enum mz_code try_all(struct trial *trial, struct mz_error *error)
{
    const struct mz_try_settings *settings = trial->settings;
    enum mz_code code =
        mz_loaded_init(&trial->loaded, settings->file, settings->database,
                       settings->parameters, settings->parameter_count, error);
    if (code != MZ_OK) {
        return code;
    }
    for (size_t i = 0; i < trial->loaded.pipeline->file_count; i++) {
        mz_watched_add(settings->watched, trial->loaded.pipeline->files[i]);
    }
    code = choose_stages(trial, error);
    if (code != MZ_OK) {
        return code;
    }
    trial->stages =
        (struct mz_stages){.pipeline = trial->loaded.pipeline,
                           .lua = trial->loaded.lua,
                           .folder = trial->loaded.environment.project.folder,
                           .arena = trial->arena,
                           .counts = trial->counts,
                           .cancel = mz_cancel_flag(),
                           .trace = trace,
                           .verdict = verdict,
                           .owner = trial};
    struct mz_walls_settings walls = {.environment = &trial->loaded.environment,
                                      .pipeline = trial->loaded.pipeline,
                                      .input = settings->input,
                                      .network = settings->live};
    code = mz_walls_raise(&walls, error);
    if (code == MZ_OK) {
        code = mz_stages_open(&trial->stages, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    code = mz_try_has_input(settings) ? try_input(trial, error)
                                      : try_sources(trial, error);
    mz_stages_close(&trial->stages);
    return code;
}

static int try_child(void *argument, struct mz_activity *activity)
{
    struct mz_error error = {.code = MZ_OK};
    struct trial trial = {.settings = argument};
    (void)activity;
    mz_walls_begin();
    trial.arena = mz_arena_create(TRY_CEILING);
    trial.counts = mz_counts_create();
    enum mz_code code = MZ_MEMORY;
    if (trial.arena != NULL && trial.counts != NULL) {
        code = try_all(&trial, &error);
    } else {
        mz_fail(&error, MZ_MEMORY, "not enough memory for a try");
    }
    if (code != MZ_OK) {
        mz_walls_explain(&error);
        mz_error_print(&error, stderr);
    } else if (trial.failed) {
        code = MZ_ITEMS_FAILED;
    }
    if (trial.loaded.pipeline != NULL) {
        mz_loaded_finish(&trial.loaded);
    }
    mz_counts_destroy(trial.counts);
    mz_arena_destroy(trial.arena);
    return mz_child_status(code);
}

static int try_once(const struct mz_try_settings *settings)
{
    struct mz_supervision supervision = {
        .orderly = true,
        .told_to_stop = settings->watched == NULL ? NULL : &settings->watched->stopped};
    union {
        const struct mz_try_settings *in;
        void *out;
    } argument = {settings};
    return mz_supervise(try_child, argument.out, &supervision);
}

int mz_try(const struct mz_try_settings *settings)
{
    return settings->watch ? mz_try_watch(settings, try_once) : try_once(settings);
}
