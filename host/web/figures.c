#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* Figures: a list, and one with everything that leads back to the bytes it came from.
 */

static const struct mz_web_column fact_columns[] = {
    {"text", "As printed", MZ_WEB_TEXT, NULL, NULL},
    {"kind", "Kind", MZ_WEB_TEXT, NULL, NULL},
    {"bound", "Bound", MZ_WEB_TEXT, NULL, NULL},
    {"value_dec", "Value", MZ_WEB_NUMBER, NULL, NULL},
    {"low_dec", "Low", MZ_WEB_NUMBER, NULL, NULL},
    {"high_dec", "High", MZ_WEB_NUMBER, NULL, NULL},
    {"vague_dec", "From", MZ_WEB_NUMBER, NULL, NULL},
    {"approx", "Approximate", MZ_WEB_TEXT, NULL, NULL},
    {"side", "Side", MZ_WEB_TEXT, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"per", "Per", MZ_WEB_TEXT, NULL, NULL},
    {"counted", "Of what", MZ_WEB_TEXT, NULL, NULL},
    {"time", "Time", MZ_WEB_TEXT, NULL, NULL},
    {"as_of", "As of", MZ_WEB_TEXT, NULL, NULL},
    {"change", "Change", MZ_WEB_TEXT, NULL, NULL},
    {"hedge", "Hedge", MZ_WEB_TEXT, NULL, NULL},
    {"alt", "Other reading", MZ_WEB_TEXT, NULL, NULL},
    {"confidence", "Confidence", MZ_WEB_NUMBER, NULL, NULL},
    {"topic_id", "Topic", MZ_WEB_TEXT, "/topic/", NULL},
    {"work_id", "Study", MZ_WEB_TEXT, NULL, NULL},
    {"title", "Document", MZ_WEB_TEXT, "/document/", "document_id"},
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {"start_byte", "Bytes from", MZ_WEB_NUMBER, NULL, NULL},
    {"end_byte", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"extractor", "Read by", MZ_WEB_TEXT, NULL, NULL},
    {"extractor_version", "Version", MZ_WEB_TEXT, NULL, NULL},
    {"raw_sha256", "Raw bytes (SHA-256)", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column hop_columns[] = {
    {"hop", "Hop", MZ_WEB_NUMBER, NULL, NULL},
    {"who", "Who", MZ_WEB_TEXT, NULL, NULL},
    {"role", "Role", MZ_WEB_TEXT, NULL, NULL},
    {"verb", "Word", MZ_WEB_TEXT, NULL, NULL},
    {"stance", "Stance", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column link_columns[] = {
    {"kind", "How", MZ_WEB_TEXT, NULL, NULL},
    {"text", "Other figure", MZ_WEB_TEXT, "/figure/", "other"},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {"made_by", "Found by", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column history_columns[] = {
    {"superseded_at", "Until", MZ_WEB_TIME, NULL, NULL},
    {"extractor_version", "Version", MZ_WEB_TEXT, NULL, NULL},
    {"bound", "Bound", MZ_WEB_TEXT, NULL, NULL},
    {"value_dec", "Value", MZ_WEB_NUMBER, NULL, NULL},
    {"low_dec", "Low", MZ_WEB_NUMBER, NULL, NULL},
    {"high_dec", "High", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static const struct mz_web_column review_columns[] = {
    {"at", "When", MZ_WEB_TIME, NULL, NULL},
    {"who", "Who", MZ_WEB_TEXT, NULL, NULL},
    {"verdict", "Verdict", MZ_WEB_STATUS, NULL, NULL},
    {"patch", "Correction", MZ_WEB_TEXT, NULL, NULL},
    {"note", "Note", MZ_WEB_TEXT, NULL, NULL},
    {0}};

enum mz_code mz_web_figures(struct mz_web_call *call, struct mz_error *error)
{
    const char *const pairs[] = {"lang",  call->parameter(call->context, "lang"),
                                 "topic", call->parameter(call->context, "topic"),
                                 "kind",  call->parameter(call->context, "kind"),
                                 "limit", "200",
                                 NULL};
    struct mizan_value rows;
    if (call->parameter(call->context, "since") != NULL) {
        return mz_web_since(call, error);
    }
    enum mz_code code = mz_web_named(call, "figures", pairs, &rows, error);
    if (code == MZ_OK) {
        mz_web_begin(call, "Figures");
        mz_web_table(call, "figures", NULL, mz_web_figure_columns, &rows);
    }
    return code;
}

/* ---- one figure ---- */

/* Its sentence with the figure marked, in the sentence's own direction. */
static void show_sentence(struct mz_web_call *call, const struct mizan_value *row)
{
    struct mz_buffer *out = mz_web_html(call);
    const struct mizan_value *text = mz_map_member(row, "doc");
    int64_t start = mz_map_integer(row, "start_byte", -1);
    int64_t end = mz_map_integer(row, "end_byte", -1);
    int64_t from = mz_map_integer(row, "sentence_start", -1);
    int64_t to = mz_map_integer(row, "sentence_end", -1);
    if (out == NULL || text == NULL || text->type != MIZAN_TEXT || from < 0 ||
        start < from || end <= start || to < end || (uint64_t)to > text->as.text.size) {
        return;
    }
    const char *data = text->as.text.data;
    mz_buffer_text(out, "<blockquote id=\"sentence\" dir=\"auto\">");
    mz_html_text(out, data + from, (size_t)(start - from));
    mz_buffer_text(out, "<mark>");
    mz_html_text(out, data + start, (size_t)(end - start));
    mz_buffer_text(out, "</mark>");
    mz_html_text(out, data + end, (size_t)(to - end));
    mz_buffer_text(out, "</blockquote>");
}

/* A table of rows that belong to a figure; nothing is shown where there are none. */
static enum mz_code show_part(struct mz_web_call *call, const char *id,
                              const char *heading, const struct mz_web_column *columns,
                              const char *sql, struct mz_error *error)
{
    const struct mizan_value key = mz_text(call->segments[1]);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK && (rows.as.list.count > 0 || call->form == MZ_WEB_JSON)) {
        mz_web_table(call, id, heading, columns, &rows);
    }
    return code;
}

static void verdict_form(struct mz_web_call *call)
{
    static const char *const verdicts[][2] = {{"confirm", "Confirm"},
                                              {"reject", "Reject"}};
    struct mz_buffer *out = mz_web_html(call);
    if (out == NULL || !call->may_write) {
        return;
    }
    char *path = mz_arena_printf(call->arena, "/figure/%s", call->segments[1]);
    mz_buffer_text(out, "<section id=\"verdict\"><h2>Verdict</h2>");
    mz_web_form_open(call, path == NULL ? "/" : path);
    mz_buffer_text(out,
                   "<label>Your name<input name=\"who\" required maxlength=\"80\" "
                   "autocomplete=\"name\"></label>"
                   "<label>Note<input name=\"note\" maxlength=\"500\"></label>"
                   "<label>Correct value<input name=\"value\" inputmode=\"decimal\" "
                   "maxlength=\"40\"></label><div role=\"group\">");
    for (size_t i = 0; i < 2; i++) {
        mz_buffer_printf(out, "<button name=\"verdict\" value=\"%s\">%s</button>",
                         verdicts[i][0], verdicts[i][1]);
    }
    mz_buffer_text(out, "<button name=\"verdict\" value=\"correct\">Correct</button>"
                        "</div></form></section>");
}

static enum mz_code show_parts(struct mz_web_call *call, struct mz_error *error)
{
    static const char hops[] =
        "SELECT a.hop, COALESCE(e.name, a.name) AS who, a.name, a.role, a.verb, "
        "a.stance"
        " FROM attribution a LEFT JOIN entity e ON e.id = a.entity_id "
        "WHERE a.figure_id = CAST($1 AS TEXT) ORDER BY a.hop";
    static const char links[] =
        "SELECT l.kind, l.made_by, l.other, f.text, t.outlet FROM ("
        " SELECT kind, made_by, b AS other FROM figure_link WHERE a = CAST($1 AS TEXT)"
        " UNION ALL SELECT kind, made_by, a FROM figure_link WHERE b = CAST($1 AS "
        "TEXT))"
        " l JOIN figure f ON f.id = l.other LEFT JOIN doc_text t"
        " ON t.document_id = f.document_id AND t.is_current = 1 "
        "ORDER BY l.kind, l.other LIMIT 100";
    static const char history[] =
        "SELECT superseded_at, extractor_version, bound, value_dec, low_dec, high_dec,"
        " unit, counted FROM figure_history WHERE figure_id = CAST($1 AS TEXT) "
        "ORDER BY superseded_at DESC";
    static const char reviews[] =
        "SELECT r.at, r.who, r.verdict, r.patch, r.note FROM figure f JOIN doc_text t"
        " ON t.document_id = f.document_id AND t.extractor = f.text_extractor"
        " AND t.version = f.text_version JOIN review r ON r.text_sha256 = t.text_sha256"
        " AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte"
        " AND r.extractor = f.extractor WHERE f.id = CAST($1 AS TEXT) "
        "ORDER BY r.at DESC, r.id";
    enum mz_code code =
        show_part(call, "chain", "Who says so", hop_columns, hops, error);
    if (code == MZ_OK) {
        code = show_part(call, "links", "Other figures", link_columns, links, error);
    }
    if (code == MZ_OK) {
        code = show_part(call, "history", "Read before as", history_columns, history,
                         error);
    }
    if (code == MZ_OK) {
        code = show_part(call, "reviews", "Verdicts", review_columns, reviews, error);
    }
    return code;
}

enum mz_code mz_web_figure(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT f.*, d.url, d.raw_sha256, t.title, t.outlet, t.text AS doc "
        "FROM figure f JOIN document d ON d.id = f.document_id LEFT JOIN doc_text t"
        " ON t.document_id = f.document_id AND t.extractor = f.text_extractor"
        " AND t.version = f.text_version WHERE f.id = CAST($1 AS TEXT)";
    const char *id = call->segments[1] == NULL ? "" : call->segments[1];
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        code = mz_web_missing(error, "figure", id);
    }
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *row = &rows.as.list.items[0];
    mz_web_begin(call, mz_web_text(call, row, "text"));
    show_sentence(call, row);
    mz_web_facts(call, "figure", NULL, fact_columns, row);
    code = show_parts(call, error);
    verdict_form(call);
    return code;
}
