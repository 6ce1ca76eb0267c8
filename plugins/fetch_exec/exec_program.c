#include "exec_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT  50   /* milliseconds between looks at clock and stop signal */
#define GRACE 2000 /* milliseconds from the end of its streams to its own */

/* The three streams, this process's ends; -1: closed. */
struct run {
    const struct exec_program *program;
    struct exec_result *result;
    pid_t pid;
    int input, output, errors;
    size_t sent;
    int64_t deadline;
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void close_end(int *end)
{
    if (*end >= 0) {
        (void)close(*end);
        *end = -1;
    }
}

/* ---- starting ---- */

/* NAME=VALUE of this process, when it has it. */
static char *copy_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe) */
    char *copy = NULL;
    if (value == NULL || asprintf(&copy, "%s=%s", name, value) < 0) {
        return NULL;
    }
    return copy;
}

static int spawn(struct run *run, const int ends[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *environment[4] = {NULL};
    size_t count = 0;
    const char *const names[] = {"PATH", "HOME", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        environment[count] = copy_variable(names[i]);
        count += environment[count] != NULL ? 1 : 0;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int failed = posix_spawn_file_actions_init(&actions);
    failed = failed != 0 ? failed : posix_spawnattr_init(&attributes);
    for (int i = 0; failed == 0 && i < 3; i++) {
        failed = posix_spawn_file_actions_adddup2(&actions, ends[i], i);
    }
    failed =
        failed != 0 ? failed : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    failed = failed != 0
                 ? failed
                 : posix_spawn_file_actions_addchdir_np(&actions, run->program->folder);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                                    POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    if (failed == 0) {
        failed = posix_spawnp(&run->pid, run->program->arguments[0], &actions,
                              &attributes, run->program->arguments, environment);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    for (size_t i = 0; i < count; i++) {
        free(environment[i]);
    }
    return failed;
}

/* A socket for the input, so that a program that does not read it raises no signal. */
static enum exec_status start(struct run *run)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, error[2] = {-1, -1};
    int failed = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 ||
        pipe2(out, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0) {
        failed = errno;
    }
    if (failed == 0) {
        const int ends[3] = {in[1], out[1], error[1]};
        failed = spawn(run, ends);
    }
    close_end(&in[1]);
    close_end(&out[1]);
    close_end(&error[1]);
    run->input = in[0];
    run->output = out[0];
    run->errors = error[0];
    errno = failed;
    return failed == 0 ? EXEC_ENDED : EXEC_NO_PROGRAM;
}

/* ---- its streams ---- */

static void write_input(struct run *run)
{
    const struct exec_program *program = run->program;
    ssize_t sent = send(run->input, program->input + run->sent,
                        program->input_size - run->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        run->sent += (size_t)sent;
    }
    bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
    if ((sent < 0 && !later) || run->sent == program->input_size) {
        close_end(&run->input);
    }
}

static enum exec_status read_output(struct run *run)
{
    struct exec_result *result = run->result;
    if (result->room - result->size < 65536) {
        size_t room = result->room == 0 ? (size_t)128 * 1024 : result->room * 2;
        char *larger = realloc(result->output, room);
        if (larger == NULL) {
            return EXEC_NO_MEMORY;
        }
        result->output = larger;
        result->room = room;
    }
    ssize_t got = read(run->output, result->output + result->size, 65536);
    if (got > 0) {
        result->size += (size_t)got;
    } else if (got == 0 || errno != EINTR) {
        close_end(&run->output);
    }
    return result->size > run->program->output_most ? EXEC_TOO_MUCH : EXEC_ENDED;
}

/* Keeps the last bytes. */
static void read_errors(struct run *run)
{
    char piece[EXEC_NOTE];
    char *note = run->result->note;
    ssize_t got = read(run->errors, piece, sizeof piece - 1);
    if (got <= 0) {
        if (got == 0 || errno != EINTR) {
            close_end(&run->errors);
        }
        return;
    }
    size_t size = (size_t)got, used = strlen(note);
    for (size_t i = 0; i < size; i++) {
        piece[i] = piece[i] == '\0' ? ' ' : piece[i];
    }
    size_t keep = EXEC_NOTE - 1 - size;
    if (used > keep) {
        memmove(note, note + used - keep, keep);
        used = keep;
    }
    memcpy(note + used, piece, size);
    note[used + size] = '\0';
}

static enum exec_status drive(struct run *run)
{
    enum exec_status status = EXEC_ENDED;
    while (status == EXEC_ENDED && (run->output >= 0 || run->errors >= 0)) {
        struct pollfd ends[3] = {{.fd = run->output, .events = POLLIN},
                                 {.fd = run->errors, .events = POLLIN},
                                 {.fd = run->input, .events = POLLOUT}};
        (void)poll(ends, 3, WAIT);
        if (run->program->cancelled(run->program->owner)) {
            status = EXEC_CANCELLED;
        } else if (now() > run->deadline) {
            status = EXEC_LATE;
        } else if (ends[0].revents != 0) {
            status = read_output(run);
        }
        if (ends[1].revents != 0) {
            read_errors(run);
        }
        if (ends[2].revents != 0) {
            write_input(run);
        }
    }
    return status;
}

/* ---- its end ---- */

/* Waits for the process, which may outlive its streams a little. */
static enum exec_status reap(struct run *run, enum exec_status status)
{
    int state = 0;
    int64_t until = now() + GRACE;
    until = until < run->deadline ? run->deadline : until;
    pid_t ended = 0;
    while (status == EXEC_ENDED && (ended = waitpid(run->pid, &state, WNOHANG)) == 0) {
        const struct timespec pause = {.tv_nsec = 5000000};
        if (run->program->cancelled(run->program->owner)) {
            status = EXEC_CANCELLED;
        } else if (now() > until) {
            status = EXEC_LATE;
        }
        (void)nanosleep(&pause, NULL);
    }
    /* What it left behind in its group goes too. */
    (void)kill(-run->pid, SIGKILL);
    while (ended == 0 && waitpid(run->pid, &state, 0) < 0 && errno == EINTR) {
    }
    run->result->code = WIFSIGNALED(state) ? -WTERMSIG(state) : WEXITSTATUS(state);
    return status;
}

enum exec_status exec_run(const struct exec_program *program,
                          struct exec_result *result)
{
    struct run run = {.program = program,
                      .result = result,
                      .input = -1,
                      .output = -1,
                      .errors = -1,
                      .deadline = now() + program->timeout};
    memset(result, 0, sizeof *result);
    enum exec_status status = start(&run);
    if (status == EXEC_ENDED) {
        if (program->input_size == 0) {
            close_end(&run.input);
        }
        status = reap(&run, drive(&run));
    }
    int reason = errno;
    close_end(&run.input);
    close_end(&run.output);
    close_end(&run.errors);
    errno = reason;
    return status;
}
