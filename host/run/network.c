#include "run/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/budgets.h"

#define PATIENCE   300 /* milliseconds to wait for another writer: all hosts wait too */
#define AGENT_SIZE 512

struct mz_network {
    char *database;
    struct mz_db *db; /* of the pool's thread; opened at its first use */
    struct mz_host_store store;
    struct mz_pool *pool;
};

static enum mz_code open_database(struct mz_network *network, struct mz_error *error)
{
    if (network->db != NULL) {
        return MZ_OK;
    }
    enum mz_code code = mz_db_open(network->database, MZ_DB_WRITE, &network->db, error);
    if (code == MZ_OK) {
        mz_db_set_patience(network->db, PATIENCE);
    }
    return code;
}

static enum mz_code update(void *owner, const char *host, mz_host_change change,
                           void *context, struct mz_error *error)
{
    struct mz_network *network = owner;
    enum mz_code code = open_database(network, error);
    return code == MZ_OK
               ? mz_home_host_change(network->db, host, change, context, error)
               : code;
}

static enum mz_code robots_read(void *owner, const char *origin, struct mz_arena *arena,
                                struct mizan_slice *text, int64_t *milliseconds,
                                struct mz_error *error)
{
    struct mz_network *network = owner;
    enum mz_code code = open_database(network, error);
    return code == MZ_OK
               ? mz_home_robots(network->db, origin, arena, text, milliseconds, error)
               : code;
}

static enum mz_code robots_write(void *owner, const char *origin,
                                 struct mizan_slice text, int64_t milliseconds,
                                 struct mz_error *error)
{
    struct mz_network *network = owner;
    enum mz_code code = open_database(network, error);
    return code == MZ_OK
               ? mz_home_set_robots(network->db, origin, text, milliseconds, error)
               : code;
}

struct mz_network *mz_network_create(const struct mz_network_settings *settings)
{
    const struct mz_pipeline *pipeline = settings->pipeline;
    char agent[AGENT_SIZE];
    struct mz_network *network = calloc(1, sizeof *network);
    if (network == NULL) {
        return NULL;
    }
    network->store = (struct mz_host_store){network, update, robots_read, robots_write};
    if (settings->database != NULL) {
        network->database = strdup(settings->database);
        if (network->database == NULL) {
            free(network);
            return NULL;
        }
    }
    snprintf(agent, sizeof agent, "mizan/" MIZAN_VERSION " (+%.400s)",
             settings->contact == NULL ? "" : settings->contact);
    struct mz_client_settings client = {
        .user_agent = settings->contact == NULL ? NULL : agent,
        .private_hosts = pipeline->private_hosts,
        .private_count = pipeline->private_count,
        .polite = pipeline->polite,
        .gap = pipeline->gap,
        .robots = pipeline->robots,
        .cookies = pipeline->cookies,
        .retries = pipeline->retries ? 0 : -1,
        .authorities = pipeline->authorities,
        .certificate = pipeline->certificate,
        .key = pipeline->key,
        .certificate_hosts = pipeline->certificate_hosts,
        .certificate_count = pipeline->certificate_count,
        .store = settings->database == NULL ? NULL : &network->store,
        .cancel = settings->cancel};
    network->pool = mz_pool_create(&client);
    if (network->pool == NULL) {
        mz_network_destroy(network);
        return NULL;
    }
    return network;
}

struct mz_pool *mz_network_pool(struct mz_network *network)
{
    return network->pool;
}

void mz_network_destroy(struct mz_network *network)
{
    if (network != NULL) {
        /* The pool's thread first: the connection was its own. */
        mz_pool_destroy(network->pool);
        mz_db_close(network->db);
        free(network->database);
        free(network);
    }
}
