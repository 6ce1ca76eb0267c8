/* bench_reconcile DATABASE FIGURES [REPEATS [DOCUMENTS]]: fills a new home database
 * with generated figures and prints, in tab-separated lines, the insert rate in steps
 * of a tenth, the file's size, and the times of every named query with its defaults:
 * the first, the median and the longest of REPEATS (5). DOCUMENTS (200) share a commit.
 * A database that is there already is only asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "db/home.h"
#include "generated_figures.h"
#include "value/record.h"

#define MOST_REPEATS  100
#define ARENA_CEILING ((size_t)256 << 20)

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fail(const struct mz_error *error)
{
    fprintf(stderr, "bench_reconcile: %s\n", error->message);
    return 1;
}

static int fill(const char *path, int64_t figures, int documents)
{
    struct generated g = {.random = 1, .documents_a_commit = documents};
    struct mz_error error;
    struct stat status;
    double processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    enum mz_code code = mz_db_open(path, MZ_DB_CREATE, &g.db, &error);
    if (code == MZ_OK) {
        code = generated_begin(&g, figures, &error);
    }
    for (int i = 1; i <= 10 && code == MZ_OK; i++) {
        int64_t before = g.figures;
        double wall = seconds(CLOCK_MONOTONIC);
        code = generated_fill(&g, figures * i / 10, &error);
        double now = seconds(CLOCK_PROCESS_CPUTIME_ID);
        printf("figures\t%" PRId64 "\ta second\t%.0f\ta second of processor\t%.0f\n",
               g.figures,
               (double)(g.figures - before) / (seconds(CLOCK_MONOTONIC) - wall),
               (double)(g.figures - before) / (now - processor));
        fflush(stdout);
        processor = now;
    }
    mz_db_close(g.db);
    if (code != MZ_OK) {
        return fail(&error);
    }
    if (stat(path, &status) == 0) {
        printf("documents\t%" PRId64 "\tbytes\t%lld\tbytes a figure\t%.0f\n",
               g.documents, (long long)status.st_size,
               (double)status.st_size / (double)g.figures);
    }
    return 0;
}

static int order(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static int ask(const char *path, int repeats)
{
    struct mz_error error;
    struct mz_db *db = NULL;
    double times[MOST_REPEATS];
    if (mz_db_open(path, MZ_DB_RESTRICTED, &db, &error) != MZ_OK) {
        return fail(&error);
    }
    mz_db_set_time_limit(db, 0);
    for (size_t i = 0; i < mz_named_query_count(); i++) {
        const struct mz_named_query *query = mz_named_query_at(i);
        struct mizan_value rows = mz_nil();
        double first = 0;
        for (int n = 0; n < repeats; n++) {
            struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
            double begun = seconds(CLOCK_MONOTONIC);
            if (mz_db_named(db, query, NULL, arena, &rows, &error) != MZ_OK) {
                return fail(&error);
            }
            times[n] = (seconds(CLOCK_MONOTONIC) - begun) * 1000;
            first = n == 0 ? times[0] : first;
            mz_arena_destroy(arena);
        }
        qsort(times, (size_t)repeats, sizeof times[0], order);
        printf("%s\trows\t%zu\tfirst ms\t%.1f\tmedian ms\t%.1f\tlongest ms\t%.1f\n",
               query->name, rows.as.list.count, first, times[repeats / 2],
               times[repeats - 1]);
        fflush(stdout);
    }
    mz_db_close(db);
    return 0;
}

int main(int count, char **words)
{
    struct stat status;
    int repeats = count > 3 ? (int)strtol(words[3], NULL, 10) : 5;
    int documents = count > 4 ? (int)strtol(words[4], NULL, 10) : 200;
    if (count < 3 || documents < 1 || repeats < 1 || repeats > MOST_REPEATS) {
        fputs("usage: bench_reconcile DATABASE FIGURES [REPEATS [DOCUMENTS]]\n",
              stderr);
        return 64;
    }
    if (stat(words[1], &status) != 0 &&
        fill(words[1], strtoll(words[2], NULL, 10), documents) != 0) {
        return 1;
    }
    return ask(words[1], repeats);
}
