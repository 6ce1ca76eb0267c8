#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webhook.h"

/* A figure among those of the unit, by its span. */
struct place {
    size_t index; /* in store->records */
    struct mizan_slice document, digest, extractor;
    int64_t start, end, ordinal;
};

static int compare_text(struct mizan_slice a, struct mizan_slice b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_span(const struct place *a, const struct place *b)
{
    int order = compare_text(a->document, b->document);
    order = order != 0 ? order : compare_text(a->extractor, b->extractor);
    order = order != 0 ? order : (a->start > b->start) - (a->start < b->start);
    return order != 0 ? order : (a->end > b->end) - (a->end < b->end);
}

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int order = compare_span(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static bool take_place(const struct mizan_host *host, const mizan_record *record,
                       struct place *out)
{
    struct mizan_value start, end;
    if (strcmp(host->record_type(record), "figure") != 0 ||
        !host->record_get(record, "start", &start) ||
        !host->record_get(record, "end", &end) || start.type != MIZAN_INTEGER ||
        end.type != MIZAN_INTEGER) {
        return false;
    }
    out->document = text_field(host, record, "document_id");
    out->digest = text_field(host, record, "text_sha256");
    out->extractor = text_field(host, record, "extractor");
    out->start = start.as.integer;
    out->end = end.as.integer;
    return out->document.size > 0 && out->digest.size > 0 && out->extractor.size > 0;
}

static int32_t make_id(const struct mizan_host *host, const struct place *place,
                       char out[ID_SIZE])
{
    char start[24], end[24], ordinal[24];
    snprintf(start, sizeof start, "%" PRId64, place->start);
    snprintf(end, sizeof end, "%" PRId64, place->end);
    snprintf(ordinal, sizeof ordinal, "%" PRId64, place->ordinal);
    const struct mizan_slice parts[] = {place->document,    place->digest,
                                        place->extractor,   {start, strlen(start)},
                                        {end, strlen(end)}, {ordinal, strlen(ordinal)}};
    return host->hash_id(parts, sizeof parts / sizeof parts[0], out);
}

int32_t make_ids(const struct store *store, mizan_task *task, char (**out)[ID_SIZE])
{
    const struct mizan_host *host = store->host;
    struct place *places = host->alloc(task, (store->count + 1) * sizeof *places);
    size_t count = 0;
    int32_t status = MIZAN_OK;
    *out = host->alloc(task, (store->count + 1) * sizeof **out);
    if (places == NULL || *out == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for a unit's ids");
    }
    for (size_t i = 0; i < store->count; i++) {
        (*out)[i][0] = '\0';
        places[count].index = i;
        count += take_place(host, store->records[i], &places[count]) ? 1 : 0;
    }
    qsort(places, count, sizeof *places, compare);
    for (size_t i = 0; i < count && status == MIZAN_OK; i++) {
        bool same = i > 0 && compare_span(&places[i - 1], &places[i]) == 0;
        places[i].ordinal = same ? places[i - 1].ordinal + 1 : 0;
        status = make_id(host, &places[i], (*out)[places[i].index]);
    }
    return status;
}
