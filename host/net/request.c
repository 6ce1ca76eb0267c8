#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "net/transfer.h"

/* Headers that frame the message or name its target are the host's own business. */
static const char *const own_headers[] = {
    "connection", "content-length",    "expect",  "host", "keep-alive", "te",
    "trailer",    "transfer-encoding", "upgrade",
};
static const char *const credential_headers[] = {
    "authorization",
    "cookie",
    "proxy-authorization",
};

static bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x80 || byte == 0 ||
            (!isalnum(byte) && strchr("!#$%&'*+-.^_`|~", (int)byte) == NULL)) {
            return false;
        }
    }
    return size > 0;
}

static bool is_listed(struct mizan_slice name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(list[i]) == name.size &&
            strncasecmp(list[i], name.data, name.size) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_line_break(struct mizan_slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '\r' || value.data[i] == '\n' || value.data[i] == '\0') {
            return true;
        }
    }
    return false;
}

static enum mz_code check_header(const struct mizan_header *header, const char *label,
                                 struct mz_error *error)
{
    struct mizan_slice name = header->name;
    if (!is_token(name.data, name.size) || name.size > 256) {
        return mz_fail(error, MZ_USAGE, "%s: a header has an unusable name", label);
    }
    if (is_listed(name, own_headers, sizeof own_headers / sizeof *own_headers)) {
        return mz_fail(error, MZ_USAGE, "%s: the header %.*s is set by the host alone",
                       label, (int)name.size, name.data);
    }
    if (has_line_break(header->value)) {
        return mz_fail(error, MZ_USAGE,
                       "%s: the value of the header %.*s contains a line break or NUL",
                       label, (int)name.size, name.data);
    }
    return MZ_OK;
}

static enum mz_code check_validator(const char *value, const char *label,
                                    struct mz_error *error)
{
    if (value != NULL &&
        has_line_break((struct mizan_slice){.data = value, .size = strlen(value)})) {
        return mz_fail(error, MZ_USAGE, "%s: a stored validator contains a line break",
                       label);
    }
    return MZ_OK;
}

enum mz_code mz_request_read(struct mz_exchange *exchange,
                             const struct mizan_http_request *request,
                             const struct mz_validator_pair *validators,
                             struct mz_error *error)
{
    memset(exchange, 0, sizeof *exchange);
    size_t size = request->size < sizeof *request ? request->size : sizeof *request;
    memcpy(&exchange->request, request, size);
    request = &exchange->request;
    if (request->url == NULL) {
        return mz_fail(error, MZ_USAGE, "a request names no address");
    }
    enum mz_code code = mz_address_check(request->url, error);
    if (code != MZ_OK) {
        return code;
    }
    char label[MZ_LABEL_SIZE];
    mz_address_label(request->url, label);
    exchange->method = request->method == NULL ? "GET" : request->method;
    if (!is_token(exchange->method, strlen(exchange->method)) ||
        strlen(exchange->method) > 32) {
        return mz_fail(error, MZ_USAGE, "%s: the method of the request is unusable",
                       label);
    }
    for (size_t i = 0; i < request->header_count && code == MZ_OK; i++) {
        code = check_header(&request->headers[i], label, error);
    }
    if (code == MZ_OK && validators != NULL) {
        code = check_validator(validators->etag, label, error);
    }
    if (code == MZ_OK && validators != NULL) {
        code = check_validator(validators->last_modified, label, error);
    }
    bool has_validators = validators != NULL && (validators->etag != NULL ||
                                                 validators->last_modified != NULL);
    exchange->validators = has_validators ? validators : NULL;
    exchange->with_body = request->body.size > 0;
    exchange->with_credentials = true;
    return code;
}

