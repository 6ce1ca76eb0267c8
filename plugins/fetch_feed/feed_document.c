/* Documents made of a feed's items. */
#include <string.h>

#include <mizan/draft.h>

#include "feed_internal.h"
#include "feed_visit.h"

#define DAY           INT64_C(86400000)
#define DOCUMENT_MOST ((size_t)16 * 1024 * 1024)

/* A date a little ahead is a clock that is wrong or a zone left out: it becomes now.
 * One further ahead is no date. */
static void set_published(struct mizan_draft *draft, const struct feed_visit *visit,
                          const struct feed_item *item)
{
    int64_t published = item->published < visit->now ? item->published : visit->now;
    if (item->has_published && item->published <= visit->now + 2 * DAY) {
        mizan_draft_integer(draft, "feed_published", MIZAN_TIME, published);
    } else {
        mizan_draft_text(draft, "published_raw",
                         item->published_raw != NULL ? item->published_raw
                                                     : item->updated_raw);
    }
}

static void set_item(struct mizan_draft *draft, const struct feed_visit *visit,
                     const struct feed_item *item)
{
    mizan_draft_copy(draft, visit->source, "id", "source");
    mizan_draft_copy(draft, visit->source, "lang", "lang");
    mizan_draft_copy(draft, visit->source, "outlet", "outlet");
    mizan_draft_text(draft, "feed_url", visit->url);
    mizan_draft_text(draft, "feed_guid", item->id);
    mizan_draft_text(draft, "feed_title", item->title);
    mizan_draft_text(draft, "feed_summary", item->summary);
    mizan_draft_text(draft, "feed_author", item->author);
    mizan_draft_text(draft, "feed_lang", item->lang);
    set_published(draft, visit, item);
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

static void set_own_words(struct mizan_draft *draft, const struct feed_visit *visit,
                          const struct feed_entry *entry)
{
    struct feed_text page;
    feed_text_init(&page, DOCUMENT_MOST);
    write_page(&page, entry->item);
    if (page.failed) {
        draft->status = MIZAN_ERROR_MEMORY;
    }
    mizan_draft_text(draft, "final_url", entry->url);
    mizan_draft_text(draft, "media_type", "text/html");
    mizan_draft_text(draft, "charset", "utf-8");
    mizan_draft_bytes(draft, "body", page.data, page.size);
    mizan_draft_integer(draft, "fetched_at", MIZAN_TIME, visit->answer.fetched_at);
    feed_text_finish(&page);
}

int32_t feed_document_emit(const struct feed_visit *visit,
                           const struct feed_entry *entry,
                           const struct mizan_http_response *answer)
{
    struct mizan_draft draft = mizan_draft_begin(visit->host, visit->task, "document");
    mizan_draft_text(&draft, "url", entry->url);
    if (answer != NULL) {
        mizan_draft_answer(&draft, answer);
    } else {
        set_own_words(&draft, visit, entry);
    }
    set_item(&draft, visit, entry->item);
    return mizan_draft_emit(&draft);
}
