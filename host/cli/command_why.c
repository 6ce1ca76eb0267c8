/* `mizan why ID`: all that is known of one figure, from the sentence to the raw bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/figure_explain.h"
#include "cli/opened.h"
#include "cli/raw_span.h"
#include "db/home.h"
#include "run/supervise.h"
#include "value/json.h"
#include "value/record.h"

#define JSON_CEILING ((size_t)64 << 20)
#define EXCERPT      60 /* bytes of the raw body shown on either side */

static const char figure_sql[] =
    "SELECT f.id, f.kind, f.bound, f.value_dec AS value, f.low_dec AS low,"
    " f.high_dec AS high, f.vague_dec AS vague, f.approx, f.side, f.unit, f.per,"
    " f.counted, f.fraction, f.alt, f.time, f.as_of, f.hedge, f.change, f.confidence,"
    " f.text, f.start_byte, f.end_byte, f.sentence_start, f.sentence_end, f.lang,"
    " f.topic_id AS topic, p.label AS topic_label, f.work_id AS work,"
    " w.title AS work_title, f.extractor, f.extractor_version, f.is_current, f.run_id,"
    " f.document_id, d.url, d.pipeline, d.source_id AS source, d.fetched_at,"
    " d.media_type, d.charset_used, d.raw_sha256, d.prev_id, t.extractor AS"
    " text_extractor, t.version AS text_version, t.is_current AS text_current, t.title,"
    " t.outlet, t.published_at, t.text_sha256, t.dup_of"
    " FROM figure f JOIN document d ON d.id = f.document_id"
    " JOIN doc_text t ON t.document_id = f.document_id"
    " AND t.extractor = f.text_extractor AND t.version = f.text_version"
    " LEFT JOIN topic p ON p.id = f.topic_id LEFT JOIN work w ON w.id = f.work_id"
    " WHERE f.id = $1";

/* Each part of the answer beside the figure itself: its name and its rows. */
static const struct part {
    const char *name, *sql;
} parts[] = {
    {"sources",
     "SELECT a.hop, a.role, COALESCE(e.name, a.name) AS who, a.name AS printed,"
     " a.entity_id AS entity, a.verb, a.stance, a.start_byte, a.end_byte"
     " FROM attribution a LEFT JOIN entity e ON e.id = a.entity_id"
     " WHERE a.figure_id = $1 ORDER BY a.hop"},
    {"roles", "SELECT r.role, e.name AS who, r.entity_id AS entity FROM figure_role r"
              " JOIN entity e ON e.id = r.entity_id WHERE r.figure_id = $1"
              " ORDER BY r.role, r.entity_id"},
    {"links", "SELECT l.kind, 'from this' AS way, f.text, f.id, l.made_by"
              " FROM figure_link l JOIN figure f ON f.id = l.b WHERE l.a = $1"
              " UNION ALL SELECT l.kind, 'to this', f.text, f.id, l.made_by"
              " FROM figure_link l JOIN figure f ON f.id = l.a WHERE l.b = $1"
              " ORDER BY 1, 2, 4"},
    {"reviews", "SELECT r.at, r.who, r.verdict, r.patch, r.note FROM review r"
                " JOIN figure f ON f.start_byte = r.start_byte"
                " AND f.end_byte = r.end_byte AND f.extractor = r.extractor"
                " JOIN doc_text t ON t.document_id = f.document_id"
                " AND t.extractor = f.text_extractor AND t.version = f.text_version"
                " AND t.text_sha256 = r.text_sha256 WHERE f.id = $1 ORDER BY r.at"},
    {"history", "SELECT extractor_version AS version, superseded_at, bound, value_dec"
                " AS value, low_dec AS low, high_dec AS high, unit, counted"
                " FROM figure_history WHERE figure_id = $1 ORDER BY superseded_at"},
    {"versions", "SELECT v.fetched_at, v.id, v.raw_sha256 FROM figure f"
                 " JOIN document d ON d.id = f.document_id"
                 " JOIN document v ON v.pipeline = d.pipeline"
                 " AND v.source_id = d.source_id AND v.url = d.url WHERE f.id = $1"
                 " ORDER BY v.fetched_at, v.id"},
};
#define PARTS (sizeof parts / sizeof parts[0])

struct why {
    const struct mz_arguments *arguments;
    struct mz_opened opened;
    struct mizan_value figure, rows[PARTS];
    struct mizan_slice text, raw;
    bool raw_kept, located;
    struct mz_raw_span span; /* of the raw body */
    struct mz_explanation explanation;
};