static bool add_line(struct mz_transfer *transfer, const char *name, size_t name_size,
                     const char *value, size_t value_size)
{
    struct mz_buffer line;
    mz_buffer_init(&line, MZ_HEADER_BYTES_MOST);
    mz_buffer_add(&line, name, name_size);
    if (value_size == 0) {
        mz_buffer_byte(&line, ';'); /* libcurl's way to send an empty value */
    } else {
        mz_buffer_text(&line, ": ");
        mz_buffer_add(&line, value, value_size);
    }
    struct curl_slist *longer =
        mz_buffer_ok(&line)
            ? transfer->curl.slist_append(transfer->exchange.headers, line.data)
            : NULL;
    mz_buffer_finish(&line);
    if (longer == NULL) {
        return false;
    }
    transfer->exchange.headers = longer;
    return true;
}

static bool has_own(const struct mizan_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (is_listed(request->headers[i].name, &name, 1)) {
            return true;
        }
    }
    return false;
}

static bool add_headers(struct mz_transfer *transfer)
{
    struct mz_exchange *exchange = &transfer->exchange;
    const struct mizan_http_request *request = &exchange->request;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct mizan_header *header = &request->headers[i];
        bool withheld =
            (!exchange->with_credentials &&
             ((request->flags & MZ_HTTP_PRIVATE_HEADERS) != 0 ||
              is_listed(header->name, credential_headers,
                        sizeof credential_headers / sizeof *credential_headers))) ||
            (!exchange->with_body && header->name.size >= 8 &&
             strncasecmp(header->name.data, "content-", 8) == 0);
        if (!withheld && !add_line(transfer, header->name.data, header->name.size,
                                   header->value.data, header->value.size)) {
            return false;
        }
    }
    if (!has_own(request, "accept-encoding") &&
        !add_line(transfer, "Accept-Encoding", 15, MZ_CODINGS, sizeof MZ_CODINGS - 1)) {
        return false;
    }
    const struct mz_validator_pair *validators = exchange->validators;
    if (validators != NULL && validators->etag != NULL &&
        !add_line(transfer, "If-None-Match", 13, validators->etag,
                  strlen(validators->etag))) {
        return false;
    }
    return validators == NULL || validators->last_modified == NULL ||
           add_line(transfer, "If-Modified-Since", 17, validators->last_modified,
                    strlen(validators->last_modified));
}

/* Where it goes and what must never happen on the way. */
static bool set_target(struct mz_transfer *transfer)
{
    const struct mz_curl *curl = &transfer->curl;
    CURL *easy = transfer->easy;
    return curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_URL, transfer->now.text) == CURLE_OK;
}

static bool set_limits(struct mz_transfer *transfer)
{
    const struct mz_curl *curl = &transfer->curl;
    CURL *easy = transfer->easy;
    int64_t now = mz_clock_monotonic();
    int64_t rest = transfer->exchange.deadline - now;
    transfer->exchange.hop_started = now;
    return curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                             (long)transfer->settings->connect_timeout) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(rest > 0 ? rest : 1)) ==
               CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 100L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 30L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, 300L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) == CURLE_OK;
}

/* A certificate of ours goes to the hosts that it is meant for. */
static bool set_certificates(struct mz_transfer *transfer)
{
    const struct mz_curl *curl = &transfer->curl;
    const struct mz_client_settings *client = transfer->settings->client;
    CURL *easy = transfer->easy;
    bool ok = client->authorities == NULL ||
              curl->easy_setopt(easy, CURLOPT_CAINFO, client->authorities) == CURLE_OK;
    for (size_t i = 0; ok && i < client->certificate_count; i++) {
        if (strcasecmp(client->certificate_hosts[i], transfer->now.host) == 0) {
            ok = curl->easy_setopt(easy, CURLOPT_SSLCERT, client->certificate) ==
                     CURLE_OK &&
                 (client->key == NULL ||
                  curl->easy_setopt(easy, CURLOPT_SSLKEY, client->key) == CURLE_OK);
        }
    }
    return ok;
}

