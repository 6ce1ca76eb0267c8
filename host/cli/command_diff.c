/* `mizan diff`: what the figures of a pipeline became from one run to another; what an
 * outlet changed at one address. Status 1 when something differs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/line_diff.h"
#include "cli/opened.h"
#include "value/json.h"
#include "value/record.h"
#include "value/table.h"

/* $1, $2: the runs. What is new stands in no earlier version of its page; what is gone
 * was retired, or stood only in the version before; what changed, another version of
 * the extractor reads otherwise, or a new version of the page says in its place. */
#define READING                                                                        \
    " o.bound = f.bound AND o.kind = f.kind"                                           \
    " AND o.value_dec IS NOT DISTINCT FROM f.value_dec"                                \
    " AND o.low_dec IS NOT DISTINCT FROM f.low_dec"                                    \
    " AND o.high_dec IS NOT DISTINCT FROM f.high_dec"                                  \
    " AND o.vague_dec IS NOT DISTINCT FROM f.vague_dec"                                \
    " AND o.unit IS NOT DISTINCT FROM f.unit"                                          \
    " AND o.time IS NOT DISTINCT FROM f.time"                                          \
    " AND o.counted IS NOT DISTINCT FROM f.counted"
#define AMOUNT(f)                                                                      \
    f ".bound || ' ' || COALESCE(" f ".value_dec, " f ".low_dec || ' to ' || " f       \
      ".high_dec, '') || COALESCE(' ' || " f ".unit, '')"

static const char runs_sql[] =
    "WITH between_runs AS (SELECT r.id, r.started_at FROM run a JOIN run b ON b.id = $2"
    "  JOIN run r ON r.pipeline = b.pipeline AND r.id <> a.id"
    "  AND r.started_at >= a.started_at AND r.started_at <= b.started_at"
    "  WHERE a.id = $1),"
    " found AS ("
    " SELECT 'new' AS what, NULL AS was, " AMOUNT(
        "f") " AS is_now, f.text, f.id,"
             "  f.document_id FROM between_runs s JOIN figure f ON f.first_run_id = "
             "s.id"
             "  JOIN document d ON d.id = f.document_id"
             "  WHERE f.is_current = 1 AND NOT EXISTS(SELECT 1 FROM figure o"
             "   WHERE o.document_id = d.prev_id AND o.is_current = 1 AND" READING ")"
             " UNION ALL"
             " SELECT 'gone', " AMOUNT(
                 "f") ", NULL, f.text, f.id, f.document_id"
                      "  FROM between_runs s JOIN figure f ON f.retired_by = s.id "
                      "WHERE f.is_current = 0"
                      " UNION ALL"
                      " SELECT 'gone', " AMOUNT(
                          "f") ", NULL, f.text, f.id, f.document_id"
                               "  FROM between_runs s JOIN document n ON n.run_id = "
                               "s.id AND n.prev_id IS NOT NULL"
                               "  JOIN figure f ON f.document_id = n.prev_id AND "
                               "f.is_current = 1"
                               "  WHERE NOT EXISTS(SELECT 1 FROM figure o WHERE "
                               "o.document_id = n.id"
                               "   AND o.is_current = 1 AND" READING ")"
                               " UNION ALL"
                               " SELECT 'changed', " AMOUNT("h") ", " AMOUNT(
                                   "f") ", f.text, f.id, f.document_id"
                                        "  FROM between_runs s JOIN figure_history h "
                                        "ON h.run_id = s.id"
                                        "  JOIN figure f ON f.id = h.figure_id)"
                                        " SELECT q.what, q.was, q.is_now, q.text, "
                                        "d.url, q.id FROM found q"
                                        " JOIN document d ON d.id = q.document_id "
                                        "ORDER BY d.url, q.what, q.id";

static enum mz_code find_run(struct mz_opened *opened, const char *beginning,
                             const char **id, const char **pipeline,
                             struct mz_error *error)
{
    struct mizan_value key = mz_text(beginning), rows;
    enum mz_code code = mz_db_rows(
        opened->db,
        "SELECT id, pipeline FROM run WHERE id = $1 OR substr(id, 1, length($1)) = $1"
        " ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 2",
        &key, 1, opened->arena, &rows, error);
    if (code != MZ_OK) {
        return code;
    }
    if (rows.as.list.count == 0) {
        mz_fail(error, MZ_NOT_FOUND, "there is no run '%s'", beginning);
        mz_error_help(error, "mizan runs lists them");
        return MZ_NOT_FOUND;
    }
    *id = mz_row_text(&rows.as.list.items[0], "id");
    *pipeline = mz_row_text(&rows.as.list.items[0], "pipeline");
    if (rows.as.list.count > 1 && strcmp(*id, beginning) != 0) {
        return mz_fail(error, MZ_USAGE, "several runs have an id that begins with '%s'",
                       beginning);
    }
    return MZ_OK;
}

