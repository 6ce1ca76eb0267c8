#include "value/digest.h"

#include <stdint.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>

static void finish(struct sha256_ctx *context, char out[MZ_DIGEST_TEXT])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(context, sizeof digest, digest);
    base16_encode_update(out, sizeof digest, digest);
    out[MZ_DIGEST_TEXT - 1] = '\0';
}

static void update(struct sha256_ctx *context, const void *data, size_t size)
{
    if (size > 0) {
        sha256_update(context, size, data);
    }
}

void mz_digest(const void *data, size_t size, char out[MZ_DIGEST_TEXT])
{
    struct sha256_ctx context;
    sha256_init(&context);
    update(&context, data, size);
    finish(&context, out);
}

void mz_hash_id(const struct mizan_slice *parts, size_t count, char out[MZ_ID_TEXT])
{
    struct sha256_ctx context;
    char whole[MZ_DIGEST_TEXT];
    sha256_init(&context);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            update(&context, "\x1F", 1);
        }
        update(&context, parts[i].data, parts[i].size);
    }
    finish(&context, whole);
    memcpy(out, whole, MZ_ID_TEXT - 1);
    out[MZ_ID_TEXT - 1] = '\0';
}

void mz_hmac(struct mizan_slice key, const struct mizan_slice *parts, size_t count,
             unsigned char out[MZ_HMAC_SIZE])
{
    struct hmac_sha256_ctx context;
    hmac_sha256_set_key(&context, key.size, (const uint8_t *)key.data);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            hmac_sha256_update(&context, parts[i].size, (const uint8_t *)parts[i].data);
        }
    }
    hmac_sha256_digest(&context, MZ_HMAC_SIZE, out);
    explicit_bzero(&context, sizeof context);
}