static bool set_message(struct mz_transfer *transfer)
{
    const struct mz_curl *curl = &transfer->curl;
    const struct mz_exchange *exchange = &transfer->exchange;
    CURL *easy = transfer->easy;
    bool ok =
        curl->easy_setopt(easy, CURLOPT_USERAGENT, transfer->settings->user_agent) ==
            CURLE_OK &&
        curl->easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK;
    if (exchange->with_body) {
        struct mizan_slice body = exchange->request.body;
        ok = ok &&
             curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)body.size) == CURLE_OK &&
             curl->easy_setopt(easy, CURLOPT_POSTFIELDS, body.data) == CURLE_OK;
    }
    if (transfer->settings->share != NULL) {
        ok = ok &&
             curl->easy_setopt(easy, CURLOPT_SHARE, transfer->settings->share) ==
                 CURLE_OK &&
             curl->easy_setopt(easy, CURLOPT_COOKIEFILE, "") == CURLE_OK;
    }
    if (transfer->fresh) {
        ok = ok && curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK &&
             curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
    }
    if (strcmp(exchange->method, "HEAD") == 0) {
        ok = ok && curl->easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    } else if (exchange->with_body || strcmp(exchange->method, "GET") != 0) {
        ok = ok && curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method) ==
                       CURLE_OK;
    }
    if (exchange->with_credentials && transfer->first.user[0] != '\0') {
        ok = ok &&
             curl->easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) ==
                 CURLE_OK &&
             curl->easy_setopt(easy, CURLOPT_USERNAME, transfer->first.user) ==
                 CURLE_OK &&
             curl->easy_setopt(easy, CURLOPT_PASSWORD, transfer->first.password) ==
                 CURLE_OK;
    }
    return ok;
}

enum mz_code mz_request_prepare(struct mz_transfer *transfer, struct mz_error *error)
{
    struct mz_exchange *exchange = &transfer->exchange;
    uint64_t limit = exchange->request.maximum_body;
    if (limit == 0 || limit > transfer->settings->maximum_body) {
        limit = transfer->settings->maximum_body;
    }
    if (transfer->settings->share != NULL) {
        /* A reset forgets this list without freeing it (libcurl 7.88). */
        (void)transfer->curl.easy_setopt(transfer->easy, CURLOPT_COOKIEFILE, NULL);
    }
    transfer->curl.easy_reset(transfer->easy);
    transfer->reason[0] = '\0';
    mz_request_drop_headers(transfer);
    mz_body_begin(&transfer->body, &transfer->answer, limit);
    transfer->body.keep_start = transfer->keep_start;
    mz_answer_begin(&transfer->answer);
    if (!add_headers(transfer)) {
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory for the headers",
                       transfer->now.label);
    }
    if (!set_target(transfer) ||
        !mz_guard_install(&transfer->guard, &transfer->curl, transfer->easy) ||
        !set_limits(transfer) || !set_message(transfer) ||
        !set_certificates(transfer) ||
        !mz_body_install(&transfer->body, &transfer->curl, transfer->easy) ||
        !mz_answer_install(&transfer->answer, &transfer->curl, transfer->easy)) {
        return mz_fail(error, MZ_INTERNAL,
                       "%s: libcurl refuses an option that a safe request needs",
                       transfer->now.label);
    }
    return MZ_OK;
}

void mz_request_redirect(struct mz_exchange *exchange, int status, bool same_origin)
{
    bool becomes_get =
        (status == 303 && strcmp(exchange->method, "HEAD") != 0) ||
        ((status == 301 || status == 302) && strcmp(exchange->method, "POST") == 0);
    if (becomes_get) {
        exchange->method = "GET";
        exchange->with_body = false;
    }
    if (!same_origin) {
        exchange->with_credentials = false;
    }
}

void mz_request_drop_headers(struct mz_transfer *transfer)
{
    if (transfer->exchange.headers != NULL) {
        transfer->curl.slist_free_all(transfer->exchange.headers);
    }
    transfer->exchange.headers = NULL;
}

void mz_request_finish(struct mz_transfer *transfer)
{
    mz_request_drop_headers(transfer);
    mz_body_finish(&transfer->body);
    mz_answer_finish(&transfer->answer);
}
