/* fetch.feed: visits RSS, Atom and JSON feeds and emits what is new in them: the pages
 * that the items lead to, or the items themselves. */
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "feed_visit.h"
#include "mizan/draft.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

static const struct mizan_option options[] = {
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .flags = MIZAN_OPTION_REQUIRED,
     .help = "The feeds: each with id and url, and lang and outlet if known."},
    {.name = "follow",
     .type = MIZAN_OPTION_BOOLEAN,
     .default_value = "false",
     .help = "Fetch the page of each item; otherwise the item's own text is the "
             "document."},
    {.name = "first",
     .type = MIZAN_OPTION_DURATION,
     .minimum = "0s",
     .help = "At the first visit of a feed, items older than this are left out for "
             "good."},
    {.name = "limit",
     .type = MIZAN_OPTION_INTEGER,
     .default_value = "500",
     .minimum = "1",
     .maximum = "10000",
     .help = "The most new items to take in one visit; the rest is taken at the next."},
    {.name = "rate",
     .type = MIZAN_OPTION_RATE,
     .help = "The fastest that pages of one feed are fetched, besides the pipeline's "
             "politeness."},
    {.name = "expect",
     .type = MIZAN_OPTION_MAP,
     .help =
         "What a feed must have, else the source fails: { min = items }. One that had "
         "items and has none any more fails without it."},
};

static int32_t check_sources(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given)
{
    struct mizan_value sources = {.type = MIZAN_NIL};
    int32_t status = host->option(given, "sources", &sources);
    return status == MIZAN_OK ? mizan_check_sources(host, task, &sources) : status;
}

/* Integers of any kind; `otherwise` when the option is not given. */
static int32_t read_integer(const struct mizan_host *host, const mizan_options *given,
                            const char *name, int64_t otherwise, int64_t *out)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    int32_t status = host->option(given, name, &value);
    *out = value.type == MIZAN_INTEGER || value.type == MIZAN_BOOLEAN ? value.as.integer
                                                                      : otherwise;
    return status;
}

static int32_t read_expect(struct fetch_feed *self, mizan_task *task,
                           const mizan_options *given)
{
    struct mizan_value map = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "expect", &map);
    self->least = -1;
    if (status != MIZAN_OK || map.type != MIZAN_MAP || map.as.map.count == 0) {
        return status;
    }
    const struct mizan_value *least = mizan_member(&map, "min");
    if (least == NULL || map.as.map.count > 1 || least->type != MIZAN_INTEGER ||
        least->as.integer < 0) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "expect takes min, a whole number of items");
    }
    self->least = least->as.integer;
    return MIZAN_OK;
}

static int32_t read_options(struct fetch_feed *self, mizan_task *task,
                            const mizan_options *given)
{
    const struct mizan_host *host = self->host;
    int64_t follow = 0;
    int32_t status = check_sources(host, task, given);
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "follow", 0, &follow);
    }
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "first", 0, &self->first);
    }
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "limit", 500, &self->limit);
    }
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "rate", 0, &self->rate);
    }
    self->follow = follow != 0;
    return status == MIZAN_OK ? read_expect(self, task, given) : status;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_feed *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    int32_t status = read_options(self, task, given);
    if (status != MIZAN_OK) {
        free(self);
        return status;
    }
    /* Once before threads use it; doing it again is harmless. */
    xmlInitParser();
    *instance = self;
    return MIZAN_OK;
}

static void free_instance(void *instance)
{
    free(instance);
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    return feed_visit_run(instance, task, source);
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .flags = MIZAN_PLUGIN_THREAD_SAFE,
    .name = "feed",
    .version = "0.2.0",
    .stability = "beta",
    .summary = "Visits RSS, Atom and JSON feeds and emits what is new in them.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
