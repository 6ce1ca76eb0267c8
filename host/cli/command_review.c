/* `mizan review`: the figures that nobody judged yet, the least sure first; a verdict
 * on one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/opened.h"
#include "db/review.h"
#include "value/record.h"
#include "value/table.h"

/* The options that the query of the queue takes, as its parameters. */
static size_t queue_parameters(const struct mz_arguments *arguments,
                               struct mizan_field fields[3])
{
    static const char *const names[] = {"topic", "lang", "limit"};
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        const char *given = mz_argument(arguments, names[i]);
        if (given != NULL) {
            fields[count].name = (struct mizan_slice){names[i], strlen(names[i])};
            fields[count++].value = mz_text(given);
        }
    }
    return count;
}

static enum mz_code list(struct mz_opened *opened, const struct mz_arguments *arguments,
                         struct mz_error *error)
{
    struct mizan_field fields[3];
    struct mizan_value rows,
        map = {.type = MIZAN_MAP,
               .as.map = {fields, queue_parameters(arguments, fields)}};
    enum mz_code code = mz_db_named(opened->db, mz_named_query("review", NULL), &map,
                                    opened->arena, &rows, error);
    if (code == MZ_INPUT) {
        error->code = code = MZ_USAGE; /* what was wrong came from the command line */
    }
    if (code == MZ_OK && rows.as.list.count == 0) {
        fprintf(stderr, "no figure waits for a verdict\n");
        return MZ_OK;
    }
    bool json = mz_argument(arguments, "json") != NULL;
    return code == MZ_OK
               ? mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                                error)
               : code;
}

/* `field=value` of every --correct. */
static enum mz_code read_changes(struct mz_opened *opened,
                                 const struct mz_arguments *arguments,
                                 struct mizan_value *out, struct mz_error *error)
{
    const char *const *words = NULL;
    size_t count = mz_argument_all(arguments, "correct", &words);
    struct mizan_field *fields =
        mz_arena_zero(opened->arena, (count + 1) * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory");
    }
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(words[i], '=');
        if (equals == NULL || equals == words[i]) {
            mz_fail(error, MZ_USAGE, "'%s' corrects nothing", words[i]);
            mz_error_help(error, "write --correct value=5000 or --correct unit=");
            return MZ_USAGE;
        }
        fields[i].name = (struct mizan_slice){words[i], (size_t)(equals - words[i])};
        fields[i].value = mz_text(equals + 1);
    }
    *out = (struct mizan_value){.type = MIZAN_MAP, .as.map = {fields, count}};
    return MZ_OK;
}

/* The one verdict that was asked for. */
static enum mz_code read_verdict(const struct mz_arguments *arguments,
                                 const char **verdict, struct mz_error *error)
{
    static const char *const verdicts[] = {"confirm", "correct", "reject"};
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        if (mz_argument(arguments, verdicts[i]) != NULL) {
            *verdict = verdicts[i];
            count++;
        }
    }
    if (count != 1) {
        mz_fail(error, MZ_USAGE,
                count == 0 ? "no verdict was given" : "only one verdict at a time");
        mz_error_help(error, "--confirm, --correct FIELD=VALUE or --reject");
        return MZ_USAGE;
    }
    if (strcmp(*verdict, "confirm") != 0 && mz_argument(arguments, "message") == NULL) {
        mz_fail(error, MZ_USAGE, "a figure is not changed without a reason");
        mz_error_help(error, "say why with -m \"the text says won\"");
        return MZ_USAGE;
    }
    return MZ_OK;
}

static enum mz_code judge(struct mz_opened *opened,
                          const struct mz_arguments *arguments, struct mz_error *error)
{
    struct mizan_value changes;
    struct mz_review review = {.note = mz_argument(arguments, "message"),
                               .who = mz_argument(arguments, "by"),
                               .changes = &changes};
    review.who = review.who != NULL ? review.who : getenv("USER");
    review.who = review.who != NULL && review.who[0] != '\0' ? review.who : "unknown";
    enum mz_code code = read_verdict(arguments, &review.verdict, error);
    if (code == MZ_OK) {
        code = read_changes(opened, arguments, &changes, error);
    }
    if (code == MZ_OK) {
        code =
            mz_find_figure(opened, mz_operand(arguments, 0), &review.figure_id, error);
    }
    if (code == MZ_OK) {
        code = mz_db_begin(opened->db, error);
    }
    if (code == MZ_OK) {
        code = mz_review_add(opened->db, &review, error);
        if (code == MZ_OK) {
            code = mz_db_commit(opened->db, error);
        } else {
            mz_db_rollback(opened->db);
        }
    }
    if (code == MZ_INPUT) {
        error->code = code = MZ_USAGE; /* what was wrong came from the command line */
    }
    return code;
}

/* The row as it counts from now on. */
static enum mz_code show(struct mz_opened *opened, const char *beginning, bool json,
                         struct mz_error *error)
{
    static const char sql[] =
        "SELECT f.id, f.kind, f.bound, f.value_dec AS value, f.low_dec AS low,"
        " f.high_dec AS high, f.unit, f.counted, f.topic_id AS topic, r.verdict, r.who,"
        " r.at, r.note FROM figure f JOIN doc_text t ON t.document_id = f.document_id"
        " AND t.extractor = f.text_extractor AND t.version = f.text_version"
        " JOIN review r ON r.text_sha256 = t.text_sha256"
        " AND r.start_byte = f.start_byte AND r.end_byte = f.end_byte"
        " AND r.extractor = f.extractor WHERE f.id = $1 ORDER BY r.at DESC LIMIT 1";
    const char *id = NULL;
    struct mizan_value key, rows;
    enum mz_code code = mz_find_figure(opened, beginning, &id, error);
    if (code == MZ_OK) {
        key = mz_text(id);
        code = mz_db_rows(opened->db, sql, &key, 1, opened->arena, &rows, error);
    }
    return code == MZ_OK
               ? mz_table_print(stdout, &rows, json ? MZ_TABLE_JSON : MZ_TABLE_AUTO, 0,
                                error)
               : code;
}

int mz_command_review(const struct mz_arguments *arguments)
{
    struct mz_opened opened;
    struct mz_error error;
    bool listing = mz_operand_count(arguments) == 0;
    enum mz_code code =
        mz_opened_open(&opened, arguments, listing ? MZ_DB_READ : MZ_DB_WRITE, &error);
    if (code == MZ_OK && listing) {
        code = list(&opened, arguments, &error);
    } else if (code == MZ_OK) {
        code = judge(&opened, arguments, &error);
        if (code == MZ_OK) {
            code = show(&opened, mz_operand(arguments, 0),
                        mz_argument(arguments, "json") != NULL, &error);
        }
    }
    int status = code == MZ_OK ? 0 : mz_command_fail(&error);
    mz_opened_close(&opened);
    return status;
}
