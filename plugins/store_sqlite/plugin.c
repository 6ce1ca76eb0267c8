/* store.sqlite: records as rows of a table in an SQLite database of the user's. */
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct store {
    const struct mizan_host *host;
    struct table table;
    struct columns columns; /* of the unit at hand */
    struct rows rows;
    char **types;                     /* wanted; NULL: all but documents */
    struct mizan_slice document, run; /* of the unit, in the rows */
};

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

static void forget(struct store *store)
{
    rows_clear(&store->rows);
    store->columns.count = 0;
    store->document = store->run = (struct mizan_slice){NULL, 0};
}

static void store_close(void *instance)
{
    struct store *store = instance;
    rows_clear(&store->rows);
    columns_finish(&store->columns);
    table_close(&store->table);
    free_list(store->types);
    free_list(store->table.keys);
    free(store->table.path);
    free(store->table.name);
    free(store);
}

static int32_t read_list(const struct store *store, mizan_task *task,
                         const mizan_options *options, const char *name, char ***out)
{
    struct mizan_value value;
    int32_t status = store->host->option(options, name, &value);
    *out = NULL;
    if (status != MIZAN_OK || value.type != MIZAN_LIST || value.as.list.count == 0) {
        return status;
    }
    *out = calloc(value.as.list.count + 1, sizeof(**out));
    for (size_t i = 0; *out != NULL && i < value.as.list.count; i++) {
        struct mizan_slice text = value.as.list.items[i].as.text;
        (*out)[i] = strndup(text.data, text.size);
        if ((*out)[i] == NULL) {
            break;
        }
    }
    return *out == NULL || (*out)[value.as.list.count - 1] == NULL
               ? store->host->fail(task, MIZAN_ERROR_MEMORY, "out of memory")
               : MIZAN_OK;
}

static int32_t read_names(struct store *store, mizan_task *task,
                          const mizan_options *options)
{
    const struct mizan_host *host = store->host;
    struct mizan_value path, table, columns;
    if (host->option(options, "path", &path) != MIZAN_OK ||
        host->option(options, "table", &table) != MIZAN_OK ||
        host->option(options, "columns", &columns) != MIZAN_OK ||
        path.type != MIZAN_TEXT || table.type != MIZAN_TEXT) {
        return host->fail(task, MIZAN_ERROR_OPTION, "path and table want texts");
    }
    if (!column_name_fits(table.as.text) ||
        (table.as.text.size >= 6 && memcmp(table.as.text.data, "mizan_", 6) == 0)) {
        return host->fail(task, MIZAN_ERROR_OPTION,
                          "'%.*s' cannot be the name of a table: letters, digits and "
                          "_, and not mizan_ in front",
                          (int)table.as.text.size, table.as.text.data);
    }
    store->table.frozen = columns.type == MIZAN_TEXT && columns.as.text.size == 6 &&
                          memcmp(columns.as.text.data, "frozen", 6) == 0;
    store->table.path = strndup(path.as.text.data, path.as.text.size);
    store->table.name = strndup(table.as.text.data, table.as.text.size);
    return store->table.path != NULL && store->table.name != NULL
               ? MIZAN_OK
               : host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
}

static int32_t store_open(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    store->host = host;
    store->table.host = host;
    rows_clear(&store->rows);
    int32_t status = read_list(store, task, options, "types", &store->types);
    if (status == MIZAN_OK) {
        status = read_list(store, task, options, "key", &store->table.keys);
    }
    if (status == MIZAN_OK) {
        status = read_names(store, task, options);
    }
    if (status == MIZAN_OK) {
        status = table_open(&store->table, task);
    }
    if (status != MIZAN_OK) {
        store_close(store);
        return status;
    }
    *instance = store;
    return MIZAN_OK;
}

static bool is_wanted(const struct store *store, const char *type)
{
    for (size_t i = 0; store->types != NULL && store->types[i] != NULL; i++) {
        if (strcmp(store->types[i], type) == 0) {
            return true;
        }
    }
    return store->types == NULL && strcmp(type, "document") != 0;
}

