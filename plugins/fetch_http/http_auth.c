#include "http_auth.h"

#include <string.h>

#include "json_span.h"

#define TOKEN_MOST ((uint64_t)64 * 1024) /* bytes of the answer that has a token */

static void add_basic(const struct http_plan *plan, const struct mizan_slice *secret,
                      struct http_text *value)
{
    struct http_text pair = {.data = NULL};
    http_text_string(&pair, plan->auth.user);
    http_text_string(&pair, ":");
    http_text_add(&pair, secret->data, secret->size);
    http_text_string(value, "Basic ");
    if (pair.data != NULL && !pair.failed) {
        http_text_base64(value, pair.data, pair.size);
    } else {
        value->failed = true;
    }
    http_text_finish(&pair);
}

/* The answer's access_token into the plan. */
static int32_t take_token(struct http_plan *plan, mizan_task *task,
                          const struct mizan_http_response *answer)
{
    struct json_span whole, token;
    http_text_finish(&plan->token);
    if (!json_span_whole(answer->body.size > 0 ? answer->body.data : "",
                         answer->body.size, &whole) ||
        !json_span_find(whole, "/access_token", &token) ||
        !json_span_text(token, &plan->token) || plan->token.size == 0) {
        return plan->host->fail(task, MIZAN_ERROR_FAILED,
                                "%s: the answer has no access_token", plan->auth.url);
    }
    return MIZAN_OK;
}

/* Client credentials (RFC 6749, 4.4). */
static int32_t ask_for_token(struct http_plan *plan, mizan_task *task,
                             const struct mizan_slice *secret)
{
    struct http_text basic = {.data = NULL}, form = {.data = NULL};
    add_basic(plan, secret, &basic);
    http_text_string(&form, "grant_type=client_credentials");
    if (plan->auth.scope != NULL) {
        http_text_string(&form, "&scope=");
        http_text_escaped(&form, plan->auth.scope, strlen(plan->auth.scope));
    }
    int32_t status = MIZAN_ERROR_MEMORY;
    if (!basic.failed && !form.failed) {
        const struct mizan_header headers[] = {
            {{"Authorization", 13}, {basic.data, basic.size}},
            {{"Content-Type", 12}, {"application/x-www-form-urlencoded", 33}},
            {{"Accept", 6}, {"application/json", 16}}};
        const struct mizan_http_request request = {.size = sizeof request,
                                                   .url = plan->auth.url,
                                                   .method = "POST",
                                                   .headers = headers,
                                                   .header_count = sizeof headers /
                                                                   sizeof headers[0],
                                                   .body = {form.data, form.size},
                                                   .maximum_body = TOKEN_MOST};
        struct mizan_http_response answer = {.size = sizeof answer};
        status = plan->host->http(task, &request, &answer);
        status = status == MIZAN_OK ? take_token(plan, task, &answer) : status;
    }
    http_text_finish(&basic);
    http_text_finish(&form);
    return status;
}

static int32_t add_token(struct http_plan *plan, mizan_task *task, bool renew,
                         const struct mizan_slice *secret, struct http_text *value)
{
    int32_t status = MIZAN_OK;
    pthread_mutex_lock(&plan->lock);
    if (renew || plan->token.size == 0) {
        status = ask_for_token(plan, task, secret);
    }
    if (status == MIZAN_OK) {
        http_text_string(value, "Bearer ");
        http_text_add(value, plan->token.data, plan->token.size);
    }
    pthread_mutex_unlock(&plan->lock);
    return status;
}

int32_t http_auth_header(struct http_plan *plan, mizan_task *task, bool renew,
                         struct mizan_slice *name, struct http_text *value)
{
    struct mizan_slice secret = {NULL, 0};
    if (plan->auth.kind == HTTP_AUTH_NONE) {
        return MIZAN_OK;
    }
    int32_t status = plan->host->secret(task, plan->auth.secret, &secret);
    if (status != MIZAN_OK) {
        return status;
    }
    *name = (struct mizan_slice){"Authorization", 13};
    switch (plan->auth.kind) {
    case HTTP_AUTH_BASIC:
        add_basic(plan, &secret, value);
        break;
    case HTTP_AUTH_HEADER:
        *name = (struct mizan_slice){plan->auth.header, strlen(plan->auth.header)};
        http_text_add(value, secret.data, secret.size);
        break;
    case HTTP_AUTH_OAUTH2:
        status = add_token(plan, task, renew, &secret, value);
        break;
    case HTTP_AUTH_BEARER:
    case HTTP_AUTH_NONE:
    default:
        http_text_string(value, "Bearer ");
        http_text_add(value, secret.data, secret.size);
        break;
    }
    return status == MIZAN_OK && value->failed ? MIZAN_ERROR_MEMORY : status;
}

bool http_auth_was_refused(const struct http_plan *plan, mizan_task *task)
{
    return strstr(plan->host->failure(task), "status 401") != NULL;
}
