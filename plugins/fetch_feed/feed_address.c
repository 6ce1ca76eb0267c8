#include "feed_address.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A part of an address, without what sets it off from the others. */
struct part {
    const char *data; /* NULL: absent, which is not the same as empty */
    size_t size;
};

struct parts {
    struct part scheme, authority, path, query;
};

static size_t scheme_length(const char *text)
{
    size_t size = 0;
    if (!isalpha((unsigned char)*text)) {
        return 0;
    }
    while (isalnum((unsigned char)text[size]) || text[size] == '+' ||
           text[size] == '-' || text[size] == '.') {
        size++;
    }
    return text[size] == ':' ? size : 0;
}

/* Appendix B of the RFC; the fragment is left out. */
static struct parts split(const char *text)
{
    struct parts parts = {.scheme.data = NULL};
    size_t scheme = scheme_length(text);
    if (scheme > 0) {
        parts.scheme = (struct part){text, scheme};
        text += scheme + 1;
    }
    if (text[0] == '/' && text[1] == '/') {
        text += 2;
        parts.authority = (struct part){text, strcspn(text, "/?#")};
        text += parts.authority.size;
    }
    parts.path = (struct part){text, strcspn(text, "?#")};
    text += parts.path.size;
    if (*text == '?') {
        parts.query = (struct part){text + 1, strcspn(text + 1, "#")};
    }
    return parts;
}

/* Removes "." and ".." segments in place; the path begins with a slash. */
static void remove_dots(char *path)
{
    char *out = path;
    const char *in = path;
    while (*in != '\0') {
        size_t size = 1 + strcspn(in + 1, "/");
        bool last = in[size] == '\0';
        bool up = size == 3 && in[1] == '.' && in[2] == '.';
        bool here = size == 2 && in[1] == '.';
        if (up) {
            while (out > path && *--out != '/') {
            }
        } else if (!here) {
            memmove(out, in, size);
            out += size;
        }
        if ((up || here) && last) {
            *out++ = '/';
        }
        in += size;
    }
    *out = '\0';
}

static void add_part(struct feed_text *out, const char *before, struct part part,
                     const char *after)
{
    if (part.data != NULL) {
        feed_text_string(out, before);
        feed_text_add(out, part.data, part.size);
        feed_text_string(out, after);
    }
}

/* Base path up to its last slash, then the reference's path (5.2.3). */
static void merge_paths(struct feed_text *out, const struct parts *base,
                        struct part reference)
{
    size_t size = base->path.size;
    while (size > 0 && base->path.data[size - 1] != '/') {
        size--;
    }
    if (size == 0) {
        feed_text_string(out, "/");
    } else {
        feed_text_add(out, base->path.data, size);
    }
    feed_text_add(out, reference.data, reference.size);
}

/* Section 5.2.2. */
static void resolve(struct feed_text *out, const struct parts *base,
                    const struct parts *reference)
{
    bool own_authority =
        reference->scheme.data != NULL || reference->authority.data != NULL;
    const struct parts *origin = own_authority ? reference : base;
    struct feed_text path;
    struct part query = reference->query;
    feed_text_init(&path, out->ceiling);
    if (own_authority || (reference->path.size > 0 && *reference->path.data == '/')) {
        if (reference->path.size == 0 || *reference->path.data != '/') {
            feed_text_string(&path, "/");
        }
        feed_text_add(&path, reference->path.data, reference->path.size);
    } else if (reference->path.size == 0) {
        feed_text_add(&path, base->path.size > 0 ? base->path.data : "/",
                      base->path.size > 0 ? base->path.size : 1);
        query = query.data == NULL ? base->query : query;
    } else {
        merge_paths(&path, base, reference->path);
    }
    if (path.data != NULL && *path.data == '/') {
        remove_dots(path.data);
    }
    add_part(out, "", reference->scheme.data != NULL ? reference->scheme : base->scheme,
             ":");
    add_part(out, "//", origin->authority, "");
    feed_text_string(out, path.data == NULL ? "/" : path.data);
    add_part(out, "?", query, "");
    out->failed = out->failed || path.failed;
    feed_text_finish(&path);
}

/* What people and programs put into links, as the bytes that an address may hold. */
static void clean(struct feed_text *out, const char *reference)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t size = strlen(reference);
    while (size > 0 && isspace((unsigned char)*reference)) {
        reference++;
        size--;
    }
    while (size > 0 && isspace((unsigned char)reference[size - 1])) {
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)reference[i];
        if (byte == '\n' || byte == '\r' || byte == '\t') {
            continue;
        }
        if (byte <= 0x20 || byte >= 0x7f || strchr("<>\"{}|\\^`", byte) != NULL) {
            const char coded[3] = {'%', digits[byte >> 4], digits[byte & 0xf]};
            feed_text_add(out, coded, sizeof coded);
        } else {
            feed_text_add(out, &reference[i], 1);
        }
    }
}

const char *feed_address_resolve(struct feed_pool *pool, const char *base,
                                 const char *reference)
{
    struct feed_text cleaned;
    struct feed_text out;
    const char *address = NULL;
    feed_text_init(&cleaned, FEED_ADDRESS_MOST);
    feed_text_init(&out, FEED_ADDRESS_MOST);
    clean(&cleaned, reference);
    struct parts base_parts = split(base == NULL ? "" : base);
    struct parts parts = split(cleaned.data == NULL ? "" : cleaned.data);
    if (parts.scheme.data != NULL && parts.authority.data == NULL) {
        /* mailto:, javascript:, urn: … have no parts that could be resolved. */
        feed_text_add(&out, cleaned.data, cleaned.size);
    } else {
        resolve(&out, &base_parts, &parts);
    }
    bool absolute = parts.scheme.data != NULL || base_parts.scheme.data != NULL;
    if (!cleaned.failed && !out.failed && absolute && out.size > 0) {
        address = feed_pool_copy(pool, out.data, out.size);
    }
    feed_text_finish(&cleaned);
    feed_text_finish(&out);
    return address;
}

bool feed_address_is_web(const char *address)
{
    size_t scheme = strncasecmp(address, "http://", 7) == 0
                        ? 7
                        : (strncasecmp(address, "https://", 8) == 0 ? 8 : 0);
    return scheme > 0 && address[scheme] != '\0' &&
           strchr("/?#:@", address[scheme]) == NULL;
}
