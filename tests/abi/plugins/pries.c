/* An extract plugin that tries what the walls of a run keep away: `act` says what, and
 * `target` on which file. What failed is its failure; what did not, a count. */
#include <mizan/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pry {
    const struct mizan_host *host;
    const char *act, *target; /* live as long as the instance */
};

static const struct mizan_option options[] = {
    {.name = "act",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_REQUIRED,
     .choices = "read|write|socket|unix|type|fork|execute|signal|raise|memory",
     .help = "What to try."},
    {.name = "target",
     .type = MIZAN_OPTION_TEXT,
     .default_value = "/",
     .help = "The file to try it on."},
};

static int32_t open_pry(const struct mizan_host *host, mizan_task *task,
                        const mizan_options *given, void **instance)
{
    struct mizan_value act;
    struct mizan_value target;
    struct pry *pry = calloc(1, sizeof *pry);
    if (pry == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory");
    }
    host->option(given, "act", &act);
    host->option(given, "target", &target);
    pry->host = host;
    pry->act = act.as.text.data;
    pry->target = target.as.text.data;
    *instance = pry;
    return MIZAN_OK;
}

static void close_pry(void *instance)
{
    free(instance);
}

static bool run_program(const char *path)
{
    int status = 0;
    char *const words[] = {NULL, NULL};
    pid_t child = fork();
    if (child == 0) {
        execv(path, words);
        _exit(errno == EACCES ? 13 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return false;
    }
    errno = WEXITSTATUS(status) == 13 ? EACCES : EPERM;
    return WEXITSTATUS(status) == 0;
}

/* False with errno set when the system said no. */
static bool attempt(const struct pry *pry)
{
    const char *act = pry->act;
    if (strcmp(act, "read") == 0) {
        return open(pry->target, O_RDONLY | O_CLOEXEC) >= 0;
    }
    if (strcmp(act, "write") == 0) {
        return open(pry->target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
    }
    if (strcmp(act, "socket") == 0) {
        return socket(AF_INET, SOCK_STREAM, 0) >= 0;
    }
    if (strcmp(act, "unix") == 0) {
        return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
    }
    if (strcmp(act, "type") == 0) {
        /* TIOCSTI under a high bit that the kernel does not look at; on what is no
         * terminal it is ENOTTY where it gets through. */
        return syscall(SYS_ioctl, open("/dev/null", O_RDONLY | O_CLOEXEC),
                       (1UL << 32) + 0x5412, "x") == 0 ||
               errno != EPERM;
    }
    if (strcmp(act, "fork") == 0) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        return child > 0;
    }
    if (strcmp(act, "execute") == 0) {
        return run_program(pry->target);
    }
    if (strcmp(act, "signal") == 0) {
        return kill(getppid(), SIGTERM) == 0;
    }
    if (strcmp(act, "memory") == 0) {
        return malloc((size_t)1 << 38) != NULL;
    }
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_CORE, &more) == 0;
}

static int32_t extract_pry(void *instance, mizan_task *task, mizan_record *record)
{
    const struct pry *pry = instance;
    if (!attempt(pry)) {
        char why[128];
        return pry->host->fail(task, MIZAN_ERROR_FAILED, "%s %s: %s", pry->act,
                               pry->target, strerror_r(errno, why, sizeof why));
    }
    pry->host->count(task, "attempts_that_worked", 1);
    return pry->host->emit(task, record);
}

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .kind = MIZAN_KIND_EXTRACT,
    .name = "pries",
    .version = "1.0",
    .stability = "experimental",
    .summary = "Tries what the walls keep away.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .option_size = sizeof(struct mizan_option),
    .open = open_pry,
    .close = close_pry,
    .extract = extract_pry,
};
