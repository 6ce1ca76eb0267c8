#include "feed_visit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FEED_BODY_MOST ((uint64_t)16 * 1024 * 1024)
#define LIST_MOST      ((size_t)1024 * 1024) /* bytes of the list of known addresses */
#define FAILURES_IN_A_ROW                                                              \
    5            /* pages that cannot be had, after which the rest can wait */
#define SLICE 50 /* milliseconds between looks at the stop signal */

/* How items are taken; the first line of the list of known addresses. */
static const char *manner(const struct feed_visit *visit)
{
    return visit->options->follow ? "follow\n" : "item\n";
}

static int32_t remember(const struct feed_visit *visit, const struct feed_entry *entry)
{
    const struct mizan_slice digest = {.data = entry->digest, .size = FEED_HASH - 1};
    int32_t status = visit->host->state_set(visit->task, entry->key, digest);
    return status == MIZAN_OK && entry->link_key[0] != '\0'
               ? visit->host->state_set(visit->task, entry->link_key, digest)
               : status;
}

/* The feed is as it was when its list was stored: all of that is unchanged. *usable is
 * false when there is no list, or one made in another manner. */
static int32_t count_known(const struct feed_visit *visit, bool *usable)
{
    const struct mizan_host *host = visit->host;
    struct mizan_slice list = {NULL, 0};
    const char *head = manner(visit);
    int32_t status = host->state_get(visit->task, "items", &list);
    *usable = status == MIZAN_OK && list.size >= strlen(head) &&
              memcmp(list.data, head, strlen(head)) == 0;
    if (!*usable) {
        return status == MIZAN_ERROR_NOT_FOUND ? MIZAN_OK : status;
    }
    char *text = host->alloc(visit->task, list.size + 1);
    if (text == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    memcpy(text, list.data, list.size);
    text[list.size] = '\0';
    char *line = text + strlen(head);
    while (*line != '\0' && status == MIZAN_OK) {
        char *end = strchr(line, '\n');
        if (end == NULL) {
            break;
        }
        *end = '\0';
        status = host->unchanged(visit->task, line);
        line = end + 1;
    }
    return status == MIZAN_OK ? host->unchanged(visit->task, visit->url) : status;
}

/* Keeps what the next answer of "not modified" will mean, with the validators that
 * bring it about: both at the end of the source, not before. */
static int32_t keep_list(const struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    if (visit->answer.etag.size == 0 && visit->answer.last_modified.size == 0) {
        return MIZAN_OK;
    }
    struct feed_text list;
    feed_text_init(&list, LIST_MOST);
    feed_text_string(&list, manner(visit));
    for (size_t i = 0; i < visit->count; i++) {
        feed_text_string(&list, visit->entries[i].url);
        feed_text_string(&list, "\n");
    }
    /* Without the list a 304 would mean nothing, so the validators go with it. */
    int32_t status = MIZAN_OK;
    if (!list.failed) {
        status =
            host->state_set(visit->task, "items",
                            (struct mizan_slice){.data = list.data, .size = list.size});
        status = status == MIZAN_OK ? host->keep_validators(visit->task, &visit->answer)
                                    : status;
    }
    feed_text_finish(&list);
    return status;
}

static int32_t wait_turn(const struct feed_visit *visit)
{
    for (int64_t left = visit->options->rate; left > 0; left -= SLICE) {
        int64_t part = left < SLICE ? left : SLICE;
        struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)part * 1000000L};
        if (visit->host->cancelled(visit->task)) {
            return MIZAN_ERROR_CANCELLED;
        }
        (void)nanosleep(&pause, NULL);
    }
    return MIZAN_OK;
}

/* A page that is not there, and will not be at the next visit: known from now on. */
static int32_t give_up(struct feed_visit *visit, const struct feed_entry *entry)
{
    visit->failed_in_a_row = 0;
    visit->host->log(visit->task, MIZAN_LOG_WARNING,
                     "%s: the page of this item cannot be had; it is not tried again "
                     "until the feed changes it (%s)",
                     entry->url, visit->host->failure(visit->task));
    visit->host->count(visit->task, "gone_items", 1);
    return remember(visit, entry);
}

