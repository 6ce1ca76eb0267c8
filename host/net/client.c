#include "net/net.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/cassette.h"
#include "net/client.h"

#define DEFAULT_AGENT                                                                  \
    "mizan/" MIZAN_VERSION " (data pipeline; contact: see the operator)"
#define DEFAULT_GAP     MZ_DEFAULT_GAP
#define DEFAULT_CONNECT 10000
#define DEFAULT_TOTAL   120000
#define DEFAULT_BODY    (UINT64_C(32) * 1024 * 1024)

struct mz_client *mz_client_create(const struct mz_client_settings *settings)
{
    struct mz_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->connect_timeout =
        settings->connect_timeout > 0 ? settings->connect_timeout : DEFAULT_CONNECT;
    client->total_timeout =
        settings->total_timeout > 0 ? settings->total_timeout : DEFAULT_TOTAL;
    client->maximum_body =
        settings->maximum_body > 0 ? settings->maximum_body : DEFAULT_BODY;
    client->cancel = settings->cancel;
    if (settings->polite) {
        client->politeness.gap = settings->gap > 0 ? settings->gap : DEFAULT_GAP;
    }
    client->user_agent =
        strdup(settings->user_agent != NULL ? settings->user_agent : DEFAULT_AGENT);
    if (client->user_agent == NULL ||
        !mz_guard_init(&client->guard, settings->private_hosts,
                       settings->private_count)) {
        mz_client_destroy(client);
        return NULL;
    }
    return client;
}

static void drop_connections(struct mz_client *client)
{
    if (client->easy != NULL) {
        client->curl.easy_cleanup(client->easy);
        client->easy = NULL;
    }
}

void mz_client_destroy(struct mz_client *client)
{
    if (client == NULL) {
        return;
    }
    mz_request_finish(client);
    drop_connections(client);
    mz_curl_finish(&client->curl);
    mz_guard_finish(&client->guard);
    mz_politeness_finish(&client->politeness);
    free(client->user_agent);
    free(client);
}

enum mz_code mz_client_judge(struct mz_client *client, CURLcode result,
                             struct mz_error *error)
{
    if (result != CURLE_OK) {
        return mz_outcome_of_transfer(client, result, error);
    }
    if (mz_answer_length_is_ambiguous(&client->answer)) {
        drop_connections(client);
        return mz_fail(error, MZ_UNREACHABLE, "%s: headers that give two body lengths",
                       client->now.label);
    }
    return MZ_OK;
}

/* One hop: waits its turn, asks, judges the transfer but not the status. */
static enum mz_code perform_hop(struct mz_client *client, struct mz_error *error)
{
    enum mz_code code = mz_guard_begin(&client->guard, &client->now, error);
    if (code != MZ_OK) {
        return code;
    }
    int64_t waited = 0;
    if (!mz_politeness_wait(&client->politeness, client->now.host, client->cancel,
                            &waited)) {
        return mz_fail(error, MZ_CANCELLED, "%s: stopped while waiting to fetch",
                       client->now.label);
    }
    client->exchange.deadline += waited;
    if (client->easy == NULL) {
        client->easy = client->curl.easy_init();
        if (client->easy == NULL) {
            return mz_fail(error, MZ_MEMORY, "%s: not enough memory",
                           client->now.label);
        }
    }
    code = mz_request_prepare(client, error);
    if (code != MZ_OK) {
        return code;
    }
    CURLcode result = client->curl.easy_perform(client->easy);
    if (!mz_politeness_note(&client->politeness, client->now.host)) {
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory", client->now.label);
    }
    return mz_client_judge(client, result, error);
}

enum mz_code mz_client_follow(struct mz_client *client, struct mz_error *error)
{
    struct mizan_slice target = {NULL, 0};
    if (!mz_answer_find(&client->answer, "location", &target)) {
        return mz_fail(error, MZ_NOT_FOUND, "%s: status %d without saying where to",
                       client->now.label, client->answer.status);
    }
    char *location = strndup(target.data, target.size);
    if (location == NULL) {
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory", client->now.label);
    }
    enum mz_code code =
        mz_address_follow(&client->curl, &client->now, location, &client->next, error);
    free(location);
    if (code == MZ_OK) {
        mz_request_redirect(&client->exchange, client->answer.status,
                            mz_address_same_origin(&client->now, &client->next));
        client->now = client->next;
    }
    return code;
}

static enum mz_code perform(struct mz_client *client, struct mz_error *error)
{
    for (int hop = 0;; hop++) {
        enum mz_code code = perform_hop(client, error);
        if (code != MZ_OK) {
            return code;
        }
        if (!mz_status_is_redirect(client->answer.status)) {
            return mz_outcome_of_status(client, error);
        }
        if (hop == MZ_REDIRECTS_MOST) {
            return mz_fail(error, MZ_LIMIT,
                           "%s: more than %d redirects, the last at %s",
                           client->first.label, MZ_REDIRECTS_MOST, client->now.label);
        }
        code = mz_client_follow(client, error);
        if (code != MZ_OK) {
            return code;
        }
    }
}

enum mz_code mz_client_fill(const struct mz_client *client, struct mz_arena *arena,
                            struct mizan_http_response *response,
                            struct mz_error *error)
{
    struct mizan_http_response full = {.size = response->size};
    full.status = client->answer.status;
    full.url = mz_arena_string(arena, client->exchange.request.url);
    full.final_url = mz_arena_string(arena, client->now.text);
    full.fetched_at = mz_clock_now();
    full.body.size = client->body.bytes.size;
    full.body.data = mz_arena_copy(
        arena, full.body.size > 0 ? client->body.bytes.data : "", full.body.size);
    if (full.url == NULL || full.final_url == NULL || full.body.data == NULL ||
        !mz_answer_copy(&client->answer, arena, &full)) {
        return mz_fail(error, MZ_MEMORY,
                       "%s: the answer needs more memory than is allowed",
                       client->now.label);
    }
    memcpy(response, &full, full.size < sizeof full ? full.size : sizeof full);
    return MZ_OK;
}

static enum mz_code send_request(struct mz_client *client, struct mz_arena *arena,
                                 const struct mizan_http_request *request,
                                 const struct mz_validator_pair *validators,
                                 struct mizan_http_response *response,
                                 struct mz_error *error)
{
    enum mz_code code = mz_request_read(&client->exchange, request, validators, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_curl_load(&client->curl, error);
    if (code != MZ_OK) {
        return code;
    }
    code = mz_address_parse(&client->curl, client->exchange.request.url, &client->first,
                            error);
    if (code == MZ_OK) {
        client->now = client->first;
        client->exchange.deadline = mz_clock_monotonic() + client->total_timeout;
        code = perform(client, error);
    }
    if (code == MZ_OK) {
        code = mz_client_fill(client, arena, response, error);
    }
    mz_request_finish(client);
    return code;
}

enum mz_code mz_client_request(struct mz_client *client, struct mz_arena *arena,
                               const struct mizan_http_request *request,
                               const struct mz_validator_pair *validators,
                               struct mizan_http_response *response,
                               struct mz_error *error)
{
    if (mz_cassette_in_place()) {
        return mz_cassette_request(client, arena, request, validators, response,
                                   send_request, error);
    }
    return send_request(client, arena, request, validators, response, error);
}
