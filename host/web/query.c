#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* Named queries and read-only SQL. */

#define COLUMNS 64
#define ROWS    1000

/* Every column of the first row, as it is. */
static const struct mz_web_column *columns_of(struct mz_web_call *call,
                                              const struct mizan_value *rows)
{
    size_t count = rows->as.list.count == 0 ? 0 : rows->as.list.items[0].as.map.count;
    count = count < COLUMNS ? count : COLUMNS;
    struct mz_web_column *columns =
        mz_arena_zero(call->arena, (count + 1) * sizeof *columns);
    for (size_t i = 0; i < count && columns != NULL; i++) {
        const struct mizan_field *field = &rows->as.list.items[0].as.map.fields[i];
        struct mz_buffer heading;
        mz_buffer_init(&heading, 1024);
        mz_html_text(&heading, field->name.data, field->name.size);
        columns[i].name =
            mz_arena_copy(call->arena, field->name.data, field->name.size);
        columns[i].heading = mz_arena_copy(
            call->arena, heading.data == NULL ? "" : heading.data, heading.size);
        columns[i].cell =
            field->value.type == MIZAN_INTEGER || field->value.type == MIZAN_DOUBLE
                ? MZ_WEB_NUMBER
                : MZ_WEB_TEXT;
        mz_buffer_finish(&heading);
        if (columns[i].name == NULL || columns[i].heading == NULL) {
            return NULL;
        }
    }
    return columns;
}

static void sql_form(struct mz_web_call *call, const char *sql)
{
    struct mz_buffer *out = mz_web_html(call);
    if (out == NULL) {
        return;
    }
    mz_buffer_text(out,
                   "<form method=\"get\" action=\"/query\"><label>Read-only SQL"
                   "<textarea name=\"sql\" rows=\"4\" required spellcheck=\"false\">");
    mz_html_string(out, sql);
    mz_buffer_text(out, "</textarea></label><button>Run</button></form>");
}

static void named_list(struct mz_web_call *call)
{
    struct mz_buffer *out = mz_web_html(call);
    if (out == NULL) {
        return;
    }
    mz_buffer_text(out, "<section id=\"named\"><h2>Named queries</h2><dl>");
    for (size_t i = 0; i < mz_named_query_count(); i++) {
        const struct mz_named_query *query = mz_named_query_at(i);
        mz_buffer_printf(out, "<dt><a href=\"/query/%s\">%s</a></dt><dd>", query->name,
                         query->name);
        mz_html_string(out, query->about);
        mz_buffer_text(out, "</dd>");
    }
    mz_buffer_text(out, "</dl></section>");
}

static void parameter_form(struct mz_web_call *call, const struct mz_named_query *query)
{
    struct mz_buffer *out = mz_web_html(call);
    if (out == NULL || query->parameter_count == 0) {
        return;
    }
    mz_buffer_printf(out, "<form method=\"get\" action=\"/query/%s\">", query->name);
    for (size_t i = 0; i < query->parameter_count; i++) {
        const struct mz_query_parameter *parameter = &query->parameters[i];
        const char *given = call->parameter(call->context, parameter->name);
        mz_buffer_printf(out, "<label>%s<input name=\"%s\" aria-description=\"",
                         parameter->name, parameter->name);
        mz_html_string(out, parameter->help);
        mz_buffer_text(out, "\" placeholder=\"");
        mz_html_string(out, parameter->help);
        mz_buffer_text(out, "\" value=\"");
        mz_html_string(out, given != NULL ? given : parameter->default_value);
        mz_buffer_text(out, "\"></label>");
    }
    mz_buffer_text(out, "<button>Ask</button></form>");
}

static enum mz_code show_rows(struct mz_web_call *call, struct mizan_value *rows,
                              struct mz_error *error)
{
    const struct mz_web_column *columns = columns_of(call, rows);
    if (columns == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
    }
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL && rows->as.list.count > ROWS) {
        mz_buffer_printf(out, "<p>The first %d of %zu rows; JSON and CSV have all.</p>",
                         ROWS, rows->as.list.count);
        rows->as.list.count = ROWS;
    }
    mz_web_table(call, "rows", "Rows", columns, rows);
    return MZ_OK;
}

static enum mz_code named(struct mz_web_call *call, struct mz_error *error)
{
    const char *name = call->segments[1];
    const struct mz_named_query *query = mz_named_query(name, NULL);
    const char *pairs[2 * COLUMNS + 1] = {0};
    struct mizan_value rows;
    if (query == NULL) {
        return mz_web_missing(error, "query", name);
    }
    for (size_t i = 0; i < query->parameter_count && i < COLUMNS; i++) {
        const char *given = call->parameter(call->context, query->parameters[i].name);
        pairs[2 * i] = query->parameters[i].name;
        pairs[2 * i + 1] = given != NULL && given[0] != '\0' ? given : NULL;
    }
    enum mz_code code = mz_web_named(call, name, pairs, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, name);
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL) {
        mz_buffer_text(out, "<p>");
        mz_html_string(out, query->about);
        mz_buffer_text(out, "</p>");
    }
    parameter_form(call, query);
    return show_rows(call, &rows, error);
}

enum mz_code mz_web_query(struct mz_web_call *call, struct mz_error *error)
{
    const char *sql = call->parameter(call->context, "sql");
    struct mizan_value rows;
    enum mz_code code = MZ_OK;
    if (call->segments[1] != NULL && call->segments[1][0] != '\0') {
        return named(call, error);
    }
    if (sql != NULL) {
        code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, "Query");
    sql_form(call, sql);
    if (sql != NULL) {
        code = show_rows(call, &rows, error);
    }
    named_list(call);
    return code;
}