static int32_t note_failure(struct feed_visit *visit, const struct feed_entry *entry,
                            int32_t status)
{
    visit->failed++;
    if (status == MIZAN_ERROR_TRANSIENT) {
        visit->failed_for_now++;
        visit->failed_in_a_row++;
    }
    visit->host->log(visit->task, MIZAN_LOG_WARNING,
                     "%s: the page of this item was not fetched; it is tried again at "
                     "the next visit (%s)",
                     entry->url, visit->host->failure(visit->task));
    visit->host->count(visit->task, "failed_items", 1);
    return MIZAN_OK;
}

static int32_t take_answer(struct feed_visit *visit, const struct feed_entry *entry,
                           const struct mizan_http_response *answer)
{
    visit->failed_in_a_row = 0;
    if (answer != NULL && (answer->status == 204 || answer->status == 205)) {
        return give_up(visit, entry);
    }
    /* Before the document, so that both are stored by one commit. */
    int32_t status = remember(visit, entry);
    if (status != MIZAN_OK) {
        return status;
    }
    if (answer != NULL && answer->status == 304) {
        visit->same++;
        return visit->host->unchanged(visit->task, entry->url);
    }
    visit->emitted++;
    return feed_document_emit(visit, entry, answer);
}

static int32_t take_page(struct feed_visit *visit, const struct feed_entry *entry)
{
    const struct mizan_http_request request = {
        .size = sizeof request,
        .url = entry->url,
        .flags = MIZAN_HTTP_CONDITIONAL,
    };
    struct mizan_http_response answer = {.size = sizeof answer};
    int32_t status = visit->taken > 1 ? wait_turn(visit) : MIZAN_OK;
    if (status != MIZAN_OK) {
        return status;
    }
    status = visit->host->http(visit->task, &request, &answer);
    switch (status) {
    case MIZAN_OK:
        return take_answer(visit, entry, &answer);
    case MIZAN_ERROR_NOT_FOUND:
    case MIZAN_ERROR_LIMIT:
        return give_up(visit, entry);
    case MIZAN_ERROR_CANCELLED:
    case MIZAN_ERROR_MEMORY:
    case MIZAN_ERROR_UNSUPPORTED:
        return status;
    default:
        return note_failure(visit, entry, status);
    }
}

static int32_t take_entry(struct feed_visit *visit, const struct feed_entry *entry)
{
    const struct mizan_host *host = visit->host;
    if (host->cancelled(visit->task)) {
        return MIZAN_ERROR_CANCELLED;
    }
    if (entry->news == FEED_SAME) {
        visit->same++;
        return host->unchanged(visit->task, entry->url);
    }
    if (entry->news == FEED_OLD) {
        host->count(visit->task, "old_items", 1);
        return remember(visit, entry);
    }
    if ((int64_t)visit->taken >= visit->options->limit ||
        visit->failed_in_a_row >= FAILURES_IN_A_ROW) {
        visit->postponed++;
        return MIZAN_OK;
    }
    visit->taken++;
    uint64_t mark = host->arena_mark(visit->task);
    int32_t status =
        entry->has_page ? take_page(visit, entry) : take_answer(visit, entry, NULL);
    host->arena_release(visit->task, mark);
    return status;
}

static void warn(const struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    if (visit->feed.total > visit->feed.count) {
        host->count(visit->task, "cut_items",
                    (int64_t)(visit->feed.total - visit->feed.count));
        host->log(visit->task, MIZAN_LOG_WARNING,
                  "%s: the feed has %zu items, of which the first %zu are looked at",
                  visit->url, visit->feed.total, visit->feed.count);
    }
    if (visit->postponed > 0) {
        host->log(visit->task, MIZAN_LOG_WARNING,
                  "%s: %zu new items are left for the next visit%s", visit->url,
                  visit->postponed,
                  visit->failed_in_a_row >= FAILURES_IN_A_ROW
                      ? ", since page after page cannot be had"
                      : " (option limit)");
        host->count(visit->task, "postponed_items", (int64_t)visit->postponed);
    }
    if (visit->feed.broken) {
        host->log(visit->task, MIZAN_LOG_WARNING,
                  "%s: the feed is not well-formed; items may be missing", visit->url);
    }
}

