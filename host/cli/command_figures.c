#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/figure_text.h"
#include "run/environment.h"
#include "run/input.h"
#include "run/supervise.h"
#include "run/unit.h"
#include "value/json.h"

#define MOST_TEXT        ((size_t)1 << 30)
#define DOCUMENT_CEILING ((size_t)8 << 30)

/* The extractor, called through the ABI like any run calls it. */
struct reader {
    const struct mz_arguments *arguments;
    struct mz_environment environment;
    struct mz_instance *instance;
    struct mz_arena *arena; /* of one document */
    struct mz_records figures;
    bool docs;
};

/* ---- calling the plugin ---- */

static int32_t collect(struct mizan_task *task, struct mizan_record *record)
{
    struct reader *reader = task->context;
    const char *type = mz_record_type(record);
    if (strcmp(type, "explanation") == 0) {
        const char *text = mz_record_text(record, "text");
        fprintf(stderr, "%s\n", text == NULL ? "" : text);
        return MIZAN_OK;
    }
    if (strcmp(type, "figure") != 0) {
        return MIZAN_OK;
    }
    return mz_records_add(&reader->figures, reader->arena, record) ? MIZAN_OK
                                                                   : MIZAN_ERROR_MEMORY;
}

static const struct mz_services services = {.emit = collect};

static enum mz_code extract(struct reader *reader, struct mizan_slice text,
                            const char *lang, struct mz_error *error)
{
    struct mizan_task task = {.services = &services,
                              .context = reader,
                              .arena = reader->arena,
                              .stage = "figures",
                              .cancel = mz_cancel_flag(),
                              .error = error};
    struct mizan_record *document = mz_record_create(reader->arena, "document");
    struct mizan_value value = mz_text_slice(text.data, text.size);
    struct mizan_value language = mz_text(lang);
    memset(&reader->figures, 0, sizeof reader->figures);
    if (document == NULL || mz_record_put(document, "text", &value) != MIZAN_OK ||
        (lang != NULL && mz_record_put(document, "lang", &language) != MIZAN_OK)) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the text");
    }
    return mz_instance_extract(reader->instance, &task, document, 0, error);
}

/* ---- printing ---- */

/* The fields that are the host's and the store's, not the contract's. */
static bool is_private(const char *name)
{
    return strcmp(name, "extractor") == 0 || strcmp(name, "extractor_version") == 0 ||
           strcmp(name, "significant") == 0;
}

static void print_figure(struct mz_buffer *out, const struct mizan_record *figure)
{
    bool first = true;
    mz_buffer_byte(out, '{');
    for (size_t i = 0; i < mz_record_count(figure); i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(figure, i, &name);
        if (is_private(mz_name_text(name))) {
            continue;
        }
        mz_buffer_text(out, first ? "" : ",");
        mz_json_text(out, mz_name_text(name), mz_name_size(name));
        mz_buffer_byte(out, ':');
        mz_json_value(out, value);
        first = false;
    }
    mz_buffer_byte(out, '}');
}

static enum mz_code write_out(struct mz_buffer *out, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    if (!mz_buffer_ok(out)) {
        code = mz_fail(error, MZ_MEMORY, "the figures are too many to print");
    } else if (out->size > 0 && fwrite(out->data, 1, out->size, stdout) != out->size) {
        code = mz_fail_errno(error, MZ_IO, "standard output cannot be written");
    }
    mz_buffer_clear(out);
    return code;
}

/* ---- texts ---- */

