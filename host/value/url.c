#include "value/url.h"

#include <ctype.h>
#include <string.h>

static bool is_clean(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte <= 0x20 || byte == 0x7f || byte == '"' || byte == '<' || byte == '>') {
            return false;
        }
    }
    return true;
}

static struct mizan_slice slice(const char *start, const char *end)
{
    return (struct mizan_slice){start, (size_t)(end - start)};
}

/* Up to the first byte of `stops`, or the end. */
static const char *span_to(const char *at, const char *end, const char *stops)
{
    while (at != end && strchr(stops, *at) == NULL) {
        at++;
    }
    return at;
}

static bool split_authority(const char *at, const char *end, struct mz_url *out)
{
    for (const char *p = end; p != at; p--) {
        if (p[-1] == '@') {
            out->user = slice(at, p - 1);
            at = p;
            break;
        }
    }
    const char *host_end = end;
    if (at != end && *at == '[') {
        const char *close = span_to(at, end, "]");
        if (close == end) {
            return false;
        }
        out->host = slice(at + 1, close);
        host_end = close + 1;
    } else {
        host_end = span_to(at, end, ":");
        out->host = slice(at, host_end);
    }
    if (host_end == end) {
        return true;
    }
    if (*host_end != ':') {
        return false;
    }
    out->port = slice(host_end + 1, end);
    for (size_t i = 0; i < out->port.size; i++) {
        if (!isdigit((unsigned char)out->port.data[i])) {
            return false;
        }
    }
    return out->port.size <= 5;
}

bool mz_url_split(const char *text, size_t size, struct mz_url *out)
{
    const char *at = text, *end = text + size;
    memset(out, 0, sizeof *out);
    if (!is_clean(text, size)) {
        return false;
    }
    const char *colon = at;
    while (colon != end && (isalnum((unsigned char)*colon) || *colon == '+' ||
                            *colon == '-' || *colon == '.')) {
        colon++;
    }
    if (colon != end && *colon == ':' && colon != at && isalpha((unsigned char)*at)) {
        out->scheme = slice(at, colon);
        at = colon + 1;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        const char *stop = span_to(at + 2, end, "/?#");
        if (!split_authority(at + 2, stop, out)) {
            return false;
        }
        at = stop;
    }
    const char *stop = span_to(at, end, "?#");
    out->path = slice(at, stop);
    at = stop;
    if (at != end && *at == '?') {
        stop = span_to(at, end, "#");
        out->query = slice(at + 1, stop);
        at = stop;
    }
    if (at != end) {
        out->fragment = slice(at + 1, end);
    }
    return true;
}

/* RFC 3986, 5.2.4, for a path in `out` that begins at `start`. */
static void add_without_dots(struct mz_buffer *out, const char *path, size_t size)
{
    size_t start = out->size;
    const char *at = path, *end = path + size;
    while (at != end) {
        const char *segment = at;
        at = span_to(at + (*at == '/'), end, "/");
        size_t length = (size_t)(at - segment);
        bool one = length == 2 && memcmp(segment, "/.", 2) == 0;
        bool two = length == 3 && memcmp(segment, "/..", 3) == 0;
        if (two) {
            while (out->size > start && out->data[out->size - 1] != '/') {
                out->size--;
            }
            out->size -= out->size > start;
        }
        if (!one && !two) {
            mz_buffer_add(out, segment, length);
        } else if (at == end) {
            mz_buffer_byte(out, '/');
        }
    }
}

static void add_merged(struct mz_buffer *out, const struct mz_url *base,
                       struct mizan_slice path)
{
    struct mz_buffer whole;
    mz_buffer_init(&whole, (size_t)1 << 20);
    size_t kept = base->path.size;
    while (kept > 0 && base->path.data[kept - 1] != '/') {
        kept--;
    }
    if (kept == 0 && base->host.data != NULL) {
        mz_buffer_byte(&whole, '/');
    }
    mz_buffer_add(&whole, base->path.data, kept);
    mz_buffer_add(&whole, path.data, path.size);
    if (mz_buffer_ok(&whole) && whole.size > 0) {
        add_without_dots(out, whole.data, whole.size);
    }
    mz_buffer_finish(&whole);
}

static void add_authority(struct mz_buffer *out, const struct mz_url *url)
{
    if (url->host.data == NULL) {
        return;
    }
    bool bracket = memchr(url->host.data, ':', url->host.size) != NULL;
    mz_buffer_text(out, "//");
    if (url->user.data != NULL) {
        mz_buffer_add(out, url->user.data, url->user.size);
        mz_buffer_byte(out, '@');
    }
    mz_buffer_text(out, bracket ? "[" : "");
    mz_buffer_add(out, url->host.data, url->host.size);
    mz_buffer_text(out, bracket ? "]" : "");
    if (url->port.data != NULL) {
        mz_buffer_byte(out, ':');
        mz_buffer_add(out, url->port.data, url->port.size);
    }
}

bool mz_url_resolve(const char *base, size_t base_size, const char *reference,
                    size_t size, struct mz_buffer *out)
{
    struct mz_url from, to;
    if (!mz_url_split(base, base_size, &from) || from.scheme.data == NULL ||
        !mz_url_split(reference, size, &to)) {
        return false;
    }
    bool own_scheme = to.scheme.data != NULL;
    bool own_host = own_scheme || to.host.data != NULL;
    const struct mizan_slice scheme = own_scheme ? to.scheme : from.scheme;
    mz_buffer_add(out, scheme.data, scheme.size);
    mz_buffer_byte(out, ':');
    add_authority(out, own_host ? &to : &from);
    if (own_host || (to.path.size > 0 && to.path.data[0] == '/')) {
        add_without_dots(out, to.path.data, to.path.size);
    } else if (to.path.size > 0) {
        add_merged(out, &from, to.path);
    } else {
        mz_buffer_add(out, from.path.data, from.path.size);
        to.query = to.query.data == NULL ? from.query : to.query;
    }
    if (to.query.data != NULL) {
        mz_buffer_byte(out, '?');
        mz_buffer_add(out, to.query.data, to.query.size);
    }
    if (to.fragment.data != NULL) {
        mz_buffer_byte(out, '#');
        mz_buffer_add(out, to.fragment.data, to.fragment.size);
    }
    return true;
}

void mz_url_escape(const char *text, size_t size, struct mz_buffer *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool plain = byte < 0x80 &&
                     (isalnum(byte) || (byte != 0 && strchr("-._~", byte) != NULL));
        if (plain) {
            mz_buffer_byte(out, (char)byte);
        } else {
            char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            mz_buffer_add(out, escape, 3);
        }
    }
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    int lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void mz_url_unescape(const char *text, size_t size, bool form, struct mz_buffer *out)
{
    for (size_t i = 0; i < size; i++) {
        int high = text[i] == '%' && i + 2 < size ? digit_of(text[i + 1]) : -1;
        int low = high >= 0 ? digit_of(text[i + 2]) : -1;
        if (low >= 0) {
            mz_buffer_byte(out, (char)(high * 16 + low));
            i += 2;
        } else {
            mz_buffer_byte(out, form && text[i] == '+' ? ' ' : text[i]);
        }
    }
}
