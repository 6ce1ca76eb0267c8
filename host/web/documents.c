#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* Documents: a list, and one with its figures marked in the text. */

static const struct mz_web_column list_columns[] = {
    {"title", "Title", MZ_WEB_TEXT, "/document/", "id"},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {"fetched_at", "Fetched", MZ_WEB_TIME, NULL, NULL},
    {"figures", "Figures", MZ_WEB_NUMBER, NULL, NULL},
    {"source", "Source", MZ_WEB_TEXT, NULL, NULL},
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {0}};

static const struct mz_web_column fact_columns[] = {
    {"url", "Address", MZ_WEB_ADDRESS, NULL, NULL},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {"author", "Author", MZ_WEB_TEXT, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {"published_at", "Published", MZ_WEB_TIME, NULL, NULL},
    {"modified_at", "Changed", MZ_WEB_TIME, NULL, NULL},
    {"fetched_at", "Fetched", MZ_WEB_TIME, NULL, NULL},
    {"pipeline", "Pipeline", MZ_WEB_TEXT, "/pipeline/", NULL},
    {"source_id", "Source", MZ_WEB_TEXT, NULL, NULL},
    {"run_id", "Run", MZ_WEB_TEXT, "/run/", NULL},
    {"extractor", "Text by", MZ_WEB_TEXT, NULL, NULL},
    {"media_type", "Media type", MZ_WEB_TEXT, NULL, NULL},
    {"charset_used", "Character set", MZ_WEB_TEXT, NULL, NULL},
    {"charset_declared", "as declared", MZ_WEB_TEXT, NULL, NULL},
    {"raw_sha256", "Bytes (SHA-256)", MZ_WEB_TEXT, NULL, NULL},
    {"prev_id", "Version before", MZ_WEB_TEXT, "/document/", NULL},
    {"dup_of", "Copy of", MZ_WEB_TEXT, "/document/", NULL},
    {0}};

static const struct mz_web_column figure_columns[] = {
    {"text", "As printed", MZ_WEB_TEXT, "/figure/", "id"},
    {"kind", "Kind", MZ_WEB_TEXT, NULL, NULL},
    {"bound", "Bound", MZ_WEB_TEXT, NULL, NULL},
    {"value", "Value", MZ_WEB_NUMBER, NULL, NULL},
    {"low", "Low", MZ_WEB_NUMBER, NULL, NULL},
    {"high", "High", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"counted", "Of what", MZ_WEB_TEXT, NULL, NULL},
    {"topic_id", "Topic", MZ_WEB_TEXT, "/topic/", NULL},
    {"confidence", "Confidence", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column version_columns[] = {
    {"fetched_at", "Fetched", MZ_WEB_TIME, "/document/", "id"},
    {"title", "Title", MZ_WEB_TEXT, NULL, NULL},
    {"raw_sha256", "Bytes (SHA-256)", MZ_WEB_TEXT, NULL, NULL},
    {0}};

enum mz_code mz_web_documents(struct mz_web_call *call, struct mz_error *error)
{
    const char *const pairs[] = {"pipeline", call->parameter(call->context, "pipeline"),
                                 "source",   call->parameter(call->context, "source"),
                                 "limit",    "200",
                                 NULL};
    struct mizan_value rows;
    enum mz_code code = mz_web_named(call, "documents", pairs, &rows, error);
    if (code == MZ_OK) {
        mz_web_begin(call, "Documents");
        mz_web_table(call, "documents", NULL, list_columns, &rows);
    }
    return code;
}

/* ---- the text with its figures ---- */

/* A paragraph ends at a line's end; each has the direction of its own text. */
static void put_text(struct mz_buffer *out, const char *text, size_t size)
{
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t piece = end == NULL ? size : (size_t)(end - text);
        mz_html_text(out, text, piece);
        if (end != NULL) {
            mz_buffer_text(out, "</p><p dir=\"auto\">");
            piece++;
        }
        text += piece;
        size -= piece;
    }
}

/* What a figure was read as, in one line. */
static void reading(struct mz_buffer *out, const struct mizan_value *row)
{
    static const char *const parts[] = {"kind",    "bound",    "value_dec",
                                        "low_dec", "high_dec", "vague_dec",
                                        "unit",    "counted"};
    bool first = true;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct mizan_value *value = mz_map_member(row, parts[i]);
        if (value != NULL && value->type != MIZAN_NIL) {
            mz_buffer_text(out, first ? "" : " ");
            mz_html_value(out, value);
            first = false;
        }
    }
}

static void put_mark(struct mz_buffer *out, const struct mizan_value *row,
                     const struct mizan_slice *text)
{
    const struct mizan_value *id = mz_map_member(row, "id");
    const struct mizan_value *kind = mz_map_member(row, "kind");
    mz_buffer_text(out, "<a class=\"figure\" href=\"/figure/");
    mz_html_segment(out, id->as.text.data, id->as.text.size);
    mz_buffer_text(out, "\" data-kind=\"");
    mz_html_value(out, kind);
    mz_buffer_text(out, "\" title=\"");
    reading(out, row);
    mz_buffer_text(out, "\"><mark>");
    mz_html_text(out, text->data, text->size);
    mz_buffer_text(out, "</mark></a>");
}

/* Figures come in the order of their places; one inside another is passed over. */
static void marked_text(struct mz_buffer *out, const struct mizan_slice *text,
                        const struct mizan_value *figures)
{
    size_t done = 0;
    mz_buffer_text(out, "<section id=\"text\"><h2>Text</h2><article><p dir=\"auto\">");
    for (size_t i = 0; i < figures->as.list.count; i++) {
        const struct mizan_value *row = &figures->as.list.items[i];
        int64_t start = mz_map_integer(row, "start_byte", -1);
        int64_t end = mz_map_integer(row, "end_byte", -1);
        if (start < (int64_t)done || end <= start || (uint64_t)end > text->size) {
            continue;
        }
        const struct mizan_slice inside = {text->data + start, (size_t)(end - start)};
        put_text(out, text->data + done, (size_t)start - done);
        put_mark(out, row, &inside);
        done = (size_t)end;
    }
    put_text(out, text->data + done, text->size - done);
    mz_buffer_text(out, "</p></article></section>");
}

static enum mz_code show_versions(struct mz_web_call *call,
                                  const struct mizan_value *document,
                                  struct mz_error *error)
{
    static const char sql[] =
        "SELECT d.id, d.fetched_at, t.title, d.raw_sha256 FROM document d "
        "LEFT JOIN doc_text t ON t.document_id = d.id AND t.is_current = 1 "
        "WHERE d.pipeline = CAST($1 AS TEXT) AND d.source_id = CAST($2 AS TEXT) "
        "AND d.url = CAST($3 AS TEXT) ORDER BY d.fetched_at DESC, d.id LIMIT 50";
    const struct mizan_value key[] = {*mz_map_member(document, "pipeline"),
                                      *mz_map_member(document, "source_id"),
                                      *mz_map_member(document, "url")};
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, key, 3, &rows, error);
    if (code == MZ_OK && rows.as.list.count > 1) {
        mz_web_table(call, "versions", "Versions of this address", version_columns,
                     &rows);
    }
    return code;
}

