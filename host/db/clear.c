/* What is no longer needed. Each kind of thing is a condition; counting and deleting
 * use the same one. */
#include "db/care.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "db/dead.h"
#include "db/engine.h"
#include "value/record.h"

#define MOST_SQL     ((size_t)8 << 20)
#define MOST_PLACES  32000
#define ABANDONED    ((int64_t)30 * 24 * 60 * 60 * 1000)
#define HEX_DIGITS   "0123456789abcdef"
#define FIRST_MOMENT "0000-01-01T00:00:00Z"

/* A statement that is being written, with its arguments. */
struct draft {
    struct mz_arena *arena;
    struct mz_buffer sql;
    struct mizan_value *arguments;
    size_t count;
};

static bool begin_draft(struct draft *draft, struct mz_arena *arena, size_t pipelines)
{
    size_t room = 2 * pipelines + 16;
    draft->arena = arena;
    mz_buffer_init(&draft->sql, MOST_SQL);
    draft->count = 0;
    draft->arguments = room < MOST_PLACES
                           ? mz_arena_alloc(arena, room * sizeof *draft->arguments)
                           : NULL;
    return draft->arguments != NULL;
}

static void add_place(struct draft *draft, struct mizan_value value)
{
    draft->arguments[draft->count++] = value;
    mz_buffer_printf(&draft->sql, "$%zu", draft->count);
}

/* The moment before which it is not kept; for ever: before all times. */
static struct mizan_value limit(struct draft *draft, int64_t keep)
{
    return keep == MZ_FOR_EVER ? mz_text(FIRST_MOMENT)
                               : mz_db_time(draft->arena, mz_clock_now() - keep);
}

static int64_t member(const struct mz_keep *keep, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)keep + offset, sizeof value);
    return value;
}

/* CASE pipeline WHEN … THEN moment … ELSE moment END, of a member of struct mz_keep. */
static void add_limits(struct draft *draft, const struct mz_clearing *clearing,
                       size_t offset)
{
    int64_t usual = member(&clearing->keep, offset);
    bool any = false;
    for (size_t i = 0; i < clearing->count; i++) {
        const struct mz_kept_pipeline *pipeline = &clearing->pipelines[i];
        if (member(&pipeline->keep, offset) != usual) {
            mz_buffer_text(&draft->sql, any ? " WHEN " : "CASE pipeline WHEN ");
            add_place(draft, mz_text(pipeline->name));
            mz_buffer_text(&draft->sql, " THEN ");
            add_place(draft, limit(draft, member(&pipeline->keep, offset)));
            any = true;
        }
    }
    mz_buffer_text(&draft->sql, any ? " ELSE " : "");
    add_place(draft, limit(draft, usual));
    mz_buffer_text(&draft->sql, any ? " END" : "");
}

/* ---- the conditions ---- */

static void dead_letters(struct draft *draft, const struct mz_clearing *clearing)
{
    (void)clearing;
    mz_buffer_text(&draft->sql, "at < ");
    add_place(draft, limit(draft, MZ_DEAD_LETTER_KEPT));
}

/* One copy may be of many documents: it is kept as long as any of them is. */
static void raw_bodies(struct draft *draft, const struct mz_clearing *clearing)
{
    mz_buffer_text(&draft->sql, "sha256 NOT IN (SELECT raw_sha256 FROM document"
                                " WHERE fetched_at >= ");
    add_limits(draft, clearing, offsetof(struct mz_keep, raw));
    mz_buffer_text(&draft->sql,
                   " UNION SELECT raw_sha256 FROM attempt UNION SELECT raw_sha256"
                   " FROM dead_letter WHERE raw_sha256 IS NOT NULL)");
}

static void run_logs(struct draft *draft, const struct mz_clearing *clearing)
{
    mz_buffer_text(&draft->sql, "log IS NOT NULL AND ended_at < ");
    add_limits(draft, clearing, offsetof(struct mz_keep, logs));
}

static void messages(struct draft *draft, const struct mz_clearing *clearing)
{
    mz_buffer_text(&draft->sql, "state <> 'due' AND created_at < ");
    add_limits(draft, clearing, offsetof(struct mz_keep, messages));
}

static void history(struct draft *draft, const struct mz_clearing *clearing)
{
    mz_buffer_text(&draft->sql, "superseded_at < ");
    add_place(draft, limit(draft, clearing->keep.history));
}

