/* fetch.sitemap: the pages that a site's sitemaps list, those that are new or changed.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "sitemap_visit.h"

extern MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1;

#define PATTERNS_MOST 100

static const struct mizan_option options[] = {
    {.name = "url",
     .type = MIZAN_OPTION_URL,
     .help = "The sitemap, or an index of sitemaps; or give `sources`."},
    {.name = "sources",
     .type = MIZAN_OPTION_SOURCES,
     .help = "Sitemaps: each with id and url, and lang and outlet if known."},
    {.name = "include",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Patterns (PCRE2), of which an address must match one."},
    {.name = "exclude",
     .type = MIZAN_OPTION_TEXT,
     .flags = MIZAN_OPTION_LIST,
     .help = "Patterns (PCRE2) of addresses that are left out."},
    {.name = "limit",
     .type = MIZAN_OPTION_INTEGER,
     .default_value = "500",
     .minimum = "1",
     .maximum = "50000",
     .help =
         "The most pages to fetch in one visit, the latest first; the rest is taken at "
         "the next."},
    {.name = "first",
     .type = MIZAN_OPTION_DURATION,
     .minimum = "0s",
     .help = "At the first visit, pages whose lastmod is older are left out for good."},
    {.name = "recheck",
     .type = MIZAN_OPTION_DURATION,
     .minimum = "0s",
     .help =
         "Pages whose lastmod stays, or that have none, are asked for again after so "
         "long."},
};

static void free_instance(void *instance)
{
    struct fetch_sitemap *self = instance;
    if (self != NULL) {
        free(self->url);
        sitemap_patterns_destroy(self->include);
        sitemap_patterns_destroy(self->exclude);
        free(self);
    }
}

/* The patterns of an option; none leave *out NULL. */
static int32_t read_patterns(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, const char *name,
                             struct sitemap_patterns **out)
{
    struct mizan_value list = {.type = MIZAN_NIL};
    char *texts[PATTERNS_MOST] = {NULL};
    char why[256] = "not enough memory";
    size_t wrong = 0;
    int32_t status = host->option(given, name, &list);
    size_t count = list.type == MIZAN_LIST ? list.as.list.count : 0;
    if (status != MIZAN_OK || count == 0) {
        return status;
    }
    if (count > PATTERNS_MOST) {
        return host->fail(task, MIZAN_ERROR_OPTION, "%s has more than %d patterns",
                          name, PATTERNS_MOST);
    }
    for (size_t i = 0; i < count; i++) {
        const struct mizan_slice *text = &list.as.list.items[i].as.text;
        texts[i] = strndup(text->data == NULL ? "" : text->data, text->size);
        status = texts[i] == NULL ? MIZAN_ERROR_MEMORY : status;
    }
    if (status == MIZAN_OK) {
        *out = sitemap_patterns_create((const char *const *)texts, count, &wrong, why);
    }
    if (*out == NULL) {
        status = host->fail(task, MIZAN_ERROR_OPTION, "%s: '%.100s' is no pattern: %s",
                            name, texts[wrong] == NULL ? "" : texts[wrong], why);
    }
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    return status;
}

static int32_t read_integer(const struct mizan_host *host, const mizan_options *given,
                            const char *name, int64_t otherwise, int64_t *out)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    int32_t status = host->option(given, name, &value);
    *out = value.type == MIZAN_INTEGER ? value.as.integer : otherwise;
    return status;
}

static int32_t read_targets(struct fetch_sitemap *self, mizan_task *task,
                            const mizan_options *given)
{
    struct mizan_value url = {.type = MIZAN_NIL}, sources = {.type = MIZAN_NIL};
    int32_t status = self->host->option(given, "url", &url);
    if (status == MIZAN_OK) {
        status = self->host->option(given, "sources", &sources);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    bool many = sources.type == MIZAN_LIST && sources.as.list.count > 0;
    if ((mizan_is_text(&url) != 0) == many) {
        return self->host->fail(task, MIZAN_ERROR_OPTION,
                                "give either url or sources%s",
                                many ? ", not both" : "");
    }
    if (many) {
        return mizan_check_sources(self->host, task, &sources);
    }
    self->url = strndup(url.as.text.data, url.as.text.size);
    return self->url == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
}

static int32_t read_options(struct fetch_sitemap *self, mizan_task *task,
                            const mizan_options *given)
{
    const struct mizan_host *host = self->host;
    int32_t status = read_targets(self, task, given);
    if (status == MIZAN_OK) {
        status = read_patterns(host, task, given, "include", &self->include);
    }
    if (status == MIZAN_OK) {
        status = read_patterns(host, task, given, "exclude", &self->exclude);
    }
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "limit", 500, &self->limit);
    }
    if (status == MIZAN_OK) {
        status = read_integer(host, given, "first", 0, &self->first);
    }
    return status == MIZAN_OK ? read_integer(host, given, "recheck", 0, &self->recheck)
                              : status;
}

static int32_t open_instance(const struct mizan_host *host, mizan_task *task,
                             const mizan_options *given, void **instance)
{
    struct fetch_sitemap *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    self->host = host;
    int32_t status = read_options(self, task, given);
    if (status != MIZAN_OK) {
        free_instance(self);
        return status;
    }
    xmlInitParser();
    *instance = self;
    return MIZAN_OK;
}

static int32_t fetch(void *instance, mizan_task *task, const mizan_record *source)
{
    return sitemap_visit(instance, task, source);
}

MIZAN_EXPORT const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_FETCH,
    .name = "sitemap",
    .version = "0.1.0",
    .stability = "beta",
    .summary = "Fetches the pages that sitemaps list, those that are new or changed.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .option_size = sizeof(struct mizan_option),
    .open = open_instance,
    .close = free_instance,
    .fetch = fetch,
};
