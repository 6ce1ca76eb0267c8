/* What hangs on a figure: who says it, from whom to whom, and which it equals. */
#include <string.h>

#include "store.h"

static const char *const roles[] = {"outlet", "agency", "spokesperson",
                                    "author", "origin", NULL};
static const char *const stances[] = {"asserts", "estimates", "denies",
                                      "doubts",  "quotes",    NULL};

/* The host of an address without `www.`, or empty. */
static struct mizan_slice host_of(struct mizan_slice url)
{
    struct mizan_slice name = {NULL, 0};
    for (size_t i = 0; i + 2 < url.size; i++) {
        if (memcmp(url.data + i, "://", 3) == 0) {
            name.data = url.data + i + 3;
            break;
        }
    }
    if (name.data == NULL) {
        return name;
    }
    const char *end = url.data + url.size;
    while (name.data + name.size < end &&
           strchr("/?#:", name.data[name.size]) == NULL) {
        name.size++;
    }
    if (name.size > 4 && memcmp(name.data, "www.", 4) == 0) {
        name.data += 4;
        name.size -= 4;
    }
    return name;
}

/* Who published: the document's outlet or site, else what the figure says of it. */
static struct mizan_slice publisher(const struct unit *unit, const mizan_record *figure)
{
    const mizan_record *places[2] = {unit->document, figure};
    for (size_t i = 0; i < 2; i++) {
        if (places[i] == NULL) {
            continue;
        }
        struct mizan_slice name = text_field(unit->host, places[i], "outlet");
        if (name.size == 0) {
            name = host_of(text_field(unit->host, places[i], "url"));
        }
        if (name.size > 0) {
            return name;
        }
    }
    return (struct mizan_slice){"unknown", 7};
}

static void begin_hop(struct row *row, struct unit *unit, const struct figure *figure,
                      int64_t hop, struct mizan_slice name)
{
    row_begin(row, unit, "attribution");
    row_string(row, "figure_id", figure->id);
    row_integer(row, "hop", hop);
    row_text(row, "name", name);
}

/* One element of a figure's `source`: hop i + 1. `origin` is the script's entity for
 * the last one. */
static int32_t write_hop(struct unit *unit, const struct figure *figure,
                         const struct mizan_value *source, size_t index, bool last)
{
    const struct mizan_host *host = unit->host;
    struct mizan_slice name = map_text(source, "name");
    struct mizan_slice role = map_text(source, "role");
    struct mizan_slice stance = map_text(source, "stance");
    struct mizan_slice entity = map_text(source, "entity");
    if (name.size == 0 || (role.size > 0 && !is_one_of(role, roles)) ||
        (stance.size > 0 && !is_one_of(stance, stances))) {
        return host->fail(
            unit->task, MIZAN_ERROR_INPUT,
            "a figure cannot be stored: element %zu of field `source` has "
            "no %s",
            index + 1, name.size == 0 ? "name" : "role or stance of the known words");
    }
    struct row row;
    begin_hop(&row, unit, figure, (int64_t)index + 1, name);
    if (role.size > 0) {
        row_text(&row, "role", role);
    } else {
        row_string(&row, "role", last ? "origin" : "outlet");
    }
    if (stance.size > 0) {
        row_text(&row, "stance", stance);
    } else {
        row_string(&row, "stance", "asserts");
    }
    if (entity.size == 0 && last) {
        entity = text_field(host, figure->record, "origin");
    }
    row_text(&row, "entity_id", entity);
    row_text(&row, "verb", map_text(source, "verb"));
    const struct mizan_value *start = map_member(source, "start");
    const struct mizan_value *end = map_member(source, "end");
    if (start != NULL && end != NULL && start->type == MIZAN_INTEGER &&
        end->type == MIZAN_INTEGER) {
        row_integer(&row, "start_byte", start->as.integer);
        row_integer(&row, "end_byte", end->as.integer);
    }
    return row_write(&row);
}

int32_t write_attribution(struct unit *unit, const struct figure *figure)
{
    const struct mizan_host *host = unit->host;
    struct mizan_value sources;
    struct row row;
    begin_hop(&row, unit, figure, 0, publisher(unit, figure->record));
    row_string(&row, "role", "outlet");
    row_string(&row, "stance", "asserts");
    int32_t status = row_write(&row);
    size_t count = host->record_get(figure->record, "source", &sources) &&
                           sources.type == MIZAN_LIST
                       ? sources.as.list.count
                       : 0;
    for (size_t i = 0; status == MIZAN_OK && i < count; i++) {
        status = write_hop(unit, figure, &sources.as.list.items[i], i, i + 1 == count);
    }
    struct mizan_slice origin = text_field(host, figure->record, "origin");
    if (status == MIZAN_OK && count == 0 && origin.size > 0) {
        /* The script knows whose figure it is, the text does not say. */
        begin_hop(&row, unit, figure, 1, origin);
        row_string(&row, "role", "origin");
        row_string(&row, "stance", "asserts");
        row_text(&row, "entity_id", origin);
        status = row_write(&row);
    }
    return status;
}

int32_t write_roles(struct unit *unit, const struct figure *figure)
{
    static const char *const names[] = {"from", "to", "about", "place"};
    int32_t status = MIZAN_OK;
    for (size_t i = 0; status == MIZAN_OK && i < sizeof(names) / sizeof(names[0]);
         i++) {
        struct mizan_slice entity = text_field(unit->host, figure->record, names[i]);
        if (entity.size == 0) {
            continue;
        }
        struct row row;
        row_begin(&row, unit, "figure_role");
        row_string(&row, "figure_id", figure->id);
        row_string(&row, "role", names[i]);
        row_text(&row, "entity_id", entity);
        status = row_write(&row);
    }
    return status;
}

/* The figure of the same document and extractor at a span, or NULL. */
static const struct figure *figure_at(const struct unit *unit,
                                      const struct figure *beside, int64_t start,
                                      int64_t end)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct figure *other = &unit->figures[i];
        if (other->start == start && other->end == end && other != beside &&
            !other->left_out && other->document_id.size == beside->document_id.size &&
            memcmp(other->document_id.data, beside->document_id.data,
                   beside->document_id.size) == 0) {
            return other;
        }
    }
    return NULL;
}

/* A link to the figure of the same document whose span a field of the record gives. */
static int32_t write_link(struct unit *unit, const struct figure *figure,
                          const char *field, const char *kind)
{
    struct mizan_value span;
    if (!unit->host->record_get(figure->record, field, &span) ||
        span.type != MIZAN_LIST || span.as.list.count != 2 ||
        span.as.list.items[0].type != MIZAN_INTEGER ||
        span.as.list.items[1].type != MIZAN_INTEGER) {
        return MIZAN_OK;
    }
    const struct figure *other =
        figure_at(unit, figure, span.as.list.items[0].as.integer,
                  span.as.list.items[1].as.integer);
    if (other == NULL) {
        unit->host->count(unit->task, "figure_links_without_end", 1);
        return MIZAN_OK;
    }
    struct row row;
    row_begin(&row, unit, "figure_link");
    row_string(&row, "a", figure->id);
    row_string(&row, "b", other->id);
    row_string(&row, "kind", kind);
    row_text(&row, "made_by", figure->extractor);
    return row_write(&row);
}

int32_t write_links(struct unit *unit, const struct figure *figure)
{
    int32_t status = write_link(unit, figure, "same_as", "same_amount");
    return status == MIZAN_OK ? write_link(unit, figure, "part_of", "part_of") : status;
}
