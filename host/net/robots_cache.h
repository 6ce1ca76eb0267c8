/* robots.txt of the origins that this process asks: read once a day, kept by the store
 * that other processes share. */
#ifndef MIZAN_NET_ROBOTS_CACHE_H
#define MIZAN_NET_ROBOTS_CACHE_H

#include "net/address.h"
#include "net/hosts.h"

#define MZ_ROBOTS_KEEP         INT64_C(86400000) /* 24 hours */
#define MZ_ROBOTS_KEEP_FAILURE INT64_C(3600000)  /* 1 hour */
#define MZ_ORIGIN_SIZE         (MZ_HOST_MOST + 16)

/* scheme://host:port of an address. */
void mz_origin_text(const struct mz_address *address, char out[MZ_ORIGIN_SIZE]);

struct mz_origin {
    struct mz_robots *robots; /* NULL: not known */
    int64_t until;            /* monotonic */
    bool loading;             /* a request for it is under way */
    char unreachable[160];    /* why nothing may be asked, or empty */
};

/* The origin's entry, read from the store when it is there; NULL: out of memory. */
struct mz_origin *mz_robots_find(struct mz_hosts *hosts,
                                 const struct mz_address *address);
/* Whether what is known is still good. */
bool mz_robots_known(const struct mz_origin *origin);
/* What a request for robots.txt brought. */
struct mz_robots_answer {
    int status; /* 0: a failure of the network */
    struct mizan_slice body;
    const char *reason; /* when it is no success: the failure's sentence */
};
/* Keeps it. False when out of memory. */
bool mz_robots_keep(struct mz_hosts *hosts, struct mz_origin *origin,
                    const struct mz_address *address,
                    const struct mz_robots_answer *answer);
/* Judges an address of the origin; notes the host's Crawl-delay. */
MZ_NODISCARD enum mz_code mz_robots_judge(const struct mz_origin *origin,
                                          struct mz_host *host,
                                          const struct mz_address *address,
                                          struct mz_error *error);

#endif
