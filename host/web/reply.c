#include "web/answer.h"

#include <string.h>

#define POLICY                                                                         \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "  \
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

static enum MHD_Result send_body(struct mz_web_server *server,
                                 struct mz_web_request *request, struct mz_buffer *body,
                                 const struct mz_reply *reply)
{
    const struct mz_http_library *http = &server->http;
    size_t size;
    char *data = mz_buffer_take(body, &size);
    struct MHD_Response *response = http->create_response_from_buffer(
        size, data, data == NULL ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        return MHD_NO;
    }
    const char *const headers[][2] = {{"Content-Type", reply->type},
                                      {"Content-Security-Policy", POLICY},
                                      {"X-Content-Type-Options", "nosniff"},
                                      {"Referrer-Policy", "same-origin"},
                                      {"X-Frame-Options", "DENY"},
                                      {"Cross-Origin-Resource-Policy", "same-origin"},
                                      {"Cross-Origin-Opener-Policy", "same-origin"},
                                      {"Cache-Control", "no-store"},
                                      {"Location", reply->forward},
                                      {"Set-Cookie", reply->cookie}};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (headers[i][1] != NULL) {
            (void)http->add_response_header(response, headers[i][0], headers[i][1]);
        }
    }
    enum MHD_Result result =
        http->queue_response(request->connection, (unsigned)reply->status, response);
    http->destroy_response(response);
    return result;
}

enum MHD_Result mz_web_finish(const struct mz_asked *asked, struct mz_web_call *call,
                              const struct mz_reply *reply)
{
    if (!mz_buffer_ok(&call->out)) {
        mz_buffer_clear(&call->out);
        mz_buffer_text(&call->out, "the page is too large");
    }
    return send_body(asked->server, asked->request, &call->out, reply);
}

/* ---- assets ---- */

enum MHD_Result mz_web_send_asset(const struct mz_asked *asked,
                                  const struct mz_web_asset *asset)
{
    const struct mz_http_library *http = &asked->server->http;
    const char *accepts =
        mz_web_header(asked->server, asked->request, "Accept-Encoding");
    const char *has = mz_web_header(asked->server, asked->request, "If-None-Match");
    bool packed = accepts != NULL && strstr(accepts, "gzip") != NULL;
    bool unchanged = has != NULL && strcmp(has, asset->etag) == 0;
    const unsigned char *data = packed ? asset->packed : asset->plain;
    size_t size = packed ? *asset->packed_size : *asset->plain_size;
    union {
        const unsigned char *in;
        void *out;
    } bytes = {data};
    struct MHD_Response *response = http->create_response_from_buffer(
        unchanged ? 0 : size, bytes.out, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)http->add_response_header(response, "Content-Type", asset->type);
    (void)http->add_response_header(response, "Cache-Control", "max-age=3600");
    (void)http->add_response_header(response, "ETag", asset->etag);
    (void)http->add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)http->add_response_header(response, "Vary", "Accept-Encoding");
    if (packed && !unchanged) {
        (void)http->add_response_header(response, "Content-Encoding", "gzip");
    }
    enum MHD_Result result = http->queue_response(asked->request->connection,
                                                  unchanged ? 304 : 200, response);
    http->destroy_response(response);
    return result;
}
