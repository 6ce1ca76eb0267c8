/* `mizan export FILE --to csv|jsonl|sqlite`: the figures as one flat table with what
 * belongs to them, row by row, so that any number of them fits; with CSVW metadata. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/export_sqlite.h"
#include "cli/opened.h"
#include "value/decimal.h"
#include "value/json.h"
#include "value/record.h"

#define ROW_CEILING ((size_t)64 << 20)
#define BAR         30

/* Ordered by the primary key: rows come as they are read. */
#define FLAT                                                                           \
    "SELECT f.id, f.kind, f.bound, f.value_dec AS value, f.low_dec AS low,"            \
    " f.high_dec AS high, f.vague_dec AS vague, f.approx, f.side, f.unit, f.per,"      \
    " f.counted, f.fraction, f.time, f.as_of, f.hedge, f.change, f.confidence, f.text" \
    ", f.start_byte, f.end_byte, f.lang, f.topic_id AS topic, f.work_id AS work,"      \
    " x.entity_id AS from_id, y.entity_id AS to_id,"                                   \
    " COALESCE(o.entity_id, o.name) AS origin, t.outlet, t.title, t.published_at,"     \
    " d.fetched_at, d.url, f.document_id, t.text_sha256, f.extractor,"                 \
    " f.extractor_version"                                                             \
    " FROM figure f JOIN document d ON d.id = f.document_id"                           \
    " LEFT JOIN doc_text t ON t.document_id = f.document_id"                           \
    " AND t.extractor = f.text_extractor AND t.version = f.text_version"               \
    " LEFT JOIN figure_role x ON x.figure_id = f.id AND x.role = 'from'"               \
    " LEFT JOIN figure_role y ON y.figure_id = f.id AND y.role = 'to'"                 \
    " LEFT JOIN attribution o ON o.figure_id = f.id AND o.hop ="                       \
    " (SELECT max(z.hop) FROM attribution z WHERE z.figure_id = f.id)"                 \
    " WHERE f.is_current = 1"

/* Columns whose type is not seen from a value: exact decimals and times are text. */
static const struct {
    const char *name, *type;
} types[] = {
    {"value", "decimal"},       {"low", "decimal"},      {"high", "decimal"},
    {"vague", "decimal"},       {"approx", "boolean"},   {"confidence", "number"},
    {"start_byte", "integer"},  {"end_byte", "integer"}, {"published_at", "dateTime"},
    {"fetched_at", "dateTime"}, {"url", "anyURI"}};

struct export
{
    FILE *out;
    bool csv, progress, failed;
    int64_t rows, wanted;
    struct mz_buffer line, columns; /* columns: JSON of the CSVW columns */
};

/* ---- a row ---- */

static bool is_number(const struct mizan_value *value)
{
    struct mz_decimal decimal;
    return mz_decimal_parse(value->as.text.data, value->as.text.size, &decimal) ==
           MZ_DECIMAL_OK;
}

/* A text that a spreadsheet would run as a formula begins with an apostrophe. */
static void csv_text(struct mz_buffer *out, const struct mizan_value *value)
{
    const char *data = value->as.text.data;
    size_t size = value->as.text.size;
    bool formula = size > 0 && strchr("=+-@\t\r", data[0]) != NULL && !is_number(value);
    bool quote = formula;
    for (size_t i = 0; i < size && !quote; i++) {
        quote = strchr(",\"\r\n", data[i]) != NULL && data[i] != '\0';
    }
    mz_buffer_text(out, quote ? "\"" : "");
    mz_buffer_text(out, formula ? "'" : "");
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '"') {
            mz_buffer_byte(out, '"');
        }
        mz_buffer_byte(out, data[i]);
    }
    mz_buffer_text(out, quote ? "\"" : "");
}

static void csv_row(struct mz_buffer *out, const struct mz_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct mizan_value *value = &row->values[i];
        mz_buffer_text(out, i == 0 ? "" : ",");
        if (value->type == MIZAN_TEXT) {
            csv_text(out, value);
        } else if (value->type != MIZAN_NIL) {
            mz_json_value(out, value);
        }
    }
    mz_buffer_text(out, "\r\n");
}

