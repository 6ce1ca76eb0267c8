/* SHA-256, and the ids and signatures made of it (nettle). */
#ifndef MIZAN_VALUE_DIGEST_H
#define MIZAN_VALUE_DIGEST_H

#include <stddef.h>

#include "mizan/plugin.h"

#define MZ_DIGEST_TEXT 65
#define MZ_ID_TEXT     33

/* Lower-case hexadecimal SHA-256. */
void mz_digest(const void *data, size_t size, char out[MZ_DIGEST_TEXT]);
/* The first 32 digits of the SHA-256 of the parts joined by U+001F. */
void mz_hash_id(const struct mizan_slice *parts, size_t count, char out[MZ_ID_TEXT]);

#define MZ_HMAC_SIZE 32
/* HMAC-SHA256 of the parts, one behind the other, as bytes. */
void mz_hmac(struct mizan_slice key, const struct mizan_slice *parts, size_t count,
             unsigned char out[MZ_HMAC_SIZE]);

#endif
