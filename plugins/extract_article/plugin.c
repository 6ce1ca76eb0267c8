/* extract.article: documents of HTML and plain text get their title, text, date,
 * language and what else the page states. */
#include <stdlib.h>
#include <string.h>

#include "mizan/plugin.h"

#include "article.h"

struct instance {
    const struct mizan_host *host;
    bool check;
};

static const struct mizan_option options[] = {
    {"check", MIZAN_OPTION_BOOLEAN, 0, "true", NULL, NULL, NULL,
     "reject login pages, error pages and checks for robots that came with status 200"},
};

struct call {
    const struct mizan_host *host;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static void *allocate(void *user, size_t size)
{
    struct call *call = user;
    void *memory = call->host->alloc(call->task, size);
    if (memory == NULL) {
        call->status = MIZAN_ERROR_MEMORY; /* also where the page goes on without */
    }
    return memory;
}

static int32_t article_open(const struct mizan_host *host, mizan_task *task,
                            const mizan_options *given, void **instance)
{
    struct mizan_value check;
    struct instance *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "out of memory");
    }
    made->host = host;
    made->check = host->option(given, "check", &check) != MIZAN_OK ||
                  check.type != MIZAN_BOOLEAN || check.as.integer != 0;
    *instance = made;
    return MIZAN_OK;
}

static void article_close(void *instance)
{
    free(instance);
}

/* A field of text or bytes, or empty. */
static struct article_slice get(const struct call *call, const char *name)
{
    struct mizan_value value;
    struct article_slice slice = {NULL, 0};
    if (call->host->record_get(call->record, name, &value) &&
        (value.type == MIZAN_TEXT || value.type == MIZAN_BYTES)) {
        slice.data = value.as.text.data;
        slice.size = value.as.text.size;
    }
    return slice;
}

static int64_t get_time(const struct call *call, const char *name)
{
    struct mizan_value value;
    return call->host->record_get(call->record, name, &value) &&
                   value.type == MIZAN_TIME
               ? value.as.integer
               : ARTICLE_NO_TIME;
}

static bool has(const struct call *call, const char *name)
{
    struct mizan_value value;
    return call->host->record_get(call->record, name, &value) != 0;
}

static void set(struct call *call, const char *name, const struct mizan_value *value)
{
    if (call->status == MIZAN_OK) {
        call->status = call->host->record_set(call->record, name, value);
    }
}

/* Empty texts are not set: what a source or feed said stays. */
static void set_text(struct call *call, const char *name, struct article_slice text)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text.data = text.data;
    value.as.text.size = text.size;
    if (text.size > 0) {
        set(call, name, &value);
    }
}

static void set_string(struct call *call, const char *name, const char *text)
{
    struct article_slice slice = {text, strlen(text)};
    set_text(call, name, slice);
}

static void set_integer(struct call *call, const char *name, uint32_t type,
                        int64_t number)
{
    struct mizan_value value = {.type = type};
    value.as.integer = number;
    set(call, name, &value);
}

static void set_paragraphs(struct call *call, const struct article *article)
{
    size_t count = article->paragraph_count;
    struct mizan_value *pairs = allocate(call, (count + 1) * sizeof(*pairs));
    struct mizan_value *ends = allocate(call, (2 * count + 1) * sizeof(*ends));
    if (pairs == NULL || ends == NULL) {
        call->status = MIZAN_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memset(&ends[2 * i], 0, 2 * sizeof(*ends));
        ends[2 * i].type = ends[2 * i + 1].type = MIZAN_INTEGER;
        ends[2 * i].as.integer = (int64_t)article->paragraphs[i].start;
        ends[2 * i + 1].as.integer = (int64_t)article->paragraphs[i].end;
        memset(&pairs[i], 0, sizeof(*pairs));
        pairs[i].type = MIZAN_LIST;
        pairs[i].as.list.items = &ends[2 * i];
        pairs[i].as.list.count = 2;
    }
    struct mizan_value list = {.type = MIZAN_LIST};
    list.as.list.items = pairs;
    list.as.list.count = count;
    set(call, "paragraphs", &list);
}

/* hreflang: a map of languages to addresses. */
static void set_variants(struct call *call, const struct article *article)
{
    struct mizan_field fields[ARTICLE_VARIANT_LIMIT];
    memset(fields, 0, sizeof(fields));
    for (size_t i = 0; i < article->variant_count; i++) {
        fields[i].name.data = article->variants[i].lang.data;
        fields[i].name.size = article->variants[i].lang.size;
        fields[i].value.type = MIZAN_TEXT;
        fields[i].value.as.text.data = article->variants[i].url.data;
        fields[i].value.as.text.size = article->variants[i].url.size;
    }
    struct mizan_value map = {.type = MIZAN_MAP};
    map.as.map.fields = fields;
    map.as.map.count = article->variant_count;
    if (map.as.map.count > 0) {
        set(call, "variants", &map);
    }
}

/* What was declared and what was used; where the two differ the run counts it. */
static void set_charset(struct call *call, const struct article *article)
{
    const struct mizan_host *host = call->host;
    set_string(call, "charset_used", article->charset_used);
    if (article->charset_declared != NULL) {
        set_string(call, "charset_declared", article->charset_declared);
        if (strcmp(article->charset_declared, article->charset_used) != 0) {
            set_integer(call, "charset_mismatch", MIZAN_BOOLEAN, 1);
            host->count(call->task, "charset_mismatches", 1);
        }
    }
    if (article->charset_mended != NULL) {
        set_string(call, "charset_mended", article->charset_mended);
        host->count(call->task, "charsets_mended", 1);
    }
}

