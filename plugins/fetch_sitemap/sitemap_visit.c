#include "sitemap_visit.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MOST        3   /* of sitemaps that lead to sitemaps */
#define MAPS_MOST         500 /* sitemaps of one visit */
#define FAILURES_IN_A_ROW 5
#define KEY               64

struct visit {
    const struct fetch_sitemap *self;
    const struct mizan_host *host;
    mizan_task *task;
    const mizan_record *source;
    char *root;
    int64_t now;
    bool is_first;
    struct sitemap pages; /* wanted ones of all sitemaps */
    char (*seen)[33];     /* sitemaps that were read */
    size_t seen_count;
    size_t foreign, unwanted, taken, failed, postponed, in_a_row, failed_maps;
    bool whole; /* nothing was cut */
};

bool sitemap_time(const char *text, int64_t *time)
{
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, used = 0;
    int zone_hour = 0, zone_minute = 0;
    char sign = 'Z';
    int parts = sscanf(text, "%4d-%2d-%2dT%2d:%2d%n:%2d%n", &year, &month, &day, &hour,
                       &minute, &used, &second, &used);
    if (parts < 1 || year < 1990 || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    const char *zone = parts >= 5 ? text + used : "";
    zone += *zone == '.' ? 1 + strspn(zone + 1, "0123456789") : 0;
    if (sscanf(zone, "%c%2d:%2d", &sign, &zone_hour, &zone_minute) < 2) {
        zone_hour = zone_minute = 0;
    }
    int64_t y = month > 2 ? year : year - 1;
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days =
        era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    int64_t offset = (zone_hour * 60 + zone_minute) * (sign == '-' ? -1 : 1);
    *time = ((days * 24 + hour) * 60 + minute - offset) * 60000 + second * 1000;
    return true;
}

/* Scheme, host and port. */
static size_t origin_size(const char *url)
{
    const char *start = strstr(url, "://");
    return start == NULL ? 0 : (size_t)(start - url) + 3 + strcspn(start + 3, "/?#");
}

static bool same_host(const char *a, const char *b)
{
    size_t size = origin_size(a);
    return size > 0 && size == origin_size(b) && strncasecmp(a, b, size) == 0;
}

static int32_t key_of(const struct visit *visit, const char *kind, const char *url,
                      char out[KEY])
{
    const struct mizan_slice part = {url, strlen(url)};
    size_t size = strlen(kind);
    memcpy(out, kind, size);
    return visit->host->hash_id(&part, 1, out + size);
}

/* ---- sitemaps ---- */

/* True when it was read in this visit already: a sitemap that leads to itself. */
static bool was_seen(struct visit *visit, const char *url, int32_t *status)
{
    char key[KEY];
    *status = key_of(visit, "", url, key);
    for (size_t i = 0; i < visit->seen_count && *status == MIZAN_OK; i++) {
        if (memcmp(visit->seen[i], key, 33) == 0) {
            return true;
        }
    }
    if (*status == MIZAN_OK) {
        memcpy(visit->seen[visit->seen_count++], key, 33);
    }
    return false;
}

/* Takes the page over from its sitemap, when it is wanted. */
static int32_t want(struct visit *visit, struct sitemap_url *url)
{
    const struct fetch_sitemap *self = visit->self;
    if (!same_host(visit->root, url->address)) {
        visit->foreign++;
        return MIZAN_OK;
    }
    enum sitemap_match in = self->include == NULL
                                ? SITEMAP_MATCH
                                : sitemap_patterns_match(self->include, url->address);
    enum sitemap_match out = self->exclude == NULL
                                 ? SITEMAP_NO_MATCH
                                 : sitemap_patterns_match(self->exclude, url->address);
    if (in == SITEMAP_TOO_HARD || out == SITEMAP_TOO_HARD) {
        return visit->host->fail(
            visit->task, MIZAN_ERROR_LIMIT,
            "%.200s: a pattern of include or exclude needs too much "
            "work on this address",
            url->address);
    }
    if (in == SITEMAP_NO_MATCH || out == SITEMAP_MATCH) {
        visit->unwanted++;
        return MIZAN_OK;
    }
    struct sitemap *pages = &visit->pages;
    if (pages->count == SITEMAP_MOST_URLS) {
        visit->whole = false;
        return MIZAN_OK;
    }
    if (pages->count == pages->room) {
        size_t room = pages->room == 0 ? 256 : pages->room * 2;
        struct sitemap_url *urls = realloc(pages->urls, room * sizeof *urls);
        if (urls == NULL) {
            return MIZAN_ERROR_MEMORY;
        }
        pages->urls = urls;
        pages->room = room;
    }
    pages->urls[pages->count++] = *url;
    url->address = NULL; /* it is the visit's now */
    return MIZAN_OK;
}

static int32_t read_map(struct visit *visit, const char *url, struct sitemap *map)
{
    const struct mizan_http_request request = {
        .size = sizeof request, .url = url, .maximum_body = SITEMAP_MOST_BYTES};
    struct mizan_http_response answer = {.size = sizeof answer};
    uint64_t mark = visit->host->arena_mark(visit->task);
    int32_t status = visit->host->http(visit->task, &request, &answer);
    if (status == MIZAN_OK) {
        enum sitemap_status read = sitemap_read(
            answer.body.size > 0 ? answer.body.data : "", answer.body.size, map);
        if (read != SITEMAP_OK) {
            status = visit->host->fail(visit->task,
                                       read == SITEMAP_NO_MEMORY   ? MIZAN_ERROR_MEMORY
                                       : read == SITEMAP_TOO_LARGE ? MIZAN_ERROR_LIMIT
                                                                   : MIZAN_ERROR_FAILED,
                                       "%s: %s", url, sitemap_status_text(read));
        }
    }
    visit->host->arena_release(visit->task, mark);
    return status;
}

static void warn(struct visit *visit, const char *url, const struct sitemap *map)
{
    if (map->total > map->count) {
        visit->whole = false;
        visit->host->count(visit->task, "cut_sitemaps", 1);
        visit->host->log(
            visit->task, MIZAN_LOG_WARNING,
            "%s: the sitemap has %zu addresses, of which the first %zu are "
            "looked at",
            url, map->total, map->count);
    }
    if (map->broken) {
        visit->host->log(visit->task, MIZAN_LOG_WARNING,
                         "%s: the sitemap is not well-formed; addresses may be missing",
                         url);
    }
}

/* One that cannot be had or read is counted and does not stop the others. */
static int32_t leave_out(struct visit *visit, const char *url, int32_t status)
{
    if (status == MIZAN_ERROR_MEMORY || status == MIZAN_ERROR_CANCELLED) {
        return status;
    }
    visit->failed_maps++;
    visit->host->count(visit->task, "failed_sitemaps", 1);
    visit->host->log(visit->task, MIZAN_LOG_WARNING, "%s: left out (%s)", url,
                     visit->host->failure(visit->task));
    return MIZAN_OK;
}

/* A sitemap and those that it leads to; `depth` counts from 0. */
static int32_t walk(struct visit *visit, const char *url, int depth)
{
    struct sitemap map = {.count = 0};
    int32_t status = MIZAN_OK;
    if (visit->seen_count == MAPS_MOST || was_seen(visit, url, &status) ||
        status != MIZAN_OK) {
        visit->whole = visit->whole && visit->seen_count < MAPS_MOST;
        return status;
    }
    status = visit->host->cancelled(visit->task) ? MIZAN_ERROR_CANCELLED
                                                 : read_map(visit, url, &map);
    if (status != MIZAN_OK) {
        return depth == 0 ? status : leave_out(visit, url, status);
    }
    warn(visit, url, &map);
    for (size_t i = 0; i < map.count && status == MIZAN_OK; i++) {
        if (!map.is_index) {
            status = want(visit, &map.urls[i]);
        } else if (!same_host(visit->root, map.urls[i].address)) {
            visit->foreign++;
        } else if (depth < DEPTH_MOST) {
            status = walk(visit, map.urls[i].address, depth + 1);
        }
    }
    sitemap_finish(&map);
    return status;
}

/* ---- pages ---- */

/* What is known of a page: the lastmod it had, and when it was asked for. */
static int32_t remember(const struct visit *visit, const char *key,
                        const struct sitemap_url *url)
{
    char value[80];
    (void)snprintf(value, sizeof value, "%" PRId64 " %s", visit->now, url->lastmod);
    return visit->host->state_set(visit->task, key,
                                  (struct mizan_slice){value, strlen(value)});
}

/* A page that was there, with the same lastmod, is taken as unchanged until `recheck`
 * is over: the date is a hint. */
static bool is_known(const struct visit *visit, const char *key,
                     const struct sitemap_url *url, int32_t *status)
{
    struct mizan_slice known = {NULL, 0};
    *status = visit->host->state_get(visit->task, key, &known);
    if (*status != MIZAN_OK) {
        *status = *status == MIZAN_ERROR_NOT_FOUND ? MIZAN_OK : *status;
        return false;
    }
    char text[80] = "";
    memcpy(text, known.data,
           known.size < sizeof text - 1 ? known.size : sizeof text - 1);
    char *lastmod = strchr(text, ' ');
    int64_t asked = strtoll(text, NULL, 10);
    bool fresh = visit->self->recheck == 0 || visit->now - asked < visit->self->recheck;
    return lastmod != NULL && strcmp(lastmod + 1, url->lastmod) == 0 && fresh;
}

static bool is_too_old(const struct visit *visit, const struct sitemap_url *url)
{
    int64_t time = 0;
    return visit->is_first && visit->self->first > 0 &&
           sitemap_time(url->lastmod, &time) && time < visit->now - visit->self->first;
}

static int32_t emit_page(struct visit *visit, const char *key,
                         const struct sitemap_url *url,
                         const struct mizan_http_response *answer)
{
    struct mizan_draft draft = mizan_draft_begin(visit->host, visit->task, "document");
    int64_t time = 0;
    int32_t status = remember(visit, key, url);
    if (status != MIZAN_OK) {
        return status;
    }
    mizan_draft_text(&draft, "url", url->address);
    mizan_draft_answer(&draft, answer);
    mizan_draft_copy(&draft, visit->source, "id", "source");
    mizan_draft_copy(&draft, visit->source, "lang", "lang");
    mizan_draft_copy(&draft, visit->source, "outlet", "outlet");
    if (sitemap_time(url->lastmod, &time)) {
        mizan_draft_integer(&draft, "sitemap_modified", MIZAN_TIME, time);
    }
    return mizan_draft_emit(&draft);
}

static int32_t take_page(struct visit *visit, const char *key,
                         const struct sitemap_url *url)
{
    const struct mizan_http_request request = {
        .size = sizeof request, .url = url->address, .flags = MIZAN_HTTP_CONDITIONAL};
    struct mizan_http_response answer = {.size = sizeof answer};
    int32_t status = visit->host->http(visit->task, &request, &answer);
    switch (status) {
    case MIZAN_OK:
        visit->in_a_row = 0;
        if (answer.status == 304) {
            status = remember(visit, key, url);
            return status == MIZAN_OK
                       ? visit->host->unchanged(visit->task, url->address)
                       : status;
        }
        return answer.status == 200 ? emit_page(visit, key, url, &answer)
                                    : remember(visit, key, url);
    case MIZAN_ERROR_NOT_FOUND:
    case MIZAN_ERROR_LIMIT:
        visit->in_a_row = 0;
        visit->host->count(visit->task, "gone_items", 1);
        return remember(visit, key, url);
    case MIZAN_ERROR_CANCELLED:
    case MIZAN_ERROR_MEMORY:
    case MIZAN_ERROR_UNSUPPORTED:
        return status;
    default:
        visit->failed++;
        visit->in_a_row += status == MIZAN_ERROR_TRANSIENT ? 1 : 0;
        visit->host->count(visit->task, "failed_items", 1);
        visit->host->log(visit->task, MIZAN_LOG_WARNING,
                         "%s: not fetched; it is tried again at the next visit (%s)",
                         url->address, visit->host->failure(visit->task));
        return MIZAN_OK;
    }
}

static int32_t look_at(struct visit *visit, const struct sitemap_url *url)
{
    char key[KEY];
    int32_t status = key_of(visit, "page:", url->address, key);
    if (status != MIZAN_OK) {
        return status;
    }
    if (is_known(visit, key, url, &status)) {
        return visit->host->unchanged(visit->task, url->address);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    if (is_too_old(visit, url)) {
        visit->host->count(visit->task, "old_items", 1);
        return remember(visit, key, url);
    }
    if ((int64_t)visit->taken >= visit->self->limit ||
        visit->in_a_row >= FAILURES_IN_A_ROW) {
        visit->postponed++;
        return MIZAN_OK;
    }
    visit->taken++;
    return take_page(visit, key, url);
}

/* The latest first: what the limit leaves for the next visit is the oldest. */
static int newest_first(const void *a, const void *b)
{
    const struct sitemap_url *first = a, *second = b;
    int order = strcmp(second->lastmod, first->lastmod);
    return order != 0 ? order : strcmp(first->address, second->address);
}

static int32_t take_pages(struct visit *visit)
{
    struct sitemap *pages = &visit->pages;
    int32_t status = MIZAN_OK;
    if (pages->count > 1) {
        qsort(pages->urls, pages->count, sizeof *pages->urls, newest_first);
    }
    for (size_t i = 0; i < pages->count && status == MIZAN_OK; i++) {
        uint64_t mark = visit->host->arena_mark(visit->task);
        bool twice =
            i > 0 && strcmp(pages->urls[i].address, pages->urls[i - 1].address) == 0;
        if (visit->host->cancelled(visit->task)) {
            status = MIZAN_ERROR_CANCELLED;
        } else if (!twice) {
            status = look_at(visit, &pages->urls[i]);
        }
        visit->host->arena_release(visit->task, mark);
    }
    return status;
}

/* ---- the whole ---- */

static void tell(const struct visit *visit)
{
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"foreign_items", visit->foreign},
                  {"unwanted_items", visit->unwanted},
                  {"postponed_items", visit->postponed}};
    for (size_t i = 0; i < 3; i++) {
        if (counts[i].count > 0) {
            visit->host->count(visit->task, counts[i].name, (int64_t)counts[i].count);
        }
    }
    if (!visit->whole) {
        visit->host->log(visit->task, MIZAN_LOG_WARNING,
                         "%s: more addresses than are looked at in one visit; include "
                         "and exclude choose among them",
                         visit->root);
    }
    if (visit->postponed > 0) {
        visit->host->log(visit->task, MIZAN_LOG_WARNING,
                         "%s: %zu pages are left for the next visit%s", visit->root,
                         visit->postponed,
                         visit->in_a_row >= FAILURES_IN_A_ROW
                             ? ", since page after page cannot be had"
                             : " (option limit)");
    }
}

