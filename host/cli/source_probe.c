#include "cli/source_probe.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/source_probe_parts.h"
#include "net/net.h"
#include "net/retry.h"
#include "net/robots.h"
#include "run/environment.h"
#include "run/supervise.h"
#include "run/unit.h"
#include "value/json.h"
#include "value/record.h"
#include "value/url.h"

#define PROBE_CEILING ((size_t)512 << 20)
#define ROBOTS_MOST   ((uint64_t)512 * 1024)
#define LISTED        3 /* sitemaps, feeds and items that are named */

/* What is being looked at; `findings` become lines, or members of an object. */
struct probe {
    const struct mz_arguments *arguments;
    const char *url;
    struct mz_environment environment;
    struct mz_arena *arena;
    struct mz_client *client;
    struct mizan_http_response answer;
    struct mizan_record *findings;
    char id[64]; /* a name for the source, made of the host */
    /* of the plugin that is asked */
    size_t items;
    struct mizan_record *first; /* that it emitted */
};

/* ---- findings ---- */

static void note(struct probe *probe, const char *name, struct mizan_value value)
{
    if (value.type != MIZAN_NIL) {
        (void)mz_record_put(probe->findings, name, &value);
    }
}

static void note_text(struct probe *probe, const char *name, const char *text)
{
    note(probe, name, text == NULL || *text == '\0' ? mz_nil() : mz_text(text));
}

static void note_slice(struct probe *probe, const char *name, struct mizan_slice text)
{
    note(probe, name, text.size == 0 ? mz_nil() : mz_text_slice(text.data, text.size));
}

static void note_field(struct probe *probe, const char *name,
                       const struct mizan_record *record, const char *field)
{
    const struct mizan_value *value = mz_record_find(record, field);
    if (value != NULL) {
        note(probe, name, *value);
    }
}

/* ---- asking ---- */

static enum mz_code ask(struct probe *probe, const char *url, uint64_t most,
                        struct mizan_http_response *answer, struct mz_error *error)
{
    const struct mizan_http_request request = {
        .size = sizeof request, .url = url, .maximum_body = most};
    *answer = (struct mizan_http_response){.size = sizeof *answer};
    return mz_client_request(probe->client, probe->arena, &request, NULL, answer,
                             error);
}

/* Of an address on this machine or a private network nothing is asked unless told so.
 */
static enum mz_code open_client(struct probe *probe, struct mz_error *error)
{
    struct mz_url parts;
    if (!mz_url_split(probe->url, strlen(probe->url), &parts) || parts.host.size == 0) {
        mz_fail(error, MZ_USAGE, "'%.200s' is no address", probe->url);
        mz_error_help(error, "write it in full: https://example.org/feed.xml");
        return MZ_USAGE;
    }
    const char *host = mz_arena_copy(probe->arena, parts.host.data, parts.host.size);
    struct mz_client_settings settings = {
        .polite = true, .private_hosts = &host, .cancel = mz_cancel_flag()};
    settings.private_count = mz_argument(probe->arguments, "private") != NULL ? 1 : 0;
    size_t size = 0;
    for (size_t i = 0; i < parts.host.size && size + 1 < sizeof probe->id; i++) {
        char byte = parts.host.data[i];
        bool letter = isalnum((unsigned char)byte) || byte == '.' || byte == '-';
        probe->id[size++] = letter ? (char)tolower((unsigned char)byte) : '_';
    }
    probe->id[size] = '\0';
    probe->client = host == NULL ? NULL : mz_client_create(&settings);
    return probe->client == NULL ? mz_fail(error, MZ_MEMORY, "not enough memory to ask")
                                 : MZ_OK;
}

static void note_answer(struct probe *probe)
{
    const struct mizan_http_response *answer = &probe->answer;
    note_text(probe, "address", answer->url);
    if (strcmp(answer->url, answer->final_url) != 0) {
        note_text(probe, "redirected", answer->final_url);
    }
    note(probe, "status", mz_integer(answer->status));
    note_slice(probe, "type", answer->media_type);
    note(probe, "bytes", mz_integer((int64_t)answer->body.size));
    note_slice(probe, "charset_declared", answer->charset);
    note_slice(probe, "etag", answer->etag);
    note_slice(probe, "last_modified", answer->last_modified);
}

/* ---- robots.txt ---- */

