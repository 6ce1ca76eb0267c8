/* What is usual: medians of the last runs. */
#include "db/usual.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/engine.h"
#include "value/json.h"
#include "value/record.h"

#define COMPARED      10
#define FEWEST        5  /* runs that say what is usual */
#define SMALLEST      10 /* a median below it varies by chance */
#define FAR_BELOW     4  /* less than this part of the median */
#define ARENA_CEILING ((size_t)64 << 20)

/* What is compared: where it stands in the counts, and its name in the sentence. */
static const struct {
    const char *group, *name, *shown;
} measures[] = {{"records", "figure", "figures"},
                {"records", "row", "rows"},
                {NULL, "fetched", "documents fetched"}};

static int64_t count_of(const struct mizan_value *counts, size_t measure)
{
    const struct mizan_value *from = counts;

    if (measures[measure].group != NULL) {
        from = mz_map_member(counts, measures[measure].group);
    }
    const struct mizan_value *value =
        from == NULL ? NULL : mz_map_member(from, measures[measure].name);
    return value != NULL && value->type == MIZAN_INTEGER ? value->as.integer : 0;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static bool read_counts(struct mz_arena *arena, const char *text, size_t size,
                        struct mizan_value *out)
{
    struct mz_error ignored;

    return mz_json_parse(arena, text, size, out, &ignored) == MZ_OK &&
           out->type == MIZAN_MAP;
}

static void compare(const struct mizan_value *now, const struct mizan_value *before,
                    size_t count, char out[MZ_UNUSUAL_TEXT])
{
    size_t used = 0;

    for (size_t m = 0; m < MZ_COUNT(measures); m++) {
        int64_t numbers[COMPARED];
        int64_t number = count_of(now, m);
        for (size_t i = 0; i < count; i++) {
            numbers[i] = count_of(&before[i], m);
        }
        qsort(numbers, count, sizeof *numbers, ascending);
        int64_t median = (numbers[count / 2] + numbers[(count - 1) / 2]) / 2;
        if (median < SMALLEST || number * FAR_BELOW >= median ||
            used + 100 > MZ_UNUSUAL_TEXT) {
            continue;
        }
        used +=
            (size_t)snprintf(out + used, MZ_UNUSUAL_TEXT - used,
                             "%s%s far below the usual: %" PRId64 ", usually %" PRId64,
                             used == 0 ? "" : "; ", measures[m].shown, number, median);
    }
}

enum mz_code mz_home_unusual(struct mz_db *db, const char *pipeline, const char *run_id,
                             const char *counts, char out[MZ_UNUSUAL_TEXT],
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(run_id)};
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    struct mizan_value rows, now, before[COMPARED];
    size_t count = 0;
    enum mz_code code =
        arena == NULL
            ? mz_fail(error, MZ_MEMORY, "no memory for the last runs")
            : mz_db_rows(db,
                         "SELECT counts FROM run WHERE pipeline = $1 AND id <> $2"
                         " AND status IN('ok','finished with failures')"
                         " AND counts IS NOT NULL"
                         " ORDER BY started_at DESC LIMIT 10",
                         arguments, MZ_COUNT(arguments), arena, &rows, error);

    out[0] = '\0';
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const char *text = mz_map_text(&rows.as.list.items[i], "counts");
        if (text != NULL && read_counts(arena, text, strlen(text), &before[count])) {
            count++;
        }
    }
    if (code == MZ_OK && count >= FEWEST &&
        read_counts(arena, counts, strlen(counts), &now)) {
        compare(&now, before, count, out);
    }
    mz_arena_destroy(arena);
    return code;
}