static enum mz_code diff_runs(struct mz_opened *opened,
                              const struct mz_arguments *arguments, bool *differ,
                              struct mz_error *error)
{
    const char *ids[2] = {NULL, NULL}, *pipelines[2] = {NULL, NULL};
    struct mizan_value keys[2], rows;
    enum mz_code code = MZ_OK;
    for (size_t i = 0; i < 2 && code == MZ_OK; i++) {
        code =
            find_run(opened, mz_operand(arguments, i), &ids[i], &pipelines[i], error);
        keys[i] = mz_text(ids[i]);
    }
    if (code == MZ_OK && strcmp(pipelines[0], pipelines[1]) != 0) {
        code = mz_fail(error, MZ_USAGE, "the runs are of two pipelines, '%s' and '%s'",
                       pipelines[0], pipelines[1]);
    }
    if (code == MZ_OK) {
        code = mz_db_rows(opened->db, runs_sql, keys, 2, opened->arena, &rows, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    *differ = rows.as.list.count > 0;
    if (!*differ) {
        fprintf(stderr, "no figure differs\n");
        return MZ_OK;
    }
    return mz_table_print(stdout, &rows,
                          mz_argument(arguments, "json") != NULL ? MZ_TABLE_JSON
                                                                 : MZ_TABLE_AUTO,
                          0, error);
}

/* ---- versions of one address ---- */

/* Each version with the one before it, and both texts where one version of the same
 * extractor made both: what another version reads otherwise is no edit. */
static const char url_sql[] =
    "SELECT d.id, d.fetched_at, p.fetched_at AS before_at, t.extractor, t.version,"
    " t.title, o.title AS before_title, t.text, o.text AS before_text"
    " FROM document d JOIN document p ON p.id = d.prev_id"
    " LEFT JOIN doc_text t ON t.document_id = d.id AND t.is_current = 1"
    " LEFT JOIN doc_text o ON o.document_id = p.id AND o.extractor = t.extractor"
    " AND o.version = t.version"
    " WHERE d.url = $1 OR d.canonical_url = $1 ORDER BY d.fetched_at, d.id";

struct telling {
    bool json, first, differ;
    struct mz_buffer out;
};

static void tell(void *context, char sign, struct mizan_slice text)
{
    struct telling *telling = context;
    telling->differ = true;
    if (!telling->json) {
        printf("%c %.*s\n", sign, (int)text.size, text.data);
        return;
    }
    mz_buffer_printf(&telling->out, "%s{\"%s\":", telling->first ? "" : ",",
                     sign == '-' ? "removed" : "added");
    mz_json_text(&telling->out, text.data, text.size);
    mz_buffer_byte(&telling->out, '}');
    telling->first = false;
}

static enum mz_code tell_version(const struct mizan_value *row, bool json, bool *differ,
                                 struct mz_error *error)
{
    const struct mizan_value *text = mz_map_member(row, "text");
    const struct mizan_value *before = mz_map_member(row, "before_text");
    struct telling telling = {.json = json, .first = true};
    mz_buffer_init(&telling.out, (size_t)256 << 20);
    bool comparable = text->type == MIZAN_TEXT && before->type == MIZAN_TEXT;
    if (json) {
        mz_buffer_printf(
            &telling.out,
            "{\"v\":1,\"document\":\"%s\",\"before\":\"%s\",\"after\":\"%s\""
            ",\"comparable\":%s,\"lines\":[",
            mz_row_text(row, "id"), mz_row_text(row, "before_at"),
            mz_row_text(row, "fetched_at"), comparable ? "true" : "false");
    } else {
        printf("--- %s\n+++ %s\n", mz_row_text(row, "before_at"),
               mz_row_text(row, "fetched_at"));
        if (!comparable) {
            printf("no text of both by one version of an extractor\n");
        }
    }
    bool good =
        !comparable || mz_line_diff(before->as.text, text->as.text, tell, &telling);
    if (json) {
        mz_buffer_text(&telling.out, "]}\n");
        good =
            good && mz_buffer_ok(&telling.out) &&
            fwrite(telling.out.data, 1, telling.out.size, stdout) == telling.out.size;
    } else if (comparable && !telling.differ) {
        printf("the text is the same\n");
    }
    mz_buffer_finish(&telling.out);
    *differ = *differ || telling.differ;
    return good ? MZ_OK : mz_fail(error, MZ_MEMORY, "not enough memory for two texts");
}

static enum mz_code diff_url(struct mz_opened *opened,
                             const struct mz_arguments *arguments, bool *differ,
                             struct mz_error *error)
{
    struct mizan_value key = mz_text(mz_argument(arguments, "url")), rows, known;
    enum mz_code code =
        mz_first(opened, "SELECT id FROM document WHERE url = $1 OR canonical_url = $1",
                 &key, 1, &known, error);
    if (code == MZ_OK && known.type == MIZAN_NIL) {
        mz_fail(error, MZ_NOT_FOUND, "no document of %s is stored",
                mz_argument(arguments, "url"));
        mz_error_help(error, "mizan query documents shows addresses");
        return MZ_NOT_FOUND;
    }
    if (code == MZ_OK) {
        code = mz_db_rows(opened->db, url_sql, &key, 1, opened->arena, &rows, error);
    }
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "there is one version of this address\n");
    }
    for (size_t i = 0; code == MZ_OK && i < rows.as.list.count; i++) {
        code = tell_version(&rows.as.list.items[i],
                            mz_argument(arguments, "json") != NULL, differ, error);
    }
    return code;
}

int mz_command_diff(const struct mz_arguments *arguments)
{
    struct mz_opened opened;
    struct mz_error error;
    bool differ = false, by_url = mz_argument(arguments, "url") != NULL;
    enum mz_code code = mz_opened_open(&opened, arguments, MZ_DB_READ, &error);
    if (code == MZ_OK && mz_operand_count(arguments) != (by_url ? 0 : 2)) {
        mz_fail(&error, MZ_USAGE,
                "two runs are compared, or the versions of one address");
        mz_error_help(&error, "mizan diff RUN1 RUN2, or mizan diff --url URL");
        code = MZ_USAGE;
    }
    if (code == MZ_OK) {
        code = by_url ? diff_url(&opened, arguments, &differ, &error)
                      : diff_runs(&opened, arguments, &differ, &error);
    }
    int status = code != MZ_OK ? mz_command_fail(&error) : differ;
    mz_opened_close(&opened);
    return status;
}
