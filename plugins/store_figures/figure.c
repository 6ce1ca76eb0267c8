/* A figure record becomes a row of table figure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

const char *const figure_kinds[] = {"money",  "percent", "measure", "count", "ratio",
                                    "number", "time",    "ordinal", NULL};
const char *const figure_bounds[] = {"exact",   "range",     "at_least", "more_than",
                                     "at_most", "less_than", "vague",    NULL};
static const char *const sides[] = {"below", "above", NULL};
static const char *const hedges[] = {"estimated", "claimed", "unconfirmed", "planned",
                                     "possible",  "denied",  NULL};
static const char *const changes[] = {"up_by",   "down_by", "up_to",
                                      "down_to", "changed", NULL};
/* The four numbers of a figure, each a double and its exact text. */
static const char *const numbers[4][2] = {{"value", "value_dec"},
                                          {"low", "low_dec"},
                                          {"high", "high_dec"},
                                          {"vague", "vague_dec"}};

static int32_t lacks(const struct store *store, mizan_task *task, const char *field,
                     const char *wanted)
{
    return store->host->fail(task, MIZAN_ERROR_INPUT,
                             "a figure cannot be stored: field `%s` is not %s", field,
                             wanted);
}

/* Names of the numbers that a bound calls for. */
static int32_t check_numbers(const struct store *store, mizan_task *task,
                             const mizan_record *record, struct mizan_slice bound)
{
    bool has[4];
    for (size_t i = 0; i < 4; i++) {
        struct mizan_value value;
        struct mizan_slice text;
        char buffer[32];
        double number;
        has[i] = store->host->record_get(record, numbers[i][0], &value) != 0;
        if (has[i] && (!decimal_text(&value, buffer, &text) ||
                       !decimal_number(store, text, &number))) {
            return lacks(store, task, numbers[i][0], "an exact decimal");
        }
    }
    if (slice_is(text_field(store->host, record, "kind"), "time")) {
        return MIZAN_OK; /* a time has no number */
    }
    if (slice_is(bound, "range")) {
        if (!has[1] || !has[2]) {
            return lacks(store, task, has[1] ? "high" : "low",
                         "set, which bound `range` needs");
        }
    } else if (slice_is(bound, "vague")) {
        if (!has[3]) {
            return lacks(store, task, "vague", "set, which bound `vague` needs");
        }
    } else if (!has[0]) {
        return lacks(store, task, "value", "set, which its bound needs");
    }
    return MIZAN_OK;
}

/* Fields that may be absent but, when there, are one of a few words. */
static int32_t check_words(const struct store *store, mizan_task *task,
                           const mizan_record *record)
{
    static const struct {
        const char *field;
        const char *const *words;
    } table[] = {{"side", sides}, {"hedge", hedges}, {"change", changes}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct mizan_value value;
        if (store->host->record_get(record, table[i].field, &value) &&
            (value.type != MIZAN_TEXT || !is_one_of(value.as.text, table[i].words))) {
            return lacks(store, task, table[i].field, "one of the words it may be");
        }
    }
    return MIZAN_OK;
}

static struct mizan_slice bound_of(const struct mizan_host *host,
                                   const mizan_record *record)
{
    struct mizan_slice bound = text_field(host, record, "bound");
    if (bound.size == 0 && slice_is(text_field(host, record, "kind"), "time")) {
        bound = (struct mizan_slice){"exact", 5};
    }
    return bound;
}

bool confidence_field(const struct store *store, const mizan_record *record,
                      double *out)
{
    struct mizan_value value;
    struct mizan_slice text;
    char buffer[32];
    if (!store->host->record_get(record, "confidence", &value)) {
        return false;
    }
    if (value.type == MIZAN_DOUBLE) {
        *out = value.as.number;
    } else if (!decimal_text(&value, buffer, &text) ||
               !decimal_number(store, text, out)) {
        return false;
    }
    return *out >= 0 && *out <= 1;
}

int32_t check_figure(const struct store *store, mizan_task *task,
                     const mizan_record *record)
{
    static const char *const texts[] = {
        "document_id",  "run_id",    "text_sha256",       "text_extractor",
        "text_version", "extractor", "extractor_version", "text"};
    const struct mizan_host *host = store->host;
    int64_t start, end;
    double confidence;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (text_field(host, record, texts[i]).size == 0) {
            return lacks(store, task, texts[i], "set to a text");
        }
    }
    if (!integer_field(host, record, "start", &start) || start < 0) {
        return lacks(store, task, "start", "set to a byte offset");
    }
    if (!integer_field(host, record, "end", &end) || end <= start) {
        return lacks(store, task, "end", "set to a byte offset behind `start`");
    }
    if (!is_one_of(text_field(host, record, "kind"), figure_kinds)) {
        return lacks(store, task, "kind", "one of the kinds of figures");
    }
    struct mizan_slice bound = bound_of(host, record);
    if (!is_one_of(bound, figure_bounds)) {
        return lacks(store, task, "bound", "one of the bounds of figures");
    }
    if (!confidence_field(store, record, &confidence)) {
        return lacks(store, task, "confidence", "a number from 0 to 1");
    }
    if (slice_is(text_field(host, record, "kind"), "money") &&
        text_field(host, record, "unit").size == 0) {
        return lacks(store, task, "unit", "set, which kind `money` needs");
    }
    int32_t status = check_words(store, task, record);
    return status != MIZAN_OK ? status : check_numbers(store, task, record, bound);
}

