#include "web/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define CONNECTIONS     1024
#define IDLE_SECONDS    20
#define HEADER_BYTES    (32 * 1024)
#define REQUEST_CEILING ((size_t)64 << 20)
#define READ_LIMIT      10000 /* milliseconds a statement may take */

enum mz_code mz_web_take(struct mz_web_server *server, struct mz_db **out,
                         struct mz_error *error)
{
    *out = NULL;
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < MZ_WEB_THREADS && *out == NULL; i++) {
        *out = server->idle[i];
        server->idle[i] = NULL;
    }
    pthread_mutex_unlock(&server->lock);
    if (*out != NULL) {
        return MZ_OK;
    }
    enum mz_code code =
        mz_db_open(server->settings->database, MZ_DB_RESTRICTED, out, error);
    if (code == MZ_OK) {
        mz_db_set_time_limit(*out, READ_LIMIT);
    }
    return code;
}

void mz_web_give(struct mz_web_server *server, struct mz_db *db)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < MZ_WEB_THREADS && db != NULL; i++) {
        if (server->idle[i] == NULL) {
            server->idle[i] = db;
            db = NULL;
        }
    }
    pthread_mutex_unlock(&server->lock);
    mz_db_close(db);
}

static struct mz_web_request *begin_request(struct MHD_Connection *connection,
                                            const char *url, const char *method)
{
    struct mz_web_request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        return NULL;
    }
    request->arena = mz_arena_create(REQUEST_CEILING);
    if (request->arena == NULL) {
        free(request);
        return NULL;
    }
    request->connection = connection;
    request->url = url;
    request->method = method;
    mz_buffer_init(&request->body, MZ_WEB_BODY);
    return request;
}

static void end_request(void *context, struct MHD_Connection *connection, void **kept,
                        enum MHD_RequestTerminationCode code)
{
    struct mz_web_request *request = *kept;
    (void)context;
    (void)connection;
    (void)code;
    if (request != NULL) {
        mz_arena_destroy(request->arena);
        mz_buffer_finish(&request->body);
        free(request);
        *kept = NULL;
    }
}

/* Called for the head of a request, for each piece of its body, and at its end. */
static enum MHD_Result handle_request(void *context, struct MHD_Connection *connection,
                                      const char *url, const char *method,
                                      const char *version, const char *data,
                                      size_t *size, void **kept)
{
    (void)version;
    if (*kept == NULL) {
        *kept = begin_request(connection, url, method);
        return *kept == NULL ? MHD_NO : MHD_YES;
    }
    struct mz_web_request *request = *kept;
    if (*size > 0) {
        mz_buffer_add(&request->body, data, *size);
        request->too_long = request->too_long || !mz_buffer_ok(&request->body);
        *size = 0;
        return MHD_YES;
    }
    return mz_web_answer(context, request);
}

static enum mz_code start(struct mz_web_server *server, struct mz_error *error)
{
    server->daemon = server->http.start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle_request, server,
        MHD_OPTION_LISTEN_SOCKET, server->socket, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned int)MZ_WEB_THREADS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned int)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HEADER_BYTES, MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL,
        MHD_OPTION_END);
    if (server->daemon == NULL) {
        return mz_fail(error, MZ_UNREACHABLE,
                       "the server of the dashboard cannot start");
    }
    return MZ_OK;
}

static void wait_for_end(const struct mz_web_server *server)
{
    const struct timespec half = {.tv_nsec = 500 * 1000 * 1000};
    while (server->settings->stop == NULL || atomic_load(server->settings->stop) == 0) {
        nanosleep(&half, NULL);
    }
}

static enum mz_code load_libraries(struct mz_web_server *server, struct mz_error *error)
{
    const char *password = server->settings->password;
    enum mz_code code = mz_http_load(&server->http, error);
    if (code == MZ_OK && password != NULL && mz_starts_with(password, "$argon2")) {
        code = mz_password_load(&server->passwords, error);
    }
    return code;
}

enum mz_code mz_web_serve(const struct mz_web_settings *settings,
                          struct mz_error *error)
{
    struct mz_web_server server = {.settings = settings, .socket = -1};
    struct mz_db *db = NULL;
    char address[128];
    if (!mz_web_random(server.token)) {
        return mz_fail_errno(error, MZ_IO, "no random numbers can be had");
    }
    pthread_mutex_init(&server.lock, NULL);
    /* A database that cannot be read is told before anybody asks. */
    enum mz_code code = load_libraries(&server, error);
    if (code == MZ_OK) {
        code = mz_web_take(&server, &db, error);
    }
    if (code == MZ_OK) {
        mz_web_give(&server, db);
        code = mz_web_listen(&server, address, error);
    }
    if (code == MZ_OK) {
        code = start(&server, error);
    }
    if (code == MZ_OK) {
        if (settings->ready != NULL) {
            settings->ready(settings->context, address);
        }
        wait_for_end(&server);
        server.http.stop_daemon(server.daemon); /* closes the socket */
    } else if (server.socket >= 0) {
        close(server.socket);
    }
    if (mz_starts_with(settings->listen, "unix:") && server.socket >= 0) {
        unlink(settings->listen + 5);
    }
    for (size_t i = 0; i < MZ_WEB_THREADS; i++) {
        mz_db_close(server.idle[i]);
    }
    pthread_mutex_destroy(&server.lock);
    return code;
}