static void json_row(struct mz_buffer *out, const struct mz_row *row)
{
    const char *comma = "";
    mz_buffer_byte(out, '{');
    for (size_t i = 0; i < row->count; i++) {
        if (row->values[i].type == MIZAN_NIL) {
            continue;
        }
        mz_buffer_text(out, comma);
        mz_json_text(out, row->names[i], strlen(row->names[i]));
        mz_buffer_byte(out, ':');
        mz_json_value(out, &row->values[i]);
        comma = ",";
    }
    mz_buffer_text(out, "}\n");
}

static const char *csvw_type(const char *name, const struct mizan_value *value)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].type;
        }
    }
    return value->type == MIZAN_INTEGER  ? "integer"
           : value->type == MIZAN_DOUBLE ? "number"
                                         : "string";
}

static void head(struct export *export, const struct mz_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        mz_buffer_printf(&export->columns,
                         "%s\n      {\"name\":\"%s\",\"titles\":\"%s\","
                         "\"datatype\":\"%s\",\"null\":\"\"}",
                         i == 0 ? "" : ",", row->names[i], row->names[i],
                         csvw_type(row->names[i], &row->values[i]));
        if (export->csv) {
            mz_buffer_printf(&export->line, "%s%s", i == 0 ? "" : ",", row->names[i]);
        }
    }
    mz_buffer_text(&export->line, export->csv ? "\r\n" : "");
}

static void progress(const struct export *export)
{
    int share = export->wanted > 0 ? (int)(export->rows * BAR / export->wanted) : BAR;
    share = share > BAR ? BAR : share;
    fprintf(stderr, "\r[%.*s%*s] %" PRId64 " of %" PRId64, share,
            "##############################", BAR - share, "", export->rows,
            export->wanted);
}

static bool write_row(void *context, const struct mz_row *row)
{
    struct export *export = context;
    if (export->rows == 0) {
        head(export, row);
    }
    if (export->csv) {
        csv_row(&export->line, row);
    } else {
        json_row(&export->line, row);
    }
    export->failed = !mz_buffer_ok(&export->line) ||
                     fwrite(export->line.data, 1, export->line.size, export->out) !=
                         export->line.size;
    mz_buffer_clear(&export->line);
    export->rows++;
    if (export->progress && export->rows % 5000 == 0) {
        progress(export);
    }
    return !export->failed;
}

/* ---- files ---- */

static enum mz_code write_metadata(const struct export *export, const char *path,
                                   struct mz_error *error)
{
    char name[MZ_PATH];
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "%s-metadata.json", path);
    FILE *out = fopen(name, "we");
    if (out == NULL) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "%s cannot be made", name);
    }
    fprintf(out,
            "{\n  \"@context\": \"http://www.w3.org/ns/csvw\",\n  \"url\": \"%s\",\n"
            "  \"dialect\": {\"header\": true, \"encoding\": \"utf-8\"},\n"
            "  \"rdfs:comment\": \"An apostrophe stands before a text that begins with "
            "= + - @ or a tab and is no number, so that no spreadsheet runs it.\",\n"
            "  \"tableSchema\": {\n    \"columns\": [%.*s\n    ]\n  }\n}\n",
            slash == NULL ? path : slash + 1, (int)export->columns.size,
            export->columns.data == NULL ? "" : export->columns.data);
    return fclose(out) == 0 ? MZ_OK
                            : mz_fail_errno(error, MZ_IO, "%s cannot be written", name);
}

static enum mz_code close_file(struct export *export, const char *part,
                               const char *path, struct mz_error *error)
{
    if (export->out == stdout) {
        return fflush(stdout) == 0
                   ? MZ_OK
                   : mz_fail_errno(error, MZ_IO, "standard output cannot be written");
    }
    if (fclose(export->out) != 0) {
        return mz_fail_errno(error, MZ_IO, "%s cannot be written", part);
    }
    return rename(part, path) == 0
               ? MZ_OK
               : mz_fail_errno(error, MZ_CANNOT_CREATE, "%s cannot be made", path);
}

