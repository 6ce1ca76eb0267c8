#include "net/body.h"

#include <stdio.h>
#include <string.h>

#define RATIO_FREE ((size_t)1024 * 1024) /* bytes, up to which no ratio is too high */
#define RATIO_MOST 200
#define KEPT_MOST  ((size_t)256 * 1024) /* memory that the next body may use again */

static bool is_bomb(const struct mz_body *body, uint64_t size)
{
    return size > RATIO_FREE && size / RATIO_MOST > body->received;
}

static bool stop(struct mz_body *body, enum mz_body_end end)
{
    body->end = end;
    return false;
}

/* Decoded bytes; those between two encodings are only counted. */
static bool take_decoded(void *context, const char *data, size_t size, bool final)
{
    struct mz_body *body = context;
    if (!final) {
        body->between += size;
        return (body->between <= body->limit * MZ_CODINGS_MOST &&
                !is_bomb(body, body->between)) ||
               stop(body, MZ_BODY_BOMB);
    }
    if (size > body->limit - body->bytes.size) {
        if (body->keep_start) {
            mz_buffer_add(&body->bytes, data, body->limit - body->bytes.size);
        }
        return stop(body, MZ_BODY_OVER);
    }
    mz_buffer_add(&body->bytes, data, size);
    if (!mz_buffer_ok(&body->bytes)) {
        return stop(body, MZ_BODY_MEMORY);
    }
    return !is_bomb(body, body->bytes.size) || stop(body, MZ_BODY_BOMB);
}

/* Reads which encodings there are, from all headers of that name. */
static enum mz_decode_status begin_decoding(struct mz_body *body)
{
    enum mz_decode_status status = MZ_DECODE_OK;
    struct mizan_slice value;
    for (size_t i = 0; status == MZ_DECODE_OK &&
                       mz_answer_find_next(body->answer, "content-encoding", i, &value);
         i++) {
        status = mz_decode_add(&body->decode, value);
    }
    return status;
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct mz_body *body = context;
    size_t bytes = size * count;
    if (body->deaf || bytes == 0) {
        return bytes;
    }
    enum mz_decode_status status =
        body->received == 0 ? begin_decoding(body) : MZ_DECODE_OK;
    body->received += bytes;
    if (status == MZ_DECODE_OK) {
        status = mz_decode_take(&body->decode, data, bytes, take_decoded, body);
    }
    if ((status == MZ_DECODE_UNKNOWN || status == MZ_DECODE_GARBLED) &&
        body->answer->status >= 300) {
        /* Its status says what there is to say. */
        body->deaf = true;
        return bytes;
    }
    switch (status) {
    case MZ_DECODE_OK:
        return bytes;
    case MZ_DECODE_UNKNOWN:
        body->end = MZ_BODY_UNKNOWN;
        break;
    case MZ_DECODE_GARBLED:
        body->end = MZ_BODY_GARBLED;
        break;
    case MZ_DECODE_MEMORY:
        body->end = MZ_BODY_MEMORY;
        break;
    case MZ_DECODE_STOPPED:
        break; /* the sink said why */
    }
    return CURL_WRITEFUNC_ERROR;
}

void mz_body_close(struct mz_body *body)
{
    if (!body->deaf && body->answer->status < 300 &&
        mz_decode_unfinished(&body->decode) != NULL) {
        body->end = MZ_BODY_CUT;
    }
}

void mz_body_encoding(const struct mz_body *body, char *out, size_t size)
{
    struct mizan_slice value = {"", 0};
    (void)mz_answer_find(body->answer, "content-encoding", &value);
    (void)snprintf(out, size, "%.*s", (int)(value.size < 60 ? value.size : 60),
                   value.data);
    for (char *byte = out; *byte != '\0'; byte++) {
        *byte = *byte < 0x20 || *byte >= 0x7f ? '?' : *byte;
    }
}

void mz_body_begin(struct mz_body *body, const struct mz_answer *answer, uint64_t limit)
{
    struct mz_buffer kept = body->bytes;
    mz_decode_finish(&body->decode);
    if (kept.capacity > KEPT_MOST) {
        mz_buffer_finish(&kept);
    }
    memset(body, 0, sizeof *body);
    mz_buffer_clear(&kept);
    kept.ceiling = (size_t)limit + 1;
    body->bytes = kept;
    body->limit = limit;
    body->answer = answer;
}

void mz_body_finish(struct mz_body *body)
{
    mz_decode_finish(&body->decode);
    mz_buffer_finish(&body->bytes);
}

bool mz_body_install(struct mz_body *body, const struct mz_curl *curl, CURL *easy)
{
    return curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_WRITEDATA, body) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)MZ_RECEIVE_SIZE) ==
               CURLE_OK;
}
