#include "net/address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char *const secret_parameters[] = {
    "access_token", "api_key",  "apikey", "auth", "client_secret", "key",
    "passwd",       "password", "secret", "sig",  "signature",     "token",
};

static bool is_secret_parameter(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof secret_parameters / sizeof *secret_parameters; i++) {
        if (strlen(secret_parameters[i]) == size &&
            strncasecmp(secret_parameters[i], name, size) == 0) {
            return true;
        }
    }
    return false;
}

struct label {
    char *out;
    size_t used;
};

static void label_add(struct label *label, const char *text, size_t size)
{
    for (size_t i = 0; i < size && label->used + 4 < MZ_LABEL_SIZE; i++) {
        unsigned char byte = (unsigned char)text[i];
        label->out[label->used++] = byte < 0x20 || byte == 0x7f ? '?' : text[i];
    }
}

static void label_query(struct label *label, const char *query)
{
    while (*query != '\0') {
        size_t size = strcspn(query, "&;#");
        size_t name = strcspn(query, "=&;#");
        if (name < size && is_secret_parameter(query, name)) {
            label_add(label, query, name);
            label_add(label, "=***", 4);
        } else {
            label_add(label, query, size);
        }
        query += size;
        size_t separators = strspn(query, "&;#");
        label_add(label, query, separators);
        query += separators;
    }
}

void mz_address_label(const char *url, char out[MZ_LABEL_SIZE])
{
    struct label label = {.out = out};
    const char *start = strstr(url, "://");
    start =
        start != NULL && strcspn(url, "/?#") >= (size_t)(start - url) ? start + 3 : url;
    label_add(&label, url, (size_t)(start - url));
    size_t size = strcspn(start, "/?#");
    for (size_t i = size; i > 0; i--) {
        if (start[i - 1] == '@') {
            start += i;
            size -= i;
            break;
        }
    }
    label_add(&label, start, size);
    const char *rest = start + size;
    size_t path = strcspn(rest, "?");
    label_add(&label, rest, path);
    if (rest[path] == '?') {
        label_add(&label, "?", 1);
        label_query(&label, rest + path + 1);
    }
    if (label.used + 4 >= MZ_LABEL_SIZE) {
        memcpy(out + label.used, "...", 3);
        label.used += 3;
    }
    out[label.used] = '\0';
}

/* Length of `scheme` of scheme ":" rest, 0 when there is none. */
static size_t scheme_size(const char *url)
{
    if (!isalpha((unsigned char)*url)) {
        return 0;
    }
    size_t size = 1;
    while (isalnum((unsigned char)url[size]) || strchr("+-.", url[size]) != NULL) {
        if (url[size] == '\0') {
            return 0;
        }
        size++;
    }
    return url[size] == ':' ? size : 0;
}

static bool is_web_scheme(const char *url, size_t size)
{
    return (size == 4 && strncasecmp(url, "http", size) == 0) ||
           (size == 5 && strncasecmp(url, "https", size) == 0);
}

enum mz_code mz_address_check(const char *url, struct mz_error *error)
{
    char label[MZ_LABEL_SIZE];
    mz_address_label(url, label);
    if (strlen(url) > MZ_ADDRESS_MOST) {
        return mz_fail(error, MZ_USAGE, "the address %s is longer than %d bytes", label,
                       MZ_ADDRESS_MOST);
    }
    for (const char *byte = url; *byte != '\0'; byte++) {
        if ((unsigned char)*byte <= 0x20 || *byte == 0x7f) {
            return mz_fail(error, MZ_USAGE,
                           "the address %s contains a space or control character",
                           label);
        }
    }
    size_t scheme = scheme_size(url);
    if (!is_web_scheme(url, scheme)) {
        return mz_fail(error, MZ_USAGE, "the address %s is not an http or https one",
                       label);
    }
    const char *authority = url + scheme;
    if (strncmp(authority, "://", 3) != 0 || strchr("/?#", authority[3]) != NULL) {
        return mz_fail(error, MZ_USAGE, "the address %s names no host", label);
    }
    size_t size = strcspn(authority + 3, "/?#");
    if (memchr(authority + 3, '\\', size) != NULL) {
        return mz_fail(error, MZ_USAGE,
                       "the address %s has a backslash before its path", label);
    }
    return MZ_OK;
}

/* Copies one part; an absent part leaves `out` empty. False when it does not fit. */
static bool copy_part(const struct mz_curl *curl, CURLU *url, CURLUPart part,
                      unsigned flags, char *out, size_t size)
{
    char *text = NULL;
    out[0] = '\0';
    if (curl->url_get(url, part, &text, flags) != CURLUE_OK || text == NULL) {
        return true;
    }
    size_t length = strlen(text);
    bool fits = length < size;
    if (fits) {
        memcpy(out, text, length + 1);
    }
    curl->free(text);
    return fits;
}

