#include "web/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "value/json.h"
#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

#define PAGE_CEILING ((size_t)64 << 20)

int mz_web_status(enum mz_code code)
{
    static const struct {
        enum mz_code code;
        int status;
    } statuses[] = {{MZ_OK, 200},      {MZ_NOT_FOUND, 404}, {MZ_NOT_PERMITTED, 403},
                    {MZ_INPUT, 400},   {MZ_USAGE, 400},     {MZ_TRY_AGAIN, 503},
                    {MZ_DEADLINE, 504}};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].code == code) {
            return statuses[i].status;
        }
    }
    return 500;
}

const char *mz_web_type(enum mz_web_form form)
{
    return form == MZ_WEB_JSON  ? "application/json"
           : form == MZ_WEB_CSV ? "text/csv; charset=utf-8"
                                : "text/html; charset=utf-8";
}

/* ---- what was asked ---- */

/* Splits `/figure/3fa9.json` into segments and form. The server decoded it already. */
static enum mz_code read_path(struct mz_web_call *call, const char *url,
                              struct mz_error *error)
{
    char *path = mz_arena_string(call->arena, url);
    if (path == NULL || !mz_utf8_valid(url, strlen(url))) {
        return mz_fail(error, MZ_INPUT, "the address is no UTF-8 text");
    }
    size_t size = strlen(path);
    if (mz_ends_with(path, ".json") || mz_ends_with(path, ".csv")) {
        call->form = mz_ends_with(path, ".json") ? MZ_WEB_JSON : MZ_WEB_CSV;
        size -= call->form == MZ_WEB_JSON ? 5 : 4;
        path[size] = '\0';
    }
    call->path = mz_arena_string(call->arena, path);
    size_t count = 0;
    for (char *at = path + 1; *path == '/' && count < MZ_WEB_SEGMENTS;) {
        char *slash = strchr(at, '/');
        call->segments[count++] = at;
        if (slash == NULL) {
            break;
        }
        *slash = '\0';
        at = slash + 1;
    }
    return call->path == NULL ? mz_fail(error, MZ_MEMORY, "not enough memory") : MZ_OK;
}

static const char *parameter(void *context, const char *name)
{
    const struct mz_asked *asked = context;
    const struct mizan_value map = {.type = MIZAN_MAP, .as.map = asked->request->form};
    const char *sent = mz_map_text(&map, name);
    if (sent != NULL) {
        return sent;
    }
    const char *value = asked->server->http.lookup_connection_value(
        asked->request->connection, MHD_GET_ARGUMENT_KIND, name);
    return value != NULL && mz_utf8_valid(value, strlen(value)) ? value : NULL;
}

static const struct mz_web_page *page_of(const char *segment)
{
    for (const struct mz_web_page *page = mz_web_pages; page->segment != NULL; page++) {
        if (strcmp(page->segment, segment == NULL ? "" : segment) == 0) {
            return page;
        }
    }
    return NULL;
}

/* ---- pages ---- */

static void error_page(struct mz_web_call *call, const struct mz_error *error)
{
    mz_buffer_clear(&call->out);
    call->sections = 0;
    if (call->form != MZ_WEB_HTML) {
        call->form = MZ_WEB_JSON;
    }
    mz_web_begin(call, "This page cannot be shown");
    if (call->form == MZ_WEB_JSON) {
        mz_buffer_text(&call->out, ",\"error\":");
        mz_json_text(&call->out, error->message, strlen(error->message));
    } else {
        mz_buffer_text(&call->out, "<p role=\"alert\">");
        mz_html_string(&call->out, error->message);
        mz_buffer_text(&call->out, "</p><p>");
        mz_html_string(&call->out, error->help);
        mz_buffer_text(&call->out, "</p>");
    }
    mz_web_end(call);
}

enum mz_code mz_web_check_token(const struct mz_web_call *call, struct mz_error *error)
{
    const char *token = call->parameter(call->context, "token");
    if (token == NULL || !mz_web_same(call->token, token)) {
        mz_fail(error, MZ_NOT_PERMITTED, "this form is too old, or not of this page");
        mz_error_help(error, "open the page again and send it once more");
        return MZ_NOT_PERMITTED;
    }
    return MZ_OK;
}

