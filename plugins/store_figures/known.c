/* What a document's figures were before this run, and what becomes of that: readings
 * that changed go into the history, figures that vanished count no more, chains and
 * parties that are read otherwise go. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

/* Runs a statement of the home database that takes the document, and the run if given.
 */
static int32_t run(struct unit *unit, const char *name, bool with_run,
                   struct mizan_value *rows)
{
    struct mizan_field fields[2] = {{.name = {"document", 8}}, {.name = {"run", 3}}};
    struct mizan_value arguments = {.type = MIZAN_MAP}, none;
    fields[0].value.type = MIZAN_TEXT;
    fields[0].value.as.text = unit->document_id;
    fields[1].value.type = MIZAN_TEXT;
    fields[1].value.as.text = unit->run_id;
    arguments.as.map.fields = fields;
    arguments.as.map.count = with_run ? 2 : 1;
    return unit->host->db_query(unit->task, name, &arguments,
                                rows != NULL ? rows : &none);
}

/* Document and run of the unit: the host gives both to documents and figures. */
static void identify(struct unit *unit)
{
    const mizan_record *places[2] = {unit->document,
                                     unit->count > 0 ? unit->figures[0].record : NULL};
    for (size_t i = 0; i < 2; i++) {
        if (places[i] != NULL && unit->document_id.size == 0) {
            unit->document_id = text_field(unit->host, places[i], "document_id");
            unit->run_id = text_field(unit->host, places[i], "run_id");
        }
    }
}

int32_t forget_known(struct unit *unit)
{
    static const char *const statements[] = {"store_retire", "store_forget_attribution",
                                             "store_forget_roles",
                                             "store_forget_links"};
    identify(unit);
    if (unit->document_id.size == 0 || unit->run_id.size == 0) {
        return MIZAN_OK;
    }
    int32_t status = run(unit, "store_known", false, &unit->known);
    size_t count = unit->known.type == MIZAN_LIST ? unit->known.as.list.count : 0;
    for (size_t i = 0; status == MIZAN_OK && count > 0 &&
                       i < sizeof(statements) / sizeof(statements[0]);
         i++) {
        status = run(unit, statements[i], true, NULL);
    }
    return status;
}

static const struct mizan_value *known_figure(const struct unit *unit, const char *id)
{
    for (size_t i = 0; i < unit->known.as.list.count; i++) {
        const struct mizan_value *row = &unit->known.as.list.items[i];
        if (slice_is(map_text(row, "id"), id)) {
            return row;
        }
    }
    return NULL;
}

/* The number as the column has it: its text, empty for none. */
static struct mizan_slice number_text(const struct unit *unit,
                                      const struct figure *figure, const char *field,
                                      char buffer[32])
{
    struct mizan_value value;
    struct mizan_slice text = {NULL, 0};
    if (unit->host->record_get(figure->record, field, &value)) {
        (void)decimal_text(&value, buffer, &text);
    }
    return text;
}

static bool same(struct mizan_slice a, struct mizan_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool reads_the_same(const struct unit *unit, const struct figure *figure,
                           const struct mizan_value *row)
{
    static const char *const texts[] = {"bound", "unit", "counted"};
    static const char *const numbers[][2] = {
        {"value", "value_dec"}, {"low", "low_dec"}, {"high", "high_dec"}};
    char buffer[32];
    for (size_t i = 0; i < 3; i++) {
        if (!same(number_text(unit, figure, numbers[i][0], buffer),
                  map_text(row, numbers[i][1]))) {
            return false;
        }
        struct mizan_slice now = text_field(unit->host, figure->record, texts[i]);
        if (i == 0 && now.size == 0) {
            now = (struct mizan_slice){"exact", 5}; /* a time's */
        }
        if (!same(now, map_text(row, texts[i]))) {
            return false;
        }
    }
    return true;
}

struct mizan_slice first_run(const struct unit *unit, const struct figure *figure)
{
    const struct mizan_value *row =
        unit->known.type == MIZAN_LIST ? known_figure(unit, figure->id) : NULL;
    struct mizan_slice run = {NULL, 0};
    if (row != NULL) {
        run = map_text(row, "first_run_id");
    }
    return run.size > 0 ? run : text_field(unit->host, figure->record, "run_id");
}

int32_t write_history(struct unit *unit, const struct figure *figure)
{
    static const char *const columns[] = {"bound",    "value_dec", "low_dec",
                                          "high_dec", "unit",      "counted"};
    if (unit->known.type != MIZAN_LIST) {
        return MIZAN_OK;
    }
    const struct mizan_value *row = known_figure(unit, figure->id);
    const struct mizan_value *kept = row != NULL ? map_member(row, "is_kept") : NULL;
    if (row == NULL || (kept != NULL && kept->as.integer != 0) ||
        same(map_text(row, "extractor_version"),
             text_field(unit->host, figure->record, "extractor_version")) ||
        reads_the_same(unit, figure, row)) {
        return MIZAN_OK;
    }
    struct row history;
    struct mizan_value now = {.type = MIZAN_TIME};
    now.as.integer = unit->host->now(unit->task);
    row_begin(&history, unit, "figure_history");
    row_string(&history, "figure_id", figure->id);
    row_text(&history, "run_id", unit->run_id);
    row_text(&history, "extractor_version", map_text(row, "extractor_version"));
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        row_text(&history, columns[i], map_text(row, columns[i]));
    }
    if (history.status == MIZAN_OK) {
        history.status = unit->host->record_set(history.record, "superseded_at", &now);
    }
    return row_write(&history);
}

int32_t link_documents(struct unit *unit)
{
    static const char *const statements[] = {
        "store_link_repeats", "store_link_supersedes", "store_link_contradicts"};
    int32_t status = MIZAN_OK;
    for (size_t i = 0;
         status == MIZAN_OK && unit->count > 0 && unit->document_id.size > 0 &&
         i < sizeof(statements) / sizeof(statements[0]);
         i++) {
        status = run(unit, statements[i], false, NULL);
    }
    return status;
}