static void put_numbers(struct row *row, const struct figure *figure)
{
    const struct mizan_host *host = row->unit->host;
    int64_t significant = 0;
    for (size_t i = 0; i < 4; i++) {
        struct mizan_value value;
        struct mizan_slice text;
        char buffer[32];
        double number;
        if (!host->record_get(figure->record, numbers[i][0], &value) ||
            !decimal_text(&value, buffer, &text) ||
            !decimal_number(row->unit->store, text, &number)) {
            continue;
        }
        row_double(row, numbers[i][0], number);
        row_text(row, numbers[i][1], text);
        int64_t digits = significant_digits(text);
        if (i < 3 && (significant == 0 || digits < significant)) {
            significant = digits; /* a range is as sharp as its blunter end */
        }
    }
    int64_t stated;
    if (integer_field(host, figure->record, "significant", &stated) && stated > 0) {
        significant = stated; /* what the text showed: 9.80 billion has 3 */
    }
    if (significant > 0) {
        row_integer(row, "significant", significant);
    }
}

static void put_times(struct row *row, const mizan_record *record)
{
    char from[MOMENT_SIZE], to[MOMENT_SIZE];
    const struct mizan_host *host = row->unit->host;
    struct mizan_slice as_of = text_field(host, record, "as_of");
    row_text(row, "time", text_field(host, record, "time"));
    row_text(row, "as_of", as_of);
    span_of_time(as_of, from, to);
    row_string(row, "as_of_from", from);
    row_string(row, "as_of_to", to);
}

static void put_sentence(struct row *row, const mizan_record *record)
{
    struct mizan_value value;
    if (row->unit->host->record_get(record, "sentence", &value) &&
        value.type == MIZAN_LIST && value.as.list.count == 2 &&
        value.as.list.items[0].type == MIZAN_INTEGER &&
        value.as.list.items[1].type == MIZAN_INTEGER) {
        row_integer(row, "sentence_start", value.as.list.items[0].as.integer);
        row_integer(row, "sentence_end", value.as.list.items[1].as.integer);
    }
}

static void put_alternatives(struct row *row, const mizan_record *record)
{
    struct mizan_value value;
    if (row->unit->host->record_get(record, "alt", &value) &&
        value.type == MIZAN_LIST && value.as.list.count > 0) {
        struct mizan_slice json = json_of(row->unit->host, row->unit->task, &value);
        row_text(row, "alt", json);
        if (json.size == 0) {
            row->status = MIZAN_ERROR_MEMORY;
        }
    }
}

/* Where the text stands in a document that has pages, tables or pointers. */
static void put_locator(struct row *row, const mizan_record *record)
{
    struct mizan_locator at;
    char text[96];
    row->unit->host->record_locator(record, &at);
    if (at.kind == MIZAN_LOCATOR_PAGE) {
        snprintf(text, sizeof(text), "{\"page\":%" PRId64 "}", at.a);
        row_string(row, "locator", text);
    } else if (at.kind == MIZAN_LOCATOR_CELL) {
        snprintf(text, sizeof(text),
                 "{\"table\":%" PRId64 ",\"row\":%" PRId64 ",\"col\":%" PRId64 "}",
                 at.a, at.b, at.c);
        row_string(row, "locator", text);
    } else if (at.kind == MIZAN_LOCATOR_POINTER) {
        row_text(row, "locator", at.pointer);
    }
}

int32_t write_figure(struct unit *unit, const struct figure *figure)
{
    static const char *const same[] = {
        "document_id", "run_id", "text_extractor", "text_version",
        "text",        "lang",   "kind",           "side",
        "unit",        "per",    "counted",        "fraction",
        "hedge",       "change", "extractor",      "extractor_version"};
    const struct mizan_host *host = unit->host;
    const mizan_record *record = figure->record;
    struct mizan_value approx;
    double confidence = 0;
    struct row row;
    row_begin(&row, unit, "figure");
    row_string(&row, "id", figure->id);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        row_text(&row, same[i], text_field(host, record, same[i]));
    }
    row_text(&row, "first_run_id", first_run(unit, figure));
    row_text(&row, "topic_id", text_field(host, record, "topic"));
    row_text(&row, "work_id", text_field(host, record, "work"));
    row_text(&row, "bound", bound_of(host, record));
    row_integer(&row, "start_byte", figure->start);
    row_integer(&row, "end_byte", figure->end);
    row_integer(&row, "approx",
                host->record_get(record, "approx", &approx) &&
                    approx.type == MIZAN_BOOLEAN && approx.as.integer != 0);
    confidence_field(unit->store, record, &confidence);
    row_double(&row, "confidence", confidence);
    row_integer(&row, "is_current", 1);
    put_numbers(&row, figure);
    put_times(&row, record);
    put_sentence(&row, record);
    put_alternatives(&row, record);
    put_locator(&row, record);
    return row_write(&row);
}
