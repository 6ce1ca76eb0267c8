#include "net/politeness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define SLICE 50 /* milliseconds between looks at *cancel */

int64_t mz_politeness_due(const struct mz_politeness *politeness, const char *host)
{
    const int64_t *finished =
        politeness->finished == NULL
            ? NULL
            : mz_map_get(politeness->finished, host, strlen(host));
    if (finished == NULL || politeness->gap <= 0) {
        return 0;
    }
    int64_t rest = *finished + politeness->gap - mz_clock_monotonic();
    return rest > 0 ? rest : 0;
}

bool mz_politeness_wait(const struct mz_politeness *politeness, const char *host,
                        const atomic_int *cancel, int64_t *waited)
{
    *waited = 0;
    const int64_t *finished =
        politeness->finished == NULL
            ? NULL
            : mz_map_get(politeness->finished, host, strlen(host));
    if (finished == NULL || politeness->gap <= 0) {
        return cancel == NULL || atomic_load(cancel) == 0;
    }
    int64_t start = mz_clock_monotonic();
    int64_t now = start;
    int64_t due = *finished + politeness->gap;
    while (now < due) {
        if (cancel != NULL && atomic_load(cancel) != 0) {
            return false;
        }
        int64_t rest = due - now < SLICE ? due - now : SLICE;
        struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)rest * 1000000L};
        (void)nanosleep(&pause, NULL);
        now = mz_clock_monotonic();
    }
    *waited = now - start;
    return cancel == NULL || atomic_load(cancel) == 0;
}

bool mz_politeness_note(struct mz_politeness *politeness, const char *host)
{
    if (politeness->gap <= 0) {
        return true;
    }
    if (politeness->finished == NULL) {
        politeness->finished = mz_map_create();
        if (politeness->finished == NULL) {
            return false;
        }
    }
    int64_t *finished = mz_map_get(politeness->finished, host, strlen(host));
    if (finished == NULL) {
        finished = malloc(sizeof *finished);
        if (finished == NULL ||
            !mz_map_set(politeness->finished, host, strlen(host), finished, NULL)) {
            free(finished);
            return false;
        }
    }
    *finished = mz_clock_monotonic();
    return true;
}

void mz_politeness_finish(struct mz_politeness *politeness)
{
    if (politeness->finished != NULL) {
        mz_map_destroy(politeness->finished, free);
    }
    politeness->finished = NULL;
}
