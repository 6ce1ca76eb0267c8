#include "db/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/summary.h"
#include "value/decimal.h"
#include "value/digest.h"
#include "value/json.h"
#include "value/record.h"

#define ARENA_CEILING ((size_t)64 << 20)
#define SQL_CEILING   ((size_t)8 << 10)
#define PATCH_CEILING ((size_t)64 << 10)

/* ---- what may be corrected ---- */

enum field_type { TEXT, NUMBER, FLAG };
static const struct field {
    const char *name, *column;
    enum field_type type;
    bool amount; /* belongs to the number: a correction of one settles all of them */
} fields[] = {
    {"kind", "kind", TEXT, false},       {"bound", "bound", TEXT, true},
    {"value", "value", NUMBER, true},    {"low", "low", NUMBER, true},
    {"high", "high", NUMBER, true},      {"vague", "vague", NUMBER, true},
    {"unit", "unit", TEXT, false},       {"per", "per", TEXT, false},
    {"counted", "counted", TEXT, false}, {"approx", "approx", FLAG, false},
    {"side", "side", TEXT, false},       {"hedge", "hedge", TEXT, false},
    {"topic", "topic_id", TEXT, false},
};
#define FIELDS MZ_COUNT(fields)

static const struct field *find_field(const struct mizan_slice *name)
{
    for (size_t i = 0; i < FIELDS; i++) {
        if (strlen(fields[i].name) == name->size &&
            memcmp(fields[i].name, name->data, name->size) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

static enum mz_code refuse_field(const struct mizan_slice *name, struct mz_error *error)
{
    const char *names[FIELDS];
    char word[64];
    const char *nearest;

    for (size_t i = 0; i < FIELDS; i++) {
        names[i] = fields[i].name;
    }
    snprintf(word, sizeof word, "%.*s", name->size > 60 ? 60 : (int)name->size,
             name->data);
    mz_fail(error, MZ_INPUT, "'%s' is no field of a figure that can be corrected",
            word);
    nearest = mz_nearest(word, names, FIELDS);
    if (nearest != NULL) {
        mz_error_help(error, "did you mean '%s'?", nearest);
    } else {
        mz_error_help(error,
                      "kind, bound, value, low, high, vague, unit, per, counted, "
                      "approx, side, hedge or topic");
    }
    return MZ_INPUT;
}

/* ---- applying a patch to a row ---- */

struct update {
    struct mz_db *db;
    struct mz_buffer sql;
    struct mizan_value values[2 * FIELDS + 1];
    size_t count;
    struct mz_error *error;
};

static void set_column(struct update *update, const char *column, const char *suffix,
                       struct mizan_value value)
{
    update->values[update->count++] = value;
    mz_buffer_printf(&update->sql, "%s\"%s%s\" = $%zu", update->count > 1 ? ", " : "",
                     column, suffix, update->count);
}

static enum mz_code set_number(struct update *update, const struct field *field,
                               const struct mizan_value *value)
{
    struct mz_decimal decimal;
    enum mz_decimal_status status =
        mz_decimal_parse(value->as.text.data, value->as.text.size, &decimal);
    char text[MZ_DECIMAL_TEXT];

    if (status != MZ_DECIMAL_OK) {
        return mz_fail(update->error, MZ_INPUT,
                       "'%.*s' is no number for '%s': digits and a point",
                       value->as.text.size > 60 ? 60 : (int)value->as.text.size,
                       value->as.text.data, field->name);
    }
    mz_decimal_format(decimal, text);
    set_column(update, field->column, "", mz_double(mz_decimal_to_double(decimal)));
    set_column(update, field->column, "_dec",
               mz_text(mz_arena_string(update->db->scratch, text)));
    return MZ_OK;
}

static enum mz_code set_field(struct update *update, const struct field *field,
                              const struct mizan_value *value)
{
    bool empty = value->type != MIZAN_TEXT || value->as.text.size == 0;

    if (field->type == FLAG) {
        bool is_set = mz_value_is(value, "1") || mz_value_is(value, "true");
        set_column(update, field->column, "", mz_integer(is_set));
        return MZ_OK;
    }
    if (field->type == NUMBER && !empty) {
        return set_number(update, field, value);
    }
    set_column(update, field->column, "", empty ? mz_nil() : *value);
    if (field->type == NUMBER) {
        set_column(update, field->column, "_dec", mz_nil());
    }
    return MZ_OK;
}

static enum mz_code apply_patch(struct mz_db *db, const char *figure_id,
                                const struct mizan_value *patch, struct mz_error *error)
{
    struct update update = {.db = db, .error = error};
    uint64_t mark = mz_arena_mark(db->scratch);
    enum mz_code code = MZ_OK;

    mz_buffer_init(&update.sql, SQL_CEILING);
    mz_buffer_text(&update.sql, "UPDATE figure SET ");
    for (size_t i = 0; i < patch->as.map.count && code == MZ_OK; i++) {
        const struct mizan_field *change = &patch->as.map.fields[i];
        const struct field *field = find_field(&change->name);

        code = field == NULL || update.count + 2 >= MZ_COUNT(update.values)
                   ? refuse_field(&change->name, error)
                   : set_field(&update, field, &change->value);
    }
    if (code == MZ_OK && update.count > 0) {
        update.values[update.count++] = mz_text(figure_id);
        mz_buffer_printf(&update.sql, " WHERE id = $%zu", update.count);
        mz_buffer_byte(&update.sql, '\0');
        code = mz_buffer_ok(&update.sql)
                   ? mz_db_execute(db, update.sql.data, update.values, update.count,
                                   NULL, error)
                   : mz_fail(error, MZ_MEMORY, "no memory for a correction");
    }
    mz_buffer_finish(&update.sql);
    mz_arena_release(db->scratch, mark);
    if (code == MZ_INPUT) {
        mz_error_prefix(error, "the correction");
    }
    return code;
}

/* What the extractor had read stays, once for each of its versions. */
static enum mz_code keep_reading(struct mz_db *db, const char *figure_id,
                                 struct mz_error *error)
{
    struct mizan_value arguments[] = {mz_text(figure_id),
                                      mz_db_time(db->scratch, mz_clock_now())};

    return mz_db_execute(db,
                         "INSERT INTO figure_history(figure_id, extractor_version,"
                         " superseded_at, bound, value_dec, low_dec, high_dec, unit,"
                         " counted) SELECT id, extractor_version, $2, bound, value_dec,"
                         " low_dec, high_dec, unit, counted FROM figure WHERE id = $1"
                         " ON CONFLICT(figure_id, extractor_version) DO NOTHING",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

static enum mz_code apply_row(struct mz_db *db, const struct mizan_value *row,
                              struct mz_arena *arena, struct mz_error *error)
{
    const struct mizan_value *id = mz_map_member(row, "id");
    const struct mizan_value *text = mz_map_member(row, "patch");
    struct mizan_value patch;
    enum mz_code code =
        mz_json_parse(arena, text->as.text.data, text->as.text.size, &patch, error);

    if (code == MZ_OK && patch.type != MIZAN_MAP) {
        code = mz_fail(error, MZ_INPUT, "a review's patch is no object");
    }
    if (code == MZ_OK) {
        code = keep_reading(db, id->as.text.data, error);
    }
    return code == MZ_OK ? apply_patch(db, id->as.text.data, &patch, error) : code;
}

#define NEWEST                                                                         \
    " AND NOT EXISTS(SELECT 1 FROM review n WHERE n.text_sha256 = r.text_sha256"       \
    " AND n.start_byte = r.start_byte AND n.end_byte = r.end_byte"                     \
    " AND n.extractor = r.extractor AND n.at > r.at)"

enum mz_code mz_review_apply(struct mz_db *db, const char *document_id,
                             struct mz_error *error)
{
    static const char sql[] =
        "SELECT f.id, r.patch FROM doc_text t"
        " CROSS JOIN review r CROSS JOIN figure f"
        " WHERE t.document_id = $1 AND t.is_current = 1"
        " AND r.text_sha256 = t.text_sha256 AND r.patch IS NOT NULL"
        " AND f.document_id = t.document_id AND f.text_extractor = t.extractor"
        " AND f.text_version = t.version AND f.start_byte = r.start_byte"
        " AND f.end_byte = r.end_byte AND f.extractor = r.extractor"
        " AND f.is_current = 1" NEWEST;
    struct mizan_value id = mz_text(document_id), rows;
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for reviews")
                            : mz_db_rows(db, sql, &id, 1, arena, &rows, error);

    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        code = apply_row(db, &rows.as.list.items[i], arena, error);
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- adding one ---- */

/* The span of the figure and the last verdict on it. */
struct span {
    struct mizan_value values[12];
};
enum { DIGEST, START, END, EXTRACTOR, LAST_AT, LAST_PATCH, BOUND, VALUE };

static enum mz_code find_span(struct mz_db *db, const char *figure_id,
                              struct mz_arena *arena, struct span *span,
                              struct mz_error *error)
{
    struct mizan_value id = mz_text(figure_id);
    struct mz_statement statement = {
        .sql = "SELECT t.text_sha256, f.start_byte, f.end_byte, f.extractor, r.at,"
               " r.patch, f.bound, f.value_dec, f.low_dec, f.high_dec, f.vague_dec"
               " FROM figure f JOIN doc_text t ON t.document_id = f.document_id"
               " AND t.extractor = f.text_extractor AND t.version = f.text_version"
               " LEFT JOIN review r ON r.text_sha256 = t.text_sha256"
               " AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte"
               " AND r.extractor = f.extractor" NEWEST " WHERE f.id = $1",
        .arguments = &id,
        .count = 1};
    struct mz_first_row first = {
        .values = span->values, .count = MZ_COUNT(span->values), .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);

    if (code == MZ_OK && !first.found) {
        return mz_fail(error, MZ_NOT_FOUND, "there is no figure '%s'", figure_id);
    }
    return code;
}

/* What a change of a number says of the others, where the change itself does not: a
 * value is exact and no range, an end makes a range. NULL: nothing. */
static const struct mizan_value *implied(const struct mizan_value *changes,
                                         const struct field *field)
{
    static const struct mizan_value none = {.type = MIZAN_NIL};
    static const struct mizan_value exact = {.type = MIZAN_TEXT,
                                             .as.text = {"exact", sizeof "exact" - 1}};
    static const struct mizan_value range = {.type = MIZAN_TEXT,
                                             .as.text = {"range", sizeof "range" - 1}};
    bool value = mz_map_member(changes, "value") != NULL;
    bool ends =
        mz_map_member(changes, "low") != NULL || mz_map_member(changes, "high") != NULL;

    if (value == ends || mz_map_member(changes, "bound") != NULL) {
        return NULL;
    }
    if (strcmp(field->name, "bound") == 0) {
        return ends ? &range : &exact;
    }
    bool is_end = strcmp(field->name, "low") == 0 || strcmp(field->name, "high") == 0;
    bool goes = strcmp(field->name, "vague") == 0 ||
                (ends ? strcmp(field->name, "value") == 0 : is_end);
    return goes ? &none : NULL;
}

/* A bound that is no range or vague stays with a new value: "at most" of another
 * number. */
static bool keeps_bound(const struct span *span)
{
    return !mz_value_is(&span->values[BOUND], "range") &&
           !mz_value_is(&span->values[BOUND], "vague");
}

/* The patch that holds from now on: the one before, the changes, and, where a number is
 * changed, all that belongs to it, so that it fits whatever a later version reads. */
static enum mz_code merge_patch(const struct mz_review *review, const struct span *span,
                                struct mz_arena *arena, struct mizan_value *out,
                                struct mz_error *error)
{
    struct mizan_field *merged = mz_arena_zero(arena, FIELDS * sizeof *merged);
    const struct mizan_value *before = &span->values[LAST_PATCH];
    struct mizan_value old = {.type = MIZAN_MAP};
    const struct mizan_value none = {.type = MIZAN_MAP};
    const struct mizan_value *changes =
        review->changes == NULL ? &none : review->changes;
    enum mz_code code = MZ_OK;
    bool amount = false;
    size_t count = 0;

    if (merged == NULL) {
        return mz_fail(error, MZ_MEMORY, "no memory for a correction");
    }
    if (before->type == MIZAN_TEXT) {
        code = mz_json_parse(arena, before->as.text.data, before->as.text.size, &old,
                             error);
    }
    for (size_t i = 0; i < changes->as.map.count && code == MZ_OK; i++) {
        const struct field *field = find_field(&changes->as.map.fields[i].name);

        if (field == NULL) {
            return refuse_field(&changes->as.map.fields[i].name, error);
        }
        amount = amount || field->amount;
    }
    for (size_t i = 0, n = 0; i < FIELDS && code == MZ_OK; i++) {
        const struct mizan_value *value = mz_map_member(changes, fields[i].name);

        if (value == NULL && fields[i].amount && amount &&
            !(mz_map_member(changes, "value") != NULL && keeps_bound(span))) {
            value = implied(changes, &fields[i]);
        }
        value = value == NULL ? mz_map_member(&old, fields[i].name) : value;
        if (value == NULL && fields[i].amount && amount) {
            value = &span->values[BOUND + n];
        }
        n += fields[i].amount;
        if (value != NULL) {
            merged[count].name =
                (struct mizan_slice){fields[i].name, strlen(fields[i].name)};
            merged[count++].value = value->type == MIZAN_NIL ? mz_text("") : *value;
        }
    }
    *out = (struct mizan_value){.type = MIZAN_MAP, .as.map = {merged, count}};
    return code;
}

/* Later than the verdict before it, whatever the clock says: the last one holds. */
static int64_t moment(const struct span *span)
{
    int64_t now = mz_clock_now(), last = 0;
    const struct mizan_value *at = &span->values[LAST_AT];

    if (at->type == MIZAN_TEXT &&
        mz_time_parse(at->as.text.data, at->as.text.size, &last) &&
        now / 1000 <= last / 1000) {
        return last + 1000;
    }
    return now;
}

static enum mz_code insert(struct mz_db *db, const struct mz_review *review,
                           const struct span *span, const char *patch,
                           struct mz_error *error)
{
    struct mizan_value at = mz_db_time(db->scratch, moment(span));
    char id[33], start[24], end[24];
    snprintf(start, sizeof start, "%" PRId64, span->values[START].as.integer);
    snprintf(end, sizeof end, "%" PRId64, span->values[END].as.integer);
    const struct mizan_slice parts[] = {span->values[DIGEST].as.text,
                                        {start, strlen(start)},
                                        {end, strlen(end)},
                                        span->values[EXTRACTOR].as.text,
                                        at.as.text};
    mz_hash_id(parts, MZ_COUNT(parts), id);
    const struct mizan_value arguments[] = {
        mz_text(id),          span->values[DIGEST],     span->values[START],
        span->values[END],    span->values[EXTRACTOR],  at,
        mz_text(review->who), mz_text(review->verdict), mz_text(patch),
        mz_text(review->note)};

    return mz_db_execute(db,
                         "INSERT INTO review(id, text_sha256, start_byte, end_byte,"
                         " extractor, at, who, verdict, patch, note)"
                         " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                         arguments, MZ_COUNT(arguments), NULL, error);
}

/* The documents of the text; what a person saw in one holds in its copies too. */
static enum mz_code apply_everywhere(struct mz_db *db, const struct mizan_value *digest,
                                     struct mz_arena *arena, struct mz_error *error)
{
    struct mizan_value rows;
    enum mz_code code = mz_db_rows(
        db, "SELECT DISTINCT document_id FROM doc_text WHERE text_sha256 = $1", digest,
        1, arena, &rows, error);

    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        const struct mizan_value *id = &rows.as.list.items[i].as.map.fields[0].value;

        code = mz_review_apply(db, id->as.text.data, error);
    }
    if (code == MZ_OK) {
        code = mz_summary_touch_text(db, digest->as.text.data, error);
    }
    return code == MZ_OK ? mz_summary_refresh(db, error) : code;
}

static enum mz_code add(struct mz_db *db, const struct mz_review *review,
                        struct mz_arena *arena, struct mz_error *error)
{
    struct span span;
    struct mizan_value patch;
    struct mz_buffer json;
    enum mz_code code = find_span(db, review->figure_id, arena, &span, error);

    if (code == MZ_OK) {
        code = merge_patch(review, &span, arena, &patch, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    mz_buffer_init(&json, PATCH_CEILING);
    mz_json_value(&json, &patch);
    mz_buffer_byte(&json, '\0');
    code = mz_buffer_ok(&json)
               ? insert(db, review, &span, patch.as.map.count > 0 ? json.data : NULL,
                        error)
               : mz_fail(error, MZ_LIMIT, "the correction is too long");
    mz_buffer_finish(&json);
    return code == MZ_OK ? apply_everywhere(db, &span.values[DIGEST], arena, error)
                         : code;
}

enum mz_code mz_review_add(struct mz_db *db, const struct mz_review *review,
                           struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    uint64_t mark = mz_arena_mark(db->scratch);
    enum mz_code code = arena == NULL
                            ? mz_fail(error, MZ_MEMORY, "no memory for a review")
                            : add(db, review, arena, error);

    mz_arena_release(db->scratch, mark);
    mz_arena_destroy(arena);
    return code;
}
