/* extract.figures: the document's text to records of type "figure" with the fields of
 * FIGURES.md, section 2. The extractor itself is the library beside this file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "mizan/plugin.h"

#define PLUGIN_VERSION FIGURES_VERSION
#define MOST_LANGUAGES 64
#define LEXICON_NAME   "figures.lexicon"

struct instance {
    const struct mizan_host *host;
    figures_lexicon *lexicon;
    const char *languages[MOST_LANGUAGES];
    size_t language_count;
    bool ordinals, times, explain;
    double minimum_confidence;
};

static const struct mizan_option options[] = {
    {"langs", MIZAN_OPTION_TEXT, MIZAN_OPTION_LIST, NULL, NULL, NULL, NULL,
     "languages to read; without it the document's own, else detected per sentence"},
    {"ordinals", MIZAN_OPTION_BOOLEAN, 0, "false", NULL, NULL, NULL,
     "also emit ordinals"},
    {"times", MIZAN_OPTION_BOOLEAN, 0, "true", NULL, NULL, NULL,
     "also emit dates, years and periods"},
    {"minimum_confidence", MIZAN_OPTION_DECIMAL, 0, "0", "0", "1", NULL,
     "leave out figures that are less sure than this"},
    {"explain", MIZAN_OPTION_BOOLEAN, 0, "false", NULL, NULL, NULL,
     "emit a record of type explanation for each step of reading"},
};

/* ---- setting fields ---- */

/* A record being filled: the first refusal is kept, so that it is checked once. */
struct filling {
    const struct mizan_host *host;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static void set(struct filling *filling, const char *name,
                const struct mizan_value *value)
{
    if (filling->status == MIZAN_OK) {
        filling->status = filling->host->record_set(filling->record, name, value);
    }
}

static struct mizan_value text_value(const char *data, size_t size)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = (struct mizan_slice){data, size};
    return value;
}

static struct mizan_value integer_value(int64_t number)
{
    struct mizan_value value = {.type = MIZAN_INTEGER};
    value.as.integer = number;
    return value;
}

static void set_slice(struct filling *filling, const char *name, figures_slice slice)
{
    if (slice.length > 0) {
        struct mizan_value value = text_value(slice.bytes, slice.length);
        set(filling, name, &value);
    }
}

static void set_word(struct filling *filling, const char *name, const char *word)
{
    if (word != NULL) {
        struct mizan_value value = text_value(word, strlen(word));
        set(filling, name, &value);
    }
}

static void set_integer(struct filling *filling, const char *name, int64_t number)
{
    struct mizan_value value = integer_value(number);
    set(filling, name, &value);
}

static void set_decimal(struct filling *filling, const char *name,
                        const figures_decimal *decimal)
{
    char text[FIGURES_DECIMAL_TEXT];
    if (decimal->set) {
        size_t size = figures_decimal_text(decimal, text);
        struct mizan_value value = text_value(text, size);
        value.type = MIZAN_DECIMAL;
        set(filling, name, &value);
    }
}

static void set_span(struct filling *filling, const char *name, uint32_t start,
                     uint32_t end)
{
    struct mizan_value ends[2] = {integer_value(start), integer_value(end)};
    struct mizan_value value = {.type = MIZAN_LIST};
    value.as.list = (struct mizan_list){ends, 2};
    set(filling, name, &value);
}

static struct mizan_field field(const char *name, struct mizan_value value)
{
    struct mizan_field result = {{name, strlen(name)}, value};
    return result;
}

static void set_alternative(struct filling *filling, const figures_figure *figure)
{
    char text[FIGURES_DECIMAL_TEXT];
    if (!figure->alternative.set) {
        return;
    }
    size_t size = figures_decimal_text(&figure->alternative, text);
    struct mizan_value value = text_value(text, size);
    value.type = MIZAN_DECIMAL;
    struct mizan_field reading = field("value", value);
    struct mizan_value item = {.type = MIZAN_MAP};
    item.as.map = (struct mizan_map){&reading, 1};
    struct mizan_value list = {.type = MIZAN_LIST};
    list.as.list = (struct mizan_list){&item, 1};
    set(filling, "alt", &list);
}

#define SOURCE_FIELDS 6

