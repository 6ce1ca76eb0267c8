/*
 * The files of the site: reading, `{{base}}`, media types, validators, conditional
 * requests.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "demo_server.h"

#define FILE_LIMIT ((size_t)64 * 1024 * 1024)

struct bytes {
    char *data;
    size_t size;
};

/* Reads at most `size` bytes into a fresh body that ends with a zero byte. */
static bool read_bytes(int descriptor, size_t size, struct bytes *body)
{
    char *data = malloc(size + 1);
    if (data == NULL) {
        return false;
    }
    size_t filled = 0;
    ssize_t got = 1;
    while (filled < size && got > 0) {
        got = read(descriptor, data + filled, size - filled);
        filled += got > 0 ? (size_t)got : 0;
    }
    data[filled] = '\0';
    *body = (struct bytes){data, filled};
    return true;
}

/* Reads a regular file below the limit; false leaves the body empty. */
static bool read_file(const char *path, struct bytes *body, struct stat *info)
{
    *body = (struct bytes){NULL, 0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) {
        return false;
    }
    bool done = false;
    if (fstat(descriptor, info) == 0 && S_ISREG(info->st_mode) &&
        (size_t)info->st_size <= FILE_LIMIT) {
        done = read_bytes(descriptor, (size_t)info->st_size, body);
    }
    close(descriptor);
    return done;
}

/* Replaces every `{{base}}`; bytes only, so that any charset passes. */
static bool replace_base(const char *base, struct bytes *body)
{
    static const char mark[] = "{{base}}";
    size_t mark_size = sizeof mark - 1;
    size_t base_size = strlen(base);
    size_t count = 0;
    const char *end = body->data + body->size;
    const char *at = body->data;
    while ((at = memmem(at, (size_t)(end - at), mark, mark_size)) != NULL) {
        at += mark_size;
        count++;
    }
    if (count == 0) {
        return true;
    }
    char *out = malloc(body->size + count * base_size + 1);
    if (out == NULL) {
        return false;
    }
    size_t size = 0;
    const char *from = body->data;
    while ((at = memmem(from, (size_t)(end - from), mark, mark_size)) != NULL) {
        memcpy(out + size, from, (size_t)(at - from));
        size += (size_t)(at - from);
        /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): not a string */
        memcpy(out + size, base, base_size);
        size += base_size;
        from = at + mark_size;
    }
    memcpy(out + size, from, (size_t)(end - from));
    size += (size_t)(end - from);
    free(body->data);
    *body = (struct bytes){out, size};
    return true;
}

static bool has_extension(const char *path, const char *extension)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && strcasecmp(dot + 1, extension) == 0;
}

static const char *media_type(const char *path)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"xml", "application/xml; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"jsonl", "application/jsonl"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"pdf", "application/pdf"},
        {"gz", "application/gzip"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (has_extension(path, types[i][0])) {
            return types[i][1];
        }
    }
    return "application/octet-stream";
}

static void add_file_headers(const struct server *server, const char *path,
                             struct MHD_Response *response)
{
    bool typed = false;
    for (size_t i = 0; i < server->rule_count; i++) {
        const struct header_rule *rule = &server->rules[i];
        if (strcmp(rule->path, path) == 0) {
            MHD_add_response_header(response, rule->name, rule->value);
            typed = typed || strcasecmp(rule->name, "Content-Type") == 0;
        }
    }
    if (!typed) {
        MHD_add_response_header(response, "Content-Type", media_type(path));
    }
}

/* ---- conditional requests ---------------------------------------------------------
 */

/* FNV-1a, 64 bits: equal bytes give equal tags, which is all that a test needs. */
static void entity_tag(const struct bytes *body, char *tag, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < body->size; i++) {
        hash = (hash ^ (unsigned char)body->data[i]) * UINT64_C(0x100000001b3);
    }
    snprintf(tag, size, "\"%016" PRIx64 "-%zx\"", hash, body->size);
}

static void http_date(time_t moment, char *text, size_t size)
{
    struct tm parts;
    if (gmtime_r(&moment, &parts) == NULL ||
        strftime(text, size, "%a, %d %b %Y %H:%M:%S GMT", &parts) == 0) {
        text[0] = '\0';
    }
}

