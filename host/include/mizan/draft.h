/* For plugins, header only: records that are filled field by field, with the first
 * failure kept, so that it is looked at once. It uses services of ABI 1.0 alone.
 *
 *     struct mizan_draft draft = mizan_draft_begin(host, task, "document");
 *     mizan_draft_text(&draft, "url", url);
 *     mizan_draft_integer(&draft, "fetched_at", MIZAN_TIME, when);
 *     return mizan_draft_emit(&draft);
 */
#ifndef MIZAN_DRAFT_H
#define MIZAN_DRAFT_H

#include <mizan/plugin.h>

/* `status` is MIZAN_OK until something failed; from then on nothing more is set. */
struct mizan_draft {
    const struct mizan_host *host;
    mizan_task *task;
    mizan_record *record;
    int32_t status;
};

static inline struct mizan_draft mizan_draft_begin(const struct mizan_host *host,
                                                   mizan_task *task, const char *type)
{
    struct mizan_draft draft = {host, task, host->record_new(task, type), MIZAN_OK};
    draft.status = draft.record == NULL ? MIZAN_ERROR_MEMORY : MIZAN_OK;
    return draft;
}

static inline void mizan_draft_value(struct mizan_draft *draft, const char *name,
                                     struct mizan_value value)
{
    if (draft->status == MIZAN_OK) {
        draft->status = draft->host->record_set(draft->record, name, &value);
    }
}

/* What is empty is absent. */
static inline void mizan_draft_slice(struct mizan_draft *draft, const char *name,
                                     struct mizan_slice text)
{
    struct mizan_value value = {.type = MIZAN_TEXT, .as.text = text};
    if (text.size > 0) {
        mizan_draft_value(draft, name, value);
    }
}

/* What is NULL or empty is absent. */
static inline void mizan_draft_text(struct mizan_draft *draft, const char *name,
                                    const char *text)
{
    struct mizan_slice slice = {text, 0};
    while (text != NULL && text[slice.size] != '\0') {
        slice.size++;
    }
    mizan_draft_slice(draft, name, slice);
}

/* Bytes are set, be they empty: a body of nothing is a body. */
static inline void mizan_draft_bytes(struct mizan_draft *draft, const char *name,
                                     const char *data, size_t size)
{
    struct mizan_value value = {.type = MIZAN_BYTES, .as.text = {data, size}};
    mizan_draft_value(draft, name, value);
}

/* `type` is MIZAN_INTEGER, MIZAN_TIME or MIZAN_BOOLEAN. */
static inline void mizan_draft_integer(struct mizan_draft *draft, const char *name,
                                       uint32_t type, int64_t integer)
{
    struct mizan_value value = {.type = type, .as.integer = integer};
    mizan_draft_value(draft, name, value);
}

/* A text of another record, when it has it. */
static inline void mizan_draft_copy(struct mizan_draft *draft, const mizan_record *from,
                                    const char *field, const char *name)
{
    struct mizan_value value = {.type = MIZAN_NIL};
    if (draft->host->record_get(from, field, &value) && value.type == MIZAN_TEXT) {
        mizan_draft_slice(draft, name, value.as.text);
    }
}

/* What an answer of host->http says of a document, but for its address: final_url,
 * http_status, media_type, charset, body, etag, last_modified, fetched_at. */
static inline void mizan_draft_answer(struct mizan_draft *draft,
                                      const struct mizan_http_response *answer)
{
    mizan_draft_text(draft, "final_url", answer->final_url);
    mizan_draft_integer(draft, "http_status", MIZAN_INTEGER, answer->status);
    mizan_draft_slice(draft, "media_type", answer->media_type);
    mizan_draft_slice(draft, "charset", answer->charset);
    mizan_draft_bytes(draft, "body", answer->body.data, answer->body.size);
    mizan_draft_slice(draft, "etag", answer->etag);
    mizan_draft_slice(draft, "last_modified", answer->last_modified);
    mizan_draft_integer(draft, "fetched_at", MIZAN_TIME, answer->fetched_at);
}

/* Passes the record on, or returns why it could not be filled. */
static inline int32_t mizan_draft_emit(struct mizan_draft *draft)
{
    if (draft->status == MIZAN_OK) {
        return draft->host->emit(draft->task, draft->record);
    }
    return draft->host->fail(draft->task, draft->status,
                             "the fields of a record could not be set");
}