/* What the client would obey in a run. */
static void note_rules(struct probe *probe, struct mizan_slice text)
{
    struct mz_url parts;
    char said[512];
    const char *url = probe->answer.final_url;
    struct mz_robots *robots = mz_robots_parse(text.data, text.size, MZ_ROBOTS_PRODUCT);
    if (robots != NULL && mz_url_split(url, strlen(url), &parts)) {
        mz_robots_explain(robots, parts.path.size == 0 ? "/" : parts.path.data, said,
                          sizeof said);
        note_text(probe, "robots", mz_arena_string(probe->arena, said));
        int64_t delay = mz_robots_crawl_delay(robots);
        if (delay > 0) {
            (void)snprintf(said, sizeof said, "%g s%s", (double)delay / 1000,
                           delay > MZ_CRAWL_DELAY_MOST ? ", of which 30 are kept to"
                                                       : "");
            note_text(probe, "crawl_delay", mz_arena_string(probe->arena, said));
        }
    }
    mz_robots_destroy(robots);
}

static void note_robots(struct probe *probe)
{
    struct mizan_http_response answer;
    struct mz_buffer url;
    struct mz_error error;
    mz_buffer_init(&url, 8192);
    if (mz_url_resolve(probe->answer.final_url, strlen(probe->answer.final_url),
                       "/robots.txt", 11, &url)) {
        enum mz_code code = ask(probe, url.data, ROBOTS_MOST, &answer, &error);
        if (code != MZ_OK) {
            note_text(probe, "robots", code == MZ_NOT_FOUND ? "none" : error.message);
        } else {
            note_rules(probe, answer.body);
            note(probe, "sitemaps",
                 mz_probe_lines(probe->arena, answer.body, "sitemap:", LISTED));
        }
    }
    mz_buffer_finish(&url);
}

/* ---- asking the plugins ---- */

static int32_t take_record(struct mizan_task *task, struct mizan_record *record)
{
    struct probe *probe = task->context;
    if (strcmp(mz_record_type(record), "document") == 0) {
        if (probe->items++ == 0) {
            /* The task's arena forgets what came after the call began. */
            probe->first = mz_record_copy(probe->environment.arena, record);
        }
    }
    return MIZAN_OK;
}

/* The answer that is at hand, whatever is asked for. */
static int32_t give_answer(struct mizan_task *task,
                           const struct mizan_http_request *request,
                           struct mizan_http_response *response)
{
    struct probe *probe = task->context;
    (void)request;
    memcpy(response, &probe->answer,
           response->size < sizeof probe->answer ? response->size
                                                 : sizeof probe->answer);
    return MIZAN_OK;
}

static int32_t no_state(struct mizan_task *task, const char *key,
                        struct mizan_slice *out)
{
    (void)task;
    (void)key;
    *out = (struct mizan_slice){NULL, 0};
    return MIZAN_ERROR_NOT_FOUND;
}

static int32_t forget_state(struct mizan_task *task, const char *key,
                            struct mizan_slice value)
{
    (void)task;
    (void)key;
    (void)value;
    return MIZAN_OK;
}

static int32_t forget_address(struct mizan_task *task, const char *url)
{
    (void)task;
    (void)url;
    return MIZAN_OK;
}

static int32_t forget_validators(struct mizan_task *task,
                                 const struct mizan_http_response *response)
{
    (void)task;
    (void)response;
    return MIZAN_OK;
}

static void forget_count(struct mizan_task *task, const char *name, int64_t delta)
{
    (void)task;
    (void)name;
    (void)delta;
}

static const struct mz_services services = {.emit = take_record,
                                            .http = give_answer,
                                            .unchanged = forget_address,
                                            .keep_validators = forget_validators,
                                            .state_get = no_state,
                                            .state_set = forget_state,
                                            .count = forget_count};

static struct mizan_record *make_source(struct probe *probe)
{
    struct mizan_record *source = mz_record_create(probe->arena, "source");
    struct mizan_value id = mz_text(probe->id), url = mz_text(probe->url);
    return source != NULL && mz_record_put(source, "id", &id) == MIZAN_OK &&
                   mz_record_put(source, "url", &url) == MIZAN_OK
               ? source
               : NULL;
}

/* The plugin's options: `sources` with this one, if it has that option. */
static enum mz_code make_options(struct probe *probe, struct mz_plugin *plugin,
                                 struct mizan_options **out, struct mz_error *error)
{
    struct mizan_field members[] = {{{"id", 2}, mz_text(probe->id)},
                                    {{"url", 3}, mz_text(probe->url)}};
    struct mizan_value source = {.type = MIZAN_MAP, .as.map = {members, 2}};
    struct mizan_value list = {.type = MIZAN_LIST, .as.list = {&source, 1}};
    struct mizan_field field = {{"sources", 7}, list};
    struct mizan_value map = {.type = MIZAN_MAP, .as.map = {&field, 1}};
    struct mz_schema schema = mz_plugin_schema(plugin);
    if (mz_plugin_descriptor(plugin)->kind != MIZAN_KIND_FETCH) {
        map.as.map.count = 0;
    }
    return mz_options_check(probe->environment.arena, &schema, &map, ".", out, NULL,
                            error);
}

