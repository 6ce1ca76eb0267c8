/* Recorded HTTP, for tests of pipelines: while a cassette is in place, requests of this
 * process are answered from it and none goes out. A JSON object a line: {method, url,
 * body_sha256?, status, final_url?, headers, media_type, charset, etag, last_modified,
 * body or body_base64} or {method, url, failure, message}. Secrets are masked: user and
 * password of an address, query parameters named like keys and tokens, cookies. */
#ifndef MIZAN_NET_CASSETTE_H
#define MIZAN_NET_CASSETTE_H

#include "net/pool.h"

/* Reads the cassette of the file; `path` NULL is an empty one, so that every request is
 * refused with a sentence that says so. With `record` a missing file is an empty
 * cassette, and what it lacks is asked of the network and added. Thread-safe, as are
 * the functions below. */
MZ_NODISCARD enum mz_code mz_cassette_insert(const char *path, bool record,
                                             struct mz_error *error);
/* Writes what was recorded, and lets requests go out again. */
MZ_NODISCARD enum mz_code mz_cassette_eject(struct mz_error *error);

/* For the client: whether one is in place, */
bool mz_cassette_in_place(void);
/* whether no request can go out, so that what is secret in it need not be read, */
bool mz_cassette_playing(void);
/* the answer to a request; `live` sends it when it is to be recorded. A conditional
 * request whose validator is the recorded one is answered 304, as its server would. */
typedef enum mz_code (*mz_live_request)(struct mz_pool *pool, struct mz_arena *arena,
                                        const struct mizan_http_request *request,
                                        const struct mz_validator_pair *validators,
                                        struct mizan_http_response *response,
                                        struct mz_error *error);
MZ_NODISCARD enum mz_code
mz_cassette_request(struct mz_pool *pool, struct mz_arena *arena,
                    const struct mizan_http_request *request,
                    const struct mz_validator_pair *validators,
                    struct mizan_http_response *response, mz_live_request live,
                    struct mz_error *error);

#endif
