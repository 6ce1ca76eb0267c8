/* One transfer: a request with all its hops, on an easy handle that is used again. For
 * the files of this folder alone. */
#ifndef MIZAN_NET_TRANSFER_H
#define MIZAN_NET_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/address.h"
#include "net/answer.h"
#include "net/body.h"
#include "net/curl_library.h"
#include "net/guard.h"
#include "net/net.h"

#define MZ_REDIRECTS_MOST 5
#define MZ_NO_SUCH_HOST   "%s: there is no host of the name %s"

/* One request with all its hops. */
struct mz_exchange {
    struct mizan_http_request request;          /* members beyond its size are 0 */
    const struct mz_validator_pair *validators; /* NULL: none are sent */
    const char *method;
    bool with_body;
    bool with_credentials;      /* still at the origin that they were meant for */
    struct curl_slist *headers; /* of the current hop */
    int64_t deadline;           /* monotonic milliseconds */
    int64_t hop_started;        /* of the current hop, monotonic milliseconds */
    bool headers_late;
};

/* What all transfers of a pool share; borrowed by each. */
struct mz_transfer_settings {
    const char *user_agent;
    int64_t connect_timeout, header_timeout, total_timeout;
    uint64_t maximum_body;
    CURLSH *share;                           /* of cookies; NULL: there are none */
    const struct mz_client_settings *client; /* for its certificates */
};

struct mz_transfer {
    const struct mz_transfer_settings *settings;
    struct mz_curl curl; /* borrowed */
    CURL *easy;          /* kept between requests; NULL: not made yet */
    struct mz_guard guard;
    struct mz_exchange exchange;
    struct mz_body body;
    struct mz_answer answer;
    struct mz_address first, now, next; /* as asked, this hop, where it redirects to */
    char reason[CURL_ERROR_SIZE];       /* libcurl's sentence */
    bool fresh;                         /* no connection is shared with others */
    bool absent;                        /* there is no host of that name */
    bool keep_start;                    /* a body over the limit is cut, not refused */
    struct mz_transfer *next_free;
};

/* transfer.c: NULL when out of memory. */
struct mz_transfer *mz_transfer_create(const struct mz_transfer_settings *settings,
                                       const struct mz_curl *curl,
                                       const struct mz_client_settings *client);
void mz_transfer_destroy(struct mz_transfer *transfer);
/* transfer.c: reads the request and its address; the first hop is the current one. */
MZ_NODISCARD enum mz_code mz_transfer_begin(struct mz_transfer *transfer,
                                            const struct mizan_http_request *request,
                                            const struct mz_validator_pair *validators,
                                            struct mz_error *error);

/* transfer.c: judges a transfer that has ended, but not the status of its answer. */
MZ_NODISCARD enum mz_code mz_transfer_judge(struct mz_transfer *transfer,
                                            CURLcode result, struct mz_error *error);
/* transfer.c: makes the address that the answer redirects to the current one. */
MZ_NODISCARD enum mz_code mz_transfer_follow(struct mz_transfer *transfer,
                                             struct mz_error *error);
/* transfer.c: fills what the caller's structure has room for. */
MZ_NODISCARD enum mz_code mz_transfer_fill(const struct mz_transfer *transfer,
                                           struct mz_arena *arena,
                                           struct mizan_http_response *response,
                                           struct mz_error *error);
/* request.c: checks what the caller asks before any library or socket is touched. */
MZ_NODISCARD enum mz_code mz_request_read(struct mz_exchange *exchange,
                                          const struct mizan_http_request *request,
                                          const struct mz_validator_pair *validators,
                                          struct mz_error *error);
/* request.c: sets the easy handle up for the hop to transfer->now. */
MZ_NODISCARD enum mz_code mz_request_prepare(struct mz_transfer *transfer,
                                             struct mz_error *error);
/* request.c: what becomes of method, body and credentials on the way to `next`. */
void mz_request_redirect(struct mz_exchange *exchange, int status, bool same_origin);
/* request.c: frees the headers of the current hop. */
void mz_request_drop_headers(struct mz_transfer *transfer);
void mz_request_finish(struct mz_transfer *transfer);

/* outcome.c: the failure of a transfer that did not end well. */
MZ_NODISCARD enum mz_code mz_outcome_of_transfer(const struct mz_transfer *transfer,
                                                 CURLcode result,
                                                 struct mz_error *error);
/* outcome.c: the failure of a transfer that our own callbacks ended, or whose encoding
 * is not whole; MZ_OK: neither. */
MZ_NODISCARD enum mz_code mz_outcome_of_body(const struct mz_transfer *transfer,
                                             struct mz_error *error);
/* outcome.c: the failure that a status means, or MZ_OK; `conditional`: a validator was
 * sent. `label` is the address for messages. */
MZ_NODISCARD enum mz_code mz_status_outcome(const char *label, int status,
                                            bool conditional, struct mz_error *error);
/* outcome.c: the same for the answer that the transfer holds. */
MZ_NODISCARD enum mz_code mz_outcome_of_status(const struct mz_transfer *transfer,
                                               struct mz_error *error);
/* outcome.c */
bool mz_status_is_redirect(int status);
/* outcome.c: true for a failure that asking again does not mend: certificates, what is
 * no HTTP. */
bool mz_outcome_is_lasting(CURLcode result);

#endif
