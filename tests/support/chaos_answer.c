/*
 * Parameters of an address (any path):
 *
 *     status=N size=N body=TEXT type=T header=LINE(…)   what is answered
 *     later=TEXT                                        the body but for the first
 * asker fail=N          only the first N askers get that status, then 200
 *     retry_after=T(…)  in=N                            Retry-After as is; a date in N
 * s etag=T modified=T  honour=1                       validators; 304 when they match
 *     location=T  hops=N                                where to; N redirects, then 200
 *     need=T                                            401 without `Authorization: T`
 *     pages=N page=K                                    JSON pages with next and Link
 *     delay=MS headdelay=MS dribble=MS                  before, in, a byte per
 *     truncate=N reset=N                                N bytes of body, FIN or RST
 *     length=T(…) chunk=T both=1 open=1                 lies about length
 *     endless=body|headers|interim  headers=N bigheader=N cookies=N odd=nocolon|nul
 *     encode=NAME as=T                                  Content-Encoding
 *     line=T first=T silent=1 close=1                   status line and before it
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "chaos_server.h"

#define LINE_MOST 4200

struct reply {
    long status;
    const unsigned char *body;
    unsigned char *owned; /* to be freed */
    size_t size;
    bool keep; /* the connection */
};

static void end_by_reset(const struct ask *ask)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(ask->socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* ---- endless things ---- */

static bool send_forever(const struct ask *ask, const char *bytes, int64_t pause)
{
    while (chaos_text(ask, bytes)) {
        if (pause > 0 && !chaos_sleep(ask->chaos, pause)) {
            break;
        }
    }
    return false;
}

static bool endless(const struct ask *ask, const char *what)
{
    if (strcmp(what, "interim") == 0) {
        return send_forever(ask, "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n",
                            chaos_number(ask, "dribble", 1));
    }
    if (!chaos_text(ask, "HTTP/1.1 200 OK\r\n")) {
        return false;
    }
    if (strcmp(what, "headers") == 0) {
        return send_forever(ask, "X-More: and more of it, line after line\r\n",
                            chaos_number(ask, "dribble", 0));
    }
    if (!chaos_text(ask, "Content-Type: text/plain\r\n\r\n")) {
        return false;
    }
    return send_forever(ask,
                        chaos_number(ask, "dribble", 0) > 0 ? "x" : ask->chaos->block,
                        chaos_number(ask, "dribble", 0));
}

/* ---- headers ---- */

static bool header(const struct ask *ask, const char *name, const char *value)
{
    return chaos_text(ask, name) && chaos_text(ask, ": ") && chaos_text(ask, value) &&
           chaos_text(ask, "\r\n");
}

/* Each value of a parameter as a header. */
static bool headers_of(const struct ask *ask, const char *parameter, const char *name)
{
    char value[TARGET_MOST];
    bool good = true;
    for (int i = 0; good && chaos_parameter(ask, parameter, i, value, sizeof value);
         i++) {
        if (name == NULL) {
            good = chaos_text(ask, value) && chaos_text(ask, "\r\n");
        } else {
            good = header(ask, name, value);
        }
    }
    return good;
}

static bool send_date(const struct ask *ask)
{
    char text[64];
    struct tm parts;
    int64_t in = chaos_number(ask, "in", 0);
    if (!chaos_parameter(ask, "in", 0, text, sizeof text)) {
        return true;
    }
    time_t then = time(NULL) + (time_t)in;
    gmtime_r(&then, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return header(ask, "Retry-After", text);
}

static bool send_floods(const struct ask *ask)
{
    bool good = true;
    char line[128];
    int64_t count = chaos_number(ask, "headers", 0);
    for (int64_t i = 0; good && i < count; i++) {
        snprintf(line, sizeof line, "X-%lld: y\r\n", (long long)i);
        good = chaos_text(ask, line);
    }
    count = chaos_number(ask, "cookies", 0);
    for (int64_t i = 0; good && i < count; i++) {
        snprintf(line, sizeof line, "Set-Cookie: c%lld=v; Path=/\r\n", (long long)i);
        good = chaos_text(ask, line);
    }
    int64_t size = chaos_number(ask, "bigheader", 0);
    good = good && (size == 0 || chaos_text(ask, "X-Big: "));
    for (int64_t i = 0; good && i < size; i += 64) {
        good = chaos_text(
            ask, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
    }
    return good && (size == 0 || chaos_text(ask, "\r\n"));
}

static bool send_odd(const struct ask *ask)
{
    char odd[32];
    if (!chaos_parameter(ask, "odd", 0, odd, sizeof odd)) {
        return true;
    }
    return strcmp(odd, "nul") == 0 ? chaos_send(ask, "X-Nul: a\0b\r\n", 12)
                                   : chaos_text(ask, "no colon in here\r\n");
}

static bool send_page_links(const struct ask *ask)
{
    char line[LINE_MOST];
    int64_t pages = chaos_number(ask, "pages", 0);
    int64_t page = chaos_number(ask, "page", 1);
    if (page >= pages) {
        return true;
    }
    snprintf(line, sizeof line, "<%.1000s?pages=%lld&page=%lld>; rel=\"next\"",
             ask->path, (long long)pages, (long long)page + 1);
    return header(ask, "Link", line);
}

static bool send_lengths(const struct ask *ask, const struct reply *reply)
{
    char text[64];
    bool chunked = chaos_parameter(ask, "chunk", 0, text, sizeof text);
    bool given = chaos_parameter(ask, "length", 0, text, sizeof text);
    bool both = chaos_number(ask, "both", 0) != 0;
    bool good = true;
    if (chunked || both) {
        good = header(ask, "Transfer-Encoding", "chunked");
    }
    if (given) {
        return good && headers_of(ask, "length", "Content-Length");
    }
    if ((chunked && !both) || chaos_number(ask, "open", 0) != 0 ||
        reply->status == 204 || reply->status == 304) {
        return good;
    }
    snprintf(text, sizeof text, "%zu", reply->size);
    return good && header(ask, "Content-Length", text);
}

static bool send_head(const struct ask *ask, const struct reply *reply)
{
    char text[512];
    char type[128] = "text/plain; charset=utf-8";
    char as[64];
    if (!chaos_parameter(ask, "line", 0, text, sizeof text)) {
        snprintf(text, sizeof text, "HTTP/1.1 %ld Chaos", reply->status);
    }
    (void)chaos_parameter(ask, "type", 0, type, sizeof type);
    bool good = headers_of(ask, "first", NULL) && chaos_text(ask, text) &&
                chaos_text(ask, "\r\n") && header(ask, "Content-Type", type);
    int64_t pause = chaos_number(ask, "headdelay", 0);
    good = good && (pause == 0 || chaos_sleep(ask->chaos, pause));
    if (reply->status >= 400) {
        good = good && headers_of(ask, "retry_after", "Retry-After") && send_date(ask);
    }
    good = good && headers_of(ask, "etag", "ETag") &&
           headers_of(ask, "modified", "Last-Modified") &&
           headers_of(ask, "location", "Location") && headers_of(ask, "header", NULL);
    if (good && chaos_parameter(ask, "as", 0, as, sizeof as)) {
        good = header(ask, "Content-Encoding", as);
    }
    if (chaos_number(ask, "close", 0) != 0) {
        good = good && header(ask, "Connection", "close");
    }
    return good && send_page_links(ask) && send_odd(ask) && send_floods(ask) &&
           send_lengths(ask, reply) && chaos_text(ask, "\r\n");
}

/* ---- bodies ---- */

static bool send_slowly(const struct ask *ask, const unsigned char *bytes, size_t size)
{
    int64_t pause = chaos_number(ask, "dribble", 0);
    if (pause == 0) {
        return chaos_send(ask, bytes, size);
    }
    for (size_t i = 0; i < size; i++) {
        if (!chaos_send(ask, bytes + i, 1) || !chaos_sleep(ask->chaos, pause)) {
            return false;
        }
    }
    return true;
}

/* False when the connection is at its end. */
static bool send_body(const struct ask *ask, const struct reply *reply)
{
    char text[64];
    int64_t cut = chaos_number(ask, "truncate", -1);
    int64_t reset = chaos_number(ask, "reset", -1);
    size_t size = reply->size;
    bool ends = cut >= 0 || reset >= 0;
    if (ends) {
        size_t most = (size_t)(cut >= 0 ? cut : reset);
        size = size < most ? size : most;
    }
    if (chaos_parameter(ask, "chunk", 0, text, sizeof text) ||
        (chaos_number(ask, "both", 0) != 0 &&
         snprintf(text, sizeof text, "%zx", size) > 0)) {
        if (!chaos_text(ask, text) || !chaos_text(ask, "\r\n") ||
            !send_slowly(ask, reply->body, size) ||
            (!ends && !chaos_text(ask, "\r\n0\r\n\r\n"))) {
            return false;
        }
    } else if (!send_slowly(ask, reply->body, size)) {
        return false;
    }
    if (reset >= 0) {
        (void)chaos_sleep(ask->chaos, 50);
        end_by_reset(ask);
    }
    return !ends && chaos_number(ask, "open", 0) == 0;
}

/* ---- what is answered ---- */

static bool matches(const struct ask *ask, const char *parameter, const char *name)
{
    char own[1024], theirs[1024];
    return chaos_parameter(ask, parameter, 0, own, sizeof own) &&
           chaos_header(ask, name, theirs, sizeof theirs) && strcmp(own, theirs) == 0;
}

static long choose_status(const struct ask *ask)
{
    char need[512], given[512];
    long status = (long)chaos_number(ask, "status", 200);
    int64_t hops = chaos_number(ask, "hops", -1);
    int64_t fail = chaos_number(ask, "fail", -1);
    if (chaos_parameter(ask, "need", 0, need, sizeof need) &&
        (!chaos_header(ask, "authorization", given, sizeof given) ||
         strcmp(need, given) != 0)) {
        return 401;
    }
    if (hops > 0) {
        return 302;
    }
    if (fail >= 0 && ask->turn >= fail) {
        status = 200;
    }
    if (chaos_number(ask, "honour", 0) != 0 &&
        (matches(ask, "etag", "if-none-match") ||
         matches(ask, "modified", "if-modified-since"))) {
        status = 304;
    }
    return status;
}

static size_t make_page(const struct ask *ask, char *out, size_t size)
{
    int64_t pages = chaos_number(ask, "pages", 0);
    int64_t page = chaos_number(ask, "page", 1);
    int length =
        snprintf(out, size, "{\"data\":[{\"id\":%lld}],\"next\":", (long long)page);
    if (page < pages) {
        length += snprintf(out + length, size - (size_t)length,
                           "\"%.500s?pages=%lld&page=%lld\"}", ask->path,
                           (long long)pages, (long long)page + 1);
    } else {
        length += snprintf(out + length, size - (size_t)length, "null}");
    }
    return (size_t)length;
}

/* False when there is no memory for it. */
static bool make_body(const struct ask *ask, struct reply *reply)
{
    char text[TARGET_MOST];
    char encoding[32];
    int64_t size = chaos_number(ask, "size", -1);
    size_t length = 0;
    if (reply->status == 204 || reply->status == 304) {
        return true;
    }
    if (chaos_number(ask, "pages", 0) > 0) {
        length = make_page(ask, text, sizeof text);
    } else if ((ask->turn > 0 && chaos_parameter(ask, "later", 0, text, sizeof text)) ||
               chaos_parameter(ask, "body", 0, text, sizeof text)) {
        length = strlen(text);
    } else {
        length = (size_t)snprintf(text, sizeof text, "status %ld\n", reply->status);
    }
    reply->size = size >= 0 ? (size_t)size : length;
    reply->owned = malloc(reply->size + 1);
    if (reply->owned == NULL) {
        return false;
    }
    for (size_t i = 0; i < reply->size; i++) {
        reply->owned[i] =
            (unsigned char)(size < 0 ? text[i]
                                     : "abcdefghijklmnopqrstuvwxyz"[i % 61 % 26]);
    }
    if (chaos_parameter(ask, "encode", 0, encoding, sizeof encoding)) {
        unsigned char *coded =
            chaos_encode(encoding, reply->owned, reply->size, &reply->size);
        free(reply->owned);
        reply->owned = coded;
    }
    reply->body = reply->owned;
    return reply->owned != NULL;
}

/* A chain of redirects that counts down. */
static bool answer_hop(const struct ask *ask, int64_t hops)
{
    char line[LINE_MOST];
    snprintf(line, sizeof line,
             "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
             "%.1000s?hops=%lld\r\n\r\n",
             ask->path, (long long)hops - 1);
    chaos_log(ask, "end", "302");
    return chaos_text(ask, line);
}

bool chaos_answer(struct ask *ask)
{
    char text[64];
    int64_t sent = 0;
    struct reply reply = {.body = (const unsigned char *)""};
    ask->sent = &sent;
    if (!chaos_sleep(ask->chaos, chaos_number(ask, "delay", 0)) ||
        chaos_number(ask, "silent", 0) != 0) {
        /* Silent: nothing comes until the client has enough of it. */
        return chaos_number(ask, "silent", 0) != 0 &&
               chaos_sleep(ask->chaos, INT64_C(3600000));
    }
    if (chaos_parameter(ask, "endless", 0, text, sizeof text)) {
        (void)endless(ask, text);
        chaos_log(ask, "end", "endless");
        return false;
    }
    reply.status = choose_status(ask);
    if (chaos_number(ask, "hops", 0) > 0) {
        return answer_hop(ask, chaos_number(ask, "hops", 0));
    }
    if (!make_body(ask, &reply)) {
        return false;
    }
    bool keep = send_head(ask, &reply) && (ask->is_head || send_body(ask, &reply));
    snprintf(text, sizeof text, "%ld %lld", reply.status, (long long)sent);
    ask->sent = NULL;
    chaos_log(ask, "end", text);
    free(reply.owned);
    return keep && chaos_number(ask, "close", 0) == 0;
}
