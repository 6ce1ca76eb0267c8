/* A webhook: the payload as the body of a POST, with the headers of the convention
 * "Standard Webhooks" so that receivers check the signature with a library they have.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "deliver/message.h"
#include "net/retry.h"
#include "value/base64.h"
#include "value/digest.h"
#include "value/record.h"
#include "value/url.h"

#define MOST_HEADERS  8
#define MOST_ANSWER   ((uint64_t)64 * 1024) /* nothing of it is read */
#define TOTAL_TIMEOUT 30000
#define SECRET_MARK   "whsec_"
#define SIGNATURE     (sizeof "v1," - 1 + MZ_BASE64_SIZE(MZ_HMAC_SIZE))

struct posting {
    const struct mz_outgoing *message;
    struct mizan_header headers[MOST_HEADERS];
    size_t count;
    char stamp[24]; /* seconds since 1970 */
    char signature[SIGNATURE + 1];
    char *bearer; /* in the arena, wiped afterwards */
    size_t bearer_size;
};

static struct mizan_slice slice(const char *text)
{
    return (struct mizan_slice){text, strlen(text)};
}

static void add_header(struct posting *posting, const char *name, const char *value)
{
    posting->headers[posting->count++] =
        (struct mizan_header){slice(name), slice(value)};
}

/* The bytes to sign with: "whsec_" and base64, or the secret as it is. */
static struct mizan_slice key_of(struct mz_arena *arena, const char *secret,
                                 size_t size)
{
    struct mizan_slice key = {secret, size};
    size_t mark = strlen(SECRET_MARK);
    struct mizan_slice decoded;
    if (size > mark && mz_starts_with(secret, SECRET_MARK) &&
        mz_base64_decode(arena, (struct mizan_slice){secret + mark, size - mark},
                         &decoded)) {
        key = decoded;
    }
    return key;
}

/* v1,BASE64(HMAC(id.stamp.body)) */
static enum mz_code sign(struct mz_sender *sender, struct posting *posting,
                         const char *name, struct mz_error *error)
{
    char secret[MZ_SECRET_MOST + 1];
    unsigned char mac[MZ_HMAC_SIZE];
    size_t size;
    enum mz_code code =
        mz_secret_read(name, sender->settings->folder, secret, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    const struct mizan_slice parts[] = {slice(posting->message->id), slice("."),
                                        slice(posting->stamp), slice("."),
                                        posting->message->payload};
    mz_hmac(key_of(posting->message->arena, secret, size), parts,
            sizeof parts / sizeof parts[0], mac);
    mz_secret_wipe(secret, sizeof secret);
    memcpy(posting->signature, "v1,", 3);
    mz_base64_encode((const char *)mac, sizeof mac, posting->signature + 3);
    posting->signature[SIGNATURE] = '\0';
    add_header(posting, "webhook-signature", posting->signature);
    return MZ_OK;
}

static bool is_encrypted_or_local(const char *url)
{
    struct mz_url parts;
    static const char *const local[] = {"127.0.0.1", "localhost", "::1"};
    if (!mz_url_split(url, strlen(url), &parts)) {
        return false;
    }
    bool good = parts.scheme.size == 5;
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        good = good || (parts.host.size == strlen(local[i]) &&
                        memcmp(parts.host.data, local[i], parts.host.size) == 0);
    }
    return good;
}

static enum mz_code authorize(struct mz_sender *sender, struct posting *posting,
                              const char *name, struct mz_error *error)
{
    char secret[MZ_SECRET_MOST + 1];
    size_t size;
    if (!is_encrypted_or_local(posting->message->target)) {
        mz_fail(error, MZ_NOT_PERMITTED,
                "the secret '%s' is not sent without encryption", name);
        mz_error_help(error, "write https://");
        return MZ_NOT_PERMITTED;
    }
    enum mz_code code =
        mz_secret_read(name, sender->settings->folder, secret, &size, error);
    if (code != MZ_OK) {
        return code;
    }
    posting->bearer = mz_arena_printf(posting->message->arena, "Bearer %s", secret);
    mz_secret_wipe(secret, sizeof secret);
    if (posting->bearer == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a header");
    }
    posting->bearer_size = strlen(posting->bearer);
    add_header(posting, "Authorization", posting->bearer);
    return MZ_OK;
}

