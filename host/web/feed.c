#include <string.h>

#include "base/clock.h"
#include "value/json.h"
#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* What is new, for programs: an Atom feed (RFC 4287), and JSON Lines since a time. */

#define FEED_ENTRIES "100"
#define MOST_LINES   10000

static const char since_sql[] =
    "SELECT f.id, d.fetched_at, f.text, f.kind, f.bound, f.value_dec, f.low_dec,"
    " f.high_dec, f.vague_dec, f.approx, f.unit, f.counted, f.topic_id, f.work_id,"
    " f.as_of, f.hedge, f.confidence, f.lang, d.url, t.outlet, t.title,"
    " f.document_id FROM document d "
    "JOIN figure f ON f.document_id = d.id AND f.is_current = 1 "
    "LEFT JOIN doc_text t ON t.document_id = f.document_id"
    " AND t.extractor = f.text_extractor AND t.version = f.text_version "
    "WHERE d.fetched_at >= CAST($1 AS TEXT) "
    "ORDER BY d.fetched_at, d.id, f.start_byte, f.id LIMIT CAST($2 AS BIGINT)";

enum mz_code mz_web_since(struct mz_web_call *call, struct mz_error *error)
{
    const char *since = call->parameter(call->context, "since");
    int64_t time;
    char text[MZ_TIME_TEXT];
    struct mizan_value rows;
    if (!mz_time_parse(since, strlen(since), &time)) {
        mz_fail(error, MZ_USAGE, "'%.100s' is no time", since);
        mz_error_help(error, "write since=2026-01-31 or since=2026-01-31T08:00:00Z");
        return MZ_USAGE;
    }
    const struct mizan_value arguments[] = {mz_text(mz_time_format(time, text)),
                                            mz_integer(MOST_LINES)};
    enum mz_code code = mz_web_rows(call, since_sql, arguments, 2, &rows, error);
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        mz_json_value(&call->out, &rows.as.list.items[i]);
        mz_buffer_byte(&call->out, '\n');
    }
    call->type = "application/x-ndjson";
    return code;
}

static void element(struct mz_buffer *out, const char *name,
                    const struct mizan_value *value)
{
    mz_buffer_printf(out, "<%s>", name);
    if (value != NULL) {
        mz_html_value(out, value);
    }
    mz_buffer_printf(out, "</%s>", name);
}

static void entry(struct mz_web_call *call, const struct mizan_value *row)
{
    struct mz_buffer *out = &call->out;
    const char *id = mz_web_text(call, row, "id");
    mz_buffer_printf(out, "<entry><id>urn:mizan:figure:%s</id>", id);
    element(out, "title", mz_map_member(row, "text"));
    element(out, "updated", mz_map_member(row, "fetched_at"));
    mz_buffer_printf(out, "<link href=\"/figure/%s\"/><content type=\"text\">", id);
    for (size_t i = 0; i < 2; i++) {
        const struct mizan_value *value =
            mz_map_member(row, i == 0 ? "amount" : "source");
        if (value != NULL && value->type != MIZAN_NIL) {
            mz_buffer_text(out, i == 0 ? "" : " — ");
            mz_html_value(out, value);
        }
    }
    mz_buffer_text(out, "</content></entry>");
}

enum mz_code mz_web_atom(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT f.id, d.fetched_at, f.text, COALESCE(f.value_dec,"
        " f.low_dec || ' to ' || f.high_dec, f.vague_dec) || COALESCE(' ' || f.unit, "
        "'')"
        " AS amount, t.outlet AS source FROM document d "
        "JOIN figure f ON f.document_id = d.id AND f.is_current = 1 "
        "LEFT JOIN doc_text t ON t.document_id = f.document_id"
        " AND t.extractor = f.text_extractor AND t.version = f.text_version "
        "ORDER BY d.fetched_at DESC, d.id, f.start_byte, f.id LIMIT " FEED_ENTRIES;
    char now[MZ_TIME_TEXT];
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_value *newest =
        rows.as.list.count == 0 ? NULL
                                : mz_map_member(&rows.as.list.items[0], "fetched_at");
    const struct mizan_value otherwise = mz_text(mz_time_format(mz_clock_now(), now));
    mz_buffer_text(&call->out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                               "<feed xmlns=\"http://www.w3.org/2005/Atom\">"
                               "<id>urn:mizan:figures</id><title>New figures</title>"
                               "<author><name>Mizan</name></author>"
                               "<link rel=\"self\" href=\"/feed.atom\"/>");
    element(&call->out, "updated", newest == NULL ? &otherwise : newest);
    for (size_t i = 0; i < rows.as.list.count; i++) {
        entry(call, &rows.as.list.items[i]);
    }
    mz_buffer_text(&call->out, "</feed>\n");
    call->type = "application/atom+xml; charset=utf-8";
    return MZ_OK;
}
