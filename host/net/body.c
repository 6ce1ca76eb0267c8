#include "net/body.h"

#include <string.h>

#define RATIO_FREE ((size_t)1024 * 1024) /* bytes, up to which no ratio is too high */
#define RATIO_MOST 200
#define KEPT_MOST  ((size_t)256 * 1024) /* memory that the next body may use again */

static bool is_bomb(const struct mz_body *body)
{
    curl_off_t received = 0;
    if (body->bytes.size <= RATIO_FREE ||
        body->curl->easy_getinfo(body->easy, CURLINFO_SIZE_DOWNLOAD_T, &received) !=
            CURLE_OK) {
        return false;
    }
    /* What is being decoded just now may not be counted yet. */
    uint64_t sent = (uint64_t)received + MZ_RECEIVE_SIZE;
    return body->bytes.size > sent * RATIO_MOST;
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct mz_body *body = context;
    size_t bytes = size * count;
    if (bytes > body->limit - body->bytes.size) {
        if (body->keep_start) {
            mz_buffer_add(&body->bytes, data, body->limit - body->bytes.size);
        }
        body->end = MZ_BODY_OVER;
        return CURL_WRITEFUNC_ERROR;
    }
    mz_buffer_add(&body->bytes, data, bytes);
    if (!mz_buffer_ok(&body->bytes)) {
        body->end = MZ_BODY_MEMORY;
        return CURL_WRITEFUNC_ERROR;
    }
    if (is_bomb(body)) {
        body->end = MZ_BODY_BOMB;
        return CURL_WRITEFUNC_ERROR;
    }
    return bytes;
}

void mz_body_begin(struct mz_body *body, const struct mz_curl *curl, CURL *easy,
                   uint64_t limit)
{
    struct mz_buffer kept = body->bytes;
    if (kept.capacity > KEPT_MOST) {
        mz_buffer_finish(&kept);
    }
    memset(body, 0, sizeof *body);
    mz_buffer_clear(&kept);
    kept.ceiling = (size_t)limit + 1;
    body->bytes = kept;
    body->limit = limit;
    body->curl = curl;
    body->easy = easy;
}

void mz_body_finish(struct mz_body *body)
{
    mz_buffer_finish(&body->bytes);
}

bool mz_body_install(struct mz_body *body)
{
    const struct mz_curl *curl = body->curl;
    return curl->easy_setopt(body->easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl->easy_setopt(body->easy, CURLOPT_WRITEDATA, body) == CURLE_OK &&
           curl->easy_setopt(body->easy, CURLOPT_BUFFERSIZE, (long)MZ_RECEIVE_SIZE) ==
               CURLE_OK &&
           curl->easy_setopt(body->easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
}
