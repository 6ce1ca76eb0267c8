/* A store plugin to copy: it appends the text of every figure to a file, a line each.
 * Read it in the order of the steps.
 *
 * 1. One header is all that a plugin needs, and all that it may include of Mizan. */
#include <mizan/plugin.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2. What one stage of a pipeline needs between its calls. A unit is one document and
 *    all that came of it: its rows are buffered until it is whole. */
struct stage {
    const struct mizan_host *host;
    char *path;
    char *buffer; /* of the unit at hand */
    size_t size, room;
};

/* 3. Options, checked before open is called. As scripts write them:
 *    store.template { path = "out.txt" } The path is absolute by then. */
static const struct mizan_option options[] = {
    {.name = "path",
     .type = MIZAN_OPTION_PATH,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The file to append to."},
};

/* 4. close frees the instance; open uses it too when it fails half-way. */
static void close_stage(void *instance)
{
    struct stage *stage = instance;
    free(stage->path);
    free(stage->buffer);
    free(stage);
}

/* 5. open makes the instance. Keep the table of the host: it is how to reach it. */
static int32_t open_stage(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *given, void **instance)
{
    struct mizan_value path;
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the stage");
    }
    stage->host = host;
    host->option(given, "path", &path);
    stage->path = strndup(path.as.text.data, path.as.text.size);
    if (stage->path == NULL) {
        close_stage(stage);
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the path");
    }
    *instance = stage;
    return MIZAN_OK;
}

static bool add(struct stage *stage, const char *data, size_t size)
{
    if (size > stage->room - stage->size) {
        size_t room = (stage->size + size) * 2;
        char *larger = realloc(stage->buffer, room);
        if (larger == NULL) {
            return false;
        }
        stage->buffer = larger;
        stage->room = room;
    }
    memcpy(stage->buffer + stage->size, data, size);
    stage->size += size;
    return true;
}

/* 6. Takes one record of the types in step 9. Nothing is written yet: the unit may
 *    still fail. */
static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    struct stage *stage = instance;
    const struct mizan_host *host = stage->host;
    struct mizan_value text;
    if (!host->record_get(record, "text", &text) || text.type != MIZAN_TEXT) {
        return host->fail(task, MIZAN_ERROR_INPUT, "the figure has no text");
    }
    if (!add(stage, text.as.text.data, text.as.text.size) || !add(stage, "\n", 1)) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for the unit's lines");
    }
    return MIZAN_OK;
}

/* 7. The unit is whole: write. A store outside the home database may see a unit again
 *    after a crash (at least once), so rows should carry an id. */
static int32_t finish_unit(void *instance, mizan_task *task)
{
    struct stage *stage = instance;
    if (stage->size == 0) {
        return MIZAN_OK;
    }
    FILE *file = fopen(stage->path, "ae");
    if (file == NULL) {
        return stage->host->fail(task, MIZAN_ERROR_FAILED, "%s cannot be opened",
                                 stage->path);
    }
    bool written = fwrite(stage->buffer, 1, stage->size, file) == stage->size;
    written = fclose(file) == 0 && written;
    stage->size = 0;
    return written ? MIZAN_OK
                   : stage->host->fail(task, MIZAN_ERROR_FAILED, "%s cannot be written",
                                       stage->path);
}

/* 8. The unit ended otherwise: forget what is buffered. */
static void discard_unit(void *instance, mizan_task *task)
{
    struct stage *stage = instance;
    (void)task;
    stage->size = 0;
}

/* 9. Records of other types pass the stage untouched. */
static const char *const consumes[] = {"figure", NULL};

/* 10. The descriptor, the only symbol that is exported. The file must be named after
 *     kind and name: store_template.so. */
extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0, /* uses nothing that came with a later minor version */
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "template",
    .version = "0.1",
    .stability = "experimental",
    .summary = "Appends the text of figures to a file.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_stage,
    .close = close_stage,
    .store = store_record,
    .finish_unit = finish_unit,
    .discard_unit = discard_unit,
};