static enum mz_code read_text(struct why *why, struct mz_error *error)
{
    struct mizan_value row;
    const struct mizan_value keys[] = {*mz_map_member(&why->figure, "document_id"),
                                       *mz_map_member(&why->figure, "text_extractor"),
                                       *mz_map_member(&why->figure, "text_version")};
    enum mz_code code =
        mz_first(&why->opened,
                 "SELECT text FROM doc_text WHERE document_id = $1 AND extractor = $2"
                 " AND version = $3",
                 keys, 3, &row, error);
    if (code == MZ_OK && row.type == MIZAN_MAP) {
        why->text = mz_map_member(&row, "text")->as.text;
    }
    return code;
}

/* A body that its retention removed is no failure: the answer says so. */
static void read_raw(struct why *why)
{
    struct mz_error error;
    const char *digest = mz_row_text(&why->figure, "raw_sha256");
    int64_t start = mz_row_integer(&why->figure, "start_byte");
    int64_t end = mz_row_integer(&why->figure, "end_byte");
    why->raw_kept = mz_home_raw(why->opened.db, digest, why->opened.arena, &why->raw,
                                &error) == MZ_OK;
    if (why->raw_kept && start >= 0 && end > start && (size_t)end <= why->text.size) {
        why->located =
            mz_raw_span(why->text, (size_t)start, (size_t)end, why->raw,
                        mz_row_text(&why->figure, "charset_used"), &why->span);
    }
}

static enum mz_code read_all(struct why *why, struct mz_error *error)
{
    const char *id = NULL;
    struct mizan_value key;
    enum mz_code code =
        mz_find_figure(&why->opened, mz_operand(why->arguments, 0), &id, error);
    key = mz_text(id);
    if (code == MZ_OK) {
        code = mz_first(&why->opened, figure_sql, &key, 1, &why->figure, error);
    }
    if (code == MZ_OK && why->figure.type != MIZAN_MAP) {
        code = mz_fail(error, MZ_NOT_FOUND, "the text of the figure is not kept");
    }
    for (size_t i = 0; i < PARTS && code == MZ_OK; i++) {
        code = mz_db_rows(why->opened.db, parts[i].sql, &key, 1, why->opened.arena,
                          &why->rows[i], error);
    }
    if (code == MZ_OK) {
        code = read_text(why, error);
    }
    if (code == MZ_OK) {
        read_raw(why);
        code = mz_figure_explain(
            &why->opened.environment, why->text, mz_row_text(&why->figure, "lang"),
            mz_row_integer(&why->figure, "start_byte"),
            mz_row_integer(&why->figure, "end_byte"), &why->explanation, error);
    }
    return code;
}

/* ---- for people ---- */

static void line(const char *title, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        printf("%-10s %s\n", title, text);
    }
}

static bool is_right_to_left(const char *lang)
{
    static const char *const langs[] = {"ar", "fa", "he", "ur", "ps",  "ckb",
                                        "sd", "ug", "yi", "dv", "syr", "arc"};
    size_t size = lang == NULL ? 0 : strcspn(lang, "-_");
    for (size_t i = 0; i < sizeof langs / sizeof langs[0]; i++) {
        if (strlen(langs[i]) == size && strncmp(langs[i], lang, size) == 0) {
            return true;
        }
    }
    return false;
}

static void put_flat(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        putchar(data[i] == '\n' || data[i] == '\t' || data[i] == '\r' ? ' ' : data[i]);
    }
}

/* The sentence is set apart from our words around it by isolates, so that its own
 * direction orders it; the marks stand inside. */
static void print_sentence(const struct why *why)
{
    int64_t start = mz_row_integer(&why->figure, "start_byte");
    int64_t end = mz_row_integer(&why->figure, "end_byte");
    int64_t first = mz_row_integer(&why->figure, "sentence_start");
    int64_t last = mz_row_integer(&why->figure, "sentence_end");
    bool colour = isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL;
    bool isolate = is_right_to_left(mz_row_text(&why->figure, "lang"));
    if (last <= first || first > start || last < end) {
        first = start;
        last = end;
    }
    if (first < 0 || (size_t)last > why->text.size || end <= start) {
        return;
    }
    printf("%-10s %s", "sentence", isolate ? "\xe2\x81\xa7" : "");
    put_flat(why->text.data + first, (size_t)(start - first));
    fputs(colour ? "\033[1;4;36m" : "[", stdout);
    put_flat(why->text.data + start, (size_t)(end - start));
    fputs(colour ? "\033[0m" : "]", stdout);
    put_flat(why->text.data + end, (size_t)(last - end));
    printf("%s\n", isolate ? "\xe2\x81\xa9" : "");
}

