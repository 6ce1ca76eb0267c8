/* XML comes from strangers: fed in small pieces it ends in records or in a sentence,
 * and nothing with a document type ends in records. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static bool found(void *owner, const struct stream_field *fields, size_t count,
                  const char *path)
{
    size_t *bytes = owner;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < fields[i].size; k++) {
            *bytes += (unsigned char)fields[i].text[k];
        }
        *bytes += fields[i].path_size;
    }
    return strlen(path) > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream *stream = stream_open("i", 1);
    const char *text = size > 0 ? (const char *)data : "";
    size_t step = size > 0 ? (size_t)(data[size - 1] % 61) + 1 : 1;
    size_t bytes = 0;
    bool fed = stream != NULL;
    for (size_t at = 0; fed && at < size; at += step) {
        size_t piece = size - at < step ? size - at : step;
        fed = stream_feed(stream, text + at, piece, false, found, &bytes);
    }
    if (fed) {
        fed = stream_feed(stream, "", 0, true, found, &bytes);
    }
    if (stream != NULL && !fed && stream_reason(stream)[0] == '\0') {
        abort();
    }
    stream_close(stream);
    return 0;
}
