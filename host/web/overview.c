#include "base/clock.h"
#include "value/record.h"
#include "web/html.h"
#include "web/page.h"

/* What a person wants to know first: does all run, and what is new. */

static const struct mz_web_column pipelines[] = {
    {"pipeline", "Pipeline", MZ_WEB_TEXT, "/pipeline/", NULL},
    {"status", "Last run", MZ_WEB_STATUS, "/run/", "run"},
    {"started_at", "Started", MZ_WEB_TIME, NULL, NULL},
    {"error", "Why", MZ_WEB_TEXT, NULL, NULL},
    {"next_tick", "Next", MZ_WEB_TIME, NULL, NULL},
    {"state", "Schedule", MZ_WEB_STATUS, NULL, NULL},
    {"failures", "Open failures", MZ_WEB_NUMBER, NULL, NULL},
    {"failing", "Failing sources", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column today[] = {
    {"documents", "Documents", MZ_WEB_NUMBER, NULL, NULL},
    {"figures", "Figures", MZ_WEB_NUMBER, NULL, NULL},
    {"waiting", "Open failures", MZ_WEB_NUMBER, NULL, NULL},
    {0}};

static const struct mz_web_column conflicts[] = {
    {"topic", "Topic", MZ_WEB_TEXT, "/topic/", NULL},
    {"origin_a", "One origin", MZ_WEB_TEXT, NULL, NULL},
    {"a_low", "from", MZ_WEB_NUMBER, NULL, NULL},
    {"a_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"origin_b", "Another", MZ_WEB_TEXT, NULL, NULL},
    {"b_low", "from", MZ_WEB_NUMBER, NULL, NULL},
    {"b_high", "to", MZ_WEB_NUMBER, NULL, NULL},
    {"unit", "Unit", MZ_WEB_TEXT, NULL, NULL},
    {0}};

const struct mz_web_column mz_web_figure_columns[] = {
    {"amount", "Amount", MZ_WEB_TEXT, "/figure/", "id"},
    {"text", "As printed", MZ_WEB_TEXT, NULL, NULL},
    {"counted", "Of what", MZ_WEB_TEXT, NULL, NULL},
    {"topic", "Topic", MZ_WEB_TEXT, "/topic/", NULL},
    {"source", "Said by", MZ_WEB_TEXT, NULL, NULL},
    {"hedge", "Hedge", MZ_WEB_TEXT, NULL, NULL},
    {"confidence", "Confidence", MZ_WEB_NUMBER, NULL, NULL},
    {"lang", "Language", MZ_WEB_TEXT, NULL, NULL},
    {0}};

static enum mz_code show_today(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT count(DISTINCT d.id) AS documents, count(f.id) AS figures,"
        " (SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL) AS waiting "
        "FROM document d LEFT JOIN figure f ON f.document_id = d.id AND f.is_current = "
        "1 "
        "WHERE d.fetched_at >= CAST($1 AS TEXT)";
    char day[MZ_TIME_TEXT];
    struct mizan_value rows;
    mz_time_format(mz_clock_now(), day);
    day[10] = '\0';
    const struct mizan_value since = mz_text(day);
    enum mz_code code = mz_web_rows(call, sql, &since, 1, &rows, error);
    if (code == MZ_OK) {
        mz_web_facts(call, "today", "Today", today, &rows.as.list.items[0]);
    }
    return code;
}

static enum mz_code show_pipelines(struct mz_web_call *call, struct mz_error *error)
{
    static const char sql[] =
        "SELECT p.pipeline, r.status, r.started_at, r.ended_at,"
        " COALESCE(s.error, r.error) AS error, s.next_tick, CASE"
        "  WHEN s.paused_at IS NOT NULL THEN 'paused' ELSE s.state END AS state,"
        " r.id AS run,"
        " (SELECT count(*) FROM dead_letter l WHERE l.pipeline = p.pipeline"
        "  AND l.resolved_at IS NULL) AS failures,"
        " (SELECT count(*) FROM source z WHERE z.pipeline = p.pipeline AND z.fails > 0)"
        "  AS failing "
        "FROM (SELECT pipeline, max(started_at) AS started FROM run GROUP BY pipeline"
        " UNION ALL SELECT name, NULL FROM pipeline WHERE NOT EXISTS("
        "  SELECT 1 FROM run WHERE run.pipeline = pipeline.name)) p "
        "LEFT JOIN pipeline s ON s.name = p.pipeline "
        "LEFT JOIN run r ON r.id = (SELECT max(z.id) FROM run z"
        " WHERE z.pipeline = p.pipeline AND z.started_at = p.started) "
        "ORDER BY p.pipeline";
    struct mizan_value rows;
    enum mz_code code = mz_web_rows(call, sql, NULL, 0, &rows, error);
    if (code == MZ_OK) {
        mz_web_table(call, "pipelines", "Pipelines", pipelines, &rows);
    }
    return code;
}

enum mz_code mz_web_overview(struct mz_web_call *call, struct mz_error *error)
{
    static const char *const few[] = {"limit", "10", NULL};
    struct mizan_value rows;
    mz_web_begin(call, "Overview");
    enum mz_code code = show_pipelines(call, error);
    if (code == MZ_OK) {
        code = show_today(call, error);
    }
    if (code == MZ_OK) {
        code = mz_web_named(call, "conflicts", few, &rows, error);
    }
    if (code == MZ_OK) {
        mz_web_table(call, "conflicts", "Origins that contradict each other", conflicts,
                     &rows);
        code = mz_web_named(call, "figures", few, &rows, error);
    }
    if (code == MZ_OK) {
        mz_web_table(call, "figures", "Newest figures", mz_web_figure_columns, &rows);
    }
    return code;
}
