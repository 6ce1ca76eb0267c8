#include "net/cassette.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "net/transfer.h"
#include "value/base64.h"
#include "value/digest.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_CASSETTE ((size_t)256 << 20)
#define MOST_LINE     ((size_t)64 << 20)

/* One recorded exchange: its object, and whether it was handed out. */
struct entry {
    struct mizan_value object;
    char method[16];
    const char *url, *digest; /* digest: of the request's body, or "" */
    bool used;
    struct entry *next;
};

/* The cassette in place. Requests come from the threads of one run. */
static struct {
    pthread_mutex_t lock;
    bool in_place, recording, changed;
    char path[MZ_PATH]; /* empty: none */
    struct mz_arena *arena;
    struct entry *first, **last;
} cassette = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- masking ---- */

static bool is_secret_name(const char *name, size_t size)
{
    static const char *const words[] = {"key",       "token", "secret",
                                        "password",  "pass",  "auth",
                                        "signature", "sig",   "apikey"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (size >= length &&
            strncasecmp(name + size - length, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

/* The address without user and password, and with secret parameters masked. */
static const char *mask(struct mz_arena *arena, const char *url)
{
    struct mz_buffer out;
    const char *scheme = strstr(url, "://");
    const char *authority = scheme == NULL ? url : scheme + 3;
    const char *path = authority + strcspn(authority, "/?#");
    const char *at = memchr(authority, '@', (size_t)(path - authority));
    const char *query = strchr(path, '?');
    mz_buffer_init(&out, MOST_LINE);
    mz_buffer_add(&out, url, (size_t)(authority - url));
    authority = at == NULL ? authority : at + 1;
    mz_buffer_add(&out, authority,
                  query == NULL ? strlen(authority) : (size_t)(query + 1 - authority));
    while (query != NULL && query[1] != '\0') {
        const char *name = query + 1;
        size_t size = strcspn(name, "&"), length = strcspn(name, "=&");
        if (length < size && is_secret_name(name, length)) {
            mz_buffer_add(&out, name, length);
            mz_buffer_text(&out, "=***");
        } else {
            mz_buffer_add(&out, name, size);
        }
        query = name[size] == '&' ? name + size : NULL;
        mz_buffer_text(&out, query == NULL ? "" : "&");
    }
    const char *copy =
        mz_buffer_ok(&out) ? mz_arena_copy(arena, out.data, out.size) : NULL;
    mz_buffer_finish(&out);
    return copy;
}

/* ---- the file ---- */

static enum mz_code keep(const struct mizan_value *object, int line,
                         struct mz_error *error)
{
    const char *method = mz_map_text(object, "method"),
               *url = mz_map_text(object, "url");
    const char *digest = mz_map_text(object, "body_sha256");
    struct entry *entry = mz_arena_zero(cassette.arena, sizeof *entry);
    if (entry == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the cassette");
    }
    if (object->type != MIZAN_MAP || method == NULL || url == NULL ||
        strlen(method) >= sizeof entry->method) {
        mz_fail(error, MZ_INPUT, "a line of a cassette has a method and a url");
        mz_error_place(error, cassette.path, line, 0, 0);
        return MZ_INPUT;
    }
    entry->object = *object;
    memcpy(entry->method, method, strlen(method) + 1);
    entry->url = url;
    entry->digest = digest == NULL ? "" : digest;
    *cassette.last = entry;
    cassette.last = &entry->next;
    return MZ_OK;
}

static enum mz_code read_lines(const char *data, struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    for (int line = 1; *data != '\0' && code == MZ_OK; line++) {
        struct mizan_value object;
        size_t size = strcspn(data, "\n");
        if (size > 0) {
            code = mz_json_parse(cassette.arena, data, size, &object, error);
            if (code != MZ_OK) {
                mz_error_place(error, cassette.path, line, 0, 0);
            } else {
                code = keep(&object, line, error);
            }
        }
        data += size + (data[size] == '\n');
    }
    return code;
}

static enum mz_code insert(const char *path, bool record, struct mz_error *error)
{
    char *data = NULL;
    size_t size;
    cassette.arena = mz_arena_create(MOST_CASSETTE * 2);
    cassette.first = NULL;
    cassette.last = &cassette.first;
    cassette.recording = record && path != NULL;
    cassette.changed = false;
    cassette.path[0] = '\0';
    if (cassette.arena == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the cassette");
    }
    if (path == NULL) {
        return MZ_OK;
    }
    if (strlen(path) >= sizeof cassette.path) {
        return mz_fail(error, MZ_USAGE, "the name of the cassette is too long");
    }
    memcpy(cassette.path, path, strlen(path) + 1);
    enum mz_code code = mz_file_read(path, MOST_CASSETTE, &data, &size, error);
    if (code == MZ_NO_FILE && record) {
        return MZ_OK;
    }
    if (code == MZ_NO_FILE) {
        mz_error_help(error, "mizan test --record makes it");
    }
    if (code == MZ_OK) {
        code = read_lines(data, error);
    }
    free(data);
    return code;
}

enum mz_code mz_cassette_insert(const char *path, bool record, struct mz_error *error)
{
    pthread_mutex_lock(&cassette.lock);
    enum mz_code code = insert(path, record, error);
    cassette.in_place = code == MZ_OK;
    if (code != MZ_OK) {
        mz_arena_destroy(cassette.arena);
        cassette.arena = NULL;
    }
    pthread_mutex_unlock(&cassette.lock);
    return code;
}

static enum mz_code write_file(struct mz_error *error)
{
    struct mz_buffer out;
    enum mz_code code;
    mz_buffer_init(&out, MOST_CASSETTE);
    for (const struct entry *e = cassette.first; e != NULL; e = e->next) {
        mz_json_value(&out, &e->object);
        mz_buffer_byte(&out, '\n');
    }
    if (mz_buffer_ok(&out)) {
        code = mz_file_write(cassette.path, out.data, out.size, error);
    } else {
        code = mz_fail(error, MZ_LIMIT, "the cassette %s would be too large",
                       cassette.path);
    }
    mz_buffer_finish(&out);
    return code;
}

enum mz_code mz_cassette_eject(struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    pthread_mutex_lock(&cassette.lock);
    if (cassette.in_place && cassette.changed) {
        code = write_file(error);
    }
    mz_arena_destroy(cassette.arena);
    cassette.arena = NULL;
    cassette.in_place = false;
    pthread_mutex_unlock(&cassette.lock);
    return code;
}

bool mz_cassette_in_place(void)
{
    pthread_mutex_lock(&cassette.lock);
    bool in_place = cassette.in_place;
    pthread_mutex_unlock(&cassette.lock);
    return in_place;
}

bool mz_cassette_playing(void)
{
    pthread_mutex_lock(&cassette.lock);
    bool playing = cassette.in_place && !cassette.recording;
    pthread_mutex_unlock(&cassette.lock);
    return playing;
}

/* ---- playing ---- */

/* The next entry for the request that was not handed out, else the last that was. */
static struct entry *find(const char *method, const char *url, const char *digest)
{
    struct entry *last = NULL;
    for (struct entry *e = cassette.first; e != NULL; e = e->next) {
        if (strcmp(e->method, method) == 0 && strcmp(e->url, url) == 0 &&
            strcmp(e->digest, digest) == 0) {
            last = e;
            if (!e->used) {
                break;
            }
        }
    }
    return last;
}

static struct mizan_slice slice_of(struct mz_arena *arena,
                                   const struct mizan_value *object, const char *name)
{
    const char *text = mz_map_text(object, name);
    const char *copy = text == NULL ? NULL : mz_arena_string(arena, text);
    return (struct mizan_slice){copy == NULL ? "" : copy,
                                copy == NULL ? 0 : strlen(copy)};
}

static bool read_body(struct mz_arena *arena, const struct mizan_value *object,
                      struct mizan_slice *body)
{
    const struct mizan_value *text = mz_map_member(object, "body");
    const struct mizan_value *coded = mz_map_member(object, "body_base64");
    struct mizan_value copy;
    *body = (struct mizan_slice){"", 0};
    if (coded != NULL && coded->type == MIZAN_TEXT) {
        return mz_base64_decode(arena, coded->as.text, body);
    }
    if (text == NULL || text->type != MIZAN_TEXT) {
        return true;
    }
    if (!mz_value_copy(arena, text, &copy)) {
        return false;
    }
    *body = copy.as.text;
    return true;
}

/* Headers are a list of pairs. */
static bool read_headers(struct mz_arena *arena, const struct mizan_value *object,
                         struct mizan_http_response *response)
{
    const struct mizan_value *list = mz_map_member(object, "headers");
    struct mizan_header *headers;
    if (list == NULL || list->type != MIZAN_LIST) {
        return true;
    }
    headers = mz_arena_alloc(arena, (list->as.list.count + 1) * sizeof *headers);
    if (headers == NULL) {
        return false;
    }
    response->headers = headers;
    for (size_t i = 0; i < list->as.list.count; i++) {
        const struct mizan_value *pair = &list->as.list.items[i];
        struct mizan_value name, value;
        if (pair->type == MIZAN_LIST && pair->as.list.count == 2 &&
            mz_value_copy(arena, &pair->as.list.items[0], &name) &&
            mz_value_copy(arena, &pair->as.list.items[1], &value) &&
            name.type == MIZAN_TEXT && value.type == MIZAN_TEXT) {
            headers[response->header_count].name = name.as.text;
            headers[response->header_count++].value = value.as.text;
        }
    }
    return true;
}

static bool equal(struct mizan_slice slice, const char *text)
{
    return text != NULL && slice.size > 0 && strlen(text) == slice.size &&
           memcmp(slice.data, text, slice.size) == 0;
}

static enum mz_code play(const struct entry *entry, struct mz_arena *arena,
                         const struct mizan_http_request *request,
                         const struct mz_validator_pair *validators,
                         struct mizan_http_response *response, struct mz_error *error)
{
    const struct mizan_value *object = &entry->object;
    const struct mizan_value *status = mz_map_member(object, "status");
    const char *failure = mz_map_text(object, "failure"),
               *final = mz_map_text(object, "final_url");
    struct mizan_http_response full = {.size = response->size, .status = 200};
    for (int code = 0; failure != NULL && code <= MZ_NOT_FOUND; code++) {
        if (strcmp(mz_code_name((enum mz_code)code), failure) == 0 && code != MZ_OK) {
            const char *message = mz_map_text(object, "message");
            return mz_fail(error, (enum mz_code)code, "%s",
                           message == NULL ? entry->url : message);
        }
    }
    if (failure != NULL) {
        return mz_fail(error, MZ_INPUT, "the cassette %s has no such failure as '%s'",
                       cassette.path, failure);
    }
    if (status != NULL && status->type == MIZAN_INTEGER) {
        full.status = (int32_t)status->as.integer;
    }
    enum mz_code code = mz_status_outcome(entry->url, full.status, true, error);
    if (code != MZ_OK) {
        return code;
    }
    full.url = mz_arena_string(arena, request->url);
    full.final_url = mz_arena_string(arena, final == NULL ? request->url : final);
    full.fetched_at = mz_clock_now();
    full.media_type = slice_of(arena, object, "media_type");
    full.charset = slice_of(arena, object, "charset");
    full.etag = slice_of(arena, object, "etag");
    full.last_modified = slice_of(arena, object, "last_modified");
    if (full.url == NULL || full.final_url == NULL ||
        !read_headers(arena, object, &full) || !read_body(arena, object, &full.body)) {
        return mz_fail(error, MZ_INPUT, "the cassette %s has a broken answer for %s",
                       cassette.path, entry->url);
    }
    if (validators != NULL && (equal(full.etag, validators->etag) ||
                               equal(full.last_modified, validators->last_modified))) {
        full.status = 304;
        full.body = (struct mizan_slice){"", 0};
    }
    memcpy(response, &full, full.size < sizeof full ? full.size : sizeof full);
    return MZ_OK;
}

/* ---- recording ---- */

static void put_member(struct mz_buffer *out, const char *name,
                       struct mizan_slice value)
{
    if (value.size > 0) {
        mz_buffer_printf(out, ",\"%s\":", name);
        mz_json_text(out, value.data, value.size);
    }
}

static void put_headers(struct mz_buffer *out,
                        const struct mizan_http_response *response)
{
    bool first = true;
    mz_buffer_text(out, ",\"headers\":[");
    for (size_t i = 0; i < response->header_count; i++) {
        const struct mizan_header *header = &response->headers[i];
        if (header->name.size == 10 &&
            strncasecmp(header->name.data, "set-cookie", 10) == 0) {
            continue;
        }
        mz_buffer_text(out, first ? "[" : ",[");
        mz_json_text(out, header->name.data, header->name.size);
        mz_buffer_byte(out, ',');
        mz_json_text(out, header->value.data, header->value.size);
        mz_buffer_byte(out, ']');
        first = false;
    }
    mz_buffer_byte(out, ']');
}

static void put_body(struct mz_buffer *out, struct mizan_slice body)
{
    bool text = mz_utf8_valid(body.data, body.size) &&
                memchr(body.data, '\0', body.size) == NULL;
    struct mizan_value value = mz_bytes(body.data, body.size);
    if (body.size > 0) {
        mz_buffer_text(out, text ? ",\"body\":" : ",\"body_base64\":");
    }
    if (body.size > 0 && text) {
        mz_json_text(out, body.data, body.size);
    } else if (body.size > 0) {
        mz_json_value(out, &value);
    }
}

/* Adds the exchange as the object that a later reading of the file gives. */
/* A body whose tokens of OAuth 2, values of "access_token" and the like in JSON, are
 * masked: copied when there are any. */
static struct mizan_slice without_tokens(struct mizan_slice body)
{
    static const char *const names[] = {"\"access_token\"", "\"refresh_token\"",
                                        "\"id_token\""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        char *at = memmem(body.data, body.size, names[i], length);
        size_t from = at == NULL ? body.size : (size_t)(at - body.data) + length;
        while (from < body.size && strchr(" \t\r\n:", body.data[from]) != NULL) {
            from++;
        }
        if (from >= body.size || body.data[from] != '"') {
            continue;
        }
        char *copy = mz_arena_copy(cassette.arena, body.data, body.size);
        if (copy == NULL) {
            return (struct mizan_slice){"", 0};
        }
        for (size_t k = from + 1; k < body.size && copy[k] != '"'; k++) {
            copy[k] = '*';
        }
        body.data = copy;
    }
    return body;
}

static enum mz_code record(const char *method, const char *url, const char *digest,
                           const struct mizan_http_response *response,
                           enum mz_code result, struct mz_error *error)
{
    struct mz_buffer out;
    struct mizan_value object;
    enum mz_code code = MZ_MEMORY;
    mz_buffer_init(&out, MOST_LINE);
    mz_buffer_printf(&out, "{\"method\":\"%s\",\"url\":", method);
    mz_json_text(&out, url, strlen(url));
    put_member(&out, "body_sha256", (struct mizan_slice){digest, strlen(digest)});
    if (result != MZ_OK) {
        const char *name = mz_code_name(result);
        put_member(&out, "failure", (struct mizan_slice){name, strlen(name)});
        put_member(&out, "message",
                   (struct mizan_slice){error->message, strlen(error->message)});
    } else {
        const char *final = mask(cassette.arena, response->final_url);
        mz_buffer_printf(&out, ",\"status\":%d", (int)response->status);
        put_member(&out, "final_url",
                   (struct mizan_slice){final, final == NULL ? 0 : strlen(final)});
        put_headers(&out, response);
        put_member(&out, "media_type", response->media_type);
        put_member(&out, "charset", response->charset);
        put_member(&out, "etag", response->etag);
        put_member(&out, "last_modified", response->last_modified);
        put_body(&out, without_tokens(response->body));
    }
    mz_buffer_byte(&out, '}');
    struct mz_error broken;
    if (mz_buffer_ok(&out)) {
        code = mz_json_parse(cassette.arena, out.data, out.size, &object, &broken);
    }
    if (code == MZ_OK) {
        code = keep(&object, 0, &broken);
    }
    mz_buffer_finish(&out);
    if (code == MZ_OK) {
        /* It was answered just now; the next request alike is another one. */
        for (struct entry *e = cassette.first; e != NULL; e = e->next) {
            e->used = e->used || e->next == NULL;
        }
        cassette.changed = true;
        return result;
    }
    return mz_fail(error, code, "the answer of %s could not be recorded", url);
}

static enum mz_code refuse(const char *method, const char *url, struct mz_error *error)
{
    if (cassette.path[0] == '\0') {
        mz_fail(error, MZ_NOT_PERMITTED, "a test sends no request: %s %s", method, url);
        mz_error_help(error, "name a cassette, http = \"data/NAME.jsonl\", and make it "
                             "with mizan test --record");
    } else {
        mz_fail(error, MZ_NOT_PERMITTED, "the cassette %s has no answer to %s %s",
                mz_path_name(cassette.path), method, url);
        mz_error_help(error, "mizan test --record adds it");
    }
    return MZ_NOT_PERMITTED;
}

enum mz_code mz_cassette_request(struct mz_pool *pool, struct mz_arena *arena,
                                 const struct mizan_http_request *request,
                                 const struct mz_validator_pair *validators,
                                 struct mizan_http_response *response,
                                 mz_live_request live, struct mz_error *error)
{
    const char *method = request->method == NULL ? "GET" : request->method;
    char digest[MZ_DIGEST_TEXT] = "";
    const char *url = mask(arena, request->url);
    enum mz_code code;
    if (url == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a request");
    }
    if (request->body.size > 0) {
        mz_digest(request->body.data, request->body.size, digest);
    }
    pthread_mutex_lock(&cassette.lock);
    struct entry *entry = find(method, url, digest);
    bool again = cassette.recording && (entry == NULL || entry->used);
    if (entry != NULL && !again) {
        entry->used = true;
        code = play(entry, arena, request, validators, response, error);
    } else if (!cassette.recording) {
        code = refuse(method, url, error);
    } else {
        pthread_mutex_unlock(&cassette.lock);
        /* Without validators: a recorded 304 would have no body to play. */
        code = live(pool, arena, request, NULL, response, error);
        pthread_mutex_lock(&cassette.lock);
        code = record(method, url, digest, response, code, error);
    }
    pthread_mutex_unlock(&cassette.lock);
    return code;
}
