#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* The queue of figures that a person should look at: the least certain first. */

static const struct mz_web_column columns[] = {
    {"text", "As printed", MZ_WEB_TEXT, "/figure/", "id"},
    {"reading", "Read as", MZ_WEB_TEXT, NULL, NULL},
    {"counted", "Of what", MZ_WEB_TEXT, NULL, NULL},
    {"confidence", "Confidence", MZ_WEB_NUMBER, NULL, NULL},
    {"alt", "Other reading", MZ_WEB_TEXT, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {0}};

enum mz_code mz_web_review(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT f.id, f.text, f.bound || ' ' || COALESCE(f.value_dec,"
        " f.low_dec || ' to ' || f.high_dec, f.vague_dec, f.time, '')"
        " || COALESCE(' ' || f.unit, '') AS reading, f.counted, f.confidence, f.alt,"
        " f.lang, t.outlet FROM figure f JOIN doc_text t"
        " ON t.document_id = f.document_id AND t.extractor = f.text_extractor"
        " AND t.version = f.text_version "
        "WHERE f.is_current = 1 AND f.confidence < 0.7"
        " AND NOT EXISTS(SELECT 1 FROM review r WHERE r.text_sha256 = t.text_sha256"
        "  AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte"
        "  AND r.extractor = f.extractor) "
        "ORDER BY f.confidence, f.id LIMIT 100";
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    mz_web_begin(call, "Review");
    struct mz_buffer *out = mz_web_html(call);
    if (out != NULL) {
        mz_buffer_text(out, "<p>Keys: <kbd>j</kbd> and <kbd>k</kbd> move, "
                            "<kbd>Enter</kbd> opens; on a figure's page <kbd>c</kbd> "
                            "confirms, <kbd>x</kbd> rejects.</p>");
    }
    mz_web_table(call, "queue", NULL, columns, &rows);
    return MZ_OK;
}
