#include "net/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct mz_transfer *mz_transfer_create(const struct mz_transfer_settings *settings,
                                       const struct mz_curl *curl,
                                       const struct mz_client_settings *client)
{
    struct mz_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL) {
        return NULL;
    }
    transfer->settings = settings;
    transfer->curl = *curl;
    transfer->easy = curl->easy_init();
    if (transfer->easy == NULL ||
        !mz_guard_init(&transfer->guard, client->private_hosts,
                       client->private_count)) {
        mz_transfer_destroy(transfer);
        return NULL;
    }
    return transfer;
}

void mz_transfer_destroy(struct mz_transfer *transfer)
{
    if (transfer == NULL) {
        return;
    }
    mz_request_finish(transfer);
    if (transfer->easy != NULL) {
        transfer->curl.easy_cleanup(transfer->easy);
    }
    mz_guard_finish(&transfer->guard);
    free(transfer);
}

enum mz_code mz_transfer_begin(struct mz_transfer *transfer,
                               const struct mizan_http_request *request,
                               const struct mz_validator_pair *validators,
                               struct mz_error *error)
{
    transfer->fresh = false;
    transfer->absent = false;
    transfer->answer.status = 0;
    transfer->keep_start = false;
    mz_request_drop_headers(transfer); /* of the request before */
    enum mz_code code =
        mz_request_read(&transfer->exchange, request, validators, error);
    if (code == MZ_OK) {
        code = mz_address_parse(&transfer->curl, transfer->exchange.request.url,
                                &transfer->first, error);
    }
    if (code == MZ_OK) {
        transfer->now = transfer->first;
        transfer->exchange.deadline =
            mz_clock_monotonic() + transfer->settings->total_timeout;
    }
    return code;
}

enum mz_code mz_transfer_judge(struct mz_transfer *transfer, CURLcode result,
                               struct mz_error *error)
{
    if (result != CURLE_OK) {
        return mz_outcome_of_transfer(transfer, result, error);
    }
    if (mz_answer_length_is_ambiguous(&transfer->answer)) {
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: headers that leave open how long the body is",
                       transfer->now.label);
    }
    mz_body_close(&transfer->body);
    return mz_outcome_of_body(transfer, error);
}

enum mz_code mz_transfer_follow(struct mz_transfer *transfer, struct mz_error *error)
{
    struct mizan_slice target = {NULL, 0};
    if (!mz_answer_find(&transfer->answer, "location", &target)) {
        return mz_fail(error, MZ_NOT_FOUND, "%s: status %d without saying where to",
                       transfer->now.label, transfer->answer.status);
    }
    char *location = strndup(target.data, target.size);
    if (location == NULL) {
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory", transfer->now.label);
    }
    enum mz_code code = mz_address_follow(&transfer->curl, &transfer->now, location,
                                          &transfer->next, error);
    free(location);
    if (code == MZ_OK) {
        mz_request_redirect(&transfer->exchange, transfer->answer.status,
                            mz_address_same_origin(&transfer->now, &transfer->next));
        transfer->now = transfer->next;
    }
    return code;
}

enum mz_code mz_transfer_fill(const struct mz_transfer *transfer,
                              struct mz_arena *arena,
                              struct mizan_http_response *response,
                              struct mz_error *error)
{
    struct mizan_http_response full = {.size = response->size};
    full.status = transfer->answer.status;
    full.url = mz_arena_string(arena, transfer->exchange.request.url);
    full.final_url = mz_arena_string(arena, transfer->now.text);
    full.fetched_at = mz_clock_now();
    full.body.size = transfer->body.bytes.size;
    full.body.data = mz_arena_copy(
        arena, full.body.size > 0 ? transfer->body.bytes.data : "", full.body.size);
    if (full.url == NULL || full.final_url == NULL || full.body.data == NULL ||
        !mz_answer_copy(&transfer->answer, arena, &full)) {
        return mz_fail(error, MZ_MEMORY,
                       "%s: the answer needs more memory than is allowed",
                       transfer->now.label);
    }
    memcpy(response, &full, full.size < sizeof full ? full.size : sizeof full);
    return MZ_OK;
}
