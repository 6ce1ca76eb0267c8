/* Who holds a lease, and whether it still can. */
#include "db/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "base/text.h"

#define STAT_TEXT       1024
#define FIELDS_TO_START 19 /* from the state, field 3, to the start time, field 22 */

/* Reads a small file of /proc as text; false when it cannot be read. */
static bool read_small(const char *path, char *out, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (file < 0) {
        return false;
    }
    got = read(file, out, size - 1);
    (void)close(file);
    if (got < 0) {
        return false;
    }
    out[got] = '\0';
    return true;
}

/* State and start of a process, in clock ticks since the boot: fields 3 and 22 of
 * /proc/PID/stat, counted from behind the name, which may hold anything. */
static bool read_stat(int64_t pid, char *state, int64_t *start)
{
    char path[64], text[STAT_TEXT];
    const char *at;

    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    if (!read_small(path, text, sizeof text)) {
        return false;
    }
    at = strrchr(text, ')');
    if (at == NULL || at[1] != ' ' || at[2] == '\0') {
        return false;
    }
    at += 2;
    *state = *at;
    for (int field = 0; field < FIELDS_TO_START; field++) {
        at = strchr(at, ' ');
        if (at == NULL) {
            return false;
        }
        at++;
    }
    *start = (int64_t)strtoll(at, NULL, 10);
    return true;
}

static void read_boot(char out[MZ_BOOT_NAME])
{
    char boot[64] = "", space[64] = "";
    ssize_t size;

    if (!read_small("/proc/sys/kernel/random/boot_id", boot, sizeof boot)) {
        out[0] = '\0';
        return;
    }
    boot[strcspn(boot, "\n")] = '\0';
    size = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    space[size > 0 ? size : 0] = '\0';
    (void)snprintf(out, MZ_BOOT_NAME, "%s/%s", boot, space);
}

void mz_process_self(struct mz_process *out)
{
    char state = '\0';
    memset(out, 0, sizeof *out);
    mz_host_name(out->host, sizeof out->host);
    read_boot(out->boot);
    out->pid = (int64_t)getpid();
    if (!read_stat(out->pid, &state, &out->start)) {
        out->start = 0;
    }
}

/* Same machine, same boot: the part before the slash. */
static bool same_boot(const char *a, const char *b)
{
    size_t size = strcspn(a, "/");

    return size == strcspn(b, "/") && memcmp(a, b, size) == 0;
}

enum mz_process_state mz_process_state(const struct mz_process *process)
{
    struct mz_process here;
    char state = '\0';
    int64_t start = 0;

    mz_process_self(&here);
    if (strcmp(here.host, process->host) != 0 || here.boot[0] == '\0' ||
        process->boot[0] == '\0') {
        return MZ_PROCESS_UNKNOWN;
    }
    if (!same_boot(here.boot, process->boot)) {
        return MZ_PROCESS_GONE; /* the machine was started again since */
    }
    if (strcmp(here.boot, process->boot) != 0) {
        return MZ_PROCESS_UNKNOWN; /* its number means nothing in this namespace */
    }
    if (kill((pid_t)process->pid, 0) != 0 && errno == ESRCH) {
        return MZ_PROCESS_GONE;
    }
    if (!read_stat(process->pid, &state, &start)) {
        /* Between the two looks it can have ended. */
        return kill((pid_t)process->pid, 0) != 0 && errno == ESRCH ? MZ_PROCESS_GONE
                                                                   : MZ_PROCESS_UNKNOWN;
    }
    if (state == 'Z' || state == 'X' || start != process->start) {
        return MZ_PROCESS_GONE;
    }
    return MZ_PROCESS_ALIVE;
}
