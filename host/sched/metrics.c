/* /metrics, /healthz and /readyz on the loopback: an answer and the connection closes.
 * The dashboard is another process; this is for programs that look after the scheduler.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "sched/daemon.h"

#define MOST_CONNECTIONS 32
#define MOST_REQUEST     ((size_t)8 << 10)
#define PATIENCE         5000 /* milliseconds for a request to come and its answer to go */

const int64_t mz_delay_bounds[MZ_DELAYS] = {5,   10,  20,   50,   100,
                                            200, 500, 1000, 5000, 60000};

struct connection {
    uv_tcp_t stream;
    uv_timer_t timer;
    uv_write_t write;
    struct mz_daemon *daemon;
    struct mz_buffer request, answer;
    int open;
    bool closing;
};

/* ---- what is told ---- */

static void add_number(struct mz_buffer *out, const char *name, const char *type,
                       const char *help, int64_t value)
{
    mz_buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", name, help,
                     name, type, name, value);
}

static void add_runs(struct mz_buffer *out, const struct mz_counters *counters)
{
    mz_buffer_printf(out,
                     "# HELP mizan_runs_total Runs that ended.\n"
                     "# TYPE mizan_runs_total counter\n"
                     "mizan_runs_total{status=\"ok\"} %" PRId64 "\n"
                     "mizan_runs_total{status=\"failed\"} %" PRId64 "\n",
                     counters->ok, counters->failed);
}

static void add_delays(struct mz_buffer *out, const struct mz_counters *counters)
{
    int64_t sum = 0;
    mz_buffer_text(out,
                   "# HELP mizan_start_delay_seconds From when a run was due to its "
                   "start.\n# TYPE mizan_start_delay_seconds histogram\n");
    for (size_t i = 0; i < MZ_DELAYS; i++) {
        sum += counters->delays[i];
        mz_buffer_printf(out,
                         "mizan_start_delay_seconds_bucket{le=\"%g\"} %" PRId64 "\n",
                         (double)mz_delay_bounds[i] / 1000.0, sum);
    }
    sum += counters->delays[MZ_DELAYS];
    mz_buffer_printf(out,
                     "mizan_start_delay_seconds_bucket{le=\"+Inf\"} %" PRId64 "\n"
                     "mizan_start_delay_seconds_sum %.3f\n"
                     "mizan_start_delay_seconds_count %" PRId64 "\n",
                     sum, (double)counters->delay_sum / 1000.0, sum);
}

static void count_pipelines(const struct mz_daemon *daemon, int64_t *loaded,
                            int64_t *broken)
{
    size_t position = 0;
    const char *file;
    void *value;
    while (mz_map_next(daemon->by_file, &position, &file, &value)) {
        const struct mz_entry *entry = value;
        *loaded += entry->listed && entry->planned ? 1 : 0;
        *broken += entry->listed && entry->error != NULL ? 1 : 0;
    }
}

static void add_metrics(struct mz_buffer *out, const struct mz_daemon *daemon)
{
    const struct mz_counters *counters = &daemon->counters;
    int64_t loaded = 0, broken = 0;
    count_pipelines(daemon, &loaded, &broken);
    add_number(out, "mizan_pipelines", "gauge", "Pipelines that are loaded.", loaded);
    add_number(out, "mizan_pipelines_broken", "gauge",
               "Pipeline files that cannot be used.", broken);
    add_number(out, "mizan_runs_running", "gauge", "Runs of this scheduler.",
               (int64_t)mz_core_running(daemon->core));
    add_number(out, "mizan_ticks_waiting", "gauge", "Ticks that are ready or to come.",
               (int64_t)mz_core_waiting(daemon->core));
    add_number(out, "mizan_runs_started_total", "counter", "Runs that were started.",
               counters->started);
    add_runs(out, counters);
    add_number(out, "mizan_ticks_skipped_total", "counter",
               "Ticks that were not run, each with a cause.", counters->skipped);
    add_number(out, "mizan_database_trouble", "gauge",
               "1 while the database cannot be read or written.",
               daemon->troubled ? 1 : 0);
    add_delays(out, counters);
}

/* ---- HTTP ---- */