/* A member of a map, or NULL: sources and headers among options are maps. */
static inline const struct mizan_value *mizan_member(const struct mizan_value *map,
                                                     const char *name)
{
    for (size_t i = 0; map->type == MIZAN_MAP && i < map->as.map.count; i++) {
        const struct mizan_slice *key = &map->as.map.fields[i].name;
        size_t at = 0;
        while (at < key->size && name[at] == key->data[at]) {
            at++;
        }
        if (at == key->size && name[at] == '\0') {
            return &map->as.map.fields[i].value;
        }
    }
    return NULL;
}

/* Text that is not empty; NULL is none. */
static inline int mizan_is_text(const struct mizan_value *value)
{
    return value != NULL && value->type == MIZAN_TEXT && value->as.text.size > 0;
}

/* Whether each source of an option has an address; host->fail says which has not. */
static inline int32_t mizan_check_sources(const struct mizan_host *host,
                                          mizan_task *task,
                                          const struct mizan_value *sources)
{
    for (size_t i = 0; sources->type == MIZAN_LIST && i < sources->as.list.count; i++) {
        const struct mizan_value *source = &sources->as.list.items[i];
        const struct mizan_value *id = mizan_member(source, "id");
        if (!mizan_is_text(mizan_member(source, "url"))) {
            return host->fail(task, MIZAN_ERROR_OPTION, "source %.*s has no url",
                              mizan_is_text(id) ? (int)id->as.text.size : 1,
                              mizan_is_text(id) ? id->as.text.data : "?");
        }
    }
    return MIZAN_OK;
}

/* ---- documents whose body is rows ----
 *
 * The host makes a record of each row behind its document, with its place as locator,
 * also when the document is tried again from its kept body.
 *
 *     mizan_draft_bytes(&draft, "body", json, size);
 *     mizan_draft_rows(&draft, "application/json", "/data", "row");
 *
 * `application/json`: the list at the JSON pointer, "" being the whole body;
 * `application/x-ndjson`: a line of JSON each; `text/…`: a line each, in the field
 * `text`. A unit takes MIZAN_ROWS_MOST rows and MIZAN_ROWS_BYTES_MOST bytes: cut what
 * is longer into documents with addresses of their own. */

#define MIZAN_ROWS_MOST       10000
#define MIZAN_ROWS_BYTES_MOST ((size_t)16 * 1024 * 1024)
#define MIZAN_ROWS_MARK       4096 /* bytes of a marked media type */

/* Appends text, with what could end it as %XX; returns the new size. */
static inline size_t mizan_rows_add(char *out, size_t size, const char *text, int coded)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *text != '\0' && size + 4 < MIZAN_ROWS_MARK; text++) {
        unsigned char byte = (unsigned char)*text;
        if (coded && (byte <= ' ' || byte >= 0x7f || byte == '%' || byte == '"' ||
                      byte == ';')) {
            out[size++] = '%';
            out[size++] = digits[byte >> 4];
            out[size++] = digits[byte & 0xf];
        } else {
            out[size++] = *text;
        }
    }
    out[size] = '\0';
    return size;
}

/* Sets the media type with its mark: where the rows are, and the type of their records.
 */
static inline void mizan_draft_rows(struct mizan_draft *draft, const char *media_type,
                                    const char *pointer, const char *type)
{
    char mark[MIZAN_ROWS_MARK];
    size_t size = mizan_rows_add(mark, 0, media_type, 0);
    size = mizan_rows_add(mark, size, "; rows=\"", 0);
    size = mizan_rows_add(mark, size, pointer, 1);
    size = mizan_rows_add(mark, size, "\"; type=\"", 0);
    size = mizan_rows_add(mark, size, type, 1);
    (void)mizan_rows_add(mark, size, "\"", 0);
    mizan_draft_text(draft, "media_type", mark);
}

/* The size of the first piece of a text of lines that a unit takes: whole lines, if
 * there is not a single one that is longer. */
static inline size_t mizan_rows_cut(const char *data, size_t size)
{
    size_t end = 0, lines = 0, at = 0;
    while (at < size && lines < MIZAN_ROWS_MOST) {
        while (at < size && data[at] != '\n') {
            at++;
        }
        at += at < size ? 1 : 0;
        if (end > 0 && at > MIZAN_ROWS_BYTES_MOST) {
            break;
        }
        end = at;
        lines++;
    }
    return end;
}

#endif