/* One call of the plugin with what is at hand: the answer, or `document`. */
static enum mz_code call_plugin(struct probe *probe, enum mizan_kind kind,
                                const char *name, struct mizan_record *document,
                                struct mz_error *error)
{
    struct mz_plugin *plugin;
    struct mizan_options *options;
    struct mz_instance *instance = NULL;
    struct mizan_task task = {.services = &services,
                              .context = probe,
                              .arena = probe->arena,
                              .stage = "probe",
                              .error = error};
    probe->items = 0;
    probe->first = NULL;
    enum mz_code code =
        mz_registry_find(probe->environment.registry, kind, name, &plugin, error);
    if (code == MZ_OK) {
        code = make_options(probe, plugin, &options, error);
    }
    if (code == MZ_OK) {
        code = mz_instance_open(plugin, &task, options, 0, &instance, error);
    }
    if (code == MZ_OK && document != NULL) {
        code = mz_instance_extract(instance, &task, document, 0, error);
    } else if (code == MZ_OK) {
        const struct mizan_record *source = make_source(probe);
        code = source == NULL ? mz_fail(error, MZ_MEMORY, "not enough memory to look")
                              : mz_instance_fetch(instance, &task, source, 0, error);
    }
    mz_instance_close(instance);
    return code;
}

/* ---- what it is ---- */

/* A stage that reads the address; `more` are options of it, with a comma in front. */
static void suggest(struct probe *probe, const char *stage, const char *url,
                    const char *more)
{
    struct mz_buffer text;
    mz_buffer_init(&text, 16384);
    mz_buffer_printf(&text, "%s { sources = { { id = \"%s\", url = \"%s\" } }%s }",
                     stage, probe->id, url, more);
    note_text(probe, "stage", mz_buffer_ok(&text) ? text.data : NULL);
    mz_buffer_finish(&text);
}

static bool look_at_feed(struct probe *probe)
{
    struct mz_error error;
    if (call_plugin(probe, MIZAN_KIND_FETCH, "feed", NULL, &error) != MZ_OK) {
        return false;
    }
    note_text(probe, "kind", mz_probe_feed_kind(probe->answer.body));
    note(probe, "items", mz_integer((int64_t)probe->items));
    if (probe->first != NULL) {
        note_field(probe, "newest", probe->first, "feed_title");
        note_field(probe, "published", probe->first, "feed_published");
        note_field(probe, "language", probe->first, "feed_lang");
    }
    suggest(probe, "fetch.feed", probe->answer.final_url, ", follow = true");
    return true;
}

static bool look_at_json(struct probe *probe)
{
    struct mizan_value value;
    struct mz_error error;
    char pointer[256] = "";
    size_t rows = 0;
    if (mz_json_parse(probe->arena, probe->answer.body.data, probe->answer.body.size,
                      &value, &error) != MZ_OK ||
        (value.type != MIZAN_MAP && value.type != MIZAN_LIST)) {
        return false;
    }
    note_text(probe, "kind", "JSON");
    if (mz_probe_rows(&value, pointer, sizeof pointer, &rows)) {
        struct mz_buffer more;
        mz_buffer_init(&more, 4096);
        note(probe, "rows", mz_integer((int64_t)rows));
        mz_buffer_printf(&more, ", records = \"%s\"", pointer);
        suggest(probe, "fetch.http", probe->answer.final_url,
                mz_buffer_ok(&more) ? more.data : "");
        mz_buffer_finish(&more);
    } else {
        suggest(probe, "fetch.http", probe->answer.final_url, "");
    }
    return true;
}

static struct mizan_record *make_document(struct probe *probe)
{
    const struct mizan_http_response *answer = &probe->answer;
    struct mizan_record *document = mz_record_create(probe->arena, "document");
    struct mizan_value url = mz_text(answer->final_url);
    struct mizan_value type =
        mz_text_slice(answer->media_type.data, answer->media_type.size);
    struct mizan_value charset =
        mz_text_slice(answer->charset.data, answer->charset.size);
    struct mizan_value body = mz_bytes(answer->body.data, answer->body.size);
    bool made = document != NULL && mz_record_put(document, "url", &url) == MIZAN_OK &&
                mz_record_put(document, "media_type", &type) == MIZAN_OK &&
                mz_record_put(document, "body", &body) == MIZAN_OK;
    if (made && answer->charset.size > 0) {
        made = mz_record_put(document, "charset", &charset) == MIZAN_OK;
    }
    return made ? document : NULL;
}

