#include "cli/figure_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run/supervise.h"
#include "run/unit.h"

#define TEXT_CEILING ((size_t)2 << 30)

struct listener {
    struct mz_environment *environment;
    struct mz_arena *arena;
    struct mz_explanation *out;
    char head[64]; /* how the line of the figure begins */
    bool listening;
};

static int32_t keep(struct listener *listener, const char *line)
{
    struct mz_explanation *out = listener->out;
    struct mz_arena *arena = listener->environment->arena;
    if (out->count == out->room) {
        size_t room = out->room == 0 ? 16 : 2 * out->room;
        const char **lines = mz_arena_alloc(arena, room * sizeof *lines);
        if (lines == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        if (out->count > 0) {
            memcpy(lines, out->lines, out->count * sizeof *lines);
        }
        out->lines = lines;
        out->room = room;
    }
    out->lines[out->count] = mz_arena_string(arena, line + strspn(line, " "));
    return out->lines[out->count++] != NULL ? MIZAN_OK : MIZAN_ERROR_MEMORY;
}

/* A figure's line stands at the margin, what is said of it is indented below it. */
static int32_t listen(struct mizan_task *task, struct mizan_record *record)
{
    struct listener *listener = task->context;
    const char *line = strcmp(mz_record_type(record), "explanation") == 0
                           ? mz_record_text(record, "text")
                           : NULL;
    if (line == NULL) {
        return MIZAN_OK;
    }
    if (line[0] != ' ') {
        size_t size = strlen(listener->head);
        listener->listening = strncmp(line, listener->head, size) == 0;
    }
    return listener->listening ? keep(listener, line) : MIZAN_OK;
}

static const struct mz_services services = {.emit = listen};

static enum mz_code extract(struct listener *listener, struct mz_instance *instance,
                            struct mizan_slice text, const char *lang,
                            struct mz_error *error)
{
    struct mizan_task task = {.services = &services,
                              .context = listener,
                              .arena = listener->arena,
                              .stage = "figures",
                              .cancel = mz_cancel_flag(),
                              .error = error};
    struct mizan_record *document = mz_record_create(listener->arena, "document");
    struct mizan_value value = mz_text_slice(text.data, text.size);
    struct mizan_value language = mz_text(lang);
    if (document == NULL || mz_record_put(document, "text", &value) != MIZAN_OK ||
        (lang != NULL && mz_record_put(document, "lang", &language) != MIZAN_OK)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the text");
    }
    return mz_instance_extract(instance, &task, document, 0, error);
}

static enum mz_code open_extractor(struct listener *listener,
                                   struct mz_instance **instance,
                                   struct mz_error *error)
{
    struct mz_environment *environment = listener->environment;
    struct mizan_field fields[] = {
        {.name = {"explain", 7}, .value = mz_boolean(true)},
        {.name = {"times", 5}, .value = mz_boolean(true)},
        {.name = {"ordinals", 8}, .value = mz_boolean(true)}};
    struct mizan_value map = {.type = MIZAN_MAP, .as.map = {fields, 3}};
    struct mizan_options *options;
    struct mz_plugin *plugin;
    enum mz_code code = mz_registry_find(environment->registry, MIZAN_KIND_EXTRACT,
                                         "figures", &plugin, error);
    if (code == MZ_OK) {
        struct mz_schema schema = mz_plugin_schema(plugin);
        code = mz_options_check(environment->arena, &schema, &map, ".", &options, NULL,
                                error);
    }
    if (code == MZ_OK) {
        struct mizan_task task = {.services = &services,
                                  .context = listener,
                                  .arena = environment->arena,
                                  .stage = "figures",
                                  .error = error};
        code = mz_instance_open(plugin, &task, options, 0, instance, error);
    }
    return code;
}

enum mz_code mz_figure_explain(struct mz_environment *environment,
                               struct mizan_slice text, const char *lang, int64_t start,
                               int64_t end, struct mz_explanation *out,
                               struct mz_error *error)
{
    struct listener listener = {.environment = environment, .out = out};
    struct mz_instance *instance = NULL;
    memset(out, 0, sizeof *out);
    snprintf(listener.head, sizeof listener.head, "figure %" PRId64 "..%" PRId64 " ",
             start, end);
    listener.arena = mz_arena_create(TEXT_CEILING);
    if (listener.arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory");
    }
    enum mz_code code = open_extractor(&listener, &instance, error);
    if (code == MZ_OK) {
        code = extract(&listener, instance, text, lang, error);
    }
    mz_instance_close(instance);
    mz_arena_destroy(listener.arena);
    return code;
}