static int32_t run(struct visit *visit)
{
    struct mizan_slice visited = {NULL, 0};
    int32_t status = visit->host->state_get(visit->task, "visited", &visited);
    visit->is_first = status == MIZAN_ERROR_NOT_FOUND;
    if (status == MIZAN_OK || visit->is_first) {
        status = walk(visit, visit->root, 0);
    }
    /* Where pages were before, none at all is no sitemap that lost them all. */
    if (status == MIZAN_OK && visit->pages.count + visit->unwanted == 0 &&
        !visit->is_first) {
        status =
            visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                              "%s: unexpected content: no address where there were "
                              "some before",
                              visit->root);
    }
    if (status == MIZAN_OK) {
        status = take_pages(visit);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    tell(visit);
    if (visit->is_first && visit->pages.count + visit->unwanted > 0) {
        status = visit->host->state_set(visit->task, "visited",
                                        (struct mizan_slice){"1", 1});
    }
    if (status == MIZAN_OK && visit->taken > 0 && visit->failed == visit->taken) {
        status = visit->host->fail(visit->task, MIZAN_ERROR_TRANSIENT,
                                   "%s: none of the %zu pages could be fetched",
                                   visit->root, visit->taken);
    }
    return status;
}

int32_t sitemap_visit(const struct fetch_sitemap *self, mizan_task *task,
                      const mizan_record *source)
{
    struct mizan_value url = {.type = MIZAN_NIL};
    struct visit visit = {.self = self,
                          .host = self->host,
                          .task = task,
                          .source = source,
                          .now = self->host->now(task),
                          .whole = true};
    bool own = self->host->record_get(source, "url", &url) && mizan_is_text(&url);
    if (!own && self->url == NULL) {
        return self->host->fail(task, MIZAN_ERROR_OPTION, "a source has no url");
    }
    visit.root = own ? strndup(url.as.text.data, url.as.text.size) : strdup(self->url);
    visit.seen = calloc(MAPS_MOST, sizeof *visit.seen);
    int32_t status =
        visit.root == NULL || visit.seen == NULL ? MIZAN_ERROR_MEMORY : run(&visit);
    sitemap_finish(&visit.pages);
    free(visit.root);
    free(visit.seen);
    return status;
}
