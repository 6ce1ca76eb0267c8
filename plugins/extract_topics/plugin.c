/* extract.topics: gives figures the topic, the parties, the work and the origin that
 * the script's data and the text agree on, and emits the rows that those refer to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topics.h"

#define CONTEXT 1200 /* bytes of text before the sentence that may name the topic */
#define TAIL    400  /* of them, folded */

struct instance {
    const struct mizan_host *host;
    struct data data;
    struct document document;                       /* the last one that came */
    bool *sent_topics, *sent_entities, *sent_works; /* with this document */
};

/* ---- fields ---- */

static struct mizan_slice field(const struct instance *self, const mizan_record *record,
                                const char *name)
{
    struct mizan_value value;
    struct mizan_slice none = {NULL, 0};
    return self->host->record_get(record, name, &value) == 1 && value.type == MIZAN_TEXT
               ? value.as.text
               : none;
}

static bool span(const struct instance *self, const mizan_record *record,
                 const char *name, size_t out[2])
{
    struct mizan_value value;
    if (self->host->record_get(record, name, &value) != 1 || value.type != MIZAN_LIST ||
        value.as.list.count != 2 || value.as.list.items[0].type != MIZAN_INTEGER ||
        value.as.list.items[1].type != MIZAN_INTEGER) {
        return false;
    }
    out[0] = (size_t)value.as.list.items[0].as.integer;
    out[1] = (size_t)value.as.list.items[1].as.integer;
    return true;
}

static struct mizan_slice copy(struct pool *pool, struct mizan_slice text)
{
    char *data = pool_alloc(pool, text.size + 1);
    if (data == NULL || text.size == 0) {
        return (struct mizan_slice){NULL, 0};
    }
    memcpy(data, text.data, text.size);
    return (struct mizan_slice){data, text.size};
}

static struct mizan_slice folded(struct pool *pool, struct mizan_slice text)
{
    char *data = pool_alloc(pool, 2 * text.size + 1);
    struct mizan_slice out = {data, 0};
    if (data != NULL) {
        out.size = fold(text, data);
    }
    return out;
}

/* `en-GB` is `en`; in lower case. */
static struct mizan_slice base_language(struct pool *pool, struct mizan_slice lang)
{
    size_t size = 0;
    while (size < lang.size && lang.data[size] != '-' && lang.data[size] != '_') {
        size++;
    }
    lang.size = size;
    return folded(pool, lang);
}

/* Days since 1970 as YYYY-MM-DD (proleptic Gregorian, years 1 to 9999). */
static struct mizan_slice date_of(struct pool *pool, int64_t milliseconds)
{
    int64_t day = milliseconds / 86400000 - (milliseconds % 86400000 < 0);
    int64_t era_day = day + 719468;
    int64_t era = (era_day >= 0 ? era_day : era_day - 146096) / 146097;
    int64_t of_era = era_day - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    char *text = pool_alloc(pool, 32);
    if (text == NULL) {
        return (struct mizan_slice){NULL, 0};
    }
    int size =
        snprintf(text, 32, "%04d-%02d-%02d", (int)(year + era * 400 + (month <= 2)),
                 (int)month, (int)(of_year - (153 * shifted + 2) / 5 + 1));
    return (struct mizan_slice){text, (size_t)size};
}

/* ---- rows ---- */

static int32_t put(const struct instance *self, mizan_record *record, const char *name,
                   struct mizan_slice text)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = text;
    return text.size == 0 ? MIZAN_OK : self->host->record_set(record, name, &value);
}

struct column {
    const char *name;
    struct mizan_slice text;
};

static int32_t emit_row(const struct instance *self, mizan_task *task, const char *type,
                        const struct column *columns, size_t count)
{
    mizan_record *record = self->host->record_new(task, type);
    int32_t status = record == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    for (size_t i = 0; i < count && status == MIZAN_OK; i++) {
        status = put(self, record, columns[i].name, columns[i].text);
    }
    return status == MIZAN_OK ? self->host->emit(task, record) : status;
}