static void look_at_page(struct probe *probe)
{
    struct mz_error error;
    struct mizan_record *document = make_document(probe);
    struct mizan_value feeds = mz_probe_feeds(probe->arena, probe->answer.body,
                                              probe->answer.final_url, LISTED);
    note_text(probe, "kind", "page");
    if (document != NULL &&
        call_plugin(probe, MIZAN_KIND_EXTRACT, "article", document, &error) == MZ_OK &&
        probe->first != NULL) {
        const char *text = mz_record_text(probe->first, "text");
        note_field(probe, "charset_used", probe->first, "charset_used");
        note_field(probe, "language", probe->first, "lang");
        note_field(probe, "title", probe->first, "title");
        note_field(probe, "published", probe->first, "published");
        note(probe, "text_bytes", mz_integer(text == NULL ? 0 : (int64_t)strlen(text)));
        note_text(probe, "numbers", mz_probe_numbers(probe->arena, text));
    }
    note(probe, "feeds", feeds);
    if (feeds.type == MIZAN_LIST) {
        suggest(probe, "fetch.feed", feeds.as.list.items[0].as.text.data,
                ", follow = true");
    } else {
        suggest(probe, "fetch.http", probe->answer.final_url, "");
    }
}

/* ---- printing ---- */

static void print_findings(const struct probe *probe)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)1 << 20);
    for (size_t i = 0; i < mz_record_count(probe->findings); i++) {
        const struct mz_name *name;
        const struct mizan_value *value = mz_record_field(probe->findings, i, &name);
        mz_buffer_printf(&out, "%-17s", mz_name_text(name));
        if (value->type == MIZAN_LIST) {
            for (size_t k = 0; k < value->as.list.count; k++) {
                mz_buffer_printf(&out, "%s%s\n", k == 0 ? "" : "                 ",
                                 value->as.list.items[k].as.text.data);
            }
            continue;
        }
        if (value->type == MIZAN_TEXT) {
            mz_buffer_add(&out, value->as.text.data, value->as.text.size);
        } else {
            mz_json_value(&out, value);
        }
        mz_buffer_byte(&out, '\n');
    }
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

static void print_object(const struct probe *probe)
{
    struct mz_buffer out;
    mz_buffer_init(&out, (size_t)1 << 20);
    mz_json_record(&out, probe->findings, false);
    mz_buffer_byte(&out, '\n');
    if (mz_buffer_ok(&out)) {
        fwrite(out.data, 1, out.size, stdout);
    }
    mz_buffer_finish(&out);
}

static enum mz_code look(struct probe *probe, struct mz_error *error)
{
    enum mz_code code = mz_environment_init(&probe->environment, NULL, NULL, error);
    if (code != MZ_OK) {
        return code;
    }
    probe->arena = mz_arena_create(PROBE_CEILING);
    probe->findings =
        probe->arena == NULL ? NULL : mz_record_create(probe->arena, "probe");
    code = probe->findings == NULL
               ? mz_fail(error, MZ_MEMORY, "not enough memory to look")
               : open_client(probe, error);
    if (code == MZ_OK) {
        code = ask(probe, probe->url, 0, &probe->answer, error);
    }
    if (code != MZ_OK) {
        return code;
    }
    note_answer(probe);
    if (!look_at_feed(probe) && !look_at_json(probe)) {
        look_at_page(probe);
    }
    note_robots(probe);
    return MZ_OK;
}

static int probe_child(void *argument, struct mz_activity *activity)
{
    struct probe *probe = argument;
    struct mz_error error;
    (void)activity;
    enum mz_code code = look(probe, &error);
    if (code == MZ_OK && mz_argument(probe->arguments, "json") != NULL) {
        print_object(probe);
    } else if (code == MZ_OK) {
        print_findings(probe);
    }
    mz_client_destroy(probe->client);
    mz_arena_destroy(probe->arena);
    mz_environment_finish(&probe->environment);
    return code == MZ_OK ? 0 : mz_command_fail(&error);
}

int mz_source_probe(const struct mz_arguments *arguments, const char *url)
{
    struct mz_supervision supervision = {0};
    struct probe probe = {.arguments = arguments, .url = url};
    return mz_supervise(probe_child, &probe, &supervision);
}
