#include "run/exchanges.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "net/robots.h"
#include "run/counts.h"
#include "value/json.h"

#define HEADERS_MOST ((size_t)16 * 1024) /* bytes of JSON of one exchange */
#define VALUE_MOST   ((size_t)2048)

static const char *const secret_names[] = {"authorization", "proxy-authorization",
                                           "cookie", "set-cookie"};

static bool is_named(struct mizan_slice name, const char *text)
{
    return strlen(text) == name.size && strncasecmp(text, name.data, name.size) == 0;
}

static bool is_secret(struct mizan_slice name)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        if (is_named(name, secret_names[i])) {
            return true;
        }
    }
    return false;
}

/* A text of JSON; what is no printable ASCII is a question mark, since nobody says in
 * which charset it would be. */
static void put_text(struct mz_buffer *out, struct mizan_slice text, bool lower)
{
    char copy[VALUE_MOST];
    size_t size = text.size < sizeof copy ? text.size : sizeof copy;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        copy[i] = byte < 0x20 || byte >= 0x7f ? '?'
                  : lower                     ? (char)tolower(byte)
                                              : (char)byte;
    }
    mz_json_text(out, copy, size);
}

static void put(struct mz_buffer *out, bool *first, struct mizan_slice name,
                struct mizan_slice value)
{
    if (out->size > HEADERS_MOST) {
        return;
    }
    mz_buffer_text(out, *first ? "" : ",");
    *first = false;
    put_text(out, name, true);
    mz_buffer_byte(out, ':');
    put_text(out, value, false);
}

static struct mizan_slice slice(const char *text)
{
    return (struct mizan_slice){text, strlen(text)};
}

static bool is_first(const struct mizan_header *headers, size_t place)
{
    for (size_t i = 0; i < place; i++) {
        if (headers[i].name.size == headers[place].name.size &&
            strncasecmp(headers[i].name.data, headers[place].name.data,
                        headers[i].name.size) == 0) {
            return false;
        }
    }
    return true;
}

/* Headers of one name are one, as RFC 9110 5.3 puts them together. */
static void put_headers(struct mz_buffer *out, bool *first,
                        const struct mizan_header *headers, size_t count, bool hidden)
{
    for (size_t i = 0; i < count && out->size <= HEADERS_MOST; i++) {
        struct mz_buffer value;
        if (!is_first(headers, i)) {
            continue;
        }
        mz_buffer_init(&value, VALUE_MOST * 4);
        for (size_t k = i; k < count; k++) {
            if (headers[k].name.size == headers[i].name.size &&
                strncasecmp(headers[k].name.data, headers[i].name.data,
                            headers[i].name.size) == 0 &&
                value.size < VALUE_MOST) {
                mz_buffer_text(&value, value.size > 0 ? ", " : "");
                mz_buffer_add(&value, headers[k].value.data, headers[k].value.size);
            }
        }
        bool secret = hidden || is_secret(headers[i].name);
        put(out, first, headers[i].name,
            secret            ? slice("***")
            : value.size == 0 ? slice("")
                              : (struct mizan_slice){value.data, value.size});
        mz_buffer_finish(&value);
    }
}

static char *describe(const struct mizan_http_request *request,
                      const struct mz_validator_pair *validators,
                      const struct mizan_http_response *response)
{
    struct mz_buffer out;
    bool first = false;
    mz_buffer_init(&out, HEADERS_MOST * 2);
    mz_buffer_text(&out, "{\"request\":{\"method\":");
    put_text(&out, slice(request->method == NULL ? "GET" : request->method), false);
    put_headers(&out, &first, request->headers, request->header_count,
                (request->flags & MZ_HTTP_PRIVATE_HEADERS) != 0);
    if (validators != NULL && validators->etag != NULL) {
        put(&out, &first, slice("if-none-match"), slice(validators->etag));
    }
    if (validators != NULL && validators->last_modified != NULL) {
        put(&out, &first, slice("if-modified-since"), slice(validators->last_modified));
    }
    mz_buffer_text(&out, "},\"response\":{");
    first = true;
    put_headers(&out, &first, response->headers, response->header_count, false);
    mz_buffer_text(&out, "}}");
    if (!mz_buffer_ok(&out)) {
        mz_buffer_finish(&out);
        return NULL;
    }
    return out.data;
}

static void forget(struct mz_exchange_note *note)
{
    free(note->url);
    free(note->final_url);
    free(note->headers);
    memset(note, 0, sizeof *note);
}

void mz_exchanges_note(struct mz_exchanges *exchanges,
                       const struct mizan_http_request *request,
                       const struct mz_validator_pair *validators,
                       const struct mizan_http_response *response)
{
    struct mz_exchange_note *note = &exchanges->notes[exchanges->next];
    forget(note);
    if (response->url == NULL || response->final_url == NULL) {
        return;
    }
    note->url = strdup(response->url);
    note->final_url = strdup(response->final_url);
    note->headers = describe(request, validators, response);
    if (note->url == NULL || note->final_url == NULL || note->headers == NULL) {
        forget(note);
        return;
    }
    (void)mz_robots_tag_closes(response->headers, response->header_count,
                               MZ_ROBOTS_PRODUCT, mz_clock_now(), note->closed);
    exchanges->next = (exchanges->next + 1) % MZ_EXCHANGES_KEPT;
}

const struct mz_exchange_note *mz_exchanges_find(const struct mz_exchanges *exchanges,
                                                 const char *url)
{
    for (size_t i = 1; i <= MZ_EXCHANGES_KEPT; i++) {
        size_t place = (exchanges->next + MZ_EXCHANGES_KEPT - i) % MZ_EXCHANGES_KEPT;
        const struct mz_exchange_note *note = &exchanges->notes[place];
        if (note->url != NULL &&
            (strcmp(note->url, url) == 0 || strcmp(note->final_url, url) == 0)) {
            return note;
        }
    }
    return NULL;
}

bool mz_exchange_is_closed(const struct mz_exchange_note *note,
                           const struct mz_stages *stages)
{
    char reason[MZ_ROBOTS_RULE + 24];
    if (note->closed[0] == '\0' || !stages->pipeline->robots) {
        return false;
    }
    snprintf(reason, sizeof reason, "X-Robots-Tag: %s", note->closed);
    mz_counts_add(stages->counts, "dropped", reason, 1);
    return true;
}

void mz_exchanges_finish(struct mz_exchanges *exchanges)
{
    for (size_t i = 0; i < MZ_EXCHANGES_KEPT; i++) {
        forget(&exchanges->notes[i]);
    }
}