static void compose(struct connection *connection)
{
    const struct mz_daemon *daemon = connection->daemon;
    const char *request = connection->request.data;
    struct mz_buffer body;
    const char *status = "200 OK";
    mz_buffer_init(&body, (size_t)1 << 20);
    if (strncmp(request, "GET ", 4) != 0 && strncmp(request, "HEAD ", 5) != 0) {
        status = "405 Method Not Allowed";
        mz_buffer_text(&body, "only GET\n");
    } else {
        const char *path = strchr(request, ' ') + 1;
        size_t size = strcspn(path, " ?\r\n");
        if (size == 8 && strncmp(path, "/metrics", size) == 0) {
            add_metrics(&body, daemon);
        } else if (size == 8 && strncmp(path, "/healthz", size) == 0) {
            mz_buffer_text(&body, "ok\n");
        } else if (size == 7 && strncmp(path, "/readyz", size) == 0) {
            bool ready = daemon->ready && !daemon->draining && !daemon->troubled;
            status = ready ? status : "503 Service Unavailable";
            mz_buffer_text(&body, ready              ? "ready\n"
                                  : daemon->draining ? "draining\n"
                                  : daemon->troubled ? "the database is away\n"
                                                     : "starting\n");
        } else {
            status = "404 Not Found";
            mz_buffer_text(&body, "/metrics, /healthz or /readyz\n");
        }
    }
    mz_buffer_printf(&connection->answer,
                     "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; "
                     "charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n"
                     "Cache-Control: no-store\r\n\r\n",
                     status, body.size);
    if (strncmp(request, "HEAD ", 5) != 0) {
        mz_buffer_add(&connection->answer, body.data == NULL ? "" : body.data,
                      body.size);
    }
    mz_buffer_finish(&body);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    if (--connection->open == 0) {
        connection->daemon->connections--;
        mz_buffer_finish(&connection->request);
        mz_buffer_finish(&connection->answer);
        free(connection);
    }
}

static void close_connection(struct connection *connection)
{
    if (!connection->closing) {
        connection->closing = true;
        uv_close((uv_handle_t *)&connection->stream, on_closed);
        uv_close((uv_handle_t *)&connection->timer, on_closed);
    }
}

static void on_late(uv_timer_t *timer)
{
    close_connection(timer->data);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    close_connection(write->data);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    (void)handle;
    (void)wanted;
    buffer->base = malloc(2048);
    buffer->len = buffer->base == NULL ? 0 : 2048;
}

static void answer(struct connection *connection)
{
    (void)uv_read_stop((uv_stream_t *)&connection->stream);
    compose(connection);
    uv_buf_t out =
        uv_buf_init(connection->answer.data, (unsigned int)connection->answer.size);
    if (!mz_buffer_ok(&connection->answer) ||
        uv_write(&connection->write, (uv_stream_t *)&connection->stream, &out, 1,
                 on_written) != 0) {
        close_connection(connection);
    }
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    if (size > 0) {
        mz_buffer_add(&connection->request, buffer->base, (size_t)size);
    }
    free(buffer->base);
    if (size < 0 || !mz_buffer_ok(&connection->request)) {
        close_connection(connection);
    } else if (connection->request.data != NULL &&
               strstr(connection->request.data, "\r\n\r\n") != NULL) {
        answer(connection);
    }
}

static void on_connection(uv_stream_t *server, int status)
{
    struct mz_daemon *daemon = server->data;
    struct connection *connection = status < 0 ? NULL : calloc(1, sizeof *connection);
    if (connection == NULL) {
        return;
    }
    connection->daemon = daemon;
    connection->open = 2;
    daemon->connections++;
    mz_buffer_init(&connection->request, MOST_REQUEST);
    mz_buffer_init(&connection->answer, (size_t)2 << 20);
    (void)uv_tcp_init(&daemon->loop, &connection->stream);
    (void)uv_timer_init(&daemon->loop, &connection->timer);
    connection->stream.data = connection->timer.data = connection->write.data =
        connection;
    if (uv_accept(server, (uv_stream_t *)&connection->stream) != 0 ||
        daemon->connections > MOST_CONNECTIONS ||
        uv_timer_start(&connection->timer, on_late, PATIENCE, 0) != 0 ||
        uv_read_start((uv_stream_t *)&connection->stream, give_room, on_read) != 0) {
        close_connection(connection);
    }
}

enum mz_code mz_metrics_listen(struct mz_daemon *daemon, struct mz_error *error)
{
    struct sockaddr_in address;
    struct sockaddr_storage bound;
    int size = sizeof bound;
    (void)uv_ip4_addr("127.0.0.1", (int)daemon->settings->port, &address);
    (void)uv_tcp_init(&daemon->loop, &daemon->listener);
    daemon->listener.data = daemon;
    daemon->listening = true;
    union {
        struct sockaddr_in *in;
        struct sockaddr_storage *storage;
        struct sockaddr *any;
    } at = {.in = &address};
    int result = uv_tcp_bind(&daemon->listener, at.any, 0);
    if (result == 0) {
        result = uv_listen((uv_stream_t *)&daemon->listener, 16, on_connection);
    }
    if (result != 0) {
        mz_fail(error, MZ_TRY_AGAIN, "127.0.0.1:%" PRId64 " cannot be listened on: %s",
                daemon->settings->port, uv_strerror(result));
        mz_error_help(error, "name another port with --metrics, or leave it out");
        return MZ_TRY_AGAIN;
    }
    at.storage = &bound;
    if (uv_tcp_getsockname(&daemon->listener, at.any, &size) == 0) {
        mz_log(MZ_LOG_INFO, NULL, "metrics on http://127.0.0.1:%d/metrics",
               (int)ntohs(at.in->sin_port));
    }
    return MZ_OK;
}
