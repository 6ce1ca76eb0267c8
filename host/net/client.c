#include "net/net.h"

#include <stdlib.h>
#include <string.h>

#include "net/pool_internal.h"

/* A pool for one thread that waits for each of its answers. */
struct mz_client {
    struct mz_pool *pool;
    struct mz_last_answer last;
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
    client->pool->last = &client->last;
    return client;
}

void mz_client_destroy(struct mz_client *client)
{
    if (client != NULL) {
        mz_pool_destroy(client->pool);
        free(client);
    }
}

int mz_client_status(const struct mz_client *client)
{
    return client->last.status;
}

const char *mz_client_retry_after(const struct mz_client *client)
{
    return client->last.retry_after;
}

enum mz_code mz_client_request(struct mz_client *client, struct mz_arena *arena,
                               const struct mizan_http_request *request,
                               const struct mz_validator_pair *validators,
                               struct mizan_http_response *response,
                               struct mz_error *error)
{
    memset(&client->last, 0, sizeof client->last);
    return mz_pool_request(client->pool, arena, request, validators, response, error);
}
