#include <string.h>

#include "value/json.h"
#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* Topics, one topic as a band over time for each origin, and the balance of two. */

#define POINTS "50000"

static const struct mz_web_column series_columns[] = {
    {"t", "When", MZ_WEB_TIME, NULL, NULL},
    {"origin", "Origin", MZ_WEB_TEXT, NULL, NULL},
    {"edition", "Edition", MZ_WEB_TEXT, NULL, NULL},
    {"low", "Low", MZ_WEB_NUMBER, NULL, NULL},
    {"high", "High", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"docs", "Documents", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column latest_columns[] = {
    {"origin", "Origin", MZ_WEB_TEXT, NULL, NULL},
    {"low", "Low", MZ_WEB_NUMBER, NULL, NULL},
    {"high", "High", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"edition", "Edition", MZ_WEB_TEXT, NULL, NULL},
    {"as_of", "As of", MZ_WEB_TIME, NULL, NULL},
    {"docs", "Documents", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column conflict_columns[] = {
    {"origin_a", "One origin", MZ_WEB_TEXT, NULL, NULL},
    {"a_low", "from", MZ_WEB_NUMBER, NULL, NULL},
    {"a_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"origin_b", "Another", MZ_WEB_TEXT, NULL, NULL},
    {"b_low", "from", MZ_WEB_NUMBER, NULL, NULL},
    {"b_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column revision_columns[] = {
    {"origin", "Origin", MZ_WEB_TEXT, NULL, NULL},
    {"edition", "Edition", MZ_WEB_TEXT, NULL, NULL},
    {"was_low", "was from", MZ_WEB_NUMBER, NULL, NULL},
    {"was_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"low", "is from", MZ_WEB_NUMBER, NULL, NULL},
    {"high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"percent", "Change in %", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column echo_columns[] = {
    {"origin", "Origin", MZ_WEB_TEXT, NULL, NULL},
    {"work", "Study", MZ_WEB_TEXT, NULL, NULL},
    {"outlets", "Outlets", MZ_WEB_NUMBER, NULL, NULL},
    {"langs", "Languages", MZ_WEB_NUMBER, NULL, NULL},
    {"docs", "Documents", MZ_WEB_NUMBER, NULL, NULL},
    {"first_said", "First said", MZ_WEB_TIME, NULL, NULL},
    {0}};

static const struct mz_web_column bent_columns[] = {
    {"printed", "Printed", MZ_WEB_TEXT, "/figure/", "figure_id"},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {"study_low", "Study from", MZ_WEB_NUMBER, NULL, NULL},
    {"study_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {0}};

static const struct mz_web_column ratio_columns[] = {
    {"who", "Who", MZ_WEB_TEXT, NULL, NULL},
    {"scope", "Over", MZ_WEB_TEXT, NULL, NULL},
    {"ratio", "Ratio", MZ_WEB_TEXT, NULL, NULL},
    {"out_said", "One way", MZ_WEB_TEXT, NULL, NULL},
    {"back_said", "The other way", MZ_WEB_TEXT, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"out_topic", "Topic", MZ_WEB_TEXT, "/topic/", NULL},
    {"back_topic", "against", MZ_WEB_TEXT, "/topic/", NULL},
    {0}};

static const struct {
    const char *query, *heading;
    const struct mz_web_column *columns;
} parts[] = {
    {"latest", "Latest interval of each origin", latest_columns},
    {"conflicts", "Origins that contradict each other", conflict_columns},
    {"revisions", "Revisions", revision_columns},
    {"echoes", "One origin, many outlets", echo_columns},
    {"distortions", "Statements that bent a study", bent_columns},
    {"series", "All points", series_columns},
};

enum mz_code mz_web_topics(struct mz_web_call *call, struct mz_error *error)
{
    static const struct mz_web_column columns[] = {
        {"label", "Topic", MZ_WEB_TEXT, "/topic/", "id"},
        {"kind", "Kind", MZ_WEB_TEXT, NULL, NULL},
        {"measure", "Measure", MZ_WEB_TEXT, NULL, NULL},
        {"stage", "Stage", MZ_WEB_TEXT, NULL, NULL},
        {"returns", "Flow back", MZ_WEB_TEXT, "/topic/", NULL},
        {"figures", "Figures", MZ_WEB_NUMBER, NULL, NULL},
        {0}};
    static const char sql[] =
        "SELECT p.id, p.label, p.kind, p.measure, p.stage, p.returns,"
        " (SELECT count(*) FROM figure f WHERE f.topic_id = p.id) AS figures "
        "FROM topic p ORDER BY p.label, p.id LIMIT 1000";
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    if (code == MZ_OK) {
        mz_web_begin(call, "Topics");
        mz_web_table(call, "topics", NULL, columns, &rows);
    }
    return code;
}

/* The points of the chart as data that the page's script reads: they run no code. */
static void chart(struct mz_web_call *call, const struct mizan_value *rows)
{
    struct mz_buffer *out = mz_web_html(call);
    struct mz_buffer json;
    if (out == NULL || rows->as.list.count == 0) {
        return;
    }
    mz_buffer_init(&json, (size_t)32 << 20);
    mz_buffer_byte(&json, '[');
    for (size_t i = 0; i < rows->as.list.count; i++) {
        static const char *const names[] = {"t",   "origin", "edition",
                                            "low", "high",   "unit"};
        mz_buffer_text(&json, i == 0 ? "[" : ",[");
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const struct mizan_value *value =
                mz_map_member(&rows->as.list.items[i], names[k]);
            mz_buffer_text(&json, k == 0 ? "" : ",");
            const struct mizan_value nil = mz_nil();
            mz_json_value(&json, value == NULL ? &nil : value);
        }
        mz_buffer_byte(&json, ']');
    }
    mz_buffer_byte(&json, ']');
    mz_buffer_text(out, "<figure id=\"chart\" hidden><div class=\"plot\"></div>"
                        "<figcaption>A band from low to high for each origin; where an "
                        "end is open, the band runs out of the picture. "
                        "<label><input type=\"checkbox\" id=\"log\"> "
                        "logarithmic</label></figcaption></figure>"
                        "<template id=\"points\">");
    mz_html_text(out, json.data == NULL ? "[]" : json.data, json.size);
    mz_buffer_text(out, "</template>");
    mz_buffer_finish(&json);
}

static enum mz_code topic_label(struct mz_web_call *call, const char *id,
                                const char **label, struct mz_error *error)
{
    static const char sql[] = "SELECT label FROM topic WHERE id = CAST($1 AS TEXT)";
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        code = mz_web_missing(error, "topic", id);
    }
    if (code == MZ_OK) {
        *label = mz_web_text(call, &rows.as.list.items[0], "label");
    }
    return code;
}

enum mz_code mz_web_topic(struct mz_web_call *call, struct mz_error *error)
{
    const char *id = call->segments[1] == NULL ? "" : call->segments[1];
    const char *const all[] = {"topic", id, "limit", POINTS, NULL};
    const char *const some[] = {"topic", id, "limit", "200", NULL};
    const char *label = NULL;
    struct mizan_value rows;
    enum mz_code code = topic_label(call, id, &label, error);
    if (code == MZ_OK) {
        code = mz_web_named(call, "series", all, &rows, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, label);
    chart(call, &rows);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && code == MZ_OK; i++) {
        code = mz_web_named(call, parts[i].query, some, &rows, error);
        if (code == MZ_OK && (rows.as.list.count > 0 || call->form == MZ_WEB_JSON)) {
            mz_web_table(call, parts[i].query, parts[i].heading, parts[i].columns,
                         &rows);
        }
    }
    return code;
}

enum mz_code mz_web_balance(struct mz_web_call *call, struct mz_error *error)
{
    const char *const pairs[] = {"topic", call->parameter(call->context, "topic"),
                                 "limit", "200", NULL};
    struct mizan_value rows;
    enum mz_code code = mz_web_named(call, "ratio", pairs, &rows, error);
    if (code == MZ_OK) {
        mz_web_begin(call, "Balance");
        mz_web_table(call, "ratio", "What went one way against what came back",
                     ratio_columns, &rows);
    }
    return code;
}
