#include "net/robots_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define STORE_CEILING ((size_t)4 << 20)
/* What is kept in place of a file that could not be read; no file begins so. */
static const char mark[] = "#!unreachable ";

void mz_origin_text(const struct mz_address *address, char out[MZ_ORIGIN_SIZE])
{
    bool literal = strchr(address->host, ':') != NULL;
    snprintf(out, MZ_ORIGIN_SIZE, "%s://%s%s%s:%d", address->https ? "https" : "http",
             literal ? "[" : "", address->host, literal ? "]" : "", address->port);
}

static void origin_destroy(void *value)
{
    struct mz_origin *origin = value;
    if (origin != NULL) {
        mz_robots_destroy(origin->robots);
        free(origin);
    }
}

void mz_robots_cache_finish(struct mz_hosts *hosts)
{
    mz_map_destroy(hosts->origins, origin_destroy);
    hosts->origins = NULL;
}

bool mz_robots_known(const struct mz_origin *origin)
{
    return origin->robots != NULL && mz_clock_monotonic() < origin->until;
}

/* Takes a text as the origin's file, for `rest` milliseconds. */
static bool take_text(struct mz_origin *origin, const char *text, size_t size,
                      int64_t rest)
{
    static const char closed[] = "User-agent: *\nDisallow: /\n";
    size_t skip = sizeof mark - 1;
    origin->unreachable[0] = '\0';
    mz_robots_destroy(origin->robots);
    if (size >= skip && memcmp(text, mark, skip) == 0) {
        snprintf(origin->unreachable, sizeof origin->unreachable, "%.*s",
                 (int)(size - skip < 150 ? size - skip : 150), text + skip);
        text = closed;
        size = sizeof closed - 1;
    }
    origin->robots = mz_robots_parse(text, size, MZ_ROBOTS_PRODUCT);
    origin->until = mz_clock_monotonic() + rest;
    return origin->robots != NULL;
}

static void read_store(struct mz_hosts *hosts, struct mz_origin *origin,
                       const char *name)
{
    const struct mz_host_store *store = hosts->store;
    struct mizan_slice text = {NULL, 0};
    struct mz_error error = {.code = MZ_OK};
    int64_t rest = 0;
    struct mz_arena *arena = store == NULL ? NULL : mz_arena_create(STORE_CEILING);
    if (arena != NULL &&
        store->robots_read(store->owner, name, arena, &text, &rest, &error) == MZ_OK &&
        rest > 0) {
        rest = rest < MZ_ROBOTS_KEEP ? rest : MZ_ROBOTS_KEEP;
        (void)take_text(origin, text.data == NULL ? "" : text.data, text.size, rest);
    }
    mz_arena_destroy(arena);
}

struct mz_origin *mz_robots_find(struct mz_hosts *hosts,
                                 const struct mz_address *address)
{
    char name[MZ_ORIGIN_SIZE];
    mz_origin_text(address, name);
    if (hosts->origins == NULL && (hosts->origins = mz_map_create()) == NULL) {
        return NULL;
    }
    struct mz_origin *origin = mz_map_get(hosts->origins, name, strlen(name));
    if (origin != NULL) {
        return origin;
    }
    origin = calloc(1, sizeof *origin);
    if (origin == NULL ||
        !mz_map_set(hosts->origins, name, strlen(name), origin, NULL)) {
        free(origin);
        return NULL;
    }
    read_store(hosts, origin, name);
    return origin;
}

bool mz_robots_keep(struct mz_hosts *hosts, struct mz_origin *origin,
                    const struct mz_address *address,
                    const struct mz_robots_answer *answer)
{
    int status = answer->status;
    const char *body = answer->body.data;
    size_t size = answer->body.size;
    char name[MZ_ORIGIN_SIZE];
    char reason[192];
    int64_t keep = MZ_ROBOTS_KEEP;
    mz_origin_text(address, name);
    if (status >= 400 && status < 500 && status != 429) {
        body = "";
        size = 0;
    } else if (status < 200 || status >= 300) {
        snprintf(reason, sizeof reason, "%s%.150s", mark, answer->reason);
        body = reason;
        size = strlen(reason);
        keep = MZ_ROBOTS_KEEP_FAILURE;
    }
    size = size < MZ_ROBOTS_MOST ? size : MZ_ROBOTS_MOST;
    if (!take_text(origin, body, size, keep)) {
        return false;
    }
    int64_t delay = mz_robots_crawl_delay(origin->robots);
    if (delay > MZ_CRAWL_DELAY_MOST) {
        mz_log(MZ_LOG_WARNING, NULL,
               "%s/robots.txt asks for %lld seconds between requests; it gets %lld",
               name, (long long)(delay / 1000),
               (long long)(MZ_CRAWL_DELAY_MOST / 1000));
    }
    if (hosts->store != NULL) {
        struct mz_error late = {.code = MZ_OK};
        struct mizan_slice text = {body, size};
        if (hosts->store->robots_write(hosts->store->owner, name, text, keep, &late) !=
            MZ_OK) {
            mz_log(MZ_LOG_WARNING, NULL, "robots.txt of %s is not kept: %s", name,
                   late.message);
        }
    }
    return true;
}

/* Path and query of an address. */
static const char *target_of(const struct mz_address *address)
{
    const char *authority = strstr(address->text, "://");
    authority = authority == NULL ? address->text : authority + 3;
    const char *target = authority + strcspn(authority, "/?#");
    return *target == '/' ? target : "/";
}

enum mz_code mz_robots_judge(const struct mz_origin *origin, struct mz_host *host,
                             const struct mz_address *address, struct mz_error *error)
{
    char name[MZ_ORIGIN_SIZE];
    mz_origin_text(address, name);
    host->crawl_delay = mz_robots_crawl_delay(origin->robots);
    if (origin->unreachable[0] != '\0') {
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: not asked, since robots.txt could not be read (%s)",
                       address->label, origin->unreachable);
    }
    if (mz_robots_allows(origin->robots, target_of(address))) {
        return MZ_OK;
    }
    mz_fail(error, MZ_NOT_PERMITTED, "%s: %s/robots.txt closes it to robots",
            address->label, name);
    mz_error_help(error, "ask its owner; robots = \"off\" in the pipeline asks all the "
                         "same, and the run says so");
    return MZ_NOT_PERMITTED;
}
