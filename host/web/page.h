/* The pages. Each is asked for by the first segment of a path, reads the database and
 * writes its sections; the server adds what all have in common. */
#ifndef MIZAN_WEB_PAGE_H
#define MIZAN_WEB_PAGE_H

#include "web/call.h"

typedef enum mz_code mz_web_function(struct mz_web_call *call, struct mz_error *error);

struct mz_web_page {
    const char *segment;   /* first segment of the path, "" for the front page */
    const char *menu;      /* its word in the menu, or NULL */
    mz_web_function *show; /* GET; NULL: there is none */
    mz_web_function *post; /* POST; NULL: there is none */
};

/* Ends with a row without segment. */
extern const struct mz_web_page mz_web_pages[];

/* Columns of the named query `figures`, wherever figures are listed. */
extern const struct mz_web_column mz_web_figure_columns[];

mz_web_function mz_web_overview, mz_web_pipeline, mz_web_run, mz_web_sources,
    mz_web_documents, mz_web_document, mz_web_figures, mz_web_figure, mz_web_topics,
    mz_web_topic, mz_web_balance, mz_web_review, mz_web_verdict, mz_web_query,
    mz_web_request_run, mz_web_atom, mz_web_since;

#endif
