#include "web/page.h"

/* The one table of pages; the menu follows its order. */
const struct mz_web_page mz_web_pages[] = {
    {"", "Overview", mz_web_overview, NULL},
    {"overview", NULL, mz_web_overview, NULL},
    {"pipeline", NULL, mz_web_pipeline, mz_web_request_run},
    {"run", NULL, mz_web_run, NULL},
    {"sources", "Sources", mz_web_sources, NULL},
    {"documents", "Documents", mz_web_documents, NULL},
    {"document", NULL, mz_web_document, NULL},
    {"figures", "Figures", mz_web_figures, NULL},
    {"figure", NULL, mz_web_figure, mz_web_verdict},
    {"topics", "Topics", mz_web_topics, NULL},
    {"topic", NULL, mz_web_topic, NULL},
    {"balance", "Balance", mz_web_balance, NULL},
    {"review", "Review", mz_web_review, NULL},
    {"query", "Query", mz_web_query, NULL},
    {"feed.atom", NULL, mz_web_atom, NULL},
    {0}};
