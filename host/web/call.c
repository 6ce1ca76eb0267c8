#include "web/call.h"

#include <string.h>

#include "value/json.h"
#include "value/record.h"
#include "value/table.h"
#include "web/html.h"

enum mz_code mz_web_rows(struct mz_web_call *call, const char *sql,
                         const struct mizan_value *arguments, size_t count,
                         struct mizan_value *rows, struct mz_error *error)
{
    return mz_db_rows(call->db, sql, arguments, count, call->arena, rows, error);
}

enum mz_code mz_web_missing(struct mz_error *error, const char *what, const char *name)
{
    return mz_fail(error, MZ_NOT_FOUND, "there is no %s '%s'", what, name);
}

enum mz_code mz_web_named(struct mz_web_call *call, const char *name,
                          const char *const *pairs, struct mizan_value *rows,
                          struct mz_error *error)
{
    const struct mz_named_query *query = mz_named_query(name, NULL);
    size_t count = 0;
    if (query == NULL) {
        return mz_web_missing(error, "query", name);
    }
    while (pairs[count] != NULL) {
        count += 2;
    }
    struct mizan_field *fields =
        mz_arena_zero(call->arena, (count + 1) * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the page");
    }
    struct mizan_value map = {.type = MIZAN_MAP};
    map.as.map.fields = fields;
    for (size_t i = 0; i < count; i += 2) {
        if (pairs[i + 1] != NULL) {
            struct mizan_field *field = &fields[map.as.map.count++];
            field->name = (struct mizan_slice){pairs[i], strlen(pairs[i])};
            field->value = mz_text(pairs[i + 1]);
        }
    }
    return mz_db_named(call->db, query, &map, call->arena, rows, error);
}

const char *mz_web_text(struct mz_web_call *call, const struct mizan_value *row,
                        const char *name)
{
    const struct mizan_value *value = mz_map_member(row, name);
    if (value == NULL || (value->type != MIZAN_TEXT && value->type != MIZAN_DECIMAL)) {
        return "";
    }
    const char *text =
        mz_arena_copy(call->arena, value->as.text.data, value->as.text.size);
    return text == NULL ? "" : text;
}

struct mz_buffer *mz_web_html(struct mz_web_call *call)
{
    return call->form == MZ_WEB_HTML ? &call->out : NULL;
}

void mz_web_form_open(struct mz_web_call *call, const char *path)
{
    struct mz_buffer *out = &call->out;
    mz_buffer_text(out, "<form method=\"post\" action=\"");
    mz_html_string(out, path);
    mz_buffer_text(out, "\"><input type=\"hidden\" name=\"token\" value=\"");
    mz_html_string(out, call->token);
    mz_buffer_text(out, "\">");
}

/* ---- cells ---- */

static const struct mizan_value *shown_value(const struct mizan_value *row,
                                             const char *name)
{
    static const struct mizan_value nil = {.type = MIZAN_NIL};
    const struct mizan_value *value = mz_map_member(row, name);
    return value == NULL ? &nil : value;
}

static void status_cell(struct mz_buffer *out, const struct mizan_value *value)
{
    mz_buffer_text(out, "<span class=\"status\" data-status=\"");
    mz_html_value(out, value);
    mz_buffer_text(out, "\">");
    mz_html_value(out, value);
    mz_buffer_text(out, "</span>");
}

static void time_cell(struct mz_buffer *out, const struct mizan_value *value)
{
    if (value->type != MIZAN_NIL) {
        mz_buffer_text(out, "<time datetime=\"");
        mz_html_value(out, value);
        mz_buffer_text(out, "\">");
        mz_html_value(out, value);
        mz_buffer_text(out, "</time>");
    }
}

static void address_cell(struct mz_buffer *out, const struct mizan_value *value)
{
    bool linked = value->type == MIZAN_TEXT &&
                  mz_html_linkable(value->as.text.data, value->as.text.size);
    if (linked) {
        mz_buffer_text(out, "<a rel=\"noreferrer noopener\" href=\"");
        mz_html_value(out, value);
        mz_buffer_text(out, "\">");
    }
    mz_html_value(out, value);
    mz_buffer_text(out, linked ? "</a>" : "");
}

