#include "generated_figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/home.h"
#include "db/summary.h"
#include "value/digest.h"
#include "value/record.h"

#define FIRST_DAY     INT64_C(1640995200000) /* 2022-01-01 */
#define DAYS          1400
#define DAY           INT64_C(86400000)
#define ARENA_CEILING ((size_t)64 << 20)
#define NAME          48

/* ---- numbers ---- */

static uint64_t draw(struct generated *g)
{
    uint64_t z = (g->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t below(struct generated *g, int64_t limit)
{
    return (int64_t)(draw(g) % (uint64_t)(limit > 0 ? limit : 1));
}

static bool chance(struct generated *g, int percent)
{
    return below(g, 100) < percent;
}

/* The first of many are drawn most: a quarter of them get half of all draws, the first
 * of ten thousand one in a hundred. */
static int64_t popular(struct generated *g, int64_t limit)
{
    double u = (double)(draw(g) >> 11) / 9007199254740992.0;
    return (int64_t)(u * u * (double)limit);
}

/* What a study found for a topic never changes, whoever repeats it. */
static uint64_t fixed(int64_t a, int64_t b)
{
    struct generated g = {.random = (uint64_t)a * UINT64_C(1000003) + (uint64_t)b};
    return draw(&g);
}

/* ---- rows ---- */

struct row {
    struct generated *g;
    struct mz_arena *arena;
    struct mizan_record *record;
    const char *table;
    struct mz_error *error;
    enum mz_code code;
};

static struct row begin(struct generated *g, struct mz_arena *arena, const char *table,
                        struct mz_error *error)
{
    struct row row = {g, arena, mz_record_create(arena, table), table, error, MZ_OK};
    return row;
}

static void put(struct row *row, const char *name, struct mizan_value value)
{
    if (row->record == NULL || mz_record_put(row->record, name, &value) != MIZAN_OK) {
        row->code = MZ_MEMORY;
    }
}

static void put_text(struct row *row, const char *name, const char *text)
{
    put(row, name, mz_text(mz_arena_string(row->arena, text)));
}

static enum mz_code write(struct row *row)
{
    return row->code == MZ_OK
               ? mz_db_upsert(row->g->db, row->table, row->record, row->error)
               : mz_fail(row->error, row->code, "no memory for a row of %s",
                         row->table);
}

/* ---- what figures refer to ---- */

static enum mz_code write_entity(struct generated *g, struct mz_arena *arena,
                                 const char *prefix, int64_t n, const char *kind,
                                 struct mz_error *error)
{
    char id[NAME];
    struct row row = begin(g, arena, "entity", error);
    snprintf(id, sizeof id, "%s%" PRId64, prefix, n);
    put_text(&row, "id", id);
    put_text(&row, "name", id);
    put_text(&row, "kind", kind);
    return write(&row);
}

/* Four editions of a study follow one another; a publisher has several studies. */
static enum mz_code write_work(struct generated *g, struct mz_arena *arena, int64_t n,
                               struct mz_error *error)
{
    char text[NAME];
    struct row row = begin(g, arena, "work", error);
    snprintf(text, sizeof text, "w%" PRId64, n);
    put_text(&row, "id", text);
    snprintf(text, sizeof text, "Study %" PRId64 ", edition %" PRId64, n / 4,
             2022 + n % 4);
    put_text(&row, "title", text);
    snprintf(text, sizeof text, "o%" PRId64, n / 4 % g->origins);
    put_text(&row, "publisher_id", text);
    snprintf(text, sizeof text, "%" PRId64 "-03", 2022 + n % 4);
    put_text(&row, "issued", text);
    return write(&row);
}

/* Every tenth topic is a flow whose return is the topic before it. */
static enum mz_code write_topic(struct generated *g, struct mz_arena *arena, int64_t n,
                                struct mz_error *error)
{
    char text[NAME];
    struct row row = begin(g, arena, "topic", error);
    snprintf(text, sizeof text, "t%" PRId64, n);
    put_text(&row, "id", text);
    put_text(&row, "label", text);
    put_text(&row, "kind", n % 10 < 4 ? "money" : "count");
    if (n % 10 == 1) {
        snprintf(text, sizeof text, "t%" PRId64, n - 1);
        put_text(&row, "returns", text);
    }
    return write(&row);
}

static enum mz_code write_rates(struct generated *g, struct mz_arena *arena,
                                struct mz_error *error)
{
    static const struct {
        const char *ccy;
        double usd;
    } rates[] = {{"USD", 1}, {"EUR", 1.08}, {"KRW", 0.00074}};
    enum mz_code code = MZ_OK;
    for (int day = 0; day < DAYS + 10 && code == MZ_OK; day++) {
        char text[MZ_TIME_TEXT];
        mz_time_format(FIRST_DAY + day * DAY, text);
        text[10] = '\0';
        for (size_t i = 0; i < 3 && code == MZ_OK; i++) {
            struct row row = begin(g, arena, "fx", error);
            put_text(&row, "ccy", rates[i].ccy);
            put_text(&row, "day", text);
            put(&row, "usd", mz_double(rates[i].usd));
            put_text(&row, "src", "generated");
            code = write(&row);
        }
    }
    return code;
}

static enum mz_code write_references(struct generated *g, struct mz_arena *arena,
                                     struct mz_error *error)
{
    static const char run[] =
        "INSERT INTO run(id, pipeline, host_version, started_at, ended_at, status)"
        " VALUES('generated', 'generated', '0', '2022-01-01T00:00:00Z',"
        " '2022-01-01T00:00:01Z', 'ok')";
    enum mz_code code = mz_db_execute(g->db, run, NULL, 0, NULL, error);
    for (int64_t i = 0; i < g->parties && code == MZ_OK; i++) {
        code = write_entity(g, arena, "p", i, "country", error);
    }
    for (int64_t i = 0; i < g->origins && code == MZ_OK; i++) {
        code = write_entity(g, arena, "o", i, "organization", error);
    }
    for (int64_t i = 0; i < g->works && code == MZ_OK; i++) {
        code = write_work(g, arena, i, error);
    }
    for (int64_t i = 0; i < g->topics && code == MZ_OK; i++) {
        code = write_topic(g, arena, i, error);
    }
    return code == MZ_OK ? write_rates(g, arena, error) : code;
}

enum mz_code generated_begin(struct generated *g, int64_t figures_wanted,
                             struct mz_error *error)
{
    g->topics = 40 + figures_wanted / 4000;
    g->works = 40 + figures_wanted / 400;
    g->origins = 30 + figures_wanted / 1500;
    g->outlets = 60 + figures_wanted / 3000;
    g->parties = 60;
    g->text_size = g->text_size == 0 ? 1500 : g->text_size;
    g->documents_a_commit = g->documents_a_commit == 0 ? 20 : g->documents_a_commit;
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    enum mz_code code = arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory")
                                      : mz_db_begin(g->db, error);
    if (code == MZ_OK) {
        code = write_references(g, arena, error);
    }
    if (code == MZ_OK) {
        code = mz_summary_refresh(g->db, error);
    }
    if (code == MZ_OK) {
        code = mz_db_commit(g->db, error);
    }
    mz_arena_destroy(arena);
    return code;
}

/* ---- a document ---- */

/* What a document is about: a study, or an event that services estimate. */
struct story {
    struct generated *g;
    struct mz_arena *arena;
    struct mz_error *error;
    const char *document_id, *digest;
    int64_t work;   /* -1: none */
    int64_t topic;  /* its first one; it has six */
    int64_t origin; /* of what is no study's */
    int64_t outlet, day;
    char lang[3];
};

static const char *const langs[] = {"en", "ar", "de", "ru", "es", "fr", "ko",
                                    "ja", "tr", "uk", "zh", "pt", "it", "fa"};

static char *make_text(struct generated *g, struct mz_arena *arena, size_t size)
{
    static const char *const words[] = {"report ", "said ",   "of the ", "delivery ",
                                        "since ",  "figure ", "north ",  "estimate ",
                                        "in ",     "which ",  "amount ", "people ",
                                        "and ",    "region ", "supply ", "ministry "};
    char *text = mz_arena_alloc(arena, size + 1);
    size_t at = 0;
    while (text != NULL && at < size) {
        const char *word = words[below(g, 16)];
        size_t length = strlen(word);
        length = length > size - at ? size - at : length;
        memcpy(text + at, word, length);
        at += length;
    }
    if (text != NULL) {
        text[size] = '\0';
    }
    return text;
}

/* A text of its own, or one that ran before: the copy gets dup_of. */
static enum mz_code write_document(struct story *story,
                                   struct mz_document_row *document)
{
    struct generated *g = story->g;
    struct mz_arena *arena = story->arena;
    struct generated again = {.random = (uint64_t)g->documents};
    char *digest = mz_arena_alloc(arena, MZ_DIGEST_TEXT);
    char *text_digest = mz_arena_alloc(arena, MZ_DIGEST_TEXT);
    if (g->documents > 20 && chance(g, 4)) {
        again.random = (uint64_t)(g->documents - 1 - below(g, 20));
    }
    char *text = make_text(&again, arena, g->text_size);
    char *url = mz_arena_printf(arena, "https://outlet%" PRId64 ".example/%" PRId64,
                                story->outlet, g->documents);
    if (digest == NULL || text_digest == NULL || text == NULL || url == NULL) {
        return mz_fail(story->error, MZ_MEMORY, "no memory for a document");
    }
    mz_digest(text, g->text_size, digest);
    *document = (struct mz_document_row){.pipeline = "generated",
                                         .source = "generated",
                                         .run_id = "generated",
                                         .url = url,
                                         .fetched_at = FIRST_DAY + story->day * DAY +
                                                       below(g, DAY),
                                         .http_status = 200,
                                         .media_type = "text/html",
                                         .raw_sha256 = digest,
                                         .raw = {text, g->text_size}};
    mz_home_document_id(document);
    enum mz_code code = mz_home_document(g->db, document, story->error);
    struct row row = begin(g, arena, "document", story->error);
    put_text(&row, "text_extractor", "article");
    put_text(&row, "text_version", "1");
    put_text(&row, "outlet", mz_arena_printf(arena, "Outlet %" PRId64, story->outlet));
    put_text(&row, "title", "A title of some words");
    put_text(&row, "lang", story->lang);
    put(&row, "published", mz_time(FIRST_DAY + story->day * DAY));
    put(&row, "text", mz_text_slice(text, g->text_size));
    if (code == MZ_OK) {
        code = mz_home_text(g->db, document->id, row.record, text_digest, story->error);
    }
    story->document_id = document->id;
    story->digest = text_digest;
    return code;
}

/* ---- figures ---- */

static void put_number(struct row *row, const char *name, double number)
{
    char text[32], exact[NAME];
    snprintf(text, sizeof text, "%.0f", number);
    snprintf(exact, sizeof exact, "%s_dec", name);
    put(row, name, mz_double(number));
    put_text(row, exact, text);
}

/* The study's interval is `low` to `high`; a statement keeps all or an edge of it. */
static void put_amount(struct row *row, double low, double high)
{
    struct generated *g = row->g;
    int64_t form = below(g, 100);
    const char *bound = "exact";
    if (form < 20) {
        bound = "range";
        put_number(row, "low", low);
        put_number(row, "high", high);
    } else if (form < 25) {
        bound = "vague";
        put_number(row, "vague", pow(10, floor(log10(low))));
    } else if (form < 45) {
        bound = form < 42 ? "at_most" : "less_than";
        put_number(row, "value", high);
    } else if (form < 62) {
        bound = form < 58 ? "at_least" : "more_than";
        put_number(row, "value", low);
    } else {
        put_number(row, "value", form < 95 ? high : high * 1.3);
        put(row, "approx", mz_integer(form % 3 == 0));
    }
    put_text(row, "bound", bound);
}

static void put_kind(struct row *row, int64_t topic)
{
    static const char *const kinds[] = {"count", "percent", "number", "measure",
                                        "time"};
    if (topic < 0) {
        put_text(row, "kind", kinds[below(row->g, 5)]);
    } else if (topic % 10 < 4) {
        put_text(row, "kind", "money");
        put_text(row, "unit", chance(row->g, 1) ? "KRW" : "USD");
    } else {
        put_text(row, "kind", "count");
        put_text(row, "counted", "pieces");
    }
    if (chance(row->g, 8)) {
        put_text(row, "hedge", chance(row->g, 20) ? "denied" : "unconfirmed");
    }
}

/* Numbers of a topic: a study's stay, a service's grow from month to month. */
static void put_value(struct row *row, const struct story *story, int64_t topic)
{
    if (topic < 0) {
        double low = 10 + (double)below(row->g, 100000);
        put_amount(row, low, low * 2);
    } else if (story->work >= 0) {
        uint64_t base = fixed(topic, story->work);
        double low = 1000 * (double)(1 + base % 9000);
        put_amount(row, low, low * (1 + (double)(base >> 40 & 7) / 8));
    } else {
        uint64_t base = fixed(topic, story->origin % 7);
        double low = 100 * (double)(1 + base % 90) * (double)(1 + story->day / 30);
        put_amount(row, low, low * 1.2);
    }
}

static enum mz_code write_hop(struct story *story, const char *figure, int hop,
                              const char *role, const char *entity, const char *name)
{
    struct row row = begin(story->g, story->arena, "attribution", story->error);
    put_text(&row, "figure_id", figure);
    put(&row, "hop", mz_integer(hop));
    put_text(&row, "role", role);
    put_text(&row, "name", name);
    put_text(&row, "stance", "asserts");
    if (entity != NULL) {
        put_text(&row, "entity_id", entity);
    }
    return write(&row);
}

static enum mz_code write_chain(struct story *story, const char *figure, int64_t topic)
{
    char name[NAME];
    int hop = 1;
    snprintf(name, sizeof name, "Outlet %" PRId64, story->outlet);
    enum mz_code code = write_hop(story, figure, 0, "outlet", NULL, name);
    if (code == MZ_OK && topic >= 0 && chance(story->g, 20)) {
        code = write_hop(story, figure, hop++, "agency", NULL, "An agency");
    }
    if (code == MZ_OK && topic >= 0 && story->work < 0 && chance(story->g, 90)) {
        snprintf(name, sizeof name, "o%" PRId64, story->origin);
        code = write_hop(story, figure, hop, "origin", name, name);
    }
    return code;
}

static enum mz_code write_roles(struct story *story, const char *figure, int64_t topic)
{
    enum mz_code code = MZ_OK;
    for (int i = 0; i < 2 && code == MZ_OK; i++) {
        char party[NAME];
        struct row row = begin(story->g, story->arena, "figure_role", story->error);
        bool back = topic % 10 == 0;
        snprintf(party, sizeof party, "p%" PRId64,
                 (topic / 10 * 2 + (back ? 1 - i : i)) % story->g->parties);
        put_text(&row, "figure_id", figure);
        put_text(&row, "role", i == 0 ? "from" : "to");
        put_text(&row, "entity_id", party);
        code = write(&row);
    }
    return code;
}

/* Topics of one story lie side by side, so that a flow and its return meet. */
static int64_t topic_of(struct story *story)
{
    struct generated *g = story->g;
    return chance(g, 35) ? (story->topic + below(g, 4)) % g->topics : -1;
}

static enum mz_code write_figure(struct story *story, int64_t n)
{
    struct generated *g = story->g;
    char start[24], end[24], id[33];
    int64_t topic = topic_of(story);
    snprintf(start, sizeof start, "%" PRId64, n * 40);
    snprintf(end, sizeof end, "%" PRId64, n * 40 + 14);
    const char *parts[] = {
        story->document_id, story->digest, "figures", start, end, "0"};
    struct mizan_slice slices[6];
    for (size_t i = 0; i < 6; i++) {
        slices[i] = (struct mizan_slice){parts[i], strlen(parts[i])};
    }
    mz_hash_id(slices, 6, id);
    struct row row = begin(g, story->arena, "figure", story->error);
    put_text(&row, "id", id);
    put_text(&row, "document_id", story->document_id);
    put_text(&row, "run_id", "generated");
    put_text(&row, "text_extractor", "article");
    put_text(&row, "text_version", "1");
    put(&row, "start_byte", mz_integer(n * 40));
    put(&row, "end_byte", mz_integer(n * 40 + 14));
    put_text(&row, "text", "some 1,234,567");
    put_text(&row, "lang", story->lang);
    put_kind(&row, topic);
    put_value(&row, story, topic);
    put(&row, "confidence", mz_double(0.4 + (double)below(g, 60) / 100));
    put_text(&row, "extractor", "figures");
    put_text(&row, "extractor_version", "1");
    if (topic >= 0) {
        put_text(&row, "topic_id", mz_arena_printf(row.arena, "t%" PRId64, topic));
    }
    if (topic >= 0 && story->work >= 0) {
        put_text(&row, "work_id", mz_arena_printf(row.arena, "w%" PRId64, story->work));
    }
    enum mz_code code = write(&row);
    if (code == MZ_OK) {
        code = write_chain(story, id, topic);
    }
    if (code == MZ_OK && topic >= 0 && topic % 10 < 2) {
        code = write_roles(story, id, topic);
    }
    g->figures++;
    return code;
}

static enum mz_code write_story(struct story *story)
{
    struct generated *g = story->g;
    struct mz_document_row document;
    enum mz_code code = write_document(story, &document);
    int64_t count = 2 + below(g, 20);
    for (int64_t i = 0; i < count && code == MZ_OK; i++) {
        code = write_figure(story, i);
    }
    if (code == MZ_OK) {
        code = mz_summary_touch(g->db, story->document_id, story->error);
    }
    g->documents++;
    return code;
}

static void tell(struct generated *g, struct story *story)
{
    bool study = chance(g, 50);
    int64_t work = popular(g, g->works);
    story->day = below(g, DAYS);
    story->outlet = popular(g, g->outlets);
    story->work = study ? work : -1;
    story->origin = popular(g, g->origins);
    story->topic = study ? (int64_t)(fixed(work / 4, 7) % (uint64_t)g->topics)
                         : popular(g, g->topics);
    snprintf(story->lang, sizeof story->lang, "%s", langs[popular(g, 14)]);
}

enum mz_code generated_fill(struct generated *g, int64_t figures,
                            struct mz_error *error)
{
    struct mz_arena *arena = mz_arena_create(ARENA_CEILING);
    enum mz_code code = arena == NULL ? mz_fail(error, MZ_MEMORY, "no memory") : MZ_OK;
    while (code == MZ_OK && g->figures < figures) {
        code = mz_db_begin(g->db, error);
        for (int i = 0; i < g->documents_a_commit && code == MZ_OK; i++) {
            struct story story = {.g = g, .arena = arena, .error = error};
            uint64_t mark = mz_arena_mark(arena);
            tell(g, &story);
            code = write_story(&story);
            mz_arena_release(arena, mark);
        }
        if (code == MZ_OK) {
            code = mz_summary_refresh(g->db, error);
        }
        if (code == MZ_OK) {
            code = mz_db_commit(g->db, error);
        }
    }
    mz_arena_destroy(arena);
    return code;
}