static void set_article(struct call *call, const struct article *article)
{
    struct mizan_value text = {.type = MIZAN_TEXT};
    text.as.text.data = article->text.data;
    text.as.text.size = article->text.size;
    set(call, "text", &text);
    set_text(call, "title",
             article->title.size > 0 ? article->title : get(call, "feed_title"));
    if (article->published != ARTICLE_NO_TIME) {
        set_integer(call, "published", MIZAN_TIME, article->published);
    } else if (!has(call, "published")) {
        int64_t announced = get_time(call, "feed_published");
        if (announced != ARTICLE_NO_TIME) {
            set_integer(call, "published", MIZAN_TIME, announced);
        }
    }
    if (article->modified != ARTICLE_NO_TIME) {
        set_integer(call, "modified", MIZAN_TIME, article->modified);
    }
    if (article->lang.size > 0) {
        struct mizan_value confidence = {.type = MIZAN_DOUBLE};
        confidence.as.number = article->lang_confidence;
        set_text(call, "lang", article->lang);
        set(call, "lang_confidence", &confidence);
    }
    if (!has(call, "outlet")) { /* the script's word for it wins */
        set_text(call, "outlet", article->outlet);
    }
    set_text(call, "author",
             article->author.size > 0 ? article->author : get(call, "feed_author"));
    set_text(call, "canonical_url", article->canonical_url);
    set_text(call, "amp_url", article->amp_url);
    set_variants(call, article);
    set_charset(call, article);
    set_integer(call, "replacements", MIZAN_INTEGER, (int64_t)article->replacements);
    set_string(call, "text_extractor", "article");
    set_string(call, "text_version", ARTICLE_VERSION);
    if (article->partial) {
        set_integer(call, "partial", MIZAN_BOOLEAN, 1);
    }
    set_paragraphs(call, article);
}

static int32_t article_refuse(struct call *call, enum article_status status)
{
    const struct mizan_host *host = call->host;
    struct article_slice charset = get(call, "charset");
    switch (status) {
    case ARTICLE_TOO_LARGE:
        return host->fail(call->task, MIZAN_ERROR_LIMIT,
                          "the body is larger than %zu MiB, the most that "
                          "extract.article reads",
                          ARTICLE_BODY_LIMIT >> 20);
    case ARTICLE_NO_CONVERTER:
        return host->fail(call->task, MIZAN_ERROR_FAILED,
                          "the C library has no converter for the encoding of the page "
                          "(declared: %.*s)",
                          (int)charset.size, charset.data ? charset.data : "");
    case ARTICLE_NO_PARSER:
        return host->fail(call->task, MIZAN_ERROR_FAILED,
                          "libxml2.so.2 cannot be loaded: install the package libxml2");
    case ARTICLE_OK:
    case ARTICLE_NOT_TEXT:
    case ARTICLE_NO_MEMORY:
        break;
    }
    return host->fail(call->task, MIZAN_ERROR_MEMORY,
                      "out of memory while reading a page");
}

static int32_t article_extract_record(void *instance, mizan_task *task,
                                      mizan_record *record)
{
    const struct instance *self = instance;
    const struct mizan_host *host = self->host;
    struct call call = {host, task, record, MIZAN_OK};
    struct article_memory memory = {allocate, &call};
    struct article_input input = {.body = get(&call, "body"),
                                  .media_type = get(&call, "media_type"),
                                  .charset = get(&call, "charset"),
                                  .url = get(&call, "final_url"),
                                  .language = get(&call, "lang"),
                                  .fetched_at = get_time(&call, "fetched_at")};
    if (input.url.size == 0) {
        input.url = get(&call, "url");
    }
    if (input.language.size == 0) {
        input.language = get(&call, "feed_lang");
    }
    struct article article;
    enum article_status status = article_extract(&input, &memory, &article);
    if (status == ARTICLE_NOT_TEXT) {
        host->count(task, "documents_without_text", 1);
        return host->emit(task, record);
    }
    if (status != ARTICLE_OK || call.status != MIZAN_OK) {
        return article_refuse(&call, status);
    }
    if (article.unexpected != NULL && self->check) {
        return host->fail(task, MIZAN_ERROR_REJECTED,
                          "unexpected content: %s in place of an article; where it is "
                          "what you want, set check = false",
                          article.unexpected);
    }
    set_article(&call, &article);
    if (call.status != MIZAN_OK) {
        return host->fail(task, call.status,
                          "the fields of an article could not be set on its document");
    }
    if (article.partial) {
        host->log(task, MIZAN_LOG_WARNING,
                  "the page is nested too deep or too large: its text is not complete");
    }
    return host->emit(task, record);
}

static const char *const consumes[] = {"document", NULL};

MIZAN_EXPORT extern const struct mizan_plugin mizan_plugin_v1;
const struct mizan_plugin mizan_plugin_v1 = {
    .magic = MIZAN_PLUGIN_MAGIC,
    .size = sizeof(struct mizan_plugin),
    .abi_major = MIZAN_ABI_MAJOR,
    .abi_minor = 0,
    .kind = MIZAN_KIND_EXTRACT,
    .flags = MIZAN_PLUGIN_THREAD_SAFE | MIZAN_PLUGIN_OFFLINE | MIZAN_PLUGIN_PURE,
    .name = "article",
    .version = ARTICLE_VERSION,
    .stability = "beta",
    .summary = "Title, text, date and language of web pages and plain texts.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .option_size = sizeof(struct mizan_option),
    .consumes = consumes,
    .open = article_open,
    .close = article_close,
    .extract = article_extract_record,
};
