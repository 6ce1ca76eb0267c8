/* The paths that misbehave on request, for tests of clients. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demo_server.h"

static void sleep_milliseconds(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    nanosleep(&pause, NULL);
}

static const char *query(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND,
                                       name);
}

static enum MHD_Result serve_status(const struct request *request, const char *rest)
{
    long status = 0;
    if (!parse_number(rest, 200, 599, &status)) {
        return answer_text(request, MHD_HTTP_BAD_REQUEST, "a status is 200 to 599\n");
    }
    bool bodiless = status == MHD_HTTP_NO_CONTENT || status == MHD_HTTP_NOT_MODIFIED;
    char text[32];
    snprintf(text, sizeof text, "status %ld\n", status);
    struct MHD_Response *response = text_response(bodiless ? "" : text);
    const char *retry_after = query(request, "retry_after");
    if (response != NULL && retry_after != NULL) {
        MHD_add_response_header(response, "Retry-After", retry_after);
    }
    return answer(request, (unsigned)status, response);
}

static enum MHD_Result serve_slow(const struct request *request, const char *rest)
{
    (void)rest;
    const long slice = 20;
    long wait = 0;
    long limit = request->server->max_seconds * 1000;
    if (!parse_number(query(request, "ms"), 0, limit, &wait)) {
        return answer_text(request, MHD_HTTP_BAD_REQUEST, "ms is missing or too big\n");
    }
    while (wait > 0 && !atomic_load(&request->server->stopping)) {
        sleep_milliseconds(wait < slice ? wait : slice);
        wait -= slice;
    }
    return answer_text(request, MHD_HTTP_OK, "slow\n");
}

static ssize_t truncated_body(void *context, uint64_t position, char *out, size_t size)
{
    (void)context;
    static const char half[] = "<p>this body ends too early";
    size_t total = sizeof half - 1;
    if (position >= total) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    size_t left = total - (size_t)position;
    size_t take = left < size ? left : size;
    memcpy(out, half + position, take);
    return (ssize_t)take;
}

static enum MHD_Result serve_truncated(const struct request *request, const char *rest)
{
    (void)rest;
    struct MHD_Response *response =
        MHD_create_response_from_callback(1000, 512, truncated_body, NULL, NULL);
    if (response != NULL) {
        MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    }
    return answer(request, MHD_HTTP_OK, response);
}

static ssize_t endless_body(void *context, uint64_t position, char *out, size_t size)
{
    const struct server *server = context;
    (void)position;
    if (atomic_load(&server->stopping)) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    sleep_milliseconds(5);
    memset(out, 'x', size);
    return (ssize_t)size;
}

static enum MHD_Result serve_endless(const struct request *request, const char *rest)
{
    (void)rest;
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 4096, endless_body, request->server, NULL);
    if (response != NULL) {
        MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    }
    return answer(request, MHD_HTTP_OK, response);
}

static enum MHD_Result serve_redirect(const struct request *request, const char *rest)
{
    (void)rest;
    long status = MHD_HTTP_FOUND;
    const char *code = query(request, "code");
    const char *target = query(request, "to");
    if (target == NULL || (code != NULL && !parse_number(code, 300, 399, &status))) {
        return answer_text(request, MHD_HTTP_BAD_REQUEST, "to=URL and code=3xx\n");
    }
    struct MHD_Response *response = text_response("moved\n");
    if (response != NULL &&
        MHD_add_response_header(response, "Location", target) != MHD_YES) {
        MHD_destroy_response(response);
        return answer_text(request, MHD_HTTP_BAD_REQUEST, "to= is no header value\n");
    }
    return answer(request, (unsigned)status, response);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Stores the path of the turn-th file of a folder, in a ring by name. */
static bool pick_file(const char *folder, unsigned turn, char *file, size_t size)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count <= 0) {
        free(entries);
        return false;
    }
    const struct dirent *chosen = entries[turn % (unsigned)count];
    bool fits = join_text(file, size, "%s/%s", folder, chosen->d_name);
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    return fits;
}

/* Number of GET requests for the set before this one; a HEAD does not count. */
static unsigned take_turn(struct server *server, const char *name, bool counts)
{
    unsigned turn = 0;
    pthread_mutex_lock(&server->lock);
    size_t i = 0;
    while (i < server->version_count && strcmp(server->versions[i].name, name) != 0) {
        i++;
    }
    if (i == server->version_count && i < VERSION_SET_LIMIT) {
        struct version_set *fresh = &server->versions[server->version_count++];
        snprintf(fresh->name, sizeof fresh->name, "%s", name);
        fresh->served = 0;
    }
    if (i < VERSION_SET_LIMIT) {
        turn = server->versions[i].served;
        server->versions[i].served += counts ? 1 : 0;
    }
    pthread_mutex_unlock(&server->lock);
    return turn;
}

static enum MHD_Result serve_versions(const struct request *request, const char *rest)
{
    char folder[PATH_LIMIT];
    char file[PATH_LIMIT];
    bool counts = strcmp(request->method, MHD_HTTP_METHOD_GET) == 0;
    if (rest[0] == '\0' || rest[0] == '.' || strchr(rest, '/') != NULL ||
        strlen(rest) >= NAME_LIMIT ||
        !join_text(folder, sizeof folder, "%s/__versions/%s", request->server->root,
                   rest) ||
        !pick_file(folder, take_turn(request->server, rest, counts), file,
                   sizeof file)) {
        return answer_text(request, MHD_HTTP_NOT_FOUND, "no such versions\n");
    }
    return answer_file(request, file, file);
}

static const struct {
    const char *prefix;
    enum MHD_Result (*serve)(const struct request *request, const char *rest);
} test_paths[] = {
    {"/__status/", serve_status},     {"/__slow", serve_slow},
    {"/__truncate", serve_truncated}, {"/__redirect", serve_redirect},
    {"/__endless", serve_endless},    {"/__versions/", serve_versions},
};

enum MHD_Result serve_test_path(const struct request *request)
{
    for (size_t i = 0; i < sizeof test_paths / sizeof test_paths[0]; i++) {
        size_t length = strlen(test_paths[i].prefix);
        if (strncmp(request->path, test_paths[i].prefix, length) == 0) {
            return test_paths[i].serve(request, request->path + length);
        }
    }
    return answer_text(request, MHD_HTTP_NOT_FOUND, "no such test path\n");
}