static struct mizan_slice kept_text(struct store *store, const mizan_record *record,
                                    const char *name)
{
    struct mizan_value value;
    struct mizan_slice none = {NULL, 0};
    if (!store->host->record_get(record, name, &value) || value.type != MIZAN_TEXT) {
        return none;
    }
    char *copy = rows_alloc(&store->rows, value.as.text.size + 1);
    if (copy == NULL) {
        return none;
    }
    memcpy(copy, value.as.text.data, value.as.text.size);
    copy[value.as.text.size] = '\0';
    return (struct mizan_slice){copy, value.as.text.size};
}

/* A row without its key would be another one each time. */
static int32_t check_key(const struct store *store, mizan_task *task,
                         const mizan_record *record)
{
    char **keys = store->table.keys;
    for (size_t i = 0; keys != NULL && keys[i] != NULL; i++) {
        struct mizan_value value;
        if (!store->host->record_get(record, keys[i], &value) ||
            value.type == MIZAN_NIL) {
            return store->host->fail(task, MIZAN_ERROR_INPUT,
                                     "a row for table %s has no '%s', which is in its "
                                     "key",
                                     store->table.name, keys[i]);
        }
    }
    return MIZAN_OK;
}

static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    struct store *store = instance;
    if (!is_wanted(store, store->host->record_type(record))) {
        return MIZAN_OK;
    }
    int32_t status = check_key(store, task, record);
    if (status == MIZAN_OK && store->rows.first == NULL) {
        store->document = kept_text(store, record, "document_id");
        store->run = kept_text(store, record, "run_id");
    }
    return status == MIZAN_OK
               ? rows_add(&store->rows, store->host, task, record, &store->columns)
               : status;
}

/* The mark of the unit: its table, its document and all that its rows say but the run,
 * which is another when it is repeated. */
static int32_t mark(struct store *store, mizan_task *task, char out[33])
{
    const struct mizan_host *host = store->host;
    struct mizan_slice table = {store->table.name, strlen(store->table.name)};
    struct mizan_slice parts[4] = {table, store->document, {NULL, 0}, {NULL, 0}};
    char digest[33] = "";
    int32_t status = MIZAN_OK;
    for (const struct stored_row *row = store->rows.first;
         row != NULL && status == MIZAN_OK; row = row->next) {
        for (const struct cell *cell = row->cells; cell != NULL && status == MIZAN_OK;
             cell = cell->next) {
            const char *name = store->columns.items[cell->column].name;
            struct mizan_slice text = {NULL, 0};
            if (strcmp(name, "run_id") == 0 || cell->value.type == MIZAN_NIL) {
                continue;
            }
            if (!rows_text(&store->rows, &cell->value, &text)) {
                return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
            }
            const struct mizan_slice link[] = {
                {digest, strlen(digest)}, {name, strlen(name)}, text};
            status = host->hash_id(link, 3, digest);
        }
    }
    parts[2] = (struct mizan_slice){digest, strlen(digest)};
    return status == MIZAN_OK ? host->hash_id(parts, 3, out) : status;
}

static int32_t store_finish_unit(void *instance, mizan_task *task)
{
    struct store *store = instance;
    char batch[33];
    int32_t status = MIZAN_OK;
    if (store->rows.count > 0) {
        status = mark(store, task, batch);
        if (status == MIZAN_OK) {
            status = table_write(&store->table, task, &store->columns, &store->rows,
                                 batch, store->run);
        }
    }
    forget(store);
    return status;
}

static void store_discard_unit(void *instance, mizan_task *task)
{
    (void)task;
    forget(instance);
}

static const struct mizan_option options[] = {
    {.name = "path",
     .type = MIZAN_OPTION_PATH,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The database's file, made when it is missing; not a home database."},
    {.name = "table",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The table, made from the first rows when it is missing."},
    {.name = "key",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Columns that tell rows apart: a row of the same key is updated."},
    {.name = "columns",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "evolve",
     .choices = "evolve|frozen",
     .help = "`evolve` adds columns and widens their types; `frozen` fails the unit."},
    {.name = "types",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Record types to write; without it, all but `document`."},
};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "sqlite",
    .version = "1",
    .stability = "beta",
    .summary = "Records as rows of a table in an SQLite database of your own.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .open = store_open,
    .close = store_close,
    .store = store_record,
    .finish_unit = store_finish_unit,
    .discard_unit = store_discard_unit,
};
