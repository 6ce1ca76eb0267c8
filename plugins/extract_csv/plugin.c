/* extract.csv: tables of text with separators as rows. */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

static void close_instance(void *instance)
{
    struct extract_csv *self = instance;
    for (size_t i = 0; i < self->column_count; i++) {
        free(self->columns[i]);
    }
    for (size_t i = 0; i < self->wanted_count; i++) {
        free(self->wanted[i].column);
    }
    free(self->columns);
    free(self->wanted);
    free(self->charset);
    free(self);
}

static bool is_text(const struct mizan_value *value)
{
    return value->type == MIZAN_TEXT && value->as.text.size > 0;
}

static bool is_word(const struct mizan_value *value, const char *word)
{
    return value->type == MIZAN_TEXT && value->as.text.size == strlen(word) &&
           memcmp(value->as.text.data, word, value->as.text.size) == 0;
}

static int32_t read_byte(const struct extract_csv *self, mizan_task *task,
                         const mizan_options *options, const char *name, char *out)
{
    struct mizan_value value;
    int32_t status = self->host->option(options, name, &value);
    if (status != MIZAN_OK || !is_text(&value)) {
        return status;
    }
    if (is_word(&value, "tab")) {
        *out = '\t';
        return MIZAN_OK;
    }
    unsigned char byte = (unsigned char)value.as.text.data[0];
    if (value.as.text.size != 1 || byte >= 0x80 || byte == '\n' || byte == '\r') {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "option `%s` is one ASCII character, or \"tab\"", name);
    }
    *out = (char)byte;
    return MIZAN_OK;
}

