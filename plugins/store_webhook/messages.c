/* Records as the list of a message, and its id: of what it says, so that the same
 * records are not sent again and changed ones are. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "webhook.h"

#define DEPTH_MOST 32

static struct mizan_slice slice(const char *text)
{
    return (struct mizan_slice){text, strlen(text)};
}

static bool is_named(struct mizan_slice name, const char *text)
{
    return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

/* The text of a value, for the id of a message: unambiguous, not pretty. */
struct digest {
    const struct store *store;
    char id[ID_SIZE];
};

static int32_t add_part(struct digest *digest, struct mizan_slice part)
{
    const struct mizan_slice parts[] = {slice(digest->id), part};
    char next[ID_SIZE];
    int32_t status = digest->store->host->hash_id(parts, 2, next);
    memcpy(digest->id, next, sizeof next);
    return status;
}

static int32_t add_number(struct digest *digest, char kind, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%c%" PRId64, kind, number);
    return add_part(digest, slice(text));
}

static int32_t add_value(struct digest *digest, const struct mizan_value *value,
                         int depth)
{
    int32_t status = add_number(digest, 't', (int64_t)value->type);
    char text[40];
    size_t count = 0;
    if (status != MIZAN_OK || depth > DEPTH_MOST) {
        return status;
    }
    switch ((enum mizan_type)value->type) {
    case MIZAN_NIL:
        return status;
    case MIZAN_BOOLEAN:
    case MIZAN_INTEGER:
    case MIZAN_TIME:
        return add_number(digest, 'i', value->as.integer);
    case MIZAN_DOUBLE:
        snprintf(text, sizeof text, "%a", value->as.number);
        return add_part(digest, slice(text));
    case MIZAN_DECIMAL:
    case MIZAN_TEXT:
    case MIZAN_BYTES:
        return add_part(digest, value->as.text);
    case MIZAN_LIST:
        count = value->as.list.count;
        break;
    case MIZAN_MAP:
        count = value->as.map.count;
        break;
    }
    status = add_number(digest, 'n', (int64_t)count);
    for (size_t i = 0; i < count && status == MIZAN_OK; i++) {
        if (value->type == MIZAN_LIST) {
            status = add_value(digest, &value->as.list.items[i], depth + 1);
            continue;
        }
        status = add_part(digest, value->as.map.fields[i].name);
        if (status == MIZAN_OK) {
            status = add_value(digest, &value->as.map.fields[i].value, depth + 1);
        }
    }
    return status;
}

/* The record as a map: `_type` and `id` first, without what belongs to the run. */
static int32_t record_map(const struct store *store, mizan_task *task,
                          const mizan_record *record, const char *id,
                          struct mizan_value *out)
{
    const struct mizan_host *host = store->host;
    size_t count = host->record_count(record), used = 0;
    struct mizan_field *fields = host->alloc(task, (count + 2) * sizeof *fields);
    if (fields == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for a message");
    }
    memset(fields, 0, (count + 2) * sizeof *fields);
    fields[used].name = slice("_type");
    fields[used].value.type = MIZAN_TEXT;
    fields[used++].value.as.text = slice(host->record_type(record));
    if (id[0] != '\0' && text_field(host, record, "id").size == 0) {
        fields[used].name = slice("id");
        fields[used].value.type = MIZAN_TEXT;
        fields[used++].value.as.text = slice(id);
    }
    for (size_t i = 0; i < count; i++) {
        host->record_field(record, i, &fields[used]);
        if (!is_named(fields[used].name, "run_id") &&
            fields[used].value.type != MIZAN_BYTES) {
            used++;
        }
    }
    *out = (struct mizan_value){.type = MIZAN_MAP};
    out->as.map.fields = fields;
    out->as.map.count = used;
    return MIZAN_OK;
}

static int32_t set(const struct mizan_host *host, mizan_task *task, mizan_record *row,
                   const char *name, const struct mizan_value *value)
{
    int32_t status = host->record_set(row, name, value);
    return status == MIZAN_OK
               ? status
               : host->fail(task, status, "a message could not be built");
}

static int32_t set_text(const struct mizan_host *host, mizan_task *task,
                        mizan_record *row, const char *name, const char *text)
{
    struct mizan_value value = {.type = MIZAN_TEXT};
    value.as.text = slice(text);
    return set(host, task, row, name, &value);
}

static int32_t set_settings(const struct store *store, mizan_task *task,
                            mizan_record *row)
{
    struct mizan_field fields[2];
    struct mizan_value map = {.type = MIZAN_MAP};
    const char *const names[] = {"secret", "token"};
    const char *const values[] = {store->secret, store->token};
    memset(fields, 0, sizeof fields);
    for (size_t i = 0; i < 2; i++) {
        if (values[i] != NULL) {
            struct mizan_field *field = &fields[map.as.map.count++];
            field->name = slice(names[i]);
            field->value.type = MIZAN_TEXT;
            field->value.as.text = slice(values[i]);
        }
    }
    map.as.map.fields = fields;
    return set(store->host, task, row, "settings", &map);
}

static int32_t write_message(const struct store *store, mizan_task *task,
                             const struct mizan_value *list)
{
    const struct mizan_host *host = store->host;
    struct digest digest = {.store = store, .id = ""};
    mizan_record *row = host->record_new(task, "outbox");
    int32_t status =
        row == NULL ? host->fail(task, MIZAN_ERROR_MEMORY, "no memory for a message")
                    : add_part(&digest, slice(store->url));
    if (status == MIZAN_OK) {
        status = add_value(&digest, list, 0);
    }
    if (status == MIZAN_OK) {
        status = set_text(host, task, row, "id", digest.id);
    }
    if (status == MIZAN_OK) {
        status = set_text(host, task, row, "target", store->url);
    }
    if (status == MIZAN_OK) {
        status = set_settings(store, task, row);
    }
    if (status == MIZAN_OK) {
        status = set(host, task, row, "records", list);
    }
    if (status == MIZAN_OK) {
        status = host->db_upsert(task, "outbox", row);
    }
    if (status == MIZAN_OK) {
        host->count(task, "messages", 1);
    }
    return status;
}

int32_t write_messages(const struct store *store, mizan_task *task)
{
    const struct mizan_host *host = store->host;
    char(*ids)[ID_SIZE] = NULL;
    size_t most = store->batch < store->count ? store->batch : store->count;
    struct mizan_value *items = host->alloc(task, (most + 1) * sizeof *items);
    struct mizan_value list = {.type = MIZAN_LIST};
    int32_t status = make_ids(store, task, &ids);
    if (items == NULL) {
        return host->fail(task, MIZAN_ERROR_MEMORY, "no memory for a message");
    }
    list.as.list.items = items;
    for (size_t i = 0; i < store->count && status == MIZAN_OK; i++) {
        const mizan_record *record = store->records[i];
        if (!is_wanted(store, host->record_type(record))) {
            continue;
        }
        status = record_map(store, task, record, ids[i], &items[list.as.list.count]);
        list.as.list.count++;
        if (status == MIZAN_OK && list.as.list.count == store->batch) {
            status = write_message(store, task, &list);
            list.as.list.count = 0;
        }
    }
    return status == MIZAN_OK && list.as.list.count > 0
               ? write_message(store, task, &list)
               : status;
}
