/* A JSON document: checked as a whole, then searched for its records. */
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct search {
    struct rows *rows;
    const char *start;
    uint64_t skip; /* records that earlier slices had */
    uint64_t seen;
    int32_t status;
    bool more;
};

static bool take_record(void *owner, const struct json_value *value,
                        const char *pointer, size_t size)
{
    struct search *search = owner;
    struct rows *rows = search->rows;
    if (search->seen++ < search->skip) {
        return true;
    }
    if (rows->emitted >= SLICE_ROWS) {
        search->more = true;
        search->seen--;
        return false;
    }
    char *copy = rows->host->alloc(rows->task, size + 1);
    if (copy == NULL) {
        search->status = rows->host->fail(rows->task, MIZAN_ERROR_MEMORY,
                                          "not enough memory for the rows");
        return false;
    }
    memcpy(copy, pointer, size);
    struct mizan_locator locator = {.kind = MIZAN_LOCATOR_POINTER,
                                    .pointer = {copy, size}};
    /* A text's own quotes lie around it. */
    size_t quote = value->kind == JSON_TEXT ? 1 : 0;
    struct json_scan scan = {.at = value->data - quote,
                             .end = value->data + value->size + quote};
    search->status = rows_value(rows, &scan, false, &locator);
    if (search->status == MIZAN_ERROR_INPUT && rows->wrong != NULL) {
        search->status = rows->host->reject(
            rows->task, NULL, "%.*s, byte %zu: %s", (int)size, pointer,
            (size_t)(rows->place - search->start), rows->wrong);
        rows->wrong = NULL;
    }
    return search->status == MIZAN_OK;
}

static int32_t refuse(const struct rows *rows, const struct json_scan *scan,
                      const char *start)
{
    return rows->host->fail(rows->task, MIZAN_ERROR_INPUT, "byte %zu: %s",
                            (size_t)(scan->at - start), scan->wrong);
}

static uint64_t records_before(const struct mizan_cursor *cursor)
{
    uint64_t number = 0;
    for (size_t i = 0; i < cursor->state.size; i++) {
        number = number * 10 + (uint64_t)(cursor->state.data[i] - '0');
    }
    return number;
}

static int32_t find_records(struct rows *rows, const struct json_value *value,
                            const char *start)
{
    static const struct path every = {.steps = {{.any = true}}, .count = 1};
    static const struct path itself = {.count = 0};
    const struct extract_json *plugin = rows->plugin;
    struct mizan_cursor cursor = {0};
    int32_t status = rows->host->slice_begin(rows->task, &cursor);
    if (status != MIZAN_OK) {
        return status;
    }
    struct search search = {.rows = rows,
                            .start = start,
                            .skip = records_before(&cursor),
                            .status = MIZAN_OK};
    const struct path *path = plugin->has_records        ? &plugin->records
                              : value->kind == JSON_LIST ? &every
                                                         : &itself;
    /* A path that ends at a list means what is in it. */
    (void)path_find(path, value, take_record, &search);
    if (search.status == MIZAN_OK && search.more) {
        char state[32];
        int size = snprintf(state, sizeof state, "%" PRIu64, search.seen);
        struct mizan_cursor next = {search.seen, {state, (size_t)size}};
        return rows->host->slice_end(rows->task, &next);
    }
    if (search.status == MIZAN_OK && search.seen == 0 && plugin->has_records) {
        return rows->host->fail(rows->task, MIZAN_ERROR_INPUT,
                                "nothing stands where `records` says: the document has "
                                "another shape");
    }
    return search.status;
}

int32_t read_document(struct rows *rows, struct mizan_slice body)
{
    struct json_value value;
    const char *start = body.data;
    struct json_scan scan = {
        .at = start, .end = start + body.size, .depth = JSON_DEPTH};
    const unsigned char *first = (const unsigned char *)start;
    if (body.size >= 2 && (first[0] == 0 || first[1] == 0 || first[0] >= 0xfe)) {
        return rows->host->fail(
            rows->task, MIZAN_ERROR_INPUT,
            "byte 0: this looks like UTF-16 or UTF-32; JSON is UTF-8 "
            "(RFC 8259): convert it with iconv -t utf-8");
    }
    if (body.size >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0) {
        scan.at += 3;
    }
    json_blanks(&scan);
    if (!json_value(&scan, &value)) {
        return refuse(rows, &scan, start);
    }
    json_blanks(&scan);
    if (scan.at < scan.end) {
        scan.wrong = "something follows the value; when each line has one, say form = "
                     "\"lines\"";
        return refuse(rows, &scan, start);
    }
    return find_records(rows, &value, start);
}