static int32_t read_columns(struct extract_csv *self, const struct mizan_value *columns)
{
    size_t count = columns->type == MIZAN_LIST ? columns->as.list.count : 0;
    self->columns = count == 0 ? NULL : calloc(count, sizeof *self->columns);
    for (size_t i = 0; i < count && self->columns != NULL; i++) {
        struct mizan_slice name = columns->as.list.items[i].as.text;
        self->columns[i] = strndup(name.data, name.size);
        if (self->columns[i] == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        self->column_count = i + 1;
    }
    return count > 0 && self->columns == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static bool type_of(const struct mizan_value *word, struct wanted_type *out)
{
    static const struct {
        const char *word;
        enum cell_type type;
        bool whole;
    } types[] = {{"text", TYPE_TEXT, false},
                 {"number", TYPE_NUMBER, false},
                 {"integer", TYPE_NUMBER, true},
                 {"time", TYPE_TIME, false},
                 {"boolean", TYPE_BOOLEAN, false}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (is_word(word, types[i].word)) {
            out->type = types[i].type;
            out->whole = types[i].whole;
            return true;
        }
    }
    return false;
}

static int32_t read_types(struct extract_csv *self, mizan_task *task,
                          const struct mizan_value *types)
{
    size_t count = types->type == MIZAN_MAP ? types->as.map.count : 0;
    self->wanted = count == 0 ? NULL : calloc(count, sizeof *self->wanted);
    for (size_t i = 0; i < count && self->wanted != NULL; i++) {
        const struct mizan_field *field = &types->as.map.fields[i];
        struct wanted_type *wanted = &self->wanted[i];
        if (!type_of(&field->value, wanted)) {
            return self->host->fail(
                task, MIZAN_ERROR_OPTION,
                "option `types`: %.*s is text, number, integer, time "
                "or boolean",
                (int)field->name.size, field->name.data);
        }
        wanted->column = strndup(field->name.data, field->name.size);
        if (wanted->column == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        self->wanted_count = i + 1;
    }
    return count > 0 && self->wanted == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t read_words(struct extract_csv *self, mizan_task *task,
                          const mizan_options *options)
{
    struct mizan_value type, header, decimal, charset, typed;
    const struct mizan_host *host = self->host;
    if (host->option(options, "type", &type) != MIZAN_OK ||
        host->option(options, "header", &header) != MIZAN_OK ||
        host->option(options, "decimal", &decimal) != MIZAN_OK ||
        host->option(options, "charset", &charset) != MIZAN_OK ||
        host->option(options, "typed", &typed) != MIZAN_OK) {
        return host->fail(task, MIZAN_ERROR_OPTION, "the options cannot be read");
    }
    self->type = is_text(&type) ? host->name(type.as.text.data, type.as.text.size)
                                : host->name("row", 3);
    self->header = is_word(&header, "yes")  ? HEADER_YES
                   : is_word(&header, "no") ? HEADER_NO
                                            : HEADER_GUESS;
    self->mark = is_word(&decimal, "comma")   ? ','
                 : is_word(&decimal, "point") ? '.'
                                              : '\0';
    self->typed = typed.type != MIZAN_BOOLEAN || typed.as.integer != 0;
    if (is_text(&charset)) {
        self->charset = strndup(charset.as.text.data, charset.as.text.size);
    }
    return self->type == NULL || (is_text(&charset) && self->charset == NULL)
               ? MIZAN_ERROR_MEMORY
               : MIZAN_OK;
}

static int32_t read_options(struct extract_csv *self, mizan_task *task,
                            const mizan_options *options)
{
    struct mizan_value columns, types;
    int32_t status =
        read_byte(self, task, options, "separator", &self->dialect.separator);
    if (status == MIZAN_OK) {
        status = read_byte(self, task, options, "quote", &self->dialect.quote);
    }
    if (status == MIZAN_OK) {
        status = read_words(self, task, options);
    }
    if (status == MIZAN_OK) {
        status = self->host->option(options, "columns", &columns);
    }
    if (status == MIZAN_OK) {
        status = read_columns(self, &columns);
    }
    if (status == MIZAN_OK) {
        status = self->host->option(options, "types", &types);
    }
    return status == MIZAN_OK ? read_types(self, task, &types) : status;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *options, void **instance)
{
    struct extract_csv *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    int32_t status = read_options(self, task, options);
    if (status != MIZAN_OK) {
        close_instance(self);
        return status == MIZAN_ERROR_MEMORY ? host->fail(task, status, "out of memory")
                                            : status;
    }
    *instance = self;
    return MIZAN_OK;
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    return read_slice(instance, task, record);
}

static const char *const consumes[] = {"document", NULL};

static const struct mizan_option options[] = {
    {.name = "separator",
     .type = MIZAN_OPTION_TEXT,
     .help =
         "What stands between cells, or \"tab\"; guessed among , ; tab | when it is "
         "not given."},
    {.name = "quote",
     .type = MIZAN_OPTION_TEXT,
     .help = "What stands around cells; guessed among \" and ' when it is not given."},
    {.name = "header",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "auto",
     .choices = "auto|yes|no",
     .help = "Whether the first row has the names of the columns."},
    {.name = "columns",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help =
         "Names of the columns from the first on, in place of those of the header."},
    {.name = "typed",
     .type = MIZAN_OPTION_BOOLEAN,
     .default_value = "true",
     .help = "Columns that are surely numbers, or times with a zone, become such; else "
             "all is text."},
    {.name = "types",
     .type = MIZAN_OPTION_MAP,
     .help = "Columns and what they are: text, number, integer, time or boolean. A row "
             "with another cell there is rejected."},
    {.name = "decimal",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "auto",
     .choices = "auto|point|comma",
     .help = "The decimal mark of numbers."},
    {.name = "charset",
     .type = MIZAN_OPTION_TEXT,
     .help =
         "The character encoding, such as windows-1252, when the file and its server "
         "do not say it."},
    {.name = "type",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "row",
     .help = "The type of the records that come out."},
};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 2,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "csv",
    .version = "1",
    .stability = "beta",
    .summary = "Makes rows of CSV files of any length, their form guessed or given.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
