#include "value/record.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MZ_NAME_BUCKETS 8192U /* a power of two */

struct mz_name {
    struct mz_name *next; /* never changes once the name is in the table */
    uint64_t hash;
    size_t size;
    char text[];
};

/* Names are only ever put before a bucket's first, with a release store, so that
 * readers need no lock; the mutex keeps two writers from adding one name twice. */
static struct mz_name *_Atomic buckets[MZ_NAME_BUCKETS];
static pthread_mutex_t insertion = PTHREAD_MUTEX_INITIALIZER;

static uint64_t hash_text(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ (hash >> 32);
}

static const struct mz_name *find(const struct mz_name *first, uint64_t hash,
                                  const char *text, size_t size)
{
    for (const struct mz_name *name = first; name != NULL; name = name->next) {
        if (name->hash == hash && name->size == size &&
            memcmp(name->text, text, size) == 0) {
            return name;
        }
    }
    return NULL;
}

static const struct mz_name *insert(struct mz_name *_Atomic *bucket, uint64_t hash,
                                    const char *text, size_t size)
{
    struct mz_name *first = atomic_load_explicit(bucket, memory_order_acquire);
    const struct mz_name *found = find(first, hash, text, size);
    if (found != NULL) {
        return found;
    }
    struct mz_name *name = malloc(sizeof *name + size + 1);
    if (name == NULL) {
        return NULL;
    }
    name->next = first;
    name->hash = hash;
    name->size = size;
    memcpy(name->text, text, size);
    name->text[size] = '\0';
    atomic_store_explicit(bucket, name, memory_order_release);
    return name;
}

const struct mz_name *mz_name_intern(const char *text, size_t size)
{
    if (size == 0) {
        text = "";
    }
    uint64_t hash = hash_text(text, size);
    struct mz_name *_Atomic *bucket = &buckets[hash & (MZ_NAME_BUCKETS - 1)];
    const struct mz_name *name =
        find(atomic_load_explicit(bucket, memory_order_acquire), hash, text, size);
    if (name == NULL) {
        pthread_mutex_lock(&insertion);
        name = insert(bucket, hash, text, size);
        pthread_mutex_unlock(&insertion);
    }
    return name;
}

const char *mz_name_text(const struct mz_name *name)
{
    return name->text;
}

size_t mz_name_size(const struct mz_name *name)
{
    return name->size;
}