static void print_reading(const struct mizan_value *row)
{
    static const char *const bounds[][2] = {{"at_least", "at least "},
                                            {"more_than", "more than "},
                                            {"at_most", "at most "},
                                            {"less_than", "less than "},
                                            {"vague", "not told exactly, from "}};
    static const char *const after[][2] = {
        {"unit", " "},         {"per", " per "}, {"counted", ", counted: "},
        {"as_of", ", as of "}, {"hedge", ", "},  {"change", ", "}};
    const char *bound = mz_row_text(row, "bound"), *side = mz_row_text(row, "side");
    printf("%-10s %s: ", "reading", mz_row_text(row, "kind"));
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        fputs(strcmp(bound, bounds[i][0]) == 0 ? bounds[i][1] : "", stdout);
    }
    if (mz_row_integer(row, "approx") != 0 && strcmp(bound, "vague") != 0) {
        fputs(side == NULL                 ? "about "
              : strcmp(side, "below") == 0 ? "nearly "
                                           : "a little over ",
              stdout);
    }
    if (strcmp(bound, "range") == 0) {
        printf("%s to %s", mz_row_text(row, "low"), mz_row_text(row, "high"));
    } else {
        static const char *const values[] = {"time", "fraction", "value", "vague"};
        const char *value = NULL;
        for (size_t i = 0; i < 4 && value == NULL; i++) {
            value = mz_row_text(row, values[i]);
        }
        fputs(value == NULL ? "" : value, stdout);
    }
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        const char *text = mz_row_text(row, after[i][0]);
        if (text != NULL) {
            printf("%s%s", after[i][1], text);
        }
    }
    const struct mizan_value *confidence = mz_map_member(row, "confidence");
    printf("\n%-10s %.2f%s\n", "confidence", confidence->as.number,
           mz_row_integer(row, "is_current") != 0 ? "" : "; no longer current");
}

static void print_explanation(const struct why *why)
{
    if (why->explanation.count == 0) {
        line("rule", "this version of the extractor reads no figure at this place");
    }
    for (size_t i = 1; i < why->explanation.count; i++) {
        const char *text = why->explanation.lines[i];
        line(strncmp(text, "not ", 4) == 0 ? "lost" : "rule",
             strncmp(text, "not ", 4) == 0 ? text + 4 : text);
    }
}

static void print_row(const char *title, const struct mizan_value *row)
{
    printf("%-10s", title);
    for (size_t i = 0; i < row->as.map.count; i++) {
        const struct mizan_value *value = &row->as.map.fields[i].value;
        if (value->type == MIZAN_TEXT) {
            printf(" %.*s", (int)value->as.text.size, value->as.text.data);
        } else if (value->type == MIZAN_INTEGER) {
            printf(" %" PRId64, value->as.integer);
        }
    }
    putchar('\n');
}

static void print_source(const struct mizan_value *row)
{
    const char *who = mz_row_text(row, "who"), *printed = mz_row_text(row, "printed");
    const char *verb = mz_row_text(row, "verb");
    printf("%-10s %" PRId64 " %s %s", "source", mz_row_integer(row, "hop"),
           mz_row_text(row, "role"), who);
    if (strcmp(who, printed) != 0) {
        printf(" (printed: %s)", printed);
    }
    printf(", %s%s%s\n", mz_row_text(row, "stance"), verb == NULL ? "" : ": ",
           verb == NULL ? "" : verb);
}

static void print_raw(const struct why *why)
{
    printf("%-10s %s", "raw", mz_row_text(&why->figure, "raw_sha256"));
    if (!why->raw_kept) {
        printf(", no longer kept\n");
        return;
    }
    printf(", %zu bytes%s%s\n", why->raw.size,
           mz_row_text(&why->figure, "charset_used") == NULL ? "" : ", ",
           mz_row_text(&why->figure, "charset_used") == NULL
               ? ""
               : mz_row_text(&why->figure, "charset_used"));
    if (!why->located) {
        line("bytes", "the words do not stand in it as they are in the text");
        return;
    }
    size_t first = why->span.from > EXCERPT ? why->span.from - EXCERPT : 0;
    size_t last =
        why->span.to + EXCERPT < why->raw.size ? why->span.to + EXCERPT : why->raw.size;
    printf("%-10s %zu..%zu: ", "bytes", why->span.from, why->span.to);
    for (size_t i = first; i < last; i++) {
        unsigned char c = (unsigned char)why->raw.data[i];
        /* What cannot be shown, and bytes of another charset, as they are numbered. */
        bool utf8 =
            mz_row_text(&why->figure, "charset_used") == NULL ||
            strncasecmp(mz_row_text(&why->figure, "charset_used"), "utf", 3) == 0;
        bool cut = (i == first || i + 4 > last) && c >= 0x80;
        if (c == '\n' || c == '\t' || c == '\r') {
            putchar(' ');
        } else if (c < 0x20 || c == 0x7f || (c >= 0x80 && (!utf8 || cut))) {
            printf("\\x%02x", c);
        } else {
            putchar(c);
        }
    }
    putchar('\n');
}

