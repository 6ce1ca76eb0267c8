/* `mizan try --watch`: tries again whenever a file that the pipeline read, or its
 * input, is saved. The child that tried leaves the names in shared memory. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "run/try_watch.h"

#define LOOK_MILLISECONDS 200

static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
    stopped = number;
}

void mz_watched_add(struct mz_watched *watched, const char *path)
{
    size_t size = strlen(path) + 1;
    if (watched != NULL && sizeof watched->names - watched->used > size) {
        memcpy(watched->names + watched->used, path, size);
        watched->used += size;
    }
}

/* Of all files together: differs when one was saved, removed or made. */
static uint64_t state_of(const struct mz_watched *watched)
{
    uint64_t state = 1469598103934665603u;
    for (size_t at = 0; at < watched->used; at += strlen(watched->names + at) + 1) {
        struct stat status;
        uint64_t parts[3] = {0, 0, 0};
        if (stat(watched->names + at, &status) == 0) {
            parts[0] = (uint64_t)status.st_mtim.tv_sec * 1000000000u +
                       (uint64_t)status.st_mtim.tv_nsec;
            parts[1] = (uint64_t)status.st_size;
            parts[2] = (uint64_t)status.st_ino;
        }
        for (size_t i = 0; i < 3; i++) {
            state = (state ^ parts[i]) * 1099511628211u;
        }
    }
    return state;
}

/* False when this process was told to stop. */
static bool wait_for_change(const struct mz_watched *watched)
{
    uint64_t before = state_of(watched);
    while (stopped == 0) {
        (void)poll(NULL, 0, LOOK_MILLISECONDS);
        if (state_of(watched) != before) {
            return true;
        }
    }
    return false;
}

int mz_try_watch(const struct mz_try_settings *settings,
                 int (*once)(const struct mz_try_settings *settings))
{
    struct mz_try_settings watching = *settings;
    struct mz_watched *watched = mmap(NULL, sizeof *watched, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_handler = on_stop};
    int status;
    if (watched == MAP_FAILED) {
        return mz_exit_status(MZ_MEMORY);
    }
    watching.watched = watched;
    sigemptyset(&action.sa_mask);
    do {
        watched->used = 0;
        mz_watched_add(watched, settings->file);
        if (settings->input != NULL && strcmp(settings->input, "-") != 0) {
            mz_watched_add(watched, settings->input);
        }
        status = once(&watching);
        if (watched->stopped != 0 || status >= 128) {
            stopped = watched->stopped;
            break;
        }
        fprintf(stderr, "— waits for a change; Ctrl-C ends it —\n");
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
    } while (wait_for_change(watched));
    munmap(watched, sizeof *watched);
    return stopped != 0 ? 128 + stopped : status;
}