static const struct kind {
    const char *what, *table;
    void (*condition)(struct draft *draft, const struct mz_clearing *clearing);
    const char *bytes;  /* what a row takes, in SQL */
    const char *change; /* NULL: the rows are deleted */
    const char *parts;  /* a text column by whose first digit it is done in parts */
} kinds[] = {
    {"dead letters", "dead_letter", dead_letters,
     "length(reason) + COALESCE(length(traceback), 0) + COALESCE(length(record), 0)",
     NULL, NULL},
    {"raw bodies", "raw", raw_bodies, "length(body)", NULL, "sha256"},
    {"logs of runs", "run", run_logs, "length(log)", "UPDATE run SET log = NULL", NULL},
    {"messages", "outbox", messages, "length(payload)", NULL, NULL},
    {"history of figures", "figure_history", history, "0", NULL, NULL},
};

/* ---- one kind ---- */

struct sum {
    int64_t count, bytes;
};

struct work {
    struct mz_db *db;
    const struct mz_clearing *clearing;
    struct mz_arena *arena;
    struct sum *sum;
};

static void add_where(struct draft *draft, const struct kind *kind,
                      const struct mz_clearing *clearing, const char *digit)
{
    mz_buffer_text(&draft->sql, " WHERE ");
    if (digit != NULL) {
        mz_buffer_printf(&draft->sql, "substr(%s, 1, 1) = ", kind->parts);
        add_place(draft, mz_text(digit));
        mz_buffer_text(&draft->sql, " AND ");
    }
    kind->condition(draft, clearing);
}

static enum mz_code no_room(struct mz_error *error)
{
    return mz_fail(error, MZ_LIMIT, "too many pipelines to clear up at once");
}

static enum mz_code count_part(const struct work *work, const struct kind *kind,
                               const char *digit, struct mz_error *error)
{
    const struct mz_clearing *clearing = work->clearing;
    struct mz_arena *arena = work->arena;
    struct draft draft;
    struct mizan_value values[2];
    if (!begin_draft(&draft, arena, clearing->count)) {
        return no_room(error);
    }
    mz_buffer_printf(&draft.sql,
                     "SELECT count(*), CAST(COALESCE(sum(%s), 0) AS BIGINT) FROM %s",
                     kind->bytes, kind->table);
    add_where(&draft, kind, clearing, digit);
    struct mz_statement statement = {
        .sql = draft.sql.data, .arguments = draft.arguments, .count = draft.count};
    struct mz_first_row first = {.values = values, .count = 2, .arena = arena};
    enum mz_code code = mz_buffer_ok(&draft.sql)
                            ? mz_db_first(work->db, &statement, &first, error)
                            : no_room(error);
    if (code == MZ_OK) {
        work->sum->count += values[0].as.integer;
        work->sum->bytes += values[1].as.integer;
    }
    mz_buffer_finish(&draft.sql);
    return code;
}

static enum mz_code clear_part(const struct work *work, const struct kind *kind,
                               const char *digit, struct mz_error *error)
{
    const struct mz_clearing *clearing = work->clearing;
    struct mz_arena *arena = work->arena;
    struct draft draft;
    if (!begin_draft(&draft, arena, clearing->count)) {
        return no_room(error);
    }
    if (kind->change != NULL) {
        mz_buffer_text(&draft.sql, kind->change);
    } else {
        mz_buffer_printf(&draft.sql, "DELETE FROM %s", kind->table);
    }
    add_where(&draft, kind, clearing, digit);
    enum mz_code code = mz_buffer_ok(&draft.sql)
                            ? mz_db_execute(work->db, draft.sql.data, draft.arguments,
                                            draft.count, NULL, error)
                            : no_room(error);
    mz_buffer_finish(&draft.sql);
    return code;
}