static void print_for_people(const struct why *why)
{
    const struct mizan_value *figure = &why->figure;
    line("figure", mz_row_text(figure, "id"));
    print_sentence(why);
    print_reading(figure);
    print_explanation(why);
    line("alt", mz_row_text(figure, "alt"));
    line("topic", mz_row_text(figure, "topic_label"));
    line("work", mz_row_text(figure, "work_title"));
    for (size_t i = 0; i < PARTS; i++) {
        static const char *const titles[] = {"source", "role",   "link",
                                             "review", "before", "version"};
        for (size_t k = 0; k < why->rows[i].as.list.count; k++) {
            const struct mizan_value *row = &why->rows[i].as.list.items[k];
            if (i == 0) {
                print_source(row);
            } else if (strcmp(titles[i], "version") != 0 ||
                       why->rows[i].as.list.count > 1) {
                print_row(titles[i], row);
            }
        }
    }
    line("title", mz_row_text(figure, "title"));
    line("document", mz_row_text(figure, "url"));
    line("published", mz_row_text(figure, "published_at"));
    line("fetched", mz_row_text(figure, "fetched_at"));
    line("copy of", mz_row_text(figure, "dup_of"));
    printf("%-10s %s %s; figure read by %s %s in run %s\n", "text by",
           mz_row_text(figure, "text_extractor"), mz_row_text(figure, "text_version"),
           mz_row_text(figure, "extractor"), mz_row_text(figure, "extractor_version"),
           mz_row_text(figure, "run_id"));
    print_raw(why);
}

/* ---- for programs ---- */

static void add_explanation(struct mz_buffer *out, const struct why *why)
{
    mz_buffer_text(out, ",\"explanation\":[");
    for (size_t i = 0; i < why->explanation.count; i++) {
        mz_buffer_text(out, i == 0 ? "" : ",");
        mz_json_text(out, why->explanation.lines[i], strlen(why->explanation.lines[i]));
    }
    mz_buffer_byte(out, ']');
}

static int print_json(const struct why *why)
{
    struct mz_buffer out;
    int64_t first = mz_row_integer(&why->figure, "sentence_start");
    int64_t last = mz_row_integer(&why->figure, "sentence_end");
    mz_buffer_init(&out, JSON_CEILING);
    mz_buffer_text(&out, "{\"v\":1,\"figure\":");
    mz_json_value(&out, &why->figure);
    if (first >= 0 && last > first && (size_t)last <= why->text.size) {
        mz_buffer_text(&out, ",\"sentence\":");
        mz_json_text(&out, why->text.data + first, (size_t)(last - first));
    }
    for (size_t i = 0; i < PARTS; i++) {
        mz_buffer_printf(&out, ",\"%s\":", parts[i].name);
        mz_json_value(&out, &why->rows[i]);
    }
    add_explanation(&out, why);
    mz_buffer_printf(&out, ",\"raw\":{\"sha256\":\"%s\",\"kept\":%s",
                     mz_row_text(&why->figure, "raw_sha256"),
                     why->raw_kept ? "true" : "false");
    if (why->located) {
        mz_buffer_printf(&out, ",\"start\":%zu,\"end\":%zu,\"bytes\":", why->span.from,
                         why->span.to);
        struct mizan_value bytes =
            mz_bytes(why->raw.data + why->span.from, why->span.to - why->span.from);
        mz_json_value(&out, &bytes);
    }
    mz_buffer_text(&out, "}}\n");
    bool good = mz_buffer_ok(&out) && fwrite(out.data, 1, out.size, stdout) == out.size;
    mz_buffer_finish(&out);
    return good ? 0 : mz_exit_status(MZ_IO);
}

static int why_child(void *argument, struct mz_activity *activity)
{
    struct why why = {.arguments = argument};
    struct mz_error error;
    int status = 0;
    (void)activity;
    enum mz_code code = mz_opened_open(&why.opened, why.arguments, MZ_DB_READ, &error);
    if (code == MZ_OK) {
        code = read_all(&why, &error);
    }
    if (code != MZ_OK) {
        status = mz_command_fail(&error);
    } else if (mz_argument(why.arguments, "json") != NULL) {
        status = print_json(&why);
    } else {
        print_for_people(&why);
    }
    mz_opened_close(&why.opened);
    return mz_flush_output(status);
}

int mz_command_why(const struct mz_arguments *arguments)
{
    struct mz_supervision supervision = {0};
    union {
        const struct mz_arguments *in;
        void *out;
    } argument = {arguments};
    return mz_supervise(why_child, argument.out, &supervision);
}
