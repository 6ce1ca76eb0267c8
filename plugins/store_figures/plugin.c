/* store.figures: figures and what belongs to them become rows of the home database. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define ALL_KINDS  UINT32_MAX
#define UNIT_LIMIT 1000000 /* records */

static void store_close(void *instance)
{
    struct store *store = instance;
    if (store->locale != (locale_t)0) {
        freelocale(store->locale);
    }
    free(store->records);
    free(store);
}

/* Option `kinds` becomes bits; false for a word that is no kind. */
static bool read_kinds(struct store *store, const struct mizan_value *kinds,
                       struct mizan_slice *wrong)
{
    store->kinds =
        kinds->type == MIZAN_LIST && kinds->as.list.count > 0 ? 0 : ALL_KINDS;
    for (size_t i = 0; kinds->type == MIZAN_LIST && i < kinds->as.list.count; i++) {
        struct mizan_slice word = kinds->as.list.items[i].as.text;
        uint32_t bit = 0;
        for (size_t k = 0; figure_kinds[k] != NULL; k++) {
            bit |= slice_is(word, figure_kinds[k]) ? UINT32_C(1) << k : 0;
        }
        if (bit == 0) {
            *wrong = word;
            return false;
        }
        store->kinds |= bit;
    }
    return true;
}

static int32_t read_options(struct store *store, mizan_task *task,
                            const mizan_options *options)
{
    const struct mizan_host *host = store->host;
    struct mizan_value kinds, minimum;
    struct mizan_slice wrong, text;
    char buffer[32];
    int32_t status = host->option(options, "kinds", &kinds);
    if (status != MIZAN_OK) {
        return status;
    }
    if (!read_kinds(store, &kinds, &wrong)) {
        return host->fail(
            task, MIZAN_ERROR_OPTION,
            "option `kinds`: `%.*s` is no kind of figure (money, percent, "
            "measure, count, ratio, number, time, ordinal)",
            (int)wrong.size, wrong.data);
    }
    status = host->option(options, "minimum_confidence", &minimum);
    if (status == MIZAN_OK && minimum.type != MIZAN_NIL &&
        (!decimal_text(&minimum, buffer, &text) ||
         !decimal_number(store, text, &store->minimum))) {
        return host->fail(task, MIZAN_ERROR_OPTION,
                          "option `minimum_confidence` is not a decimal");
    }
    return status;
}

static int32_t store_open(const struct mizan_host *host, mizan_task *task,
                          const mizan_options *options, void **instance)
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    store->host = host;
    store->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    int32_t status = store->locale != (locale_t)0
                         ? read_options(store, task, options)
                         : host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    if (status != MIZAN_OK) {
        store_close(store);
        return status;
    }
    *instance = store;
    return MIZAN_OK;
}

static int32_t store_record(void *instance, mizan_task *task,
                            const mizan_record *record)
{
    struct store *store = instance;
    const struct mizan_host *host = store->host;
    if (strcmp(host->record_type(record), "figure") == 0) {
        int32_t status = check_figure(store, task, record);
        if (status != MIZAN_OK) {
            return status;
        }
    }
    if (store->count == UNIT_LIMIT) {
        return host->fail(task, MIZAN_ERROR_LIMIT,
                          "a unit has more than %d records for store.figures",
                          UNIT_LIMIT);
    }
    if (store->count == store->room) {
        size_t room = store->room > 0 ? 2 * store->room : 64;
        const mizan_record **records =
            realloc(store->records, room * sizeof(*store->records));
        if (records == NULL) {
            return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
        }
        store->records = records;
        store->room = room;
    }
    store->records[store->count++] = record;
    return MIZAN_OK;
}

static bool is_left_out(const struct store *store, const mizan_record *record)
{
    const struct mizan_host *host = store->host;
    struct mizan_slice kind = text_field(host, record, "kind");
    double confidence;
    for (size_t i = 0; figure_kinds[i] != NULL; i++) {
        if (slice_is(kind, figure_kinds[i]) && !(store->kinds >> i & 1)) {
            return true;
        }
    }
    return confidence_field(store, record, &confidence) && confidence < store->minimum;
}

