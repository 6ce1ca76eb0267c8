#include "web/answer.h"

#include <stdio.h>
#include <string.h>

static const char *visitor_address(const struct mz_asked *asked, char out[64])
{
    const union MHD_ConnectionInfo *info = asked->server->http.get_connection_info(
        asked->request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return mz_web_address_text(info == NULL ? NULL : info->client_addr, out);
}

enum MHD_Result mz_web_show_sign_in(const struct mz_asked *asked,
                                    struct mz_web_call *call)
{
    struct mz_error error = {.code = MZ_OK};
    struct mz_reply reply = {.status = 200, .type = mz_web_type(MZ_WEB_HTML)};
    const char *password = call->parameter(call->context, "password");
    call->form = MZ_WEB_HTML;
    if (strcmp(asked->request->method, "POST") == 0 && password != NULL) {
        struct mz_session session;
        char address[64];
        char cookie[256];
        if (mz_web_sign_in(asked->server, visitor_address(asked, address), password,
                           &session, &error) == MZ_OK) {
            snprintf(cookie, sizeof cookie,
                     "mizan_session=%s; Path=/; HttpOnly; SameSite=Strict", session.id);
            reply.status = 303;
            reply.forward = "/";
            reply.cookie = cookie;
            return mz_web_finish(asked, call, &reply);
        }
        reply.status = error.code == MZ_TRY_AGAIN ? 429 : mz_web_status(error.code);
    } else if (strcmp(call->path, "/login") != 0) {
        reply.status = 401;
    }
    mz_web_login_page(call, error.code == MZ_OK ? NULL : error.message);
    return mz_web_finish(asked, call, &reply);
}

enum MHD_Result mz_web_do_sign_out(const struct mz_asked *asked,
                                   struct mz_web_call *call)
{
    struct mz_error error;
    const struct mz_reply reply = {
        .status = 303,
        .type = mz_web_type(MZ_WEB_HTML),
        .forward = "/",
        .cookie = "mizan_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"};
    if (mz_web_check_token(call, &error) != MZ_OK) {
        return mz_web_answer_error(asked, call, &error);
    }
    mz_web_sign_out(asked->server, asked->request->session.id);
    return mz_web_finish(asked, call, &reply);
}
