/* What a request of the chaos server says: parameters, headers; and its log. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "chaos_server.h"

bool chaos_sleep(const struct chaos *chaos, int64_t milliseconds)
{
    int64_t until = chaos_milliseconds() + milliseconds;
    for (int64_t now = chaos_milliseconds(); now < until; now = chaos_milliseconds()) {
        int64_t rest = until - now < 50 ? until - now : 50;
        struct timespec pause = {0, rest * 1000000};
        nanosleep(&pause, NULL);
        if (atomic_load(&chaos->stopping)) {
            return false;
        }
    }
    return !atomic_load(&chaos->stopping);
}

bool chaos_send(const struct ask *ask, const void *bytes, size_t size)
{
    const char *next = bytes;
    while (size > 0) {
        ssize_t sent = send(ask->socket, next, size, MSG_NOSIGNAL);
        if (sent <= 0 || atomic_load(&ask->chaos->stopping)) {
            return false;
        }
        next += sent;
        size -= (size_t)sent;
        if (ask->sent != NULL) {
            *ask->sent += sent;
        }
    }
    return true;
}

bool chaos_text(const struct ask *ask, const char *text)
{
    return chaos_send(ask, text, strlen(text));
}

static int digit(char byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte == '\0' ? NULL : strchr(digits, byte | 0x20);
    return at == NULL ? -1 : (int)(at - digits);
}

static void decode(const char *from, size_t length, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++) {
        int high = i + 2 < length && from[i] == '%' ? digit(from[i + 1]) : -1;
        int low = high >= 0 ? digit(from[i + 2]) : -1;
        if (low >= 0) {
            out[used++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[used++] = from[i] == '+' ? ' ' : from[i];
        }
    }
    out[used] = '\0';
}

bool chaos_parameter(const struct ask *ask, const char *name, int n, char *out,
                     size_t size)
{
    size_t length = strlen(name);
    for (const char *at = ask->parameters; *at != '\0';) {
        size_t part = strcspn(at, "&");
        if (part >= length && strncmp(at, name, length) == 0 &&
            (part == length || at[length] == '=') && n-- == 0) {
            size_t skip = part == length ? length : length + 1;
            decode(at + skip, part - skip, out, size);
            return true;
        }
        at += part + (at[part] == '&' ? 1 : 0);
    }
    return false;
}

int64_t chaos_number(const struct ask *ask, const char *name, int64_t otherwise)
{
    char text[64];
    return chaos_parameter(ask, name, 0, text, sizeof text) ? strtoll(text, NULL, 10)
                                                            : otherwise;
}

bool chaos_header(const struct ask *ask, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = strstr(ask->head, "\r\n"); line != NULL && line[2] != '\r';
         line = strstr(line + 2, "\r\n")) {
        const char *start = line + 2;
        if (strncasecmp(start, name, length) == 0 && start[length] == ':') {
            start += length + 1;
            start += strspn(start, " ");
            size_t value = strcspn(start, "\r\n");
            value = value < size ? value : size - 1;
            memcpy(out, start, value);
            out[value] = '\0';
            return true;
        }
    }
    return false;
}

void chaos_log(const struct ask *ask, const char *what, const char *more)
{
    if (ask->chaos->log == NULL) {
        return;
    }
    pthread_mutex_lock(&ask->chaos->lock);
    fprintf(ask->chaos->log, "%lld\t%d\t%s\t%s\t%s\t%.400s\t%s\n",
            (long long)chaos_milliseconds(), ask->connection, what, ask->host,
            ask->method, ask->target, more);
    fflush(ask->chaos->log);
    pthread_mutex_unlock(&ask->chaos->lock);
}