static int32_t emit_aliases(struct instance *self, mizan_task *task,
                            const struct entity *entity)
{
    int32_t status = MIZAN_OK;
    for (size_t i = 0; i < entity->aliases.count && status == MIZAN_OK; i++) {
        const struct by_language *each = &entity->aliases.items[i];
        for (size_t w = 0; w < each->words.count && status == MIZAN_OK; w++) {
            const struct column columns[] = {{"entity_id", entity->id},
                                             {"lang", each->lang},
                                             {"norm", each->words.items[w].text}};
            status = emit_row(self, task, "entity_alias", columns, 3);
        }
    }
    return status;
}

static int32_t emit_entity(struct instance *self, mizan_task *task, size_t number)
{
    if (number == NONE || self->sent_entities[number]) {
        return MIZAN_OK;
    }
    const struct entity *entity = &self->data.entities[number];
    const struct column columns[] = {{"id", entity->id},
                                     {"kind", entity->kind},
                                     {"name", entity->name},
                                     {"iso3", entity->iso3},
                                     {"wikidata", entity->wikidata}};
    self->sent_entities[number] = true;
    int32_t status = emit_row(self, task, "entity", columns, 5);
    return status == MIZAN_OK ? emit_aliases(self, task, entity) : status;
}

static int32_t emit_work(struct instance *self, mizan_task *task, size_t number)
{
    if (number == NONE || self->sent_works[number]) {
        return MIZAN_OK;
    }
    const struct work *work = &self->data.works[number];
    const struct column columns[] = {{"id", work->id},
                                     {"title", work->title},
                                     {"publisher_id", work->publisher},
                                     {"issued", work->issued},
                                     {"url", work->url}};
    self->sent_works[number] = true;
    int32_t status = emit_entity(self, task, find_entity(&self->data, work->publisher));
    return status == MIZAN_OK ? emit_row(self, task, "work", columns, 5) : status;
}

static int32_t emit_topic(struct instance *self, mizan_task *task, size_t number)
{
    int32_t status = MIZAN_OK;
    while (number != NONE && !self->sent_topics[number] && status == MIZAN_OK) {
        const struct topic *topic = &self->data.topics[number];
        const struct column columns[] = {
            {"id", topic->id},
            {"label", topic->label.size > 0 ? topic->label : topic->id},
            {"kind", topic->kind},
            {"returns", topic->returns},
            {"measure", topic->measure},
            {"stage", topic->stage}};
        self->sent_topics[number] = true;
        status = emit_row(self, task, "topic", columns, 6);
        number = find_topic(&self->data, topic->returns);
    }
    return status;
}

/* ---- the document ---- */