static void tidy_host(char *host)
{
    size_t size = strlen(host);
    if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
        size -= 2;
        memmove(host, host + 1, size);
    }
    if (size > 0 && host[size - 1] == '.') {
        size--;
    }
    host[size] = '\0';
    for (char *letter = host; *letter != '\0'; letter++) {
        *letter = (char)tolower((unsigned char)*letter);
    }
}

/* Reads the parts out of a handle that holds an http or https address. */
static bool read_parts(const struct mz_curl *curl, CURLU *url, struct mz_address *out)
{
    char scheme[16];
    char port[16];
    int64_t number = 0;
    bool fits =
        copy_part(curl, url, CURLUPART_USER, CURLU_URLDECODE, out->user,
                  sizeof out->user) &&
        copy_part(curl, url, CURLUPART_PASSWORD, CURLU_URLDECODE, out->password,
                  sizeof out->password) &&
        copy_part(curl, url, CURLUPART_HOST, 0, out->host, sizeof out->host) &&
        copy_part(curl, url, CURLUPART_SCHEME, 0, scheme, sizeof scheme) &&
        copy_part(curl, url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port);
    if (!fits || !mz_parse_integer(port, &number) || number < 1 || number > 65535 ||
        curl->url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
        curl->url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
        curl->url_set(url, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
        !copy_part(curl, url, CURLUPART_URL, 0, out->text, sizeof out->text)) {
        return false;
    }
    tidy_host(out->host);
    out->port = (int)number;
    out->https = strcasecmp(scheme, "https") == 0;
    mz_address_label(out->text, out->label);
    return out->host[0] != '\0' && out->text[0] != '\0';
}

enum mz_code mz_address_parse(const struct mz_curl *curl, const char *url,
                              struct mz_address *out, struct mz_error *error)
{
    enum mz_code code = mz_address_check(url, error);
    if (code != MZ_OK) {
        return code;
    }
    CURLU *handle = curl->url();
    if (handle == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for an address");
    }
    char label[MZ_LABEL_SIZE];
    mz_address_label(url, label);
    CURLUcode status = curl->url_set(handle, CURLUPART_URL, url, CURLU_URLENCODE);
    if (status != CURLUE_OK) {
        code = mz_fail(error, MZ_USAGE, "the address %s cannot be used: %s", label,
                       curl->url_strerror(status));
    } else if (!read_parts(curl, handle, out)) {
        code = mz_fail(error, MZ_USAGE, "the address %s has a part that cannot be used",
                       label);
    }
    curl->url_cleanup(handle);
    return code;
}

static enum mz_code check_location(const struct mz_address *from, const char *location,
                                   struct mz_error *error)
{
    char label[MZ_LABEL_SIZE];
    mz_address_label(location, label);
    size_t scheme = scheme_size(location);
    if (scheme > 0 && !is_web_scheme(location, scheme)) {
        return mz_fail(error, MZ_NOT_PERMITTED,
                       "%s redirects to %s, which is not an http or https address",
                       from->label, label);
    }
    bool usable = *location != '\0' && strlen(location) <= MZ_ADDRESS_MOST &&
                  (scheme == 0 || (strncmp(location + scheme, "://", 3) == 0 &&
                                   strchr("/?#", location[scheme + 3]) == NULL));
    for (const char *byte = location; usable && *byte != '\0'; byte++) {
        usable = (unsigned char)*byte >= 0x20 && *byte != 0x7f;
    }
    if (!usable) {
        return mz_fail(error, MZ_NOT_FOUND, "%s redirects to an unusable address: %s",
                       from->label, label);
    }
    return MZ_OK;
}

enum mz_code mz_address_follow(const struct mz_curl *curl,
                               const struct mz_address *from, const char *location,
                               struct mz_address *out, struct mz_error *error)
{
    enum mz_code code = check_location(from, location, error);
    if (code != MZ_OK) {
        return code;
    }
    CURLU *handle = curl->url();
    if (handle == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for an address");
    }
    char label[MZ_LABEL_SIZE];
    mz_address_label(location, label);
    if (curl->url_set(handle, CURLUPART_URL, from->text, 0) != CURLUE_OK ||
        curl->url_set(handle, CURLUPART_URL, location, CURLU_URLENCODE) != CURLUE_OK ||
        !read_parts(curl, handle, out)) {
        code = mz_fail(error, MZ_NOT_FOUND, "%s redirects to an unusable address: %s",
                       from->label, label);
    } else if (from->https && !out->https) {
        code = mz_fail(error, MZ_NOT_PERMITTED,
                       "%s redirects from https to %s, which anyone could change",
                       from->label, out->label);
    }
    curl->url_cleanup(handle);
    return code;
}

bool mz_address_same_origin(const struct mz_address *a, const struct mz_address *b)
{
    return a->https == b->https && a->port == b->port && strcmp(a->host, b->host) == 0;
}
