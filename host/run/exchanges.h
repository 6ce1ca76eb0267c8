/* What was sent for the documents of a source and what came back, until they are
 * emitted: their headers are stored with them, and those of the answer may ask for the
 * document not to be. Belongs to one thread. */
#ifndef MIZAN_RUN_EXCHANGES_H
#define MIZAN_RUN_EXCHANGES_H

#include "net/net.h"
#include "net/robots_tag.h"
#include "run/stages.h"

#define MZ_EXCHANGES_KEPT 64 /* the oldest is forgotten */

struct mz_exchange_note {
    char *url, *final_url;       /* NULL: an empty place */
    char *headers;               /* JSON: {"request": {…}, "response": {…}} */
    char closed[MZ_ROBOTS_RULE]; /* the rule of X-Robots-Tag that does, or "" */
};

/* A zeroed one is empty. */
struct mz_exchanges {
    struct mz_exchange_note notes[MZ_EXCHANGES_KEPT];
    size_t next;
};

/* Values that are or may hold secrets are not kept. Without memory nothing is noted. */
void mz_exchanges_note(struct mz_exchanges *exchanges,
                       const struct mizan_http_request *request,
                       const struct mz_validator_pair *validators,
                       const struct mizan_http_response *response);
/* The last exchange at this address, as asked or after redirects; NULL: there was none.
 */
const struct mz_exchange_note *mz_exchanges_find(const struct mz_exchanges *exchanges,
                                                 const char *url);
/* True when its owner wants the document not to be kept and the pipeline obeys; that is
 * counted as a drop. */
bool mz_exchange_is_closed(const struct mz_exchange_note *note,
                           const struct mz_stages *stages);
void mz_exchanges_finish(struct mz_exchanges *exchanges);

#endif
