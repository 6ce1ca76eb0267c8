#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define SLICE 50 /* milliseconds between looks at the cancel flag */

/* A run in progress; descriptors of this side, -1: closed. */
struct child {
    const struct mz_program *program;
    struct mz_program_end *end;
    struct mz_error *error;
    pid_t process;
    int input, output, errors;
    size_t written;
    int64_t deadline;
};

static void close_end(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

/* ---- starting ---- */

static const char *const kept_variables[] = {"PATH", "HOME", "LANG", "TMPDIR", NULL};

/* The environment, in `texts`; false when a variable is too long. */
static bool fill_environment(char texts[5][1024], char *out[6])
{
    size_t count = 0;
    for (size_t i = 0; kept_variables[i] != NULL; i++) {
        const char *value = getenv(kept_variables[i]);
        if (value != NULL) {
            int size = snprintf(texts[count], sizeof texts[count], "%s=%s",
                                kept_variables[i], value);
            if (size < 0 || (size_t)size >= sizeof texts[count]) {
                return false;
            }
            out[count] = texts[count];
            count++;
        }
    }
    out[count] = NULL;
    return true;
}

/* Ends 0 and 1 of three pipes: what the child gets and what stays here. */
static int set_actions(posix_spawn_file_actions_t *actions, const char *folder,
                       int pipes[3][2])
{
    int failure = posix_spawn_file_actions_adddup2(actions, pipes[0][0], 0);
    failure = failure != 0 ? failure
                           : posix_spawn_file_actions_adddup2(actions, pipes[1][1], 1);
    failure = failure != 0 ? failure
                           : posix_spawn_file_actions_adddup2(actions, pipes[2][1], 2);
    if (failure == 0 && folder != NULL) {
        failure = posix_spawn_file_actions_addchdir_np(actions, folder);
    }
    return failure != 0 ? failure
                        : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                           POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETSIGMASK);
    failure = failure != 0 ? failure : posix_spawnattr_setpgroup(attributes, 0);
    failure = failure != 0 ? failure : posix_spawnattr_setsigmask(attributes, &none);
    return failure != 0 ? failure : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(struct child *child, int pipes[3][2])
{
    char texts[5][1024];
    char *environment[6];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (!fill_environment(texts, environment)) {
        return E2BIG;
    }
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) {
        return failure;
    }
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        failure = set_actions(&actions, child->program->folder, pipes);
        failure = failure != 0 ? failure : set_attributes(&attributes);
        if (failure == 0) {
            failure = posix_spawnp(
                &child->process, child->program->path, &actions, &attributes,
                (char *const *)(uintptr_t)child->program->arguments, environment);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static enum mz_code start(struct child *child)
{
    const char *path = child->program->path;
    int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int failure = 0;
    for (size_t i = 0; i < 3 && failure == 0; i++) {
        failure = pipe2(pipes[i], O_CLOEXEC) == 0 ? 0 : errno;
    }
    failure = failure != 0 ? failure : spawn(child, pipes);
    close_end(&pipes[0][0]);
    close_end(&pipes[1][1]);
    close_end(&pipes[2][1]);
    child->input = pipes[0][1];
    child->output = pipes[1][0];
    child->errors = pipes[2][0];
    if (failure == 0) {
        fcntl(child->input, F_SETFL, O_NONBLOCK);
        return MZ_OK;
    }
    if (failure == ENOENT) {
        return mz_fail(child->error, MZ_NO_FILE, "there is no program %s", path);
    }
    return mz_fail(child->error, failure == EACCES ? MZ_NOT_PERMITTED : MZ_IO,
                   "the program %s cannot be started: %s", path, strerror(failure));
}

/* ---- talking ---- */

static void give_input(struct child *child)
{
    const struct mz_program *program = child->program;
    while (child->written < program->input_size) {
        ssize_t count = write(child->input, program->input + child->written,
                              program->input_size - child->written);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count < 0) {
            break; /* it does not read on: its business */
        }
        child->written += (size_t)count;
    }
    close_end(&child->input);
}

static enum mz_code take_output(struct child *child)
{
    char bytes[8192];
    ssize_t count = read(child->output, bytes, sizeof bytes);
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) {
        close_end(&child->output);
    }
    if (count <= 0) {
        return MZ_OK;
    }
    mz_buffer_add(&child->end->output, bytes, (size_t)count);
    return mz_buffer_ok(&child->end->output)
               ? MZ_OK
               : mz_fail(child->error, MZ_LIMIT,
                         "the program %s wrote more than %zu bytes",
                         child->program->path, child->program->output_most);
}