static enum mz_code document_figures(struct mz_web_call *call,
                                     const struct mizan_value *document,
                                     struct mizan_value *rows, struct mz_error *error)
{
    static const char sql[] = "SELECT id, start_byte, end_byte, text, kind, bound, "
                              "value, low, high, value_dec,"
                              " low_dec, high_dec, vague_dec, unit, counted, topic_id, "
                              "confidence FROM figure "
                              "WHERE document_id = CAST($1 AS TEXT) AND is_current = 1 "
                              "ORDER BY start_byte, end_byte DESC, id LIMIT 5000";
    return mz_web_rows(call, sql, mz_map_member(document, "id"), 1, rows, error);
}

enum mz_code mz_web_document(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT d.*, t.title, t.outlet, t.author, t.published_at, t.modified_at, "
        "t.lang,"
        " t.extractor, t.dup_of, t.text FROM document d LEFT JOIN doc_text t"
        " ON t.document_id = d.id AND t.is_current = 1 WHERE d.id = CAST($1 AS TEXT)";
    const char *id = call->segments[1] == NULL ? "" : call->segments[1];
    const struct mizan_value key = mz_text(id);
    struct mizan_value rows;
    struct mizan_value figures;
    enum mz_code code = mz_web_rows(call, sql, &key, 1, &rows, error);
    if (code == MZ_OK && rows.as.list.count == 0) {
        code = mz_web_missing(error, "document", id);
    }
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *document = &rows.as.list.items[0];
    const char *title = mz_web_text(call, document, "title");
    const struct mizan_value *text = mz_map_member(document, "text");
    code = document_figures(call, document, &figures, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, title[0] == '\0' ? mz_web_text(call, document, "url") : title);
    mz_web_facts(call, "document", NULL, fact_columns, document);
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL && text != NULL && text->type == MIZAN_TEXT) {
        marked_text(out, &text->as.text, &figures);
    }
    mz_web_table(call, "figures", "Figures", figure_columns, &figures);
    return show_versions(call, document, error);
}
