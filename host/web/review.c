#include <string.h>

#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* The queue of figures that a person should look at: the least certain first. */

static const struct mz_web_column columns[] = {
    {"printed", "As printed", MZ_WEB_TEXT, "/figure/", "id"},
    {"bound", "Bound", MZ_WEB_TEXT, NULL, NULL},
    {"amount", "Read as", MZ_WEB_TEXT, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {"counted", "Of what", MZ_WEB_TEXT, NULL, NULL},
    {"confidence", "Confidence", MZ_WEB_NUMBER, NULL, NULL},
    {"alt", "Other reading", MZ_WEB_TEXT, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {"outlet", "Outlet", MZ_WEB_TEXT, NULL, NULL},
    {0}};

enum mz_code mz_web_review(struct mz_web_call *call, struct mz_error *error)
{
    const char *const pairs[] = {"topic", call->parameter(call->context, "topic"),
                                 "lang",  call->parameter(call->context, "lang"),
                                 "limit", "100",
                                 NULL};
    struct mizan_value rows;
    enum mz_code code = mz_web_named(call, "review", pairs, &rows, error);
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