/* Counted and cleared in one transaction, so that the count is what was cleared. */
static enum mz_code do_part(const struct work *work, const struct kind *kind,
                            const char *digit, struct mz_error *error)
{
    if (work->clearing->dry) {
        return count_part(work, kind, digit, error);
    }
    enum mz_code code = mz_db_begin(work->db, error);
    if (code != MZ_OK) {
        return code;
    }
    code = count_part(work, kind, digit, error);
    if (code == MZ_OK && work->sum->count > 0) {
        code = clear_part(work, kind, digit, error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(work->db, error);
    }
    if (code != MZ_OK) {
        mz_db_rollback(work->db);
    }
    return code;
}

static enum mz_code do_kind(const struct work *work, const struct kind *kind,
                            struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    for (size_t i = 0; code == MZ_OK && i < (kind->parts == NULL ? 1 : 16); i++) {
        const char digit[] = {HEX_DIGITS[i], '\0'};
        uint64_t mark = mz_arena_mark(work->arena);
        code = do_part(work, kind, kind->parts == NULL ? NULL : digit, error);
        mz_arena_release(work->arena, mark);
    }
    return code;
}

/* ---- state of sources that are gone ---- */

static bool is_listed(const struct mz_kept_pipeline *pipeline, const char *source)
{
    for (size_t i = 0; i < pipeline->source_count; i++) {
        if (strcmp(pipeline->sources[i], source) == 0) {
            return true;
        }
    }
    return false;
}

static enum mz_code forget_source(struct mz_db *db, const char *pipeline,
                                  const char *source, bool dry, struct sum *sum,
                                  struct mz_error *error)
{
    const struct mizan_value arguments[] = {mz_text(pipeline), mz_text(source)};
    int64_t changed = 0;
    enum mz_code code = MZ_OK;
    if (!dry) {
        code = mz_db_execute(db,
                             "DELETE FROM source_state WHERE pipeline = $1"
                             " AND source_id = $2",
                             arguments, 2, &changed, error);
    }
    if (code == MZ_OK && !dry) {
        code = mz_db_execute(db, "DELETE FROM source WHERE pipeline = $1 AND id = $2",
                             arguments, 2, NULL, error);
    }
    sum->count += code == MZ_OK ? 1 : 0;
    return code;
}

/* Addresses stay: by them a source that comes back finds what it had. */
static enum mz_code clear_sources(struct mz_db *db, const struct mz_clearing *clearing,
                                  struct mz_arena *arena, struct sum *sum,
                                  struct mz_error *error)
{
    enum mz_code code = MZ_OK;
    for (size_t p = 0; code == MZ_OK && p < clearing->count; p++) {
        const struct mz_kept_pipeline *pipeline = &clearing->pipelines[p];
        uint64_t mark = mz_arena_mark(arena);
        const struct mizan_value arguments[] = {
            mz_text(pipeline->name), mz_db_time(arena, mz_clock_now() - ABANDONED)};
        struct mizan_value rows;
        code = mz_db_rows(db,
                          "SELECT DISTINCT x.source_id FROM source_state x"
                          " WHERE x.pipeline = $1 AND NOT EXISTS(SELECT 1 FROM source s"
                          " WHERE s.pipeline = $1 AND s.id = x.source_id"
                          " AND s.ok_at >= $2)",
                          arguments, 2, arena, &rows, error);
        for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
            const char *source = mz_map_text(&rows.as.list.items[i], "source_id");
            if (!is_listed(pipeline, source)) {
                code = forget_source(db, pipeline->name, source, clearing->dry, sum,
                                     error);
            }
        }
        mz_arena_release(arena, mark);
    }
    return code;
}

/* ---- all of it ---- */

static bool add_row(struct mz_arena *arena, struct mizan_value *items, size_t *count,
                    const char *what, const struct sum *sum)
{
    static const char *const names[] = {"what", "count", "bytes"};
    const struct mizan_value values[] = {mz_text(what), mz_integer(sum->count),
                                         mz_integer(sum->bytes)};
    struct mizan_field *fields = mz_arena_alloc(arena, 3 * sizeof *fields);
    if (fields == NULL) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        fields[i].name = (struct mizan_slice){names[i], strlen(names[i])};
        fields[i].value = values[i];
    }
    items[*count] = (struct mizan_value){.type = MIZAN_MAP};
    items[*count].as.map.fields = fields;
    items[*count].as.map.count = 3;
    *count += 1;
    return true;
}

enum mz_code mz_db_clear(struct mz_db *db, const struct mz_clearing *clearing,
                         struct mz_arena *arena, struct mizan_value *rows,
                         struct mz_error *error)
{
    struct mizan_value *items =
        mz_arena_alloc(arena, (MZ_COUNT(kinds) + 1) * sizeof *items);
    size_t count = 0;
    enum mz_code code = MZ_OK;
    bool room = items != NULL;
    for (size_t i = 0; code == MZ_OK && room && i < MZ_COUNT(kinds); i++) {
        struct sum sum = {0, 0};
        struct work work = {db, clearing, arena, &sum};
        code = do_kind(&work, &kinds[i], error);
        room = code != MZ_OK || add_row(arena, items, &count, kinds[i].what, &sum);
    }
    struct sum sources = {0, 0};
    if (code == MZ_OK && room) {
        code = clear_sources(db, clearing, arena, &sources, error);
        room = code != MZ_OK ||
               add_row(arena, items, &count, "states of former sources", &sources);
    }
    *rows = (struct mizan_value){.type = MIZAN_LIST};
    rows->as.list.items = items;
    rows->as.list.count = count;
    return code != MZ_OK || room ? code
                                 : mz_fail(error, MZ_MEMORY, "no memory to clear up");
}
