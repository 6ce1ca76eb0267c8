#include "web/server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/text.h"

#define SESSION_MILLISECONDS (12 * 60 * 60 * 1000)
#define LONGEST_WAIT         60000
#define FREE_TRIES           3

bool mz_web_random(char out[MZ_WEB_TOKEN])
{
    unsigned char bytes[(MZ_WEB_TOKEN - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return true;
}

bool mz_web_same(const char *a, const char *b)
{
    size_t length = strlen(a);
    size_t other = strlen(b);
    unsigned different = length != other;
    for (size_t i = 0; i < length; i++) {
        different |= (unsigned char)a[i] ^ (unsigned char)b[i < other ? i : other];
    }
    return different == 0;
}

static const char *cookie(const struct mz_web_server *server,
                          const struct mz_web_request *request)
{
    const char *value = server->http.lookup_connection_value(
        request->connection, MHD_COOKIE_KIND, "mizan_session");
    return value != NULL && strlen(value) == MZ_WEB_TOKEN - 1 ? value : NULL;
}

void mz_web_session_find(struct mz_web_server *server, struct mz_web_request *request)
{
    const char *id = cookie(server, request);
    int64_t now = mz_clock_monotonic();
    if (id == NULL) {
        return;
    }
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < MZ_WEB_SESSIONS; i++) {
        struct mz_session *session = &server->sessions[i];
        if (session->until > now && mz_web_same(session->id, id)) {
            request->session = *session;
        }
    }
    pthread_mutex_unlock(&server->lock);
}

void mz_web_sign_out(struct mz_web_server *server, const char *id)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < MZ_WEB_SESSIONS; i++) {
        if (server->sessions[i].until > 0 && mz_web_same(server->sessions[i].id, id)) {
            server->sessions[i] = (struct mz_session){.until = 0};
        }
    }
    pthread_mutex_unlock(&server->lock);
}

/* The row of an address, or the one that has been quiet for longest. */
static struct mz_visitor *visitor_of(struct mz_web_server *server, const char *address)
{
    struct mz_visitor *oldest = &server->visitors[0];
    for (size_t i = 0; i < MZ_WEB_VISITORS; i++) {
        struct mz_visitor *visitor = &server->visitors[i];
        if (strcmp(visitor->address, address) == 0) {
            return visitor;
        }
        oldest = visitor->next < oldest->next ? visitor : oldest;
    }
    *oldest = (struct mz_visitor){.failures = 0};
    snprintf(oldest->address, sizeof oldest->address, "%s", address);
    return oldest;
}

static bool is_right(const struct mz_web_server *server, const char *given)
{
    const char *expected = server->settings->password;
    if (mz_starts_with(expected, "$argon2")) {
        return server->passwords.verify(expected, given, strlen(given), Argon2_id) ==
               ARGON2_OK;
    }
    return mz_web_same(expected, given);
}

static enum mz_code new_session(struct mz_web_server *server, int64_t now,
                                struct mz_session *out, struct mz_error *error)
{
    struct mz_session *place = &server->sessions[0];
    for (size_t i = 1; i < MZ_WEB_SESSIONS; i++) {
        if (server->sessions[i].until < place->until) {
            place = &server->sessions[i];
        }
    }
    struct mz_session made = {.until = now + SESSION_MILLISECONDS};
    if (!mz_web_random(made.id) || !mz_web_random(made.token)) {
        return mz_fail_errno(error, MZ_IO, "no random numbers can be had");
    }
    *place = made;
    *out = made;
    return MZ_OK;
}

/* Counts a try before it is judged, so that tries at once wait for one another. */
static bool may_try(struct mz_web_server *server, const char *address, int64_t now,
                    int64_t *wait)
{
    pthread_mutex_lock(&server->lock);
    struct mz_visitor *visitor = visitor_of(server, address);
    *wait = visitor->next - now;
    if (*wait <= 0) {
        int over = visitor->failures + 1 - FREE_TRIES;
        int64_t next = over <= 0 ? 0 : 1000LL << (over < 6 ? over : 6);
        visitor->next = now + (next < LONGEST_WAIT ? next : LONGEST_WAIT);
        visitor->failures++;
    }
    pthread_mutex_unlock(&server->lock);
    return *wait <= 0;
}

enum mz_code mz_web_sign_in(struct mz_web_server *server, const char *address,
                            const char *password, struct mz_session *session,
                            struct mz_error *error)
{
    int64_t now = mz_clock_monotonic();
    int64_t wait;
    if (!may_try(server, address, now, &wait)) {
        return mz_fail(error, MZ_TRY_AGAIN,
                       "too many wrong passwords: try again in %lld seconds",
                       (long long)(wait + 999) / 1000);
    }
    if (!is_right(server, password)) {
        return mz_fail(error, MZ_NOT_PERMITTED, "this is not the password");
    }
    pthread_mutex_lock(&server->lock);
    struct mz_visitor *visitor = visitor_of(server, address);
    *visitor = (struct mz_visitor){.failures = 0};
    enum mz_code code = new_session(server, now, session, error);
    pthread_mutex_unlock(&server->lock);
    return code;
}

const char *mz_web_address_text(const struct sockaddr *address, char out[64])
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    const char *text = NULL;
    if (address != NULL && address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        text = inet_ntop(AF_INET, &four.sin_addr, out, 64);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        memcpy(&six, address, sizeof six);
        text = inet_ntop(AF_INET6, &six.sin6_addr, out, 64);
    }
    if (text == NULL) {
        snprintf(out, 64, "unix");
    }
    return out;
}