static void cell(struct mz_buffer *out, const struct mz_web_column *column,
                 const struct mizan_value *row)
{
    const struct mizan_value *value = shown_value(row, column->name);
    const struct mizan_value *key =
        column->key == NULL ? value : shown_value(row, column->key);
    bool linked = column->link != NULL && key->type == MIZAN_TEXT;
    if (linked) {
        mz_buffer_text(out, "<a href=\"");
        mz_buffer_text(out, column->link);
        mz_html_segment(out, key->as.text.data, key->as.text.size);
        mz_buffer_text(out, "\">");
    }
    switch (column->cell) {
    case MZ_WEB_TIME:
        time_cell(out, value);
        break;
    case MZ_WEB_STATUS:
        status_cell(out, value);
        break;
    case MZ_WEB_ADDRESS:
        address_cell(out, value);
        break;
    case MZ_WEB_TEXT:
        mz_buffer_text(out, "<bdi>");
        mz_html_value(out, value);
        mz_buffer_text(out,
                       value->type == MIZAN_NIL && linked ? "open</bdi>" : "</bdi>");
        break;
    case MZ_WEB_NUMBER:
        mz_html_value(out, value);
        break;
    }
    mz_buffer_text(out, linked ? "</a>" : "");
}

/* ---- sections ---- */

static void heading_of(struct mz_web_call *call, const char *id, const char *heading)
{
    struct mz_buffer *out = &call->out;
    mz_buffer_printf(out, "<section id=\"%s\">", id);
    if (heading != NULL) {
        mz_buffer_text(out, "<h2>");
        mz_html_string(out, heading);
        mz_buffer_text(out, "</h2>");
    }
}

static void html_table(struct mz_web_call *call, const char *label,
                       const struct mz_web_column *columns,
                       const struct mizan_value *rows)
{
    struct mz_buffer *out = &call->out;
    if (rows->as.list.count == 0) {
        mz_buffer_text(out, "<p class=\"none\">Nothing yet.</p>");
        return;
    }
    mz_buffer_text(out,
                   "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
    mz_html_string(out, label);
    mz_buffer_text(out, "\"><table><thead><tr>");
    for (const struct mz_web_column *column = columns; column->name; column++) {
        mz_buffer_printf(out, "<th scope=\"col\"%s>%s</th>",
                         column->cell == MZ_WEB_NUMBER ? " class=\"number\"" : "",
                         column->heading);
    }
    mz_buffer_text(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < rows->as.list.count; i++) {
        mz_buffer_text(out, "<tr>");
        for (const struct mz_web_column *column = columns; column->name; column++) {
            mz_buffer_text(out, column->cell == MZ_WEB_NUMBER ? "<td class=\"number\">"
                                                              : "<td>");
            cell(out, column, &rows->as.list.items[i]);
            mz_buffer_text(out, "</td>");
        }
        mz_buffer_text(out, "</tr>");
    }
    mz_buffer_text(out, "</tbody></table></div>");
}

static void json_member(struct mz_web_call *call, const char *id,
                        const struct mizan_value *value)
{
    mz_buffer_text(&call->out, ",");
    mz_json_text(&call->out, id, strlen(id));
    mz_buffer_text(&call->out, ":");
    mz_json_value(&call->out, value);
}

static void csv_table(struct mz_web_call *call, const struct mizan_value *rows)
{
    if (call->sections == 0) {
        mz_table_csv(&call->out, rows);
    }
}

void mz_web_table(struct mz_web_call *call, const char *id, const char *heading,
                  const struct mz_web_column *columns, const struct mizan_value *rows)
{
    switch (call->form) {
    case MZ_WEB_HTML:
        heading_of(call, id, heading);
        html_table(call, heading == NULL ? id : heading, columns, rows);
        mz_buffer_text(&call->out, "</section>");
        break;
    case MZ_WEB_JSON:
        json_member(call, id, rows);
        break;
    case MZ_WEB_CSV:
        csv_table(call, rows);
        break;
    }
    call->sections++;
}

void mz_web_facts(struct mz_web_call *call, const char *id, const char *heading,
                  const struct mz_web_column *columns, const struct mizan_value *row)
{
    struct mz_buffer *out = &call->out;
    struct mizan_value list = {.type = MIZAN_LIST};
    list.as.list.items = row;
    list.as.list.count = 1;
    switch (call->form) {
    case MZ_WEB_HTML:
        heading_of(call, id, heading);
        mz_buffer_text(out, "<dl>");
        for (const struct mz_web_column *column = columns; column->name; column++) {
            if (shown_value(row, column->name)->type != MIZAN_NIL) {
                mz_buffer_printf(out, "<dt>%s</dt><dd data-fact=\"%s\">",
                                 column->heading, column->name);
                cell(out, column, row);
                mz_buffer_text(out, "</dd>");
            }
        }
        mz_buffer_text(out, "</dl></section>");
        break;
    case MZ_WEB_JSON:
        json_member(call, id, row);
        break;
    case MZ_WEB_CSV:
        csv_table(call, &list);
        break;
    }
    call->sections++;
}
