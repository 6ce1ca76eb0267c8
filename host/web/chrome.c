#include <string.h>

#include "base/clock.h"
#include "value/json.h"
#include "web/html.h"
#include "web/page.h"

/* What all pages have around them. */

static void menu(struct mz_web_call *call)
{
    struct mz_buffer *out = &call->out;
    const char *here = call->segments[0] == NULL ? "" : call->segments[0];
    mz_buffer_text(out,
                   "<header><a class=\"skip\" href=\"#content\">Skip to content</a>"
                   "<nav aria-label=\"Main\"><ul><li><strong>Mizan</strong></li>");
    for (const struct mz_web_page *page = mz_web_pages; page->segment != NULL; page++) {
        if (page->menu != NULL) {
            mz_buffer_printf(out, "<li><a href=\"/%s\"%s>%s</a></li>", page->segment,
                             strcmp(here, page->segment) == 0 ? " aria-current=\"page\""
                                                              : "",
                             page->menu);
        }
    }
    mz_buffer_text(out, "</ul></nav></header>");
}

static void open_html(struct mz_buffer *out, const char *title)
{
    mz_buffer_text(out,
                   "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width, "
                   "initial-scale=1\"><meta name=\"color-scheme\" content=\"light "
                   "dark\"><title>");
    mz_html_string(out, title);
    mz_buffer_text(
        out, " · Mizan</title>"
             "<link rel=\"icon\" href=\"/assets/mizan.svg\" type=\"image/svg+xml\">"
             "<link rel=\"stylesheet\" href=\"/assets/pico.css\">"
             "<link rel=\"stylesheet\" href=\"/assets/uplot.css\">"
             "<link rel=\"stylesheet\" href=\"/assets/mizan.css\">"
             "<link rel=\"alternate\" type=\"application/atom+xml\" "
             "href=\"/feed.atom\" title=\"New figures\">"
             "<script src=\"/assets/uplot.js\" defer></script>"
             "<script src=\"/assets/mizan.js\" defer></script></head><body>");
}

void mz_web_begin(struct mz_web_call *call, const char *title)
{
    struct mz_buffer *out = &call->out;
    if (call->form == MZ_WEB_JSON) {
        mz_buffer_text(out, "{\"v\":1,\"title\":");
        mz_json_text(out, title, strlen(title));
    } else if (call->form == MZ_WEB_HTML) {
        open_html(out, title);
        menu(call);
        mz_buffer_text(out, "<main id=\"content\"><h1><bdi>");
        mz_html_string(out, title);
        mz_buffer_text(out, "</bdi></h1>");
    }
}

/* The same page in its other forms. */
static void other_forms(struct mz_web_call *call)
{
    struct mz_buffer *out = &call->out;
    const char *path = strcmp(call->path, "/") == 0 ? "/overview" : call->path;
    for (int i = 0; i < 2; i++) {
        const char *form = i == 0 ? "json" : "csv";
        mz_buffer_printf(out, "%s<a data-form=\"%s\" href=\"", i == 0 ? "" : " · ",
                         form);
        for (const char *at = path; *at != '\0'; at++) {
            if (*at == '/') {
                mz_buffer_byte(out, '/');
            } else {
                mz_html_segment(out, at, 1);
            }
        }
        mz_buffer_printf(out, ".%s\">%s</a>", form, i == 0 ? "JSON" : "CSV");
    }
}

void mz_web_end(struct mz_web_call *call)
{
    struct mz_buffer *out = &call->out;
    char now[MZ_TIME_TEXT];
    if (call->type != NULL || call->form == MZ_WEB_CSV) {
        return;
    }
    if (call->form == MZ_WEB_JSON) {
        mz_buffer_text(out, "}\n");
        return;
    }
    mz_buffer_text(out, "</main><footer><small>");
    other_forms(call);
    mz_buffer_printf(out, " · <time datetime=\"%s\">%s</time>",
                     mz_time_format(mz_clock_now(), now), now);
    mz_buffer_text(out, "</small>");
    if (call->signed_in) {
        mz_web_form_open(call, "/logout");
        mz_buffer_text(out, "<button type=\"submit\" class=\"secondary\">Sign out"
                            "</button></form>");
    }
    mz_buffer_text(out, "</footer></body></html>\n");
}

void mz_web_login_page(struct mz_web_call *call, const char *wrong)
{
    struct mz_buffer *out = &call->out;
    open_html(out, "Sign in");
    mz_buffer_text(out, "<main id=\"content\"><h1>Mizan</h1>");
    if (wrong != NULL) {
        mz_buffer_text(out, "<p role=\"alert\">");
        mz_html_string(out, wrong);
        mz_buffer_text(out, "</p>");
    }
    mz_buffer_text(out, "<form method=\"post\" action=\"/login\"><label>Password"
                        "<input type=\"password\" name=\"password\" required autofocus "
                        "autocomplete=\"current-password\"></label>"
                        "<button type=\"submit\">Sign in</button></form></main></body>"
                        "</html>\n");
}