static int32_t take_document(struct instance *self, mizan_task *task,
                             mizan_record *record)
{
    struct document *document = &self->document;
    struct data *data = &self->data;
    struct mizan_value published;
    pool_free(&document->pool);
    memset(document, 0, sizeof *document);
    document->data = data;
    memset(self->sent_topics, 0, data->topic_count + 1);
    memset(self->sent_entities, 0, data->entity_count + 1);
    memset(self->sent_works, 0, data->work_count + 1);
    document->text = copy(&document->pool, field(self, record, "text"));
    document->lang = copy(&document->pool, field(self, record, "lang"));
    if (self->host->record_get(record, "published", &published) == 1) {
        document->published =
            published.type == MIZAN_TIME
                ? date_of(&document->pool, published.as.integer)
            : published.type == MIZAN_TEXT
                ? copy(&document->pool, part_of(published.as.text, 0, 10))
                : document->published;
    }
    document->named = pool_alloc(&document->pool, data->entity_count + 1);
    if (document->named == NULL ||
        !name_entities(data, folded(&document->pool, document->text),
                       document->named)) {
        return self->host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    return self->host->emit(task, record);
}

/* ---- a figure ---- */

static void read_speakers(struct instance *self, const mizan_record *record,
                          struct figure *figure)
{
    struct mizan_value list;
    if (self->host->record_get(record, "source", &list) != 1 ||
        list.type != MIZAN_LIST) {
        return;
    }
    figure->speakers = pool_alloc(&self->document.pool,
                                  (list.as.list.count + 1) * sizeof *figure->speakers);
    for (size_t i = 0; figure->speakers != NULL && i < list.as.list.count; i++) {
        figure->speakers[figure->speaker_count++] =
            member_text(&list.as.list.items[i], "name");
    }
}

/* What stands before the sentence, cut to what may still name the topic. */
static struct mizan_slice context_before(struct document *document, size_t start)
{
    size_t first = start > CONTEXT ? start - CONTEXT : 0, step;
    while (first < start &&
           ((unsigned char)document->text.data[first] & 0xc0) == 0x80) {
        first++;
    }
    struct mizan_slice all =
        folded(&document->pool, part_of(document->text, first, start));
    if (all.size <= TAIL) {
        return all;
    }
    size_t at = all.size - TAIL + 1;
    (void)code_before(all, at, &step);
    return part_of(all, at - step, all.size);
}

static void read_figure(struct instance *self, const mizan_record *record,
                        struct figure *figure)
{
    struct document *document = &self->document;
    struct mizan_value start, end, same_as;
    size_t sentence[2] = {0, document->text.size}, first = 0, last = 0;
    memset(figure, 0, sizeof *figure);
    figure->kind = field(self, record, "kind");
    figure->unit = field(self, record, "unit");
    figure->per = field(self, record, "per");
    figure->change = field(self, record, "change");
    figure->hedge = field(self, record, "hedge");
    figure->counted = folded(&document->pool, field(self, record, "counted"));
    figure->has_same_as = self->host->record_get(record, "same_as", &same_as) == 1;
    struct mizan_slice lang = field(self, record, "lang");
    figure->lang =
        base_language(&document->pool, lang.size > 0 ? lang : document->lang);
    (void)span(self, record, "sentence", sentence);
    if (self->host->record_get(record, "start", &start) == 1 &&
        start.type == MIZAN_INTEGER) {
        first = (size_t)start.as.integer;
    }
    if (self->host->record_get(record, "end", &end) == 1 && end.type == MIZAN_INTEGER) {
        last = (size_t)end.as.integer;
    }
    struct mizan_slice text = document->text;
    figure->before = folded(&document->pool, part_of(text, sentence[0], first));
    figure->itself = folded(&document->pool, part_of(text, first, last));
    figure->after = folded(&document->pool, part_of(text, last, sentence[1]));
    figure->sentence = folded(&document->pool, part_of(text, sentence[0], sentence[1]));
    figure->context = context_before(document, sentence[0]);
    read_speakers(self, record, figure);
}

/* The document is the last one that came; a figure of another one is not judged by it.
 */
static bool stands_in_document(const struct instance *self, const mizan_record *record)
{
    struct mizan_value start, end;
    return self->host->record_get(record, "start", &start) == 1 &&
           self->host->record_get(record, "end", &end) == 1 &&
           start.type == MIZAN_INTEGER && end.type == MIZAN_INTEGER &&
           start.as.integer >= 0 && end.as.integer > start.as.integer &&
           (size_t)end.as.integer <= self->document.text.size &&
           same_text(part_of(self->document.text, (size_t)start.as.integer,
                             (size_t)end.as.integer),
                     field(self, record, "text"));
}

static int32_t put_answer(struct instance *self, mizan_task *task, mizan_record *record,
                          const struct answer *answer)
{
    const struct data *data = &self->data;
    const struct topic *topic = &data->topics[answer->topic];
    int32_t status = put(self, record, "topic", topic->id);
    status = status == MIZAN_OK ? put(self, record, "from", topic->from) : status;
    status = status == MIZAN_OK ? put(self, record, "to", topic->to) : status;
    if (status == MIZAN_OK && answer->work != NONE) {
        status = put(self, record, "work", data->works[answer->work].id);
    }
    if (status == MIZAN_OK && answer->origin != NONE) {
        status = put(self, record, "origin", data->entities[answer->origin].id);
    }
    const size_t parties[] = {find_entity(data, topic->from),
                              find_entity(data, topic->to), answer->origin};
    for (size_t i = 0; i < 3 && status == MIZAN_OK; i++) {
        status = emit_entity(self, task, parties[i]);
    }
    status = status == MIZAN_OK ? emit_work(self, task, answer->work) : status;
    return status == MIZAN_OK ? emit_topic(self, task, answer->topic) : status;
}

static int32_t take_figure(struct instance *self, mizan_task *task,
                           mizan_record *record)
{
    struct figure figure;
    struct answer answer = {NONE, NONE, NONE};
    int32_t status = MIZAN_OK;
    if (self->document.data == NULL) {
        return self->host->fail(task, MIZAN_ERROR_INPUT,
                                "a figure came without its document: put "
                                "extract.figures before this stage");
    }
    if (!stands_in_document(self, record)) {
        return self->host->fail(task, MIZAN_ERROR_INPUT,
                                "a figure does not stand in the document before it: a "
                                "stage dropped or changed its document");
    }
    read_figure(self, record, &figure);
    answer.topic = topic_of(&self->document, &figure);
    if (answer.topic != NONE) {
        work_and_origin(&self->document, &figure, &answer);
        status = put_answer(self, task, record, &answer);
    }
    return status == MIZAN_OK ? self->host->emit(task, record) : status;
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    struct instance *self = instance;
    return strcmp(self->host->record_type(record), "document") == 0
               ? take_document(self, task, record)
               : take_figure(self, task, record);
}

/* ---- opening and closing ---- */

static void close_instance(void *instance)
{
    struct instance *self = instance;
    pool_free(&self->document.pool);
    pool_free(&self->data.pool);
    free(self);
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *options, void **instance)
{
    struct mizan_value map;
    char wrong[200] = "";
    struct instance *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    self->host = host;
    int32_t status = host->option(options, "data", &map);
    if (status == MIZAN_OK && map.type != MIZAN_MAP) {
        status = host->fail(task, MIZAN_ERROR_OPTION,
                            "no topics are given: file = \"topics.lua\", or data = a "
                            "table with `topics` in it");
    }
    /* An empty table is no mistake: no figure gets a topic. */
    if (status == MIZAN_OK && map.as.map.count > 0 &&
        !data_read(&self->data, &map, wrong)) {
        status = host->fail(task, MIZAN_ERROR_OPTION, "the topics: %s", wrong);
    }
    if (status == MIZAN_OK) {
        struct data *data = &self->data;
        self->sent_topics = pool_alloc(&data->pool, data->topic_count + 1);
        self->sent_entities = pool_alloc(&data->pool, data->entity_count + 1);
        self->sent_works = pool_alloc(&data->pool, data->work_count + 1);
        if (self->sent_topics == NULL || self->sent_entities == NULL ||
            self->sent_works == NULL) {
            status = host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
        }
    }
    if (status != MIZAN_OK) {
        close_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

static const struct mizan_option options[] = {
    {.name = "file",
     .type = MIZAN_OPTION_TEXT,
     .help = "A Lua file of the project that returns the data; the host reads it."},
    {.name = "data",
     .type = MIZAN_OPTION_MAP,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "Topics, works and entities with their words, by language."},
};

static const char *const consumes[] = {"document", "figure", NULL};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_OFFLINE,
    .name = "topics",
    .version = "1",
    .stability = "beta",
    .summary = "The topic, parties, work and origin of each figure, by words of yours.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
