/* The headers of an answer: collected with a cap, read when the transfer has ended.
 * Only the last header block counts: neither interim answers nor trailers are seen. */
#ifndef MIZAN_NET_ANSWER_H
#define MIZAN_NET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "mizan/plugin.h"
#include "net/curl_library.h"

#define MZ_HEADERS_MOST      1000 /* header lines of one hop */
#define MZ_HEADER_BYTES_MOST ((size_t)256 * 1024)
#define MZ_VALIDATOR_MOST    1024 /* bytes */

struct mz_answer {
    struct mz_buffer lines; /* of the current block, each ended by a line feed */
    size_t count, bytes;    /* of all blocks */
    int status;             /* of the current block */
    bool complete;          /* the final block has ended */
    bool over;              /* a cap was passed */
};

/* Begins anew; memory is kept. A zeroed answer is one that never began. */
void mz_answer_begin(struct mz_answer *answer);
void mz_answer_finish(struct mz_answer *answer);
/* False when libcurl does not know one of the options. */
bool mz_answer_install(struct mz_answer *answer, const struct mz_curl *curl,
                       CURL *easy);

/* The value of the first header of that name, without blanks around it. */
bool mz_answer_find(const struct mz_answer *answer, const char *name,
                    struct mizan_slice *value);
/* The same of the header of that name behind `skip` others. */
bool mz_answer_find_next(const struct mz_answer *answer, const char *name, size_t skip,
                         struct mizan_slice *value);
/* True when the headers give two lengths, or one that is none, so that nobody can say
 * where the body ends. */
bool mz_answer_length_is_ambiguous(const struct mz_answer *answer);
/* Copies headers, media type, charset and validators into the arena and the response;
 * false when it is full. */
bool mz_answer_copy(const struct mz_answer *answer, struct mz_arena *arena,
                    struct mizan_http_response *response);

#endif