static enum mz_code call_page(struct mz_web_call *call, const char *method,
                              struct mz_error *error)
{
    const struct mz_web_page *page = page_of(call->segments[0]);
    bool post = strcmp(method, "POST") == 0;
    if (page == NULL || (!post && page->show == NULL)) {
        return mz_web_missing(error, "page", call->path);
    }
    if (!post) {
        return page->show(call, error);
    }
    if (page->post == NULL || !call->may_write) {
        return mz_fail(error, MZ_NOT_PERMITTED, "nothing can be changed here");
    }
    enum mz_code code = mz_web_check_token(call, error);
    return code == MZ_OK ? page->post(call, error) : code;
}

static enum MHD_Result answer_page(const struct mz_asked *asked,
                                   struct mz_web_call *call)
{
    struct mz_error error;
    struct mz_db *db = NULL;
    enum mz_code code = mz_web_take(asked->server, &db, &error);
    call->db = db;
    call->status = 200;
    if (code == MZ_OK) {
        code = call_page(call, asked->request->method, &error);
    }
    mz_web_give(asked->server, db);
    struct mz_reply reply = {.status = call->status, .forward = call->forward};
    if (code != MZ_OK) {
        reply.status = mz_web_status(code);
        reply.forward = NULL;
        error_page(call, &error);
    } else if (call->forward != NULL) {
        reply.status = 303;
    } else {
        mz_web_end(call);
    }
    reply.type =
        call->type != NULL && code == MZ_OK ? call->type : mz_web_type(call->form);
    return mz_web_finish(asked, call, &reply);
}

enum MHD_Result mz_web_answer_error(const struct mz_asked *asked,
                                    struct mz_web_call *call,
                                    const struct mz_error *error)
{
    const struct mz_reply reply = {
        .status = mz_web_status(error->code),
        .type = mz_web_type(call->form == MZ_WEB_CSV ? MZ_WEB_JSON : call->form)};
    error_page(call, error);
    return mz_web_finish(asked, call, &reply);
}

/* ---- one request ---- */

static enum mz_code check_request(const struct mz_asked *asked,
                                  struct mz_web_call *call, struct mz_error *error)
{
    struct mz_web_request *request = asked->request;
    const char *method = request->method;
    enum mz_code code = read_path(call, request->url, error);
    if (code == MZ_OK) {
        code = mz_web_guard(asked->server, request, error);
    }
    if (code == MZ_OK && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
        strcmp(method, "POST") != 0) {
        code =
            mz_fail(error, MZ_USAGE, "pages are read with GET, forms sent with POST");
    }
    if (code == MZ_OK && request->too_long) {
        code = mz_fail(error, MZ_INPUT, "a form has %d bytes at most", MZ_WEB_BODY);
    }
    if (code == MZ_OK && strcmp(method, "POST") == 0) {
        code = mz_web_form_read(request, error);
    }
    return code;
}

enum MHD_Result mz_web_answer(struct mz_web_server *server,
                              struct mz_web_request *request)
{
    struct mz_asked asked = {server, request};
    struct mz_error error;
    struct mz_web_call call = {.arena = request->arena,
                               .database = server->settings->database,
                               .parameter = parameter,
                               .context = &asked,
                               .token = server->token,
                               .path = "",
                               .may_write = !server->settings->read_only};
    mz_buffer_init(&call.out, PAGE_CEILING);
    if (check_request(&asked, &call, &error) != MZ_OK) {
        return mz_web_answer_error(&asked, &call, &error);
    }
    const char *first = call.segments[0] == NULL ? "" : call.segments[0];
    const struct mz_web_asset *asset =
        strcmp(first, "assets") == 0 && call.segments[1] != NULL
            ? mz_web_asset(call.segments[1])
            : NULL;
    if (asset != NULL) {
        mz_buffer_finish(&call.out);
        return mz_web_send_asset(&asked, asset);
    }
    if (server->settings->password != NULL) {
        mz_web_session_find(server, request);
        if (request->session.until == 0) {
            return mz_web_show_sign_in(&asked, &call);
        }
        call.token = request->session.token;
        call.signed_in = true;
        if (strcmp(first, "logout") == 0) {
            return mz_web_do_sign_out(&asked, &call);
        }
    }
    return answer_page(&asked, &call);
}
