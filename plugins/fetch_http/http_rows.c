#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http_cursor.h"
#include "http_visit.h"
#include "json_span.h"

/* Rows of one document: a whole page, or a piece of one that is too long. */
struct piece {
    const char *start, *end; /* the rows' own bytes */
    size_t count;
};

/* A POST has no address of its own: its body tells its pages apart. */
static void set_url(const struct http_visit *visit, struct mizan_draft *draft,
                    const struct piece *piece)
{
    struct http_text url = {.data = NULL};
    http_text_add(&url, visit->url.data, visit->url.size);
    const char *before = "#";
    if (visit->body.size > 0) {
        const struct mizan_slice body = {visit->body.data, visit->body.size};
        char hash[33] = "";
        if (visit->host->hash_id(&body, 1, hash) != MIZAN_OK) {
            draft->status = MIZAN_ERROR_FAILED;
        }
        http_text_string(&url, "#body=");
        http_text_string(&url, hash);
        before = "&";
    }
    if (piece != NULL) {
        char place[64];
        (void)snprintf(place, sizeof place, "%srows=%" PRId64, before,
                       visit->page_rows - (int64_t)piece->count);
        http_text_string(&url, place);
    }
    if (url.failed) {
        draft->status = MIZAN_ERROR_MEMORY;
    }
    mizan_draft_text(draft, "url", url.data);
    http_text_finish(&url);
}

static struct mizan_draft begin(const struct http_visit *visit,
                                const struct piece *piece)
{
    struct mizan_draft draft = mizan_draft_begin(visit->host, visit->task, "document");
    set_url(visit, &draft, piece);
    mizan_draft_answer(&draft, &visit->answer);
    mizan_draft_copy(&draft, visit->source, "id", "source");
    mizan_draft_copy(&draft, visit->source, "lang", "lang");
    mizan_draft_copy(&draft, visit->source, "outlet", "outlet");
    return draft;
}

int32_t http_emit_answer(const struct http_visit *visit)
{
    struct mizan_draft draft = begin(visit, NULL);
    return mizan_draft_emit(&draft);
}

int32_t http_move_cursor(const struct http_visit *visit)
{
    bool further = visit->highest.size > 0 &&
                   (visit->known.size == 0 ||
                    http_cursor_compare(visit->highest.data, visit->known.data) > 0);
    return further ? visit->host->state_set(
                         visit->task, "cursor",
                         (struct mizan_slice){visit->highest.data, visit->highest.size})
                   : MIZAN_OK;
}

/* When rows come in ascending order it rides with the document that is emitted next. */
static int32_t move_ahead(const struct http_visit *visit)
{
    return visit->plan->cursor.ascending ? http_move_cursor(visit) : MIZAN_OK;
}

static int32_t emit_page(const struct http_visit *visit)
{
    struct mizan_draft draft = begin(visit, NULL);
    int32_t status = move_ahead(visit);
    mizan_draft_rows(&draft, "application/json", visit->plan->records,
                     visit->plan->type);
    return status == MIZAN_OK ? mizan_draft_emit(&draft) : status;
}

static int32_t emit_piece(const struct http_visit *visit, const struct piece *piece)
{
    uint64_t mark = visit->host->arena_mark(visit->task);
    struct http_text body = {.data = NULL};
    struct mizan_draft draft = begin(visit, piece);
    int32_t status = move_ahead(visit);
    http_text_string(&body, "[");
    http_text_add(&body, piece->start, (size_t)(piece->end - piece->start));
    http_text_string(&body, "]");
    if (body.failed) {
        draft.status = MIZAN_ERROR_LIMIT;
    }
    mizan_draft_bytes(&draft, "body", body.data, body.size);
    mizan_draft_rows(&draft, "application/json", "", visit->plan->type);
    if (status == MIZAN_OK) {
        status = mizan_draft_emit(&draft);
    }
    http_text_finish(&body);
    visit->host->arena_release(visit->task, mark);
    return status;
}

static int32_t note_cursor(struct http_visit *visit, struct json_span row)
{
    struct json_span field = {NULL, 0};
    struct http_text value = {.data = NULL};
    if (visit->plan->cursor.field == NULL) {
        return MIZAN_OK;
    }
    bool found = json_span_find(row, visit->plan->cursor.field, &field) &&
                 json_span_text(field, &value) && value.size > 0;
    if (!found) {
        http_text_finish(&value);
        return visit->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "%s: row %" PRId64 " has no value at \"%s\", the cursor", visit->url.data,
            visit->rows + 1, visit->plan->cursor.field);
    }
    int order = visit->highest.size == 0
                    ? 1
                    : http_cursor_compare(value.data, visit->highest.data);
    if (order < 0 && visit->plan->cursor.ascending) {
        int32_t status = visit->host->fail(
            visit->task, MIZAN_ERROR_FAILED,
            "%s: the rows are not in ascending order: %.60s follows %.60s",
            visit->url.data, value.data, visit->highest.data);
        http_text_finish(&value);
        return status;
    }
    if (order > 0) {
        http_text_finish(&visit->highest);
        visit->highest = value;
    } else {
        http_text_finish(&value);
    }
    return MIZAN_OK;
}

static bool is_full(const struct piece *piece)
{
    return piece->count == MIZAN_ROWS_MOST ||
           (size_t)(piece->end - piece->start) >= MIZAN_ROWS_BYTES_MOST / 2;
}

/* Emits pieces as they fill; the last one is left in `piece`. */
static int32_t walk_rows(struct http_visit *visit, struct json_span list,
                         struct piece *piece, bool *cut)
{
    struct json_items items = {.list = list};
    struct json_span row = {NULL, 0};
    int32_t status = MIZAN_OK;
    while (status == MIZAN_OK && json_items_next(&items, &row)) {
        if (piece->count > 0 && is_full(piece)) {
            *cut = true;
            status = emit_piece(visit, piece);
            *piece = (struct piece){NULL, NULL, 0};
        }
        if (status == MIZAN_OK) {
            status = note_cursor(visit, row);
        }
        piece->start = piece->count == 0 ? row.data : piece->start;
        piece->end = row.data + row.size;
        piece->count++;
        visit->page_rows++;
        visit->rows++;
    }
    return status;
}

int32_t http_visit_rows(struct http_visit *visit)
{
    const struct mizan_http_response *answer = &visit->answer;
    const struct http_plan *plan = visit->plan;
    struct json_span whole, list;
    struct piece piece = {NULL, NULL, 0};
    bool cut = false;
    visit->page_rows = 0;
    if (!json_span_whole(answer->body.size > 0 ? answer->body.data : "",
                         answer->body.size, &whole)) {
        return visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                                 "%s: unexpected content: no whole JSON text",
                                 visit->url.data);
    }
    if (!json_span_find(whole, plan->records, &list) || !json_span_is_list(list)) {
        return visit->host->fail(visit->task, MIZAN_ERROR_FAILED,
                                 "%s: unexpected content: no list of rows at \"%s\"",
                                 visit->url.data, plan->records);
    }
    int32_t status = walk_rows(visit, list, &piece, &cut);
    if (status != MIZAN_OK || piece.count == 0) {
        return status;
    }
    return cut ? emit_piece(visit, &piece) : emit_page(visit);
}
