#include "exec_program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATH_MOST 4096
#define WAIT      50   /* milliseconds between looks at clock and stop signal */
#define GRACE     2000 /* milliseconds from the end of its streams to its own */

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

/* Where the program is, so that nothing is searched after the fork. */
static bool find_program(const char *name, char out[PATH_MOST])
{
    const char *list = getenv("PATH"); /* NOLINT(concurrency-mt-unsafe) */
    if (strchr(name, '/') != NULL) {
        return snprintf(out, PATH_MOST, "%s", name) < PATH_MOST;
    }
    list = list != NULL ? list : "/usr/bin:/bin";
    while (*list != '\0') {
        size_t length = strcspn(list, ":");
        int wrote = snprintf(out, PATH_MOST, "%.*s/%s", (int)length, list, name);
        if (wrote > 0 && wrote < PATH_MOST && access(out, X_OK) == 0) {
            return true;
        }
        list += length + (list[length] == ':');
    }
    errno = ENOENT;
    return false;
}

static bool limit(int resource, rlim_t most)
{
    struct rlimit now_set, wanted = {most, most};
    if (getrlimit((__rlimit_resource_t)resource, &now_set) == 0 &&
        now_set.rlim_max < most) {
        wanted.rlim_cur = wanted.rlim_max = now_set.rlim_max;
    }
    return setrlimit((__rlimit_resource_t)resource, &wanted) == 0;
}

/* No new socket of any family, by a filter that the kernel keeps over exec. */
static bool close_network(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {sizeof steps / sizeof steps[0], steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

static bool close_in(const struct exec_program *program)
{
    return (program->memory_most == 0 || limit(RLIMIT_AS, program->memory_most)) &&
           (program->cpu_most == 0 || limit(RLIMIT_CPU, (rlim_t)program->cpu_most)) &&
           (!program->walled || (limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0) &&
                                 limit(RLIMIT_NOFILE, 64) && close_network()));
}

/* Between fork and exec: async-signal-safe calls alone. Returns only when it failed. */
static void become(const struct run *run, const int ends[3], const char *path,
                   char *const environment[])
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t none;
    (void)sigemptyset(&none);
    for (int i = 1; i < NSIG; i++) {
        (void)sigaction(i, &plain, NULL);
    }
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (setpgid(0, 0) != 0 || dup2(ends[0], 0) < 0 || dup2(ends[1], 1) < 0 ||
        dup2(ends[2], 2) < 0 || chdir(run->program->folder) != 0) {
        return;
    }
    /* The pipe for the reason of a failure closes itself with exec. */
    (void)syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    if (close_in(run->program)) {
        (void)execve(path, run->program->arguments, environment);
    }
}

static int spawn(struct run *run, const int ends[3])
{
    char path[PATH_MOST];
    char *environment[4] = {NULL};
    int reason[2] = {-1, -1}, failed = 0;
    size_t count = 0;
    const char *const names[] = {"PATH", "HOME", "LANG"};
    if (!find_program(run->program->arguments[0], path) ||
        pipe2(reason, O_CLOEXEC) != 0) {
        return errno;
    }
    for (size_t i = 0; i < 3; i++) {
        environment[count] = copy_variable(names[i]);
        count += environment[count] != NULL ? 1 : 0;
    }
    run->pid = fork();
    if (run->pid == 0) {
        become(run, ends, path, environment);
        failed = errno;
        (void)!write(reason[1], &failed, sizeof failed);
        _exit(127);
    }
    failed = run->pid < 0 ? errno : 0;
    close_end(&reason[1]);
    /* Nothing to read: the program has begun. */
    if (failed == 0 && read(reason[0], &failed, sizeof failed) > 0) {
        (void)waitpid(run->pid, NULL, 0);
    }
    close_end(&reason[0]);
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
