#include "value/base64.h"

#include <nettle/base64.h>

void mz_base64_encode(const char *data, size_t size, char *out)
{
    base64_encode_raw(out, size, (const uint8_t *)data);
}

bool mz_base64_decode(struct mz_arena *arena, struct mizan_slice text,
                      struct mizan_slice *out)
{
    struct base64_decode_ctx context;
    size_t size = BASE64_DECODE_LENGTH(text.size);
    uint8_t *bytes = mz_arena_alloc(arena, size + 1);

    base64_decode_init(&context);
    if (bytes == NULL ||
        !base64_decode_update(&context, &size, bytes, text.size, text.data) ||
        !base64_decode_final(&context)) {
        return false;
    }
    bytes[size] = 0;
    *out = (struct mizan_slice){.data = (const char *)bytes, .size = size};
    return true;
}