static size_t source_fields(const figures_source *source,
                            struct mizan_field fields[SOURCE_FIELDS])
{
    const char *role = figures_role_name(source->role);
    const char *stance = figures_stance_name(source->stance);
    size_t count = 0;
    fields[count++] =
        field("name", text_value(source->name.bytes, source->name.length));
    if (role != NULL) {
        fields[count++] = field("role", text_value(role, strlen(role)));
    }
    if (source->verb.length > 0) {
        fields[count++] =
            field("verb", text_value(source->verb.bytes, source->verb.length));
    }
    if (stance != NULL) {
        fields[count++] = field("stance", text_value(stance, strlen(stance)));
    }
    fields[count++] = field("start", integer_value(source->start));
    fields[count++] = field("end", integer_value(source->end));
    return count;
}

static void set_sources(struct filling *filling, const figures_figure *figure)
{
    struct mizan_field fields[FIGURES_SOURCES][SOURCE_FIELDS];
    struct mizan_value items[FIGURES_SOURCES];
    size_t count = figure->source_count;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct mizan_value){.type = MIZAN_MAP};
        items[i].as.map.fields = fields[i];
        items[i].as.map.count = source_fields(&figure->source[i], fields[i]);
    }
    if (count > 0) {
        struct mizan_value list = {.type = MIZAN_LIST};
        list.as.list = (struct mizan_list){items, count};
        set(filling, "source", &list);
    }
}

/* In the order of the contract's table. */
static void fill(struct filling *filling, const figures_figure *figure,
                 const char *text)
{
    struct mizan_value yes = {.type = MIZAN_BOOLEAN};
    yes.as.integer = 1;
    set_integer(filling, "start", figure->start);
    set_integer(filling, "end", figure->end);
    struct mizan_value surface =
        text_value(text + figure->start, figure->end - figure->start);
    set(filling, "text", &surface);
    set_word(filling, "kind", figures_kind_name(figure->kind));
    bool vague = figure->bound == FIGURES_VAGUE;
    if (!vague) {
        set_decimal(filling, "value", &figure->value);
    }
    set_decimal(filling, "low", &figure->low);
    set_decimal(filling, "high", &figure->high);
    set_word(filling, "bound", figures_bound_name(figure->bound));
    if (figure->approx) {
        set(filling, "approx", &yes);
    }
    set_word(filling, "side", figures_side_name(figure->side));
    if (vague) {
        set_decimal(filling, "vague", &figure->value);
    }
    set_slice(filling, "unit", figure->unit);
    set_slice(filling, "fraction", figure->fraction);
    set_alternative(filling, figure);
    if (figure->converts) {
        set_span(filling, "same_as", figure->same_start, figure->same_end);
    }
    set_slice(filling, "per", figure->per);
    set_slice(filling, "counted", figure->counted);
    set_slice(filling, "as_of", figure->as_of);
    set_slice(filling, "time", figure->time);
    set_sources(filling, figure);
    set_word(filling, "hedge", figures_hedge_name(figure->hedge));
    set_word(filling, "change", figures_change_name(figure->change));
    set_span(filling, "sentence", figure->sentence_start, figure->sentence_end);
    set_slice(filling, "lang", figure->language);
    /* Three digits are what calibration can tell; a float's tail is noise. */
    struct mizan_value sure = {.type = MIZAN_DOUBLE};
    sure.as.number = round((double)figure->confidence * 1000.0) / 1000.0;
    set(filling, "confidence", &sure);
    set_integer(filling, "significant", figure->significant);
    set_word(filling, "extractor", "figures");
    set_word(filling, "extractor_version", PLUGIN_VERSION);
}

/* The page, when the document's field `pages` lists the offsets at which each page's
 * text begins. */
