/* Documents made of a feed's items. */
#include <string.h>

#include "feed_internal.h"
#include "feed_visit.h"

#define DAY           INT64_C(86400000)
#define DOCUMENT_MOST ((size_t)16 * 1024 * 1024)

/* The record being filled; `status` keeps the first failure. */
struct draft {
    const struct mizan_host *host;
    mizan_record *record;
    int32_t status;
};

static void set_value(struct draft *draft, const char *name, struct mizan_value value)
{
    if (draft->status == MIZAN_OK) {
        draft->status = draft->host->record_set(draft->record, name, &value);
    }
}

/* What is absent or empty is not set. */
static void set_slice(struct draft *draft, const char *name, struct mizan_slice text)
{
    if (text.size > 0) {
        set_value(draft, name,
                  (struct mizan_value){.type = MIZAN_TEXT, .as.text = text});
    }
}

static void set_text(struct draft *draft, const char *name, const char *text)
{
    if (text != NULL) {
        set_slice(draft, name,
                  (struct mizan_slice){.data = text, .size = strlen(text)});
    }
}

static void set_integer(struct draft *draft, const char *name, uint32_t type,
                        int64_t integer)
{
    set_value(draft, name, (struct mizan_value){.type = type, .as.integer = integer});
}

static void set_body(struct draft *draft, const char *data, size_t size)
{
    set_value(draft, "body",
              (struct mizan_value){.type = MIZAN_BYTES,
                                   .as.text = {.data = data, .size = size}});
}

static void copy_field(struct draft *draft, const mizan_record *source,
                       const char *from, const char *to)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    if (draft->host->record_get(source, from, &value) && value.type == MIZAN_TEXT &&
        value.as.text.size > 0) {
        set_value(draft, to, value);
    }
}

/* A date a little ahead is a clock that is wrong or a zone left out: it becomes now.
 * One further ahead is no date. */
static void set_published(struct draft *draft, const struct feed_visit *visit,
                          const struct feed_item *item)
{
    int64_t published = item->published < visit->now ? item->published : visit->now;
    if (item->has_published && item->published <= visit->now + 2 * DAY) {
        set_integer(draft, "feed_published", MIZAN_TIME, published);
    } else {
        set_text(draft, "published_raw",
                 item->published_raw != NULL ? item->published_raw : item->updated_raw);
    }
}

static void set_item(struct draft *draft, const struct feed_visit *visit,
                     const struct feed_item *item)
{
    copy_field(draft, visit->source, "id", "source");
    copy_field(draft, visit->source, "lang", "lang");
    copy_field(draft, visit->source, "outlet", "outlet");
    set_text(draft, "feed_url", visit->url);
    set_text(draft, "feed_guid", item->id);
    set_text(draft, "feed_title", item->title);
    set_text(draft, "feed_summary", item->summary);
    set_text(draft, "feed_author", item->author);
    set_text(draft, "feed_lang", item->lang);
    set_published(draft, visit, item);
}

static void set_page(struct draft *draft, const struct mizan_http_response *page)
{
    set_text(draft, "final_url", page->final_url);
    set_integer(draft, "http_status", MIZAN_INTEGER, page->status);
    set_slice(draft, "media_type", page->media_type);
    set_slice(draft, "charset", page->charset);
    set_body(draft, page->body.data, page->body.size);
    set_slice(draft, "etag", page->etag);
    set_slice(draft, "last_modified", page->last_modified);
    set_integer(draft, "fetched_at", MIZAN_TIME, page->fetched_at);
}

/* A page of the item's own words, so that what reads pages can read items too. */
static void write_page(struct feed_text *page, const struct feed_item *item)
{
    feed_text_string(page, "<!DOCTYPE html>\n<html");
    if (item->lang != NULL) {
        feed_text_string(page, " lang=\"");
        feed_escape(page, item->lang);
        feed_text_string(page, "\"");
    }
    feed_text_string(page, ">\n<head><meta charset=\"utf-8\"><title>");
    feed_escape(page, item->title == NULL ? "" : item->title);
    feed_text_string(page, "</title></head>\n<body><article>\n<h1>");
    feed_escape(page, item->title == NULL ? "" : item->title);
    feed_text_string(page, "</h1>\n<div>");
    feed_text_string(page, item->content == NULL ? "" : item->content);
    feed_text_string(page, "</div>\n</article></body>\n</html>\n");
}

static void set_own_words(struct draft *draft, const struct feed_visit *visit,
                          const struct feed_entry *entry)
{
    struct feed_text page;
    feed_text_init(&page, DOCUMENT_MOST);
    write_page(&page, entry->item);
    if (page.failed) {
        draft->status = MIZAN_ERROR_MEMORY;
    }
    set_text(draft, "final_url", entry->url);
    set_text(draft, "media_type", "text/html");
    set_text(draft, "charset", "utf-8");
    set_body(draft, page.data, page.size);
    set_integer(draft, "fetched_at", MIZAN_TIME, visit->answer.fetched_at);
    feed_text_finish(&page);
}

int32_t feed_document_emit(const struct feed_visit *visit,
                           const struct feed_entry *entry,
                           const struct mizan_http_response *answer)
{
    struct draft draft = {.host = visit->host};
    draft.record = visit->host->record_new(visit->task, "document");
    if (draft.record == NULL) {
        return MIZAN_ERROR_MEMORY;
    }
    set_text(&draft, "url", entry->url);
    if (answer != NULL) {
        set_page(&draft, answer);
    } else {
        set_own_words(&draft, visit, entry);
    }
    set_item(&draft, visit, entry->item);
    return draft.status == MIZAN_OK ? visit->host->emit(visit->task, draft.record)
                                    : draft.status;
}