static enum mz_code make_headers(struct mz_sender *sender, struct posting *posting,
                                 struct mz_error *error)
{
    const struct mizan_value *settings = &posting->message->settings;
    const char *secret = mz_map_text(settings, "secret");
    const char *token = mz_map_text(settings, "token");
    enum mz_code code = MZ_OK;
    snprintf(posting->stamp, sizeof posting->stamp, "%" PRId64, mz_clock_now() / 1000);
    add_header(posting, "Content-Type", "application/json");
    add_header(posting, "Idempotency-Key", posting->message->id);
    add_header(posting, "webhook-id", posting->message->id);
    add_header(posting, "webhook-timestamp", posting->stamp);
    if (secret != NULL) {
        code = sign(sender, posting, secret, error);
    }
    if (code == MZ_OK && token != NULL) {
        code = authorize(sender, posting, token, error);
    }
    return code;
}

static enum mz_code open_client(struct mz_sender *sender, struct mz_error *error)
{
    struct mz_client_settings settings = {
        .private_hosts = sender->settings->private_hosts,
        .private_count = sender->settings->private_count,
        .total_timeout = TOTAL_TIMEOUT,
        /* The outbox asks again, and remembers when. */
        .retries = -1,
        .patience = 1,
        .cancel = sender->settings->cancel};
    if (sender->client == NULL) {
        sender->client = mz_client_create(&settings);
    }
    return sender->client != NULL
               ? MZ_OK
               : mz_fail(error, MZ_MEMORY, "no memory for the client");
}

/* A receiver that answered has the message, whatever became of the rest of its answer;
 * one that is gone or wants no more of it is not asked again. */
static enum mz_code judge(struct mz_sender *sender, enum mz_code code,
                          struct mz_attempt_end *end, struct mz_error *error)
{
    int status = mz_client_status(sender->client);
    if (status >= 200 && status < 300 && code != MZ_CANCELLED) {
        return MZ_OK;
    }
    if (code == MZ_NOT_PERMITTED && status == 0) {
        mz_error_help(error, "name it in mizan.lua: deliver = { private = { … } }");
    }
    end->hopeless = status == 410;
    end->whole =
        status == 429 || status == 503 || (status == 0 && code != MZ_CANCELLED);
    const char *asked = mz_client_retry_after(sender->client);
    end->wait = mz_retry_after(asked, strlen(asked), mz_clock_now());
    return code;
}

enum mz_code mz_send_webhook(struct mz_sender *sender,
                             const struct mz_outgoing *message,
                             struct mz_attempt_end *end, struct mz_error *error)
{
    struct posting posting = {.message = message};
    enum mz_code code = open_client(sender, error);
    if (code == MZ_OK) {
        code = make_headers(sender, &posting, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    struct mizan_http_request request = {.size = sizeof request,
                                         .url = message->target,
                                         .method = "POST",
                                         .headers = posting.headers,
                                         .header_count = posting.count,
                                         .body = message->payload,
                                         .flags = MZ_HTTP_PRIVATE_HEADERS |
                                                  MZ_HTTP_NO_REDIRECT,
                                         .maximum_body = MOST_ANSWER};
    struct mizan_http_response response = {.size = sizeof response};
    code = mz_client_request(sender->client, message->arena, &request, NULL, &response,
                             error);
    if (posting.bearer != NULL) {
        mz_secret_wipe(posting.bearer, posting.bearer_size);
    }
    return judge(sender, code, end, error);
}
