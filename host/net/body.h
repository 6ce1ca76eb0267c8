/* Where an answer's body goes: decoded bytes are counted as they arrive and the
 * transfer is cut at the limit, whatever its headers promised. */
#ifndef MIZAN_NET_BODY_H
#define MIZAN_NET_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "net/curl_library.h"

#define MZ_RECEIVE_SIZE 16384 /* bytes that libcurl reads at once */

enum mz_body_end {
    MZ_BODY_WHOLE,
    MZ_BODY_OVER, /* more than the limit */
    MZ_BODY_BOMB, /* decoding yields more than 200 times what was sent */
    MZ_BODY_MEMORY
};

struct mz_body {
    struct mz_buffer bytes;
    uint64_t limit;
    enum mz_body_end end;
    bool keep_start; /* what fits is kept of a body over the limit */
    const struct mz_curl *curl;
    CURL *easy;
};

void mz_body_begin(struct mz_body *body, const struct mz_curl *curl, CURL *easy,
                   uint64_t limit);
void mz_body_finish(struct mz_body *body);
/* False when libcurl does not know one of the options. */
bool mz_body_install(struct mz_body *body);

#endif
