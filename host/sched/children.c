/* Runs: each a child of its own, whose output goes to a file in memory. A child leads a
 * session of its own: a signal of the terminal ends the scheduler, which drains, and a
 * scheduler that is killed leaves its runs to end by themselves. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sched/daemon.h"

extern char **environ;

#define STOP_GRACE 35000 /* a run that was told to stop kills itself after 30 s */
/* Beyond this the middle of a log is left out: memory is not for a run that prints. */
#define MOST_LOG       ((off_t)4 << 20)
#define LAST_LINE      400
#define RUN_ID         "MIZAN_RUN_ID="
#define MOST_VARIABLES 1000

/* ---- starting ---- */

static void make_id(char out[33])
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        int64_t parts[2] = {mz_clock_now(), mz_clock_monotonic()};
        memcpy(bytes, parts, sizeof bytes);
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(out + i * 2, 3, "%02x", bytes[i]);
    }
}

int mz_spawn(struct mz_daemon *daemon, uv_process_t *process,
             uv_process_options_t *options, char *variable)
{
    char *variables[MOST_VARIABLES + 2];
    size_t count = 0;
    for (char **at = environ; *at != NULL && count < MOST_VARIABLES; at++) {
        /* What the service manager told this process is not for its children. */
        if (strncmp(*at, "NOTIFY_SOCKET=", 14) != 0 &&
            strncmp(*at, "WATCHDOG_", 9) != 0 &&
            strncmp(*at, RUN_ID, sizeof RUN_ID - 1) != 0 &&
            strncmp(*at, MZ_SUPERVISED, sizeof MZ_SUPERVISED - 1) != 0) {
            variables[count++] = *at;
        }
    }
    if (variable != NULL) {
        variables[count++] = variable;
    }
    variables[count] = NULL;
    options->file = daemon->program;
    options->env = variables;
    options->cwd = daemon->settings->folder;
    return uv_spawn(&daemon->loop, process, options);
}

void mz_child_free(struct mz_child *child)
{
    if (child->log >= 0) {
        close(child->log);
    }
    mz_buffer_finish(&child->head);
    free(child->pipeline);
    free(child);
}

static void unlink_child(struct mz_child *child)
{
    if (child->previous != NULL) {
        child->previous->next = child->next;
    } else {
        child->daemon->children = child->next;
    }
    if (child->next != NULL) {
        child->next->previous = child->previous;
    }
}

static size_t read_log(struct mz_child *child, char *out, size_t size, off_t at)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = pread(child->log, out + used, size - used, at + (off_t)used);
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
    }
    return used;
}

/* The database keeps text: what is no UTF-8, or NUL, becomes a question mark. */
static void make_text(struct mz_buffer *log)
{
    size_t at = 0;
    while (at < log->size) {
        size_t length = mz_utf8_decode(log->data + at, log->size - at, NULL);
        if (length == 0 || log->data[at] == '\0') {
            log->data[at] = '?';
            length = 1;
        }
        at += length;
    }
}

char *mz_child_log(struct mz_child *child, size_t *size)
{
    struct stat info;
    struct mz_buffer out;
    char *tail = malloc(MZ_LOG_HEAD + MZ_LOG_TAIL);
    *size = 0;
    if (tail == NULL || fstat(child->log, &info) != 0) {
        free(tail);
        return NULL;
    }
    mz_buffer_init(&out, (size_t)1 << 20);
    size_t whole = (size_t)info.st_size;
    if (child->cut == 0 && whole <= MZ_LOG_HEAD + MZ_LOG_TAIL) {
        mz_buffer_add(&out, tail, 0);
        mz_buffer_add(&out, tail, read_log(child, tail, whole, 0));
    } else {
        size_t kept = whole < MZ_LOG_TAIL ? whole : MZ_LOG_TAIL;
        if (child->head.size == 0) {
            mz_buffer_add(&child->head, tail, read_log(child, tail, MZ_LOG_HEAD, 0));
        }
        mz_buffer_add(&out, child->head.data, child->head.size);
        mz_buffer_printf(&out, "\n… %zu bytes are left out …\n",
                         child->cut + whole - kept -
                             (child->cut == 0 ? child->head.size : 0));
        mz_buffer_add(&out, tail, read_log(child, tail, kept, (off_t)(whole - kept)));
    }
    free(tail);
    make_text(&out);
    return mz_buffer_take(&out, size);
}