static int32_t take_entries(struct feed_visit *visit)
{
    const struct mizan_host *host = visit->host;
    int32_t status = MIZAN_OK;
    for (size_t i = 0; i < visit->count && status == MIZAN_OK; i++) {
        status = take_entry(visit, &visit->entries[i]);
    }
    if (status != MIZAN_OK) {
        return status;
    }
    warn(visit);
    if (visit->is_first) {
        status = host->state_set(visit->task, "visited",
                                 (struct mizan_slice){.data = "1", .size = 1});
    }
    bool whole = visit->failed == 0 && visit->postponed == 0 && !visit->feed.broken;
    if (status == MIZAN_OK && whole) {
        status = keep_list(visit);
    }
    if (status == MIZAN_OK && !visit->feed.broken) {
        status = feed_known_prune(visit);
    }
    if (status == MIZAN_OK && visit->failed_for_now > 0 &&
        visit->failed_for_now == visit->taken && visit->same == 0) {
        status = host->fail(visit->task, MIZAN_ERROR_TRANSIENT,
                            "%s: none of the pages of %zu items could be fetched",
                            visit->url, visit->taken);
    }
    return status;
}

static int32_t request_feed(struct feed_visit *visit, uint32_t flags)
{
    const struct mizan_http_request request = {
        .size = sizeof request,
        .url = visit->url,
        .flags = flags,
        .maximum_body = FEED_BODY_MOST,
    };
    visit->answer = (struct mizan_http_response){.size = sizeof visit->answer};
    return visit->host->http(visit->task, &request, &visit->answer);
}

static int32_t read_feed(struct feed_visit *visit)
{
    const struct mizan_http_response *answer = &visit->answer;
    char *charset = visit->host->alloc(visit->task, answer->charset.size + 1);
    if (charset == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    if (answer->charset.size > 0) {
        memcpy(charset, answer->charset.data, answer->charset.size);
    }
    charset[answer->charset.size] = '\0';
    const struct feed_input input = {
        .data = answer->body.size > 0 ? answer->body.data : "",
        .size = answer->body.size,
        .url = answer->final_url,
        .charset = charset,
    };
    enum feed_status status = feed_parse(&input, &visit->feed);
    if (status == FEED_OK) {
        return MIZAN_OK;
    }
    return visit->host->fail(
        visit->task, status == FEED_NO_MEMORY ? MIZAN_ERROR_MEMORY : MIZAN_ERROR_FAILED,
        "%s: %s", visit->url, feed_status_text(status));
}

static int32_t run(struct feed_visit *visit)
{
    int32_t status = request_feed(visit, MIZAN_HTTP_CONDITIONAL);
    if (status == MIZAN_OK && visit->answer.status == 304) {
        bool usable = false;
        status = count_known(visit, &usable);
        if (status != MIZAN_OK || usable) {
            return status;
        }
        status = request_feed(visit, 0);
    }
    if (status == MIZAN_OK) {
        status = read_feed(visit);
    }
    if (status == MIZAN_OK) {
        status = feed_known_check(visit);
    }
    if (status == MIZAN_OK) {
        status = feed_visit_list(visit);
    }
    if (status == MIZAN_OK) {
        status = feed_visit_compare(visit);
    }
    return status == MIZAN_OK ? take_entries(visit) : status;
}

int32_t feed_visit_run(const struct fetch_feed *options, mizan_task *task,
                       const mizan_record *source)
{
    const struct mizan_host *host = options->host;
    struct mizan_value url = {.type = MIZAN_NIL};
    struct feed_visit visit = {
        .options = options,
        .host = host,
        .task = task,
        .source = source,
        .now = host->now(task),
    };
    if (!host->record_get(source, "url", &url) || url.type != MIZAN_TEXT ||
        url.as.text.size == 0) {
        return host->fail(task, MIZAN_ERROR_OPTION, "a source has no url");
    }
    char *copy = host->alloc(task, url.as.text.size + 1);
    if (copy == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    memcpy(copy, url.as.text.data, url.as.text.size);
    copy[url.as.text.size] = '\0';
    visit.url = copy;
    int32_t status = run(&visit);
    free(visit.entries);
    feed_finish(&visit.feed);
    return status;
}
