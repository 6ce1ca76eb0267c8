/* Fetches a list of addresses through the host's pool from one thread that keeps a
 * number of requests under way, and prints what it took; bodies are copied as callers
 * get them.
 *
 *     bench_pool URLS CONCURRENCY [TIMES]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "net/pool.h"

#define WINDOW_MOST 256
#define ADDRESSES   2000000
#define LINE        4096

struct slot {
    struct mz_pending_request *pending;
    struct mizan_http_request request;
};

static char **read_addresses(const char *path, size_t *count)
{
    char line[LINE];
    FILE *file = fopen(path, "re");
    char **list = file == NULL ? NULL : malloc(ADDRESSES * sizeof *list);
    *count = 0;
    while (list != NULL && *count < ADDRESSES && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        list[(*count)++] = strdup(line);
    }
    if (file != NULL) {
        fclose(file);
    }
    return list;
}

static void must(enum mz_code code, const struct mz_error *error)
{
    if (code != MZ_OK) {
        fprintf(stderr, "bench_pool: %s\n", error->message);
        exit(1);
    }
}

static void fetch(struct mz_pool *pool, char *const *addresses, size_t count,
                  size_t window, double *bytes)
{
    static struct slot slots[WINDOW_MOST];
    struct mz_arena *arena = mz_arena_create((size_t)64 << 20);
    struct mz_error error;
    size_t next = 0, done = 0;
    while (done < count) {
        bool any = false;
        for (size_t i = 0; i < window; i++) {
            struct slot *slot = &slots[i];
            if (slot->pending != NULL && mz_pool_ended(slot->pending)) {
                struct mizan_http_response answer = {.size = sizeof answer};
                mz_arena_reset(arena);
                must(mz_pool_take(pool, slot->pending, arena, &answer, &error), &error);
                slot->pending = NULL;
                *bytes += (double)answer.body.size;
                done++;
                any = true;
            }
            if (slot->pending == NULL && next < count) {
                slot->request = (struct mizan_http_request){
                    .size = sizeof slot->request, .url = addresses[next++]};
                must(mz_pool_begin(pool, &slot->request, NULL, &slot->pending, &error),
                     &error);
            }
        }
        if (!any) {
            mz_pool_drive(pool, 1000);
        }
    }
    mz_arena_destroy(arena);
}

int main(int argc, char **argv)
{
    static const char *const hosts[] = {"127.0.0.1"};
    const struct mz_client_settings settings = {.private_hosts = hosts,
                                                .private_count = 1};
    size_t count;
    char **addresses = argc < 3 ? NULL : read_addresses(argv[1], &count);
    size_t window = argc < 3 ? 0 : strtoul(argv[2], NULL, 10);
    if (addresses == NULL || window == 0 || window > WINDOW_MOST) {
        fputs("usage: bench_pool URLS CONCURRENCY [TIMES]\n", stderr);
        return 2;
    }
    long times = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
    double bytes = 0;
    struct mz_pool *pool = mz_pool_create(&settings);
    int64_t start = mz_clock_monotonic();
    for (long i = 0; i < times; i++) {
        fetch(pool, addresses, count, window, &bytes);
    }
    double seconds = (double)(mz_clock_monotonic() - start) / 1000.0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    printf("%zu docs %.0f bytes wall %.3f s cpu %.3f s\n", count * (size_t)times, bytes,
           seconds, cpu);
    mz_pool_destroy(pool);
    return 0;
}
