#include "run/reprocess.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "run/revive.h"

#define PAGE          200 /* documents that are looked up at once */
#define SHOW_INTERVAL 200 /* milliseconds between two states of the progress line */
#define LATEST        "9999-12-31T23:59:59Z"

#define COLUMNS                                                                        \
    "SELECT pipeline, source_id, url, raw_sha256, media_type,"                         \
    " charset_declared AS charset, http_status, fetched_at, id AS document_id, "       \
    "prev_id"
#define BETWEEN                                                                        \
    " FROM document WHERE pipeline = $1 AND fetched_at >= $2 AND fetched_at < $3"

/* Where the next page begins, and how far the whole is. */
struct progress {
    struct mz_run *run;
    const char *time, *id;  /* of the last document that was taken */
    struct mz_arena *place; /* where both lie: two pages' memory never meets */
    int64_t done, all, shown_at;
    bool terminal;
};

static void show(struct progress *progress, bool last)
{
    int64_t now = mz_clock_monotonic();
    if (!progress->terminal || (!last && now - progress->shown_at < SHOW_INTERVAL)) {
        return;
    }
    progress->shown_at = now;
    fprintf(stderr, "\r%" PRId64 " of %" PRId64 " documents\x1b[K%s", progress->done,
            progress->all, last ? "\r\x1b[K" : "");
    fflush(stderr);
}

static const char *bound(const char *given, const char *otherwise)
{
    return given == NULL ? otherwise : given;
}

static enum mz_code count_all(struct progress *progress, struct mz_error *error)
{
    struct mz_run *run = progress->run;
    const struct mizan_value arguments[] = {mz_text(run->loaded.pipeline->name),
                                            mz_text(bound(run->settings->from, "")),
                                            mz_text(bound(run->settings->to, LATEST))};
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(run->db, "SELECT count(*)" BETWEEN, arguments, 3,
                                   run->arena, &rows, error);
    if (code == MZ_OK && rows.as.list.count > 0) {
        int64_t limit = run->settings->limit;
        progress->all = rows.as.list.items[0].as.map.fields[0].value.as.integer;
        progress->all = limit > 0 && limit < progress->all ? limit : progress->all;
    }
    return code;
}

static enum mz_code next_page(const struct progress *progress, struct mz_arena *arena,
                              struct mizan_value *rows, struct mz_error *error)
{
    static const char forward[] = COLUMNS BETWEEN " AND (fetched_at, id) > ($4, $5)"
                                                  " ORDER BY fetched_at, id LIMIT $6";
    static const char backward[] =
        COLUMNS BETWEEN " AND (fetched_at, id) < ($4, $5)"
                        " ORDER BY fetched_at DESC, id DESC LIMIT $6";
    const struct mz_run *run = progress->run;
    bool reverse = run->settings->reverse;
    const struct mizan_value arguments[] = {
        mz_text(run->loaded.pipeline->name),
        mz_text(bound(run->settings->from, "")),
        mz_text(bound(run->settings->to, LATEST)),
        mz_text(bound(progress->time, reverse ? LATEST : "")),
        mz_text(bound(progress->id, "")),
        mz_integer(PAGE)};
    return mz_db_rows(run->db, reverse ? backward : forward, arguments, 6, arena, rows,
                      error);
}

static enum mz_code take(struct progress *progress, const struct mizan_value *row,
                         const struct mz_source *sources, size_t count,
                         struct mz_error *error)
{
    struct mz_run *run = progress->run;
    const struct mz_source *source =
        mz_source_by_id(sources, count, mz_map_text(row, "source_id"));
    struct mz_unit *unit = NULL;
    progress->done++;
    if (source == NULL) {
        mz_counts_add(run->counts, "documents", "of_lost_sources", 1);
        return MZ_OK;
    }
    enum mz_code code = mz_revive_stored(run, row, source, &unit, error);
    if (code == MZ_NOT_FOUND) {
        /* Retention took the body: what is stored of it stays as it is. */
        mz_counts_add(run->counts, "documents", "without_body", 1);
        return MZ_OK;
    }
    if (code == MZ_OK) {
        mz_counts_add(run->counts, "documents", "reprocessed", 1);
        code = mz_run_unit(run, unit, error);
    }
    show(progress, false);
    return code == MZ_OK ? mz_run_may_go_on(run, error) : code;
}

/* One page; `*more` tells whether there may be another. */
static enum mz_code take_page(struct progress *progress, struct mz_arena *arena,
                              const struct mz_source *sources, size_t count, bool *more,
                              struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code = next_page(progress, arena, &rows, error);
    size_t found = code == MZ_OK ? rows.as.list.count : 0;
    *more = found == PAGE;
    for (size_t i = 0; i < found && code == MZ_OK; i++) {
        int64_t limit = progress->run->settings->limit;
        if (limit > 0 && progress->done >= limit) {
            *more = false;
            return MZ_OK;
        }
        code = take(progress, &rows.as.list.items[i], sources, count, error);
    }
    if (code == MZ_OK && found > 0) {
        const struct mizan_value *last = &rows.as.list.items[found - 1];
        mz_arena_reset(progress->place);
        progress->time =
            mz_arena_string(progress->place, mz_map_text(last, "fetched_at"));
        progress->id =
            mz_arena_string(progress->place, mz_map_text(last, "document_id"));
        if (progress->time == NULL || progress->id == NULL) {
            code = mz_fail(error, MZ_MEMORY, "not enough memory for the run");
        }
    }
    return code;
}

enum mz_code mz_run_reprocess(struct mz_run *run, const struct mz_source *sources,
                              size_t count, struct mz_error *error)
{
    struct progress progress = {
        .run = run, .terminal = isatty(STDERR_FILENO) == 1 && !run->settings->quiet};
    struct mz_arena *arena = mz_arena_create((size_t)16 << 20);
    progress.place = mz_arena_create((size_t)1 << 20);
    bool more = true;
    enum mz_code code = arena == NULL || progress.place == NULL
                            ? mz_fail(error, MZ_MEMORY, "not enough memory for the run")
                            : count_all(&progress, error);
    while (code == MZ_OK && more) {
        code = take_page(&progress, arena, sources, count, &more, error);
        mz_arena_reset(arena);
    }
    show(&progress, true);
    int64_t lost = mz_counts_get(run->counts, "documents", "of_lost_sources");
    if (lost > 0) {
        mz_log(MZ_LOG_WARNING, NULL,
               "%" PRId64 " documents are of sources that the script has no more: they "
               "stay as they are",
               lost);
    }
    mz_arena_destroy(arena);
    mz_arena_destroy(progress.place);
    return code;
}