static void locate_page(const struct mizan_value *pages, const figures_figure *figure,
                        struct mizan_locator *out)
{
    size_t low = 0, high = pages->type == MIZAN_LIST ? pages->as.list.count : 0;
    while (low < high) { /* the pages that begin at or before the figure */
        size_t middle = (low + high) / 2;
        if (pages->as.list.items[middle].as.integer <= (int64_t)figure->start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low > 0) {
        *out = (struct mizan_locator){.kind = MIZAN_LOCATOR_PAGE, .a = (int64_t)low};
    }
}

/* Where a figure stands: in the cell of a table when the document's field `cells` says
 * so, a list of [line, start, end, table, row, column] in order of the text, else on
 * its page or at its bytes. False for a number in what heads a cell: the line repeats
 * it for every cell. */
static bool locate(const struct mizan_value *cells, const struct mizan_value *pages,
                   const figures_figure *figure, struct mizan_locator *out)
{
    *out = (struct mizan_locator){.kind = MIZAN_LOCATOR_SPAN};
    out->a = figure->start;
    out->b = figure->end;
    locate_page(pages, figure, out);
    size_t low = 0, high = cells->type == MIZAN_LIST ? cells->as.list.count : 0;
    while (low < high) { /* the last line that begins at or before the figure */
        size_t middle = (low + high) / 2;
        const struct mizan_value *cell = &cells->as.list.items[middle];
        if (cell->type != MIZAN_LIST || cell->as.list.count != 6) {
            return true;
        }
        if (cell->as.list.items[0].as.integer <= (int64_t)figure->start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return true;
    }
    const struct mizan_value *place = cells->as.list.items[low - 1].as.list.items;
    if ((int64_t)figure->start > place[2].as.integer) {
        return true; /* behind the line */
    }
    if ((int64_t)figure->end <= place[1].as.integer) {
        return false;
    }
    out->kind = MIZAN_LOCATOR_CELL;
    out->a = place[3].as.integer;
    out->b = place[4].as.integer;
    out->c = place[5].as.integer;
    return true;
}

static int32_t emit_figure(const struct instance *self, mizan_task *task,
                           const struct mizan_value *cells,
                           const struct mizan_value *pages,
                           const figures_figure *figure, const char *text)
{
    struct filling filling = {self->host, task, NULL, MIZAN_OK};
    struct mizan_locator locator;
    if (!locate(cells, pages, figure, &locator)) {
        return MIZAN_OK;
    }
    filling.record = self->host->record_new(task, "figure");
    if (filling.record == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    fill(&filling, figure, text);
    if (filling.status == MIZAN_OK) {
        filling.status = self->host->record_set_locator(filling.record, &locator);
    }
    if (filling.status == MIZAN_OK) {
        filling.status = self->host->emit(task, filling.record);
    }
    return filling.status;
}

/* ---- reading a document ---- */

struct call {
    const struct instance *self;
    mizan_task *task;
};

static void *allocate(void *user, size_t size)
{
    struct call *call = user;
    return call->self->host->alloc(call->task, size);
}

static void explain(void *user, const char *line)
{
    struct call *call = user;
    const struct mizan_host *host = call->self->host;
    struct mizan_value text = text_value(line, strlen(line));
    mizan_record *record = host->record_new(call->task, "explanation");
    /* An explanation that finds no memory is left out; the figures matter. */
    if (record != NULL && host->record_set(record, "text", &text) == MIZAN_OK) {
        (void)host->emit(call->task, record);
    }
}

/* The language that the document says it is in, when the lexicon reads it. */
static const char *document_language(const struct instance *self,
                                     const mizan_record *record)
{
    struct mizan_value lang;
    if (self->host->record_get(record, "lang", &lang) != 1 || lang.type != MIZAN_TEXT) {
        return NULL;
    }
    size_t size = strcspn(lang.as.text.data, "-_");
    size_t count = figures_lexicon_languages(self->lexicon);
    for (size_t i = 0; i < count; i++) {
        const char *known = figures_lexicon_language(self->lexicon, i);
        if (strncmp(known, lang.as.text.data, size) == 0 && known[size] == '\0') {
            return known;
        }
    }
    return NULL;
}

static int32_t status_of(figures_status status)
{
    switch (status) {
    case FIGURES_OK:
        return MIZAN_OK;
    case FIGURES_NO_MEMORY:
        return MIZAN_ERROR_MEMORY;
    case FIGURES_TOO_LONG:
        return MIZAN_ERROR_INPUT;
    case FIGURES_BAD_OPTION:
        return MIZAN_ERROR_OPTION;
    case FIGURES_NO_FILE:
    case FIGURES_BAD_LEXICON:
        break;
    }
    return MIZAN_ERROR_FAILED;
}

static int32_t read_text(const struct instance *self, mizan_task *task,
                         const mizan_record *record, struct mizan_slice text,
                         figures_result *result)
{
    struct call call = {self, task};
    figures_memory memory = {allocate, &call};
    figures_error error;
    const char *own = document_language(self, record);
    figures_options reading = {.languages = self->languages,
                               .language_count = self->language_count,
                               .ordinals = self->ordinals,
                               .times = self->times,
                               .trace = self->explain ? explain : NULL,
                               .trace_user = &call};
    if (self->language_count == 0 && own != NULL) {
        reading.languages = &own;
        reading.language_count = 1;
    }
    figures_status status =
        figures_read(self->lexicon, (figures_slice){text.data, text.size}, &reading,
                     &memory, result, &error);
    return status == FIGURES_OK
               ? MIZAN_OK
               : self->host->fail(task, status_of(status), "%s", error.text);
}

static int32_t extract(void *instance, mizan_task *task, mizan_record *record)
{
    const struct instance *self = instance;
    struct mizan_value text, cells = {.type = MIZAN_NIL}, pages = {.type = MIZAN_NIL};
    figures_result result = {0};
    (void)self->host->record_get(record, "cells", &cells);
    (void)self->host->record_get(record, "pages", &pages);
    if (self->host->record_get(record, "text", &text) != 1 || text.type != MIZAN_TEXT) {
        return self->host->fail(task, MIZAN_ERROR_INPUT,
                                "the document has no text: put a stage that makes one, "
                                "such as extract.article, before this one");
    }
    int32_t status = self->host->emit(task, record);
    if (status == MIZAN_OK) {
        status = read_text(self, task, record, text.as.text, &result);
    }
    for (size_t i = 0; i < result.count && status == MIZAN_OK; i++) {
        if ((double)result.figures[i].confidence >= self->minimum_confidence) {
            status = emit_figure(self, task, &cells, &pages, &result.figures[i],
                                 text.as.text.data);
        }
    }
    return status;
}

/* ---- opening and closing ---- */

static bool flag(const struct mizan_host *host, const mizan_options *given,
                 const char *name)
{
    struct mizan_value value;
    return host->option(given, name, &value) == MIZAN_OK &&
           value.type == MIZAN_BOOLEAN && value.as.integer != 0;
}

static int32_t read_languages(struct instance *self, mizan_task *task,
                              const mizan_options *given)
{
    struct mizan_value list;
    if (self->host->option(given, "langs", &list) != MIZAN_OK ||
        list.type != MIZAN_LIST) {
        return MIZAN_OK;
    }
    for (size_t i = 0; i < list.as.list.count && i < MOST_LANGUAGES; i++) {
        const char *wanted = list.as.list.items[i].as.text.data;
        size_t count = figures_lexicon_languages(self->lexicon);
        bool known = false;
        for (size_t k = 0; k < count && !known; k++) {
            known = strcmp(figures_lexicon_language(self->lexicon, k), wanted) == 0;
        }
        if (!known) {
            return self->host->fail(task, MIZAN_ERROR_OPTION,
                                    "option 'langs': '%s' is not a language that the "
                                    "extractor reads (%zu are, such as 'en')",
                                    wanted, count);
        }
        self->languages[self->language_count++] = wanted;
    }
    return MIZAN_OK;
}

static int32_t open_lexicon(struct instance *self, mizan_task *task)
{
    char path[4096];
    figures_error error;
    int size = snprintf(path, sizeof path, "%s/" LEXICON_NAME,
                        self->host->plugin_folder(task));
    if (size < 0 || (size_t)size >= sizeof path) {
        return self->host->fail(task, MIZAN_ERROR_FAILED,
                                "the plugin's folder has too long a name");
    }
    if (figures_lexicon_open(path, &self->lexicon, &error) != FIGURES_OK) {
        return self->host->fail(task, MIZAN_ERROR_FAILED, "%s", error.text);
    }
    return MIZAN_OK;
}

static void close_instance(void *instance)
{
    struct instance *self = instance;
    if (self != NULL) {
        figures_lexicon_close(self->lexicon);
        free(self);
    }
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct mizan_value value;
    struct instance *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    self->ordinals = flag(host, given, "ordinals");
    self->times = flag(host, given, "times");
    self->explain = flag(host, given, "explain");
    if (host->option(given, "minimum_confidence", &value) == MIZAN_OK &&
        value.type == MIZAN_DECIMAL) {
        self->minimum_confidence = strtod(value.as.text.data, NULL);
    }
    int32_t status = open_lexicon(self, task);
    if (status == MIZAN_OK) {
        status = read_languages(self, task, given);
    }
    if (status != MIZAN_OK) {
        close_instance(self);
        return status;
    }
    *instance = self;
    return MIZAN_OK;
}

static const char *const consumes[] = {"document", NULL};

extern const struct mizan_plugin mizan_plugin_v1;
MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = MIZAN_ABI_MINOR,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "figures",
    .version = PLUGIN_VERSION,
    .stability = "beta",
    .summary =
        "Finds the figures of a text: value, bound, unit, counted thing, source.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof options[0],
    .consumes = consumes,
    .open = open_instance,
    .close = close_instance,
    .extract = extract,
};