/* Keeps the last line that is not empty. */
static void take_errors(struct child *child)
{
    char bytes[4096], *note = child->end->note;
    ssize_t count = read(child->errors, bytes, sizeof bytes);
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) {
        close_end(&child->errors);
    }
    size_t used = strlen(note);
    for (ssize_t i = 0; i < count; i++) {
        if (used > 0 && note[used - 1] == '\n') {
            used = 0;
        }
        if (used + 2 < sizeof child->end->note && (bytes[i] != '\n' || used > 0)) {
            note[used++] = bytes[i];
        }
    }
    note[used] = '\0';
}

static enum mz_code talk(struct child *child)
{
    const struct mz_program *program = child->program;
    while (child->output >= 0 || child->errors >= 0) {
        struct pollfd ends[3] = {{child->input, POLLOUT, 0},
                                 {child->output, POLLIN, 0},
                                 {child->errors, POLLIN, 0}};
        if (program->cancel != NULL && atomic_load(program->cancel) != 0) {
            return mz_fail(child->error, MZ_CANCELLED, "the program %s was stopped",
                           program->path);
        }
        if (mz_clock_monotonic() >= child->deadline) {
            return mz_fail(child->error, MZ_DEADLINE,
                           "the program %s took longer than %lld ms", program->path,
                           (long long)program->timeout);
        }
        if (poll(ends, 3, SLICE) < 0 && errno != EINTR) {
            return mz_fail_errno(child->error, MZ_IO, "waiting for a program");
        }
        if (ends[0].revents != 0) {
            give_input(child);
        }
        if (ends[1].revents != 0) {
            enum mz_code code = take_output(child);
            if (code != MZ_OK) {
                return code;
            }
        }
        if (ends[2].revents != 0) {
            take_errors(child);
        }
    }
    return MZ_OK;
}

/* ---- ending ---- */

/* Waits for it; when it closed its output but goes on, until the deadline. */
static enum mz_code reap(struct child *child, bool kill_first)
{
    int status = 0;
    enum mz_code code = MZ_OK;
    if (kill_first) {
        kill(-child->process, SIGKILL);
    }
    while (waitpid(child->process, &status, kill_first ? 0 : WNOHANG) == 0) {
        struct timespec pause = {.tv_nsec = 2000000L};
        if (mz_clock_monotonic() >= child->deadline) {
            code = mz_fail(child->error, MZ_DEADLINE,
                           "the program %s took longer than %lld ms",
                           child->program->path, (long long)child->program->timeout);
            kill(-child->process, SIGKILL);
            kill_first = true;
        }
        nanosleep(&pause, NULL);
    }
    kill(-child->process, SIGKILL); /* what it left behind */
    child->end->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return code;
}

/* A write to a program that stopped reading must not end this process. */
static enum mz_code run_blocked(struct child *child)
{
    sigset_t pipe_signal, before;
    struct timespec none = {0};
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    enum mz_code code = talk(child);
    close_end(&child->input);
    enum mz_code ended = reap(child, code != MZ_OK);
    while (!sigismember(&before, SIGPIPE) &&
           sigtimedwait(&pipe_signal, NULL, &none) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code != MZ_OK ? code : ended;
}

enum mz_code mz_program_run(const struct mz_program *program,
                            struct mz_program_end *end, struct mz_error *error)
{
    struct child child = {.program = program,
                          .end = end,
                          .error = error,
                          .input = -1,
                          .output = -1,
                          .errors = -1,
                          .deadline = mz_clock_monotonic() + program->timeout};
    memset(end, 0, sizeof *end);
    mz_buffer_init(&end->output, program->output_most);
    enum mz_code code = start(&child);
    if (code == MZ_OK) {
        code = run_blocked(&child);
    }
    close_end(&child.input);
    close_end(&child.output);
    close_end(&child.errors);
    size_t used = strlen(end->note);
    if (used > 0 && end->note[used - 1] == '\n') {
        end->note[used - 1] = '\0';
    }
    return code;
}

void mz_host_name(char *out, size_t size)
{
    const char *name = getenv("MIZAN_HOST");
    snprintf(out, size, "localhost");
    if (name != NULL && name[0] != '\0') {
        snprintf(out, size, "%s", name);
    } else if (gethostname(out, size - 1) == 0) {
        out[size - 1] = '\0';
    }
}