/* The figures that `where` (NULL: all) selects by the columns of the flat table. */
static enum mz_code run_flat(struct mz_opened *opened, const char *where,
                             struct export *export, struct mz_error *error)
{
    struct mz_buffer sql;
    struct mizan_value count = mz_nil();
    enum mz_code code = MZ_OK;
    mz_buffer_init(&sql, (size_t)1 << 20);
    if (export->progress) {
        code = mz_first(opened, "SELECT count(*) AS n FROM figure WHERE is_current = 1",
                        NULL, 0, &count, error);
        export->wanted = mz_row_integer(&count, "n");
    }
    if (where == NULL) {
        mz_buffer_text(&sql, FLAT " ORDER BY f.id");
    } else {
        mz_buffer_printf(&sql, "SELECT * FROM (" FLAT ") q WHERE (%s) ORDER BY id",
                         where);
    }
    mz_buffer_byte(&sql, '\0');
    if (code == MZ_OK) {
        code =
            mz_buffer_ok(&sql)
                ? mz_db_query(opened->db, sql.data, NULL, 0, write_row, export, error)
                : mz_fail(error, MZ_USAGE, "the condition is too long");
    }
    mz_buffer_finish(&sql);
    return code;
}

static enum mz_code export_rows(struct mz_opened *opened,
                                const struct mz_arguments *arguments, const char *path,
                                struct mz_error *error)
{
    char part[MZ_PATH];
    bool to_stdout = strcmp(path, "-") == 0;
    struct export export = {.csv = strcmp(mz_argument(arguments, "to"), "csv") == 0};
    export.progress = isatty(STDERR_FILENO) != 0 && getenv("CI") == NULL && !to_stdout;
    snprintf(part, sizeof part, "%s.part", path);
    export.out = to_stdout ? stdout : fopen(part, "we");
    if (export.out == NULL) {
        return mz_fail_errno(error, MZ_CANNOT_CREATE, "%s cannot be made", part);
    }
    mz_buffer_init(&export.line, ROW_CEILING);
    mz_buffer_init(&export.columns, ROW_CEILING);
    enum mz_code code =
        run_flat(opened, mz_argument(arguments, "where"), &export, error);
    if (code == MZ_OK && export.failed) {
        code = mz_fail_errno(error, MZ_IO, "%s cannot be written", part);
    }
    if (export.progress) {
        progress(&export);
        fputc('\n', stderr);
    }
    if (code == MZ_OK) {
        code = close_file(&export, part, path, error);
    } else if (!to_stdout) {
        fclose(export.out);
        unlink(part);
    }
    if (code == MZ_OK && export.csv && !to_stdout) {
        code = write_metadata(&export, path, error);
    }
    if (code == MZ_OK) {
        fprintf(stderr, "%" PRId64 " figures\n", export.rows);
    }
    mz_buffer_finish(&export.line);
    mz_buffer_finish(&export.columns);
    return code;
}

int mz_command_export(const struct mz_arguments *arguments)
{
    struct mz_opened opened;
    struct mz_error error;
    const char *to = mz_argument(arguments, "to"), *path = mz_operand(arguments, 0);
    bool sqlite = to != NULL && strcmp(to, "sqlite") == 0;
    enum mz_code code = MZ_OK;
    memset(&opened, 0, sizeof opened);
    if (to == NULL || (!sqlite && strcmp(to, "csv") != 0 && strcmp(to, "jsonl") != 0)) {
        mz_fail(&error, MZ_USAGE, "'%s' is no form of export", to == NULL ? "" : to);
        mz_error_help(&error, "--to csv, --to jsonl or --to sqlite");
        return mz_command_fail(&error);
    }
    /* A condition is SQL of a user's and runs by the rules for users. */
    code = mz_opened_open(&opened, arguments,
                          mz_argument(arguments, "where") != NULL ? MZ_DB_RESTRICTED
                                                                  : MZ_DB_READ,
                          &error);
    if (code == MZ_OK) {
        mz_db_set_time_limit(opened.db, 0);
        code = sqlite ? mz_export_sqlite(&opened, path, &error)
                      : export_rows(&opened, arguments, path, &error);
    }
    int status = code == MZ_OK ? 0 : mz_command_fail(&error);
    mz_opened_close(&opened);
    return status;
}
