#include "net/net.h"

#include <stdlib.h>

#include "net/pool.h"

/* A pool for one thread that waits for each of its answers. */
struct mz_client {
    struct mz_pool *pool;
};

struct mz_client *mz_client_create(const struct mz_client_settings *settings)
{
    struct mz_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->pool = mz_pool_create(settings);
    if (client->pool == NULL) {
        free(client);
        return NULL;
    }
    return client;
}

void mz_client_destroy(struct mz_client *client)
{
    if (client != NULL) {
        mz_pool_destroy(client->pool);
        free(client);
    }
}

enum mz_code mz_client_request(struct mz_client *client, struct mz_arena *arena,
                               const struct mizan_http_request *request,
                               const struct mz_validator_pair *validators,
                               struct mizan_http_response *response,
                               struct mz_error *error)
{
    return mz_pool_request(client->pool, arena, request, validators, response, error);
}
