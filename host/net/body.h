/* Where an answer's body goes: decoded bytes are counted as they arrive and the
 * transfer is cut at the limit, whatever its headers promised. */
#ifndef MIZAN_NET_BODY_H
#define MIZAN_NET_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "net/answer.h"
#include "net/curl_library.h"
#include "net/decode.h"

#define MZ_RECEIVE_SIZE 16384 /* bytes that libcurl reads at once */

enum mz_body_end {
    MZ_BODY_WHOLE,
    MZ_BODY_OVER, /* more than the limit */
    MZ_BODY_BOMB, /* decoding yields more than 200 times what was sent */
    MZ_BODY_MEMORY,
    MZ_BODY_UNKNOWN, /* a Content-Encoding that nobody asked for */
    MZ_BODY_GARBLED, /* not in the encoding that its header names */
    MZ_BODY_CUT      /* its encoding does not come to an end */
};

struct mz_body {
    struct mz_buffer bytes;
    uint64_t limit;
    uint64_t received; /* bytes as sent */
    uint64_t between;  /* bytes that encodings within encodings yielded */
    enum mz_body_end end;
    bool keep_start; /* what fits is kept of a body over the limit */
    bool deaf;       /* the rest is not looked at */
    struct mz_decode decode;
    const struct mz_answer *answer; /* whose headers name the encoding; borrowed */
};

void mz_body_begin(struct mz_body *body, const struct mz_answer *answer,
                   uint64_t limit);
void mz_body_finish(struct mz_body *body);
/* False when libcurl does not know one of the options. */
bool mz_body_install(struct mz_body *body, const struct mz_curl *curl, CURL *easy);
/* After a transfer that libcurl calls whole: looks whether the encoding is, too. */
void mz_body_close(struct mz_body *body);
/* Of a body that is cut, garbled or of an unknown encoding: which that was, in `out`.
 */
void mz_body_encoding(const struct mz_body *body, char *out, size_t size);

#endif
