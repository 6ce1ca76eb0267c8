/* By which work, and said first by whom. */
#include <string.h>

#include "topics.h"

static bool deals_with(const struct work *work, struct mizan_slice topic)
{
    for (size_t i = 0; i < work->topics_count; i++) {
        if (same_text(work->topics[i], topic)) {
            return true;
        }
    }
    return false;
}

/* True if the document cites the work's publisher, and so the work. */
static bool is_cited(const struct document *document, const struct work *work)
{
    size_t publisher =
        work->publisher.size == 0 ? NONE : find_entity(document->data, work->publisher);
    return publisher != NONE && document->named[publisher];
}

static bool says(struct document *document, const struct figure *figure,
                 const struct lists *lists)
{
    struct words words;
    return words_for(&document->pool, lists, figure->lang, &words) &&
           has_any(figure->sentence, &words);
}

/* Text of a date that is not after another, as far as both are given. */
static bool is_out(struct mizan_slice issued, struct mizan_slice published)
{
    size_t size = issued.size < 10 ? issued.size : 10;
    size_t both = size < published.size ? size : published.size;
    int order = both > 0 ? memcmp(issued.data, published.data, both) : 0;
    return order < 0 || (order == 0 && size <= published.size);
}

/* The edition that the sentence names; else the last one that was out when the document
 * appeared, or the one before it where the sentence says so. */
static size_t work_of(struct document *document, const struct figure *figure,
                      size_t topic)
{
    const struct data *data = document->data;
    struct mizan_slice id = data->topics[topic].id;
    size_t current = NONE, before = NONE, last = NONE;
    for (size_t i = 0; i < data->work_count; i++) {
        const struct work *work = &data->works[i];
        if (!deals_with(work, id) || !is_cited(document, work)) {
            continue;
        }
        if (says(document, figure, &work->words)) {
            return i;
        }
        if (document->published.size > 0 && work->issued.size > 0 &&
            is_out(work->issued, document->published)) {
            before = last;
            current = i;
        }
        last = i;
    }
    if (current != NONE && before != NONE &&
        says(document, figure, &data->works[current].previous)) {
        return before;
    }
    return current;
}

/* *known is false when the text names a speaker that is no entity. */
static size_t origin_of(struct document *document, const struct figure *figure,
                        size_t topic, const struct work *work, bool *known)
{
    const struct data *data = document->data;
    const struct topic *about = &data->topics[topic];
    size_t publisher = work == NULL ? NONE : find_entity(data, work->publisher);
    *known = true;
    if (figure->speaker_count > 0) {
        size_t origin = entity_of_name(
            document, figure->speakers[figure->speaker_count - 1], work, figure->lang);
        *known = origin != NONE;
        return origin;
    }
    bool *named = pool_alloc(&document->pool, data->entity_count + 1);
    if (named == NULL || !name_entities(data, figure->sentence, named)) {
        *known = false;
        return NONE;
    }
    if (work != NULL && !(publisher != NONE && named[publisher])) {
        for (size_t i = 0; i < data->entity_count; i++) {
            if (named[i] && !text_is(data->entities[i].kind, "country")) {
                return i; /* somebody else speaks in this sentence */
            }
        }
    }
    if (work != NULL) {
        return publisher;
    }
    for (size_t i = 0; i < about->origins_count; i++) {
        size_t origin = find_entity(data, about->origins[i]);
        if (named[origin]) {
            return origin;
        }
    }
    return generic_in(document, figure->sentence, about->origins, about->origins_count,
                      figure->lang);
}

void work_and_origin(struct document *document, const struct figure *figure,
                     struct answer *answer)
{
    const struct data *data = document->data;
    bool known;
    size_t number = work_of(document, figure, answer->topic);
    const struct work *work = number == NONE ? NULL : &data->works[number];
    answer->origin = origin_of(document, figure, answer->topic, work, &known);
    answer->work = number;
    if (work != NULL &&
        (!known || answer->origin != find_entity(data, work->publisher))) {
        answer->work = NONE; /* somebody else says so */
    }
}