/* The last line that is not empty: why it ended as it did. */
static void last_line(const char *log, size_t size, char out[LAST_LINE])
{
    size_t end = size;
    out[0] = '\0';
    while (end > 0 && (log[end - 1] == '\n' || log[end - 1] == ' ')) {
        end--;
    }
    size_t start = end;
    while (start > 0 && log[start - 1] != '\n') {
        start--;
    }
    snprintf(out, LAST_LINE, "%.*s", (int)(end - start < 300 ? end - start : 300),
             log + start);
}

/* The line that names the error, else the last one. */
static void error_line(const char *log, size_t size, char out[LAST_LINE])
{
    static const char mark[] = "error[";
    const char *found = size == 0 ? NULL : memmem(log, size, mark, sizeof mark - 1);
    if (found == NULL) {
        last_line(log, size, out);
        return;
    }
    size_t left = size - (size_t)(found - log);
    const char *end = memchr(found, '\n', left);
    size_t length = end == NULL ? left : (size_t)(end - found);
    snprintf(out, LAST_LINE, "%.*s", (int)(length < 300 ? length : 300), found);
}

static void note_end(struct mz_child *child)
{
    char line[LAST_LINE] = "", failure[LAST_LINE + 100];
    struct mz_write *write =
        mz_write_add(child->daemon, MZ_WRITE_GONE, child->pipeline);
    if (write == NULL) {
        mz_core_ended(child->daemon->core, child->pipeline, child->shard,
                      child->tick_at);
        mz_child_free(child);
        return;
    }
    write->child = child;
    write->text = child->log < 0 ? NULL : mz_child_log(child, &write->text_size);
    if (write->text != NULL) {
        error_line(write->text, write->text_size, line);
    }
    if (child->why[0] != '\0') {
        write->error = strdup(child->why);
    } else if (child->signal != 0) {
        snprintf(failure, sizeof failure, "its process was ended by %s",
                 strsignal(child->signal));
        write->error = strdup(failure);
    } else if (child->status != 0) {
        snprintf(failure, sizeof failure, "exit %" PRId64 "%s%s", child->status,
                 line[0] == '\0' ? "" : ": ", line);
        write->error = strdup(failure);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct mz_child *child = handle->data;
    unlink_child(child);
    note_end(child);
}

static void on_exit_of_child(uv_process_t *process, int64_t status, int number)
{
    struct mz_child *child = process->data;
    child->status = status;
    child->signal = number;
    child->ended = true;
    uv_close((uv_handle_t *)process, on_closed);
}

static void count_delay(struct mz_daemon *daemon, int64_t due)
{
    int64_t delay = mz_daemon_now(daemon) - due;
    size_t bucket = 0;
    delay = delay < 0 ? 0 : delay;
    while (bucket < MZ_DELAYS && delay > mz_delay_bounds[bucket]) {
        bucket++;
    }
    daemon->counters.delays[bucket]++;
    daemon->counters.delay_sum += delay;
    daemon->counters.started++;
}

static struct mz_child *make_child(struct mz_daemon *daemon,
                                   const struct mz_action *action)
{
    struct mz_child *child = calloc(1, sizeof *child);
    if (child == NULL) {
        return NULL;
    }
    child->daemon = daemon;
    child->tick_at = action->tick_at;
    child->shard = action->shard;
    child->pipeline = strdup(action->pipeline);
    child->started = mz_clock_monotonic();
    child->log = memfd_create("mizan-run", MFD_CLOEXEC);
    mz_buffer_init(&child->head, MZ_LOG_HEAD);
    make_id(child->run_id);
    if (child->pipeline == NULL || child->log < 0 ||
        fcntl(child->log, F_SETFL, O_APPEND) != 0) {
        mz_child_free(child);
        return NULL;
    }
    child->process.data = child;
    return child;
}

static int start_process(struct mz_child *child, const char *file)
{
    char tick[64], shard[32], id[64], time[MZ_TIME_TEXT],
        database[MZ_PROGRAM_PATH + 16];
    char run[] = "run", name[] = "mizan";
    char *path = strdup(file);
    snprintf(tick, sizeof tick, "--tick=%s",
             mz_time_format(child->tick_at * 1000, time));
    snprintf(database, sizeof database, "--db=%s", child->daemon->settings->database);
    snprintf(shard, sizeof shard, "--shard=%" PRId64, child->shard);
    char *arguments[] = {name,
                         run,
                         tick,
                         database,
                         child->shard > 0 ? shard : path,
                         child->shard > 0 ? path : NULL,
                         NULL};
    uv_stdio_container_t streams[3] = {{.flags = UV_IGNORE},
                                       {.flags = UV_INHERIT_FD, .data.fd = child->log},
                                       {.flags = UV_INHERIT_FD, .data.fd = child->log}};
    uv_process_options_t options = {.args = arguments,
                                    .exit_cb = on_exit_of_child,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio = streams,
                                    .stdio_count = 3};
    snprintf(id, sizeof id, RUN_ID "%s", child->run_id);
    int result = path == NULL ? UV_ENOMEM
                              : mz_spawn(child->daemon, &child->process, &options, id);
    free(path);
    return result;
}

void mz_child_start(struct mz_daemon *daemon, const struct mz_action *action)
{
    struct mz_entry *entry = mz_catalog_find(daemon, action->pipeline);
    struct mz_child *child = make_child(daemon, action);
    if (child == NULL || entry == NULL) {
        mz_log(MZ_LOG_ERROR, NULL, "%s: the run cannot be started", action->pipeline);
        mz_core_ended(daemon->core, action->pipeline, action->shard, action->tick_at);
        if (child != NULL) {
            mz_child_free(child);
        }
        return;
    }
    child->next = daemon->children;
    if (child->next != NULL) {
        child->next->previous = child;
    }
    daemon->children = child;
    int result = start_process(child, entry->file);
    if (result == 0) {
        count_delay(daemon, action->not_before);
        mz_log(MZ_LOG_DEBUG, NULL, "%s: run %s started, pid %d", child->pipeline,
               child->run_id, (int)child->process.pid);
        return;
    }
    snprintf(child->why, sizeof child->why, "its process cannot be started: %s",
             uv_strerror(result));
    mz_log(MZ_LOG_ERROR, NULL, "%s: %s", child->pipeline, child->why);
    child->signal = SIGKILL; /* its tick is run again */
    child->ended = true;
    uv_close((uv_handle_t *)&child->process, on_closed);
}

/* ---- stopping ---- */

void mz_child_stop(struct mz_daemon *daemon, const char *pipeline, int64_t shard,
                   int64_t tick_at)
{
    for (struct mz_child *at = daemon->children; at != NULL; at = at->next) {
        if (at->tick_at == tick_at && at->shard == shard &&
            strcmp(at->pipeline, pipeline) == 0 && !at->ended && at->kill_at == 0) {
            at->kill_at = mz_clock_monotonic() + STOP_GRACE;
            (void)uv_process_kill(&at->process, SIGTERM);
        }
    }
}

struct mz_child *mz_child_find(struct mz_daemon *daemon, const char *run_id)
{
    struct mz_child *at = daemon->children;
    while (at != NULL && strcmp(at->run_id, run_id) != 0) {
        at = at->next;
    }
    return at;
}

void mz_children_signal(struct mz_daemon *daemon, int number)
{
    for (struct mz_child *at = daemon->children; at != NULL; at = at->next) {
        if (!at->ended) {
            (void)uv_process_kill(&at->process, number);
        }
    }
}

/* The head is kept, then the file begins anew: what writes to it appends. */
static void cut_log(struct mz_child *child, off_t size)
{
    char *head = malloc(MZ_LOG_HEAD);
    if (head == NULL) {
        return;
    }
    if (child->head.size == 0) {
        mz_buffer_add(&child->head, head, read_log(child, head, MZ_LOG_HEAD, 0));
        child->cut -= child->head.size;
    }
    free(head);
    if (ftruncate(child->log, 0) == 0) {
        child->cut += (size_t)size;
        child->flushed = 0;
    }
}

static void flush_log(struct mz_child *child, off_t size)
{
    if ((size_t)size == child->flushed) {
        return;
    }
    struct mz_write *write = mz_write_add(child->daemon, MZ_WRITE_LOG, child->pipeline);
    if (write != NULL) {
        write->request = strdup(child->run_id);
        write->text = mz_child_log(child, &write->text_size);
        child->flushed = (size_t)size;
    }
}

void mz_children_look(struct mz_daemon *daemon, int64_t monotonic)
{
    bool flush = monotonic - daemon->last_log >= 2000;
    for (struct mz_child *at = daemon->children; at != NULL; at = at->next) {
        struct stat info;
        if (at->ended) {
            continue;
        }
        if (at->kill_at != 0 && monotonic >= at->kill_at) {
            (void)uv_process_kill(&at->process, SIGKILL);
        }
        if (fstat(at->log, &info) != 0) {
            continue;
        }
        if (flush && monotonic - at->started > 2000) {
            flush_log(at, info.st_size);
        }
        if (info.st_size > MOST_LOG) {
            cut_log(at, info.st_size);
        }
    }
    daemon->last_log = flush ? monotonic : daemon->last_log;
}