static int compare_text(struct mizan_slice a, struct mizan_slice b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Document, extractor and span. */
static int compare_span(const struct figure *a, const struct figure *b)
{
    int order = compare_text(a->document_id, b->document_id);
    if (order == 0) {
        order = compare_text(a->extractor, b->extractor);
    }
    if (order == 0) {
        order = (a->start > b->start) - (a->start < b->start);
    }
    return order != 0 ? order : (a->end > b->end) - (a->end < b->end);
}

static int compare_figures(const void *left, const void *right)
{
    const struct figure *a = left, *b = right;
    int order = compare_span(a, b);
    return order != 0 ? order
                      : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static int32_t make_id(struct unit *unit, struct figure *figure)
{
    char start[24], end[24], ordinal[24];
    snprintf(start, sizeof(start), "%" PRId64, figure->start);
    snprintf(end, sizeof(end), "%" PRId64, figure->end);
    snprintf(ordinal, sizeof(ordinal), "%" PRId64, figure->ordinal);
    const struct mizan_slice parts[] = {
        figure->document_id, text_field(unit->host, figure->record, "text_sha256"),
        figure->extractor,   {start, strlen(start)},
        {end, strlen(end)},  {ordinal, strlen(ordinal)},
    };
    return unit->host->hash_id(parts, sizeof(parts) / sizeof(parts[0]), figure->id);
}

/* The unit's figures, with ids, sorted; and its document. */
static int32_t collect(struct unit *unit)
{
    const struct store *store = unit->store;
    const struct mizan_host *host = unit->host;
    unit->figures =
        host->alloc(unit->task, (store->count + 1) * sizeof(*unit->figures));
    if (unit->figures == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < store->count; i++) {
        const mizan_record *record = store->records[i];
        const char *type = host->record_type(record);
        if (strcmp(type, "document") == 0 && unit->document == NULL) {
            unit->document = record;
        }
        if (strcmp(type, "figure") != 0) {
            continue;
        }
        struct figure *figure = &unit->figures[unit->count++];
        memset(figure, 0, sizeof(*figure));
        figure->record = record;
        figure->sequence = i;
        figure->document_id = text_field(host, record, "document_id");
        figure->extractor = text_field(host, record, "extractor");
        integer_field(host, record, "start", &figure->start);
        integer_field(host, record, "end", &figure->end);
        figure->left_out = is_left_out(store, record);
    }
    qsort(unit->figures, unit->count, sizeof(*unit->figures), compare_figures);
    int32_t status = MIZAN_OK;
    for (size_t i = 0; status == MIZAN_OK && i < unit->count; i++) {
        struct figure *figure = &unit->figures[i];
        figure->ordinal = i > 0 && compare_span(&figure[-1], figure) == 0
                              ? figure[-1].ordinal + 1
                              : 0;
        status = make_id(unit, figure);
    }
    return status;
}

/* Records that are rows as they stand. */
static int32_t write_rows(struct unit *unit, const char *type)
{
    int32_t status = MIZAN_OK;
    for (size_t i = 0; status == MIZAN_OK && i < unit->store->count; i++) {
        const mizan_record *record = unit->store->records[i];
        if (strcmp(unit->host->record_type(record), type) == 0) {
            status = unit->host->db_upsert(unit->task, type, record);
        }
    }
    return status;
}

/* Topics refer to one another, in circles too: first all without the reference. */
static int32_t write_topics(struct unit *unit)
{
    const struct mizan_host *host = unit->host;
    int32_t status = MIZAN_OK;
    for (size_t i = 0; status == MIZAN_OK && i < unit->store->count; i++) {
        const mizan_record *record = unit->store->records[i];
        if (strcmp(host->record_type(record), "topic") != 0) {
            continue;
        }
        mizan_record *bare = host->record_new(unit->task, "topic");
        status = bare != NULL ? MIZAN_OK : MIZAN_ERROR_MEMORY;
        for (size_t k = 0; status == MIZAN_OK && k < host->record_count(record); k++) {
            static const struct mizan_value nil = {.type = MIZAN_NIL};
            struct mizan_field field;
            char name[64];
            host->record_field(record, k, &field);
            if (field.name.size >= sizeof(name)) {
                status = MIZAN_ERROR_INPUT;
                break;
            }
            memcpy(name, field.name.data, field.name.size);
            name[field.name.size] = '\0';
            bool later = strcmp(name, "returns") == 0;
            status = host->record_set(bare, name, later ? &nil : &field.value);
        }
        if (status == MIZAN_OK) {
            status = host->db_upsert(unit->task, "topic", bare);
        }
    }
    return status != MIZAN_OK ? status : write_rows(unit, "topic");
}

static int32_t write_figures(struct unit *unit)
{
    int32_t (*const writers[])(struct unit *, const struct figure *) = {
        write_history, write_figure, write_roles, write_attribution, write_links};
    int32_t status = MIZAN_OK;
    for (size_t w = 0; w < sizeof(writers) / sizeof(writers[0]); w++) {
        for (size_t i = 0; status == MIZAN_OK && i < unit->count; i++) {
            if (!unit->figures[i].left_out) {
                status = writers[w](unit, &unit->figures[i]);
            }
        }
    }
    return status;
}

static int64_t count_left_out(const struct unit *unit)
{
    int64_t count = 0;
    for (size_t i = 0; i < unit->count; i++) {
        count += unit->figures[i].left_out;
    }
    return count;
}

static int32_t store_finish_unit(void *instance, mizan_task *task)
{
    static const char *const first[] = {"entity", "entity_alias", "work"};
    struct store *store = instance;
    struct unit unit = {.store = store, .host = store->host, .task = task};
    int32_t status = collect(&unit);
    if (status != MIZAN_OK) {
        store->host->fail(task, status,
                          "out of memory in a unit of %zu "
                          "records",
                          store->count);
    }
    for (size_t i = 0; status == MIZAN_OK && i < sizeof(first) / sizeof(first[0]);
         i++) {
        status = write_rows(&unit, first[i]);
    }
    if (status == MIZAN_OK) {
        status = write_topics(&unit);
    }
    if (status == MIZAN_OK) {
        status = forget_known(&unit);
    }
    if (status == MIZAN_OK) {
        status = write_figures(&unit);
    }
    if (status == MIZAN_OK) {
        status = link_documents(&unit);
    }
    int64_t left_out = status == MIZAN_OK ? count_left_out(&unit) : 0;
    if (left_out > 0) {
        store->host->count(task, "figures_left_out", left_out);
    }
    store->count = 0;
    return status;
}

static void store_discard_unit(void *instance, mizan_task *task)
{
    struct store *store = instance;
    (void)task;
    store->count = 0;
}

static const struct mizan_option options[] = {
    {.name = "kinds",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .choices = "money|percent|measure|count|ratio|number|time|ordinal",
     .help = "Stores figures of these kinds only; without it, of all kinds."},
    {.name = "minimum_confidence",
     .type = MIZAN_OPTION_DECIMAL,
     .default_value = "0",
     .minimum = "0",
     .maximum = "1",
     .help = "Leaves out figures whose confidence is lower; they are counted."},
};

static const char *const consumes[] = {"document",     "figure", "topic", "entity",
                                       "entity_alias", "work",   NULL};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_STORE,
    .flags = MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_HOME_STORE,
    .name = "figures",
    .version = "1",
    .stability = "beta",
    .summary =
        "Figures, their chain of sources, roles and links, in the home database.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = store_open,
    .close = store_close,
    .store = store_record,
    .finish_unit = store_finish_unit,
    .discard_unit = store_discard_unit,
};