static enum mz_code read_text(struct reader *reader, const char *path,
                              struct mz_error *error)
{
    char *data = NULL;
    size_t size = 0;
    struct mz_buffer out;
    enum mz_code code = mz_input_read(path, MOST_TEXT, &data, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_arena_reset(reader->arena);
    mz_buffer_init(&out, (size_t)4 << 30);
    struct mizan_slice text = {data, size};
    code = extract(reader, text, NULL, error);
    if (code == MZ_OK && mz_argument(reader->arguments, "json") != NULL) {
        for (size_t i = 0; i < reader->figures.count; i++) {
            print_figure(&out, reader->figures.items[i]);
            mz_buffer_byte(&out, '\n');
        }
    } else if (code == MZ_OK) {
        mz_figure_text(&out, text, &reader->figures, isatty(STDOUT_FILENO) != 0);
    }
    if (code == MZ_OK) {
        code = write_out(&out, error);
    }
    mz_buffer_finish(&out);
    free(data);
    return code;
}

/* ---- documents, a line each ---- */

static enum mz_code read_document(struct reader *reader, const char *line, size_t size,
                                  struct mz_buffer *out, struct mz_error *error)
{
    struct mizan_value document;
    enum mz_code code = mz_json_parse(reader->arena, line, size, &document, error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *id =
        document.type == MIZAN_MAP ? mz_map_member(&document, "id") : NULL;
    const struct mizan_value *text =
        document.type == MIZAN_MAP ? mz_map_member(&document, "text") : NULL;
    const struct mizan_value *lang =
        document.type == MIZAN_MAP ? mz_map_member(&document, "lang") : NULL;
    if (id == NULL || text == NULL || text->type != MIZAN_TEXT) {
        return mz_fail(error, MZ_INPUT,
                       "expected an object with \"id\" and a text \"text\"");
    }
    const char *language =
        lang != NULL && lang->type == MIZAN_TEXT ? lang->as.text.data : NULL;
    code = extract(reader, text->as.text, language, error);
    if (code == MZ_OK) {
        mz_buffer_text(out, "{\"id\":");
        mz_json_value(out, id);
        mz_buffer_text(out, ",\"figures\":[");
        for (size_t i = 0; i < reader->figures.count; i++) {
            mz_buffer_text(out, i == 0 ? "" : ",");
            print_figure(out, reader->figures.items[i]);
        }
        mz_buffer_text(out, "]}\n");
        code = write_out(out, error);
    }
    return code;
}

static bool is_blank(const char *line, size_t size)
{
    return strspn(line, " \t\r\n") >= size;
}

/* A line that is no document is told and passed over; the others are still answered. */
static enum mz_code read_documents(struct reader *reader, const char *path,
                                   struct mz_error *error)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    struct mz_buffer out;
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    long number = 0;
    bool bad = false;
    enum mz_code code = MZ_OK;
    if (in == NULL) {
        return mz_fail_errno(error, MZ_NO_FILE, "%s cannot be opened", path);
    }
    mz_buffer_init(&out, (size_t)4 << 30);
    while (code == MZ_OK && (size = getline(&line, &room, in)) >= 0) {
        number++;
        if (is_blank(line, (size_t)size)) {
            continue;
        }
        mz_arena_reset(reader->arena);
        code = read_document(reader, line, (size_t)size, &out, error);
        if (code == MZ_INPUT) {
            fprintf(stderr, "mizan figures: %s line %ld: %s\n",
                    in == stdin ? "standard input" : path, number, error->message);
            bad = true;
            code = MZ_OK;
        }
    }
    if (code == MZ_OK && ferror(in)) {
        code = mz_fail_errno(error, MZ_IO, "%s cannot be read", path);
    }
    mz_buffer_finish(&out);
    free(line);
    if (in != stdin) {
        fclose(in);
    }
    if (code == MZ_OK && bad) {
        code = mz_fail(error, MZ_INPUT, "some lines were no documents");
    }
    return code;
}

/* ---- opening ---- */

static void add_field(struct mizan_field *fields, size_t *count, const char *name,
                      struct mizan_value value)
{
    fields[*count].name = (struct mizan_slice){name, strlen(name)};
    fields[(*count)++].value = value;
}

/* "ar,en" as a list of texts. */
static enum mz_code split_languages(struct reader *reader, const char *given,
                                    struct mizan_value *out, struct mz_error *error)
{
    char *copy = mz_arena_string(reader->environment.arena, given);
    struct mizan_value *items =
        mz_arena_alloc(reader->environment.arena, (strlen(given) + 1) * sizeof *items);
    size_t count = 0;
    char *save = NULL;
    if (copy == NULL || items == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the languages");
    }
    for (char *word = strtok_r(copy, ", ", &save); word != NULL;
         word = strtok_r(NULL, ", ", &save)) {
        items[count++] = mz_text(word);
    }
    *out = (struct mizan_value){.type = MIZAN_LIST};
    out->as.list = (struct mizan_list){items, count};
    return MZ_OK;
}

static enum mz_code make_options(struct reader *reader, struct mz_plugin *plugin,
                                 struct mizan_options **out, struct mz_error *error)
{
    struct mizan_field fields[4];
    size_t count = 0;
    struct mizan_value languages;
    struct mz_schema schema = mz_plugin_schema(plugin);
    const struct mz_arguments *arguments = reader->arguments;
    const char *given = mz_argument(arguments, "lang");
    bool times = reader->docs || mz_argument(arguments, "times") != NULL;
    add_field(fields, &count, "times", mz_boolean(times));
    add_field(fields, &count, "ordinals",
              mz_boolean(mz_argument(arguments, "ordinals") != NULL));
    add_field(fields, &count, "explain",
              mz_boolean(mz_argument(arguments, "explain") != NULL));
    if (given != NULL) {
        enum mz_code code = split_languages(reader, given, &languages, error);
        if (code != MZ_OK) {
            return code;
        }
        add_field(fields, &count, "langs", languages);
    }
    struct mizan_value map = {.type = MIZAN_MAP};
    map.as.map = (struct mizan_map){fields, count};
    return mz_options_check(reader->environment.arena, &schema, &map, ".", out, NULL,
                            error);
}

static enum mz_code open_reader(struct reader *reader, struct mz_error *error)
{
    struct mz_plugin *plugin;
    struct mizan_options *options;
    reader->docs = mz_argument(reader->arguments, "docs") != NULL;
    reader->arena = mz_arena_create(DOCUMENT_CEILING);
    if (reader->arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory to start");
    }
    enum mz_code code = mz_registry_find(reader->environment.registry,
                                         MIZAN_KIND_EXTRACT, "figures", &plugin, error);
    if (code == MZ_OK) {
        code = make_options(reader, plugin, &options, error);
    }
    if (code == MZ_OK) {
        struct mizan_task task = {.services = &services,
                                  .context = reader,
                                  .arena = reader->environment.arena,
                                  .stage = "figures",
                                  .error = error};
        code = mz_instance_open(plugin, &task, options, 0, &reader->instance, error);
    }
    return code;
}

static int figures_child(void *argument, struct mz_activity *activity)
{
    struct reader reader = {.arguments = argument};
    struct mz_error error;
    (void)activity;
    if (mz_environment_init(&reader.environment, NULL, NULL, &error) != MZ_OK) {
        return mz_command_fail(&error);
    }
    enum mz_code code = open_reader(&reader, &error);
    size_t files = mz_operand_count(reader.arguments);
    for (size_t i = 0; code == MZ_OK && i < (files == 0 ? 1 : files); i++) {
        const char *path = files == 0 ? "-" : mz_operand(reader.arguments, i);
        code = reader.docs ? read_documents(&reader, path, &error)
                           : read_text(&reader, path, &error);
    }
    mz_instance_close(reader.instance);
    mz_arena_destroy(reader.arena);
    mz_environment_finish(&reader.environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_command_figures(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(figures_child, argument.out, &supervision);
}
