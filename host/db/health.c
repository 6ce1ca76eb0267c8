#include "db/health.h"

#include "base/clock.h"
#include "base/text.h"
#include "db/engine.h"
#include "value/record.h"

#define MINUTE       INT64_C(60000)
#define LONGEST_REST (24 * 60 * MINUTE)
#define NAMES_MOST   ((size_t)1000)

int64_t mz_source_rest(int64_t fails)
{
    int64_t rest = fails < 2 ? 0 : 10 * MINUTE;
    for (int64_t i = 2; i < fails && rest < LONGEST_REST; i++) {
        rest *= 2;
    }
    return rest < LONGEST_REST ? rest : LONGEST_REST;
}

enum mz_code mz_home_sources(struct mz_db *db, const char *pipeline,
                             struct mz_arena *arena, struct mizan_value *rows,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline == NULL ? "" : pipeline)};

    return mz_db_rows(
        db,
        "SELECT s.pipeline, s.id AS source, CASE WHEN s.paused = 1 THEN 'paused'"
        " WHEN s.fails > 0 THEN 'failing' ELSE 'ok' END AS state, s.fails,"
        " s.ok_at AS last_ok, CASE WHEN s.paused = 1 THEN NULL ELSE s.next_at END"
        " AS next, (SELECT count(*) FROM document d WHERE d.pipeline = s.pipeline"
        " AND d.source_id = s.id) AS documents, s.last_error AS error"
        " FROM source s WHERE $1 = '' OR s.pipeline = $1 ORDER BY s.pipeline, s.id",
        arguments, MZ_COUNT(arguments), arena, rows, error);
}

enum mz_code mz_home_resting(struct mz_db *db, const char *pipeline, bool by_hand,
                             struct mz_arena *arena, struct mizan_value *rows,
                             struct mz_error *error)
{
    const struct mizan_value arguments[] = {
        mz_text(pipeline), mz_integer(by_hand ? 1 : 0), mz_time(mz_db_now(db))};

    return mz_db_rows(db,
                      "SELECT id, paused FROM source WHERE pipeline = $1"
                      " AND (paused = 1 OR ($2 = 0 AND next_at > $3))",
                      arguments, MZ_COUNT(arguments), arena, rows, error);
}

enum mz_code mz_home_run_is_by_hand(struct mz_db *db, const char *run_id, bool *out,
                                    struct mz_error *error)
{
    struct mizan_value id = mz_text(run_id);
    struct mizan_value kind = mz_nil();
    struct mz_arena *arena = mz_arena_create(4096);
    struct mz_statement statement = {
        .sql = "SELECT kind FROM run WHERE id = $1", .arguments = &id, .count = 1};
    struct mz_first_row first = {.values = &kind, .count = 1, .arena = arena};
    enum mz_code code = arena == NULL ? mz_fail(error, MZ_MEMORY, "not enough memory")
                                      : mz_db_first(db, &statement, &first, error);

    *out = code == MZ_OK && first.found && mz_value_is(&kind, "manual");
    mz_arena_destroy(arena);
    return code;
}

/* Says so, with the nearest name of a source that is there. */
static enum mz_code no_such_source(struct mz_db *db, const char *pipeline,
                                   const char *id, struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create((size_t)16 << 20);
    struct mizan_value rows = mz_nil();
    const char *names[NAMES_MOST];
    size_t count = 0;

    mz_fail(error, MZ_NOT_FOUND, "the pipeline '%s' has asked no source '%s'", pipeline,
            id);
    if (arena != NULL && mz_home_sources(db, pipeline, arena, &rows, error) == MZ_OK) {
        for (size_t i = 0; i < rows.as.list.count && count < NAMES_MOST; i++) {
            names[count++] = mz_map_text(&rows.as.list.items[i], "source");
        }
    }
    const char *nearest = mz_nearest(id, names, count);

    mz_fail(error, MZ_NOT_FOUND, "the pipeline '%s' has asked no source '%s'%s%s%s",
            pipeline, id, nearest == NULL ? "" : "; did you mean '",
            nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    mz_error_help(error, "mizan source list shows those that were asked");
    mz_arena_destroy(arena);
    return MZ_NOT_FOUND;
}

enum mz_code mz_home_pause_source(struct mz_db *db, const char *pipeline,
                                  const char *id, bool paused, struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(id)};
    int64_t changed = 0;
    enum mz_code code = mz_db_begin(db, error);

    if (code != MZ_OK) {
        return code;
    }
    code = mz_db_execute(db,
                         paused ? "UPDATE source SET paused = 1"
                                  " WHERE pipeline = $1 AND id = $2"
                                : "UPDATE source SET paused = 0, fails = 0,"
                                  " next_at = NULL WHERE pipeline = $1 AND id = $2",
                         arguments, MZ_COUNT(arguments), &changed, error);
    if (code == MZ_OK) {
        code = mz_db_commit(db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(db);
        return code;
    }
    return changed > 0 ? MZ_OK : no_such_source(db, pipeline, id, error);
}