/* True if the If-None-Match list holds the tag (weak comparison) or `*`. */
static bool tag_listed(const char *list, const char *tag)
{
    size_t tag_size = strlen(tag);
    while (*list != '\0') {
        list += strspn(list, " \t,");
        if (*list == '*') {
            return true;
        }
        if (strncmp(list, "W/", 2) == 0) {
            list += 2;
        }
        size_t size = strcspn(list, ",");
        while (size > 0 && (list[size - 1] == ' ' || list[size - 1] == '\t')) {
            size--;
        }
        if (size == tag_size && memcmp(list, tag, size) == 0) {
            return true;
        }
        list += strcspn(list, ",");
    }
    return false;
}

static bool not_modified(const struct request *request, const char *tag, time_t changed)
{
    const char *tags = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                   "If-None-Match");
    if (tags != NULL) {
        return tag_listed(tags, tag);
    }
    const char *since = MHD_lookup_connection_value(
        request->connection, MHD_HEADER_KIND, "If-Modified-Since");
    if (since == NULL) {
        return false;
    }
    struct tm parts = {0};
    const char *end = strptime(since, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return end != NULL && *end == '\0' && changed <= timegm(&parts);
}

enum MHD_Result answer_file(const struct request *request, const char *file,
                            const char *path)
{
    struct bytes body;
    struct stat info;
    if (!read_file(file, &body, &info)) {
        return answer_text(request, MHD_HTTP_NOT_FOUND, "not found\n");
    }
    bool templated = has_extension(file, "html") || has_extension(file, "xml");
    if (templated && !replace_base(request->server->base, &body)) {
        free(body.data);
        return MHD_NO;
    }
    char tag[48];
    char date[48];
    entity_tag(&body, tag, sizeof tag);
    http_date(info.st_mtime, date, sizeof date);
    /* With 304 the library sends the headers of this body, but not the body. */
    unsigned status =
        not_modified(request, tag, info.st_mtime) ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(body.size, body.data, free);
    if (response == NULL) {
        free(body.data);
        return MHD_NO;
    }
    MHD_add_response_header(response, "ETag", tag);
    MHD_add_response_header(response, "Last-Modified", date);
    add_file_headers(request->server, path, response);
    return answer(request, status, response);
}

/* Hidden files, parent folders and the configuration are not part of the site. */
static bool path_is_served(const char *path)
{
    return path[0] == '/' && strstr(path, "/.") == NULL && strstr(path, "//") == NULL &&
           strcmp(path, "/site.conf") != 0;
}

enum MHD_Result serve_site(const struct request *request)
{
    char file[PATH_LIMIT];
    char path[PATH_LIMIT];
    size_t length = strlen(request->path);
    bool folder = length > 0 && request->path[length - 1] == '/';
    if (!path_is_served(request->path) ||
        !join_text(path, sizeof path, "%s%s", request->path,
                   folder ? "index.html" : "") ||
        !join_text(file, sizeof file, "%s%s", request->server->root, path)) {
        return answer_text(request, MHD_HTTP_NOT_FOUND, "not found\n");
    }
    return answer_file(request, file, path);
}

bool read_header_rules(struct server *server)
{
    char path[PATH_LIMIT];
    struct bytes body;
    struct stat info;
    if (!join_text(path, sizeof path, "%s/site.conf", server->root) ||
        !read_file(path, &body, &info)) {
        return true;
    }
    bool good = true;
    char *rest = body.data;
    for (char *line; good && (line = strsep(&rest, "\n")) != NULL;) {
        if (line[0] == '#' || line[strspn(line, " \t\r")] == '\0') {
            continue;
        }
        struct header_rule rule = {0};
        good = server->rule_count < HEADER_RULE_LIMIT &&
               sscanf(line, "%255s %63[^: ]: %255[^\r]", rule.path, rule.name,
                      rule.value) == 3;
        if (good) {
            server->rules[server->rule_count++] = rule;
        } else {
            fprintf(stderr, "demo_server: %s: not `PATH  Header: value`: %s\n", path,
                    line);
        }
    }
    free(body.data);
    return good;
}
