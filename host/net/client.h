/* The client's parts, shared by the files of this folder alone. */
#ifndef MIZAN_NET_CLIENT_H
#define MIZAN_NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/answer.h"
#include "net/body.h"
#include "net/curl_library.h"
#include "net/guard.h"
#include "net/net.h"
#include "net/politeness.h"

#define MZ_DEFAULT_GAP    1000 /* milliseconds */
#define MZ_REDIRECTS_MOST 5
#define MZ_HEADER_WAIT    20000 /* milliseconds from connection to the last header */

/* One request with all its hops. */
struct mz_exchange {
    struct mizan_http_request request;          /* members beyond its size are 0 */
    const struct mz_validator_pair *validators; /* NULL: none are sent */
    const char *method;
    bool with_body;
    bool with_credentials;      /* still at the origin that they were meant for */
    struct curl_slist *headers; /* of the current hop */
    int64_t deadline;           /* monotonic milliseconds */
    int64_t headers_due;        /* of the current hop, monotonic; 0: none */
    bool headers_late, cancelled;
};

struct mz_client {
    char *user_agent;
    int64_t connect_timeout, total_timeout;
    uint64_t maximum_body;
    const atomic_int *cancel;
    struct mz_curl curl;
    CURL *easy; /* kept between requests, with its connections; NULL: not made yet */
    struct mz_guard guard;
    struct mz_politeness politeness;
    struct mz_exchange exchange;
    struct mz_body body;
    struct mz_answer answer;
    struct mz_address first, now, next; /* as asked, this hop, where it redirects to */
    char reason[CURL_ERROR_SIZE];       /* libcurl's sentence */
};

/* client.c: judges a transfer that has ended, but not the status of its answer. */
MZ_NODISCARD enum mz_code mz_client_judge(struct mz_client *client, CURLcode result,
                                          struct mz_error *error);
/* client.c: makes the address that the answer redirects to the current one. */
MZ_NODISCARD enum mz_code mz_client_follow(struct mz_client *client,
                                           struct mz_error *error);
/* client.c: fills what the caller's structure has room for. */
MZ_NODISCARD enum mz_code mz_client_fill(const struct mz_client *client,
                                         struct mz_arena *arena,
                                         struct mizan_http_response *response,
                                         struct mz_error *error);
/* request.c: checks what the caller asks before any library or socket is touched. */
MZ_NODISCARD enum mz_code mz_request_read(struct mz_exchange *exchange,
                                          const struct mizan_http_request *request,
                                          const struct mz_validator_pair *validators,
                                          struct mz_error *error);
/* request.c: sets the easy handle up for the hop to client->now. */
MZ_NODISCARD enum mz_code mz_request_prepare(struct mz_client *client,
                                             struct mz_error *error);
/* request.c: what becomes of method, body and credentials on the way to `next`. */
void mz_request_redirect(struct mz_exchange *exchange, int status, bool same_origin);
void mz_request_finish(struct mz_client *client);

/* outcome.c: the failure of a transfer that did not end well. */
MZ_NODISCARD enum mz_code mz_outcome_of_transfer(const struct mz_client *client,
                                                 CURLcode result,
                                                 struct mz_error *error);
/* outcome.c: the failure that a status means, or MZ_OK; `conditional`: a validator was
 * sent. `label` is the address for messages. */
MZ_NODISCARD enum mz_code mz_status_outcome(const char *label, int status,
                                            bool conditional, struct mz_error *error);
/* outcome.c: the same for the answer that the client holds. */
MZ_NODISCARD enum mz_code mz_outcome_of_status(const struct mz_client *client,
                                               struct mz_error *error);
/* outcome.c */
bool mz_status_is_redirect(int status);

#endif
