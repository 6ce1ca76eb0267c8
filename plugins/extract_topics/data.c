/* The script's data: a map of topics, works and entities becomes lists of folded words.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topics.h"

/* ---- memory ---- */

struct pool_block {
    struct pool_block *next;
    size_t used, size;
};
#define BLOCK ((size_t)64 << 10)

void *pool_alloc(struct pool *pool, size_t size)
{
    struct pool_block *block = pool->blocks;
    size = (size + 15) / 16 * 16;
    if (block == NULL || block->size - block->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;
        block = calloc(1, sizeof *block + 16 + room);
        if (block == NULL) {
            return NULL;
        }
        block->size = room;
        block->next = pool->blocks;
        pool->blocks = block;
    }
    char *start = (char *)(block + 1);
    start += 16 - (uintptr_t)start % 16;
    void *memory = start + block->used;
    block->used += size;
    return memory;
}

void pool_free(struct pool *pool)
{
    while (pool->blocks != NULL) {
        struct pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
}

/* ---- maps ---- */

const struct mizan_value *member(const struct mizan_value *map, const char *name)
{
    for (size_t i = 0; map != NULL && map->type == MIZAN_MAP && i < map->as.map.count;
         i++) {
        if (text_is(map->as.map.fields[i].name, name)) {
            return &map->as.map.fields[i].value;
        }
    }
    return NULL;
}

struct mizan_slice member_text(const struct mizan_value *map, const char *name)
{
    const struct mizan_value *value = member(map, name);
    struct mizan_slice none = {NULL, 0};
    return value != NULL && value->type == MIZAN_TEXT ? value->as.text : none;
}

/* ---- reading, the first mistake is kept ---- */

struct reader {
    struct data *data;
    struct mizan_slice where; /* id of the topic, work or entity */
    char *wrong;
};

static bool refuse(struct reader *reader, const char *field, const char *wanted)
{
    snprintf(reader->wrong, 200, "`%.*s`: `%s` is not %s", (int)reader->where.size,
             reader->where.data == NULL ? "" : reader->where.data, field, wanted);
    return false;
}

static bool add_word(struct pool *pool, struct words *words, struct mizan_slice text)
{
    char *folded = pool_alloc(pool, 2 * text.size + 1);
    if (folded == NULL) {
        return false;
    }
    struct mizan_slice slice = {folded, fold(text, folded)};
    words->count += make_word(slice, &words->items[words->count]);
    return true;
}

static bool read_words(struct reader *reader, const char *field,
                       const struct mizan_value *list, struct words *out)
{
    if (list->type != MIZAN_LIST) {
        return refuse(reader, field, "a table language = { words }");
    }
    out->items =
        pool_alloc(&reader->data->pool, (list->as.list.count + 1) * sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < list->as.list.count; i++) {
        const struct mizan_value *word = &list->as.list.items[i];
        if (word->type != MIZAN_TEXT) {
            return refuse(reader, field, "a list of texts");
        }
        if (!add_word(&reader->data->pool, out, word->as.text)) {
            return refuse(reader, field, "small enough for the memory");
        }
    }
    return out->items != NULL || refuse(reader, field, "small enough for the memory");
}

static bool read_lists(struct reader *reader, const struct mizan_value *map,
                       const char *field, struct lists *out)
{
    const struct mizan_value *lists = member(map, field);
    if (lists == NULL || (lists->type == MIZAN_LIST && lists->as.list.count == 0)) {
        return true;
    }
    if (lists->type != MIZAN_MAP) {
        return refuse(reader, field, "a table language = { words }");
    }
    out->items =
        pool_alloc(&reader->data->pool, (lists->as.map.count + 1) * sizeof *out->items);
    if (out->items == NULL) {
        return refuse(reader, field, "small enough for the memory");
    }
    for (size_t i = 0; i < lists->as.map.count; i++) {
        out->items[i].lang = lists->as.map.fields[i].name;
        if (!read_words(reader, field, &lists->as.map.fields[i].value,
                        &out->items[i].words)) {
            return false;
        }
        out->count++;
    }
    return true;
}

static bool read_ids(struct reader *reader, const struct mizan_value *map,
                     const char *field, struct mizan_slice **out, size_t *count)
{
    const struct mizan_value *list = member(map, field);
    if (list == NULL) {
        return true;
    }
    if (list->type != MIZAN_LIST) {
        return refuse(reader, field, "a list of ids");
    }
    *out = pool_alloc(&reader->data->pool, (list->as.list.count + 1) * sizeof **out);
    for (size_t i = 0; *out != NULL && i < list->as.list.count; i++) {
        if (list->as.list.items[i].type != MIZAN_TEXT) {
            return refuse(reader, field, "a list of ids");
        }
        (*out)[(*count)++] = list->as.list.items[i].as.text;
    }
    return *out != NULL || refuse(reader, field, "small enough for the memory");
}

static bool is_true(const struct mizan_value *map, const char *field)
{
    const struct mizan_value *value = member(map, field);
    return value != NULL && value->type == MIZAN_BOOLEAN && value->as.integer != 0;
}

static bool read_topic(struct reader *reader, const struct mizan_value *map,
                       struct topic *topic)
{
    const struct mizan_value *anchor = member(map, "anchor");
    topic->label = member_text(map, "label");
    topic->kind = member_text(map, "kind");
    topic->unit = member_text(map, "unit");
    topic->measure = member_text(map, "measure");
    topic->stage = member_text(map, "stage");
    topic->from = member_text(map, "from");
    topic->to = member_text(map, "to");
    topic->returns = member_text(map, "returns");
    topic->needs_hint = is_true(map, "needs_hint");
    topic->has_anchor = anchor != NULL;
    if (topic->kind.size == 0) {
        return refuse(reader, "kind", "given: money, count, percent …");
    }
    return read_lists(reader, map, "counted", &topic->counted) &&
           read_lists(reader, map, "near", &topic->near) &&
           read_lists(reader, map, "hint", &topic->hint) &&
           read_lists(reader, map, "exclude", &topic->exclude) &&
           read_ids(reader, map, "beats", &topic->beats, &topic->beats_count) &&
           read_ids(reader, map, "mentions", &topic->mentions,
                    &topic->mentions_count) &&
           read_ids(reader, map, "others", &topic->others, &topic->others_count) &&
           read_ids(reader, map, "strangers", &topic->strangers,
                    &topic->strangers_count) &&
           read_ids(reader, map, "origins", &topic->origins, &topic->origins_count) &&
           read_ids(reader, anchor, "entities", &topic->anchor_entities,
                    &topic->anchor_entities_count) &&
           read_ids(reader, anchor, "nouns", &topic->anchor_nouns,
                    &topic->anchor_nouns_count);
}

/* The words of all languages in one list, each once. */
static bool gather(struct reader *reader, const struct lists *a, const struct lists *b,
                   struct words *out)
{
    const struct lists *both[2] = {a, b};
    size_t most = 1;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < both[k]->count; i++) {
            most += both[k]->items[i].words.count;
        }
    }
    out->items = pool_alloc(&reader->data->pool, most * sizeof *out->items);
    if (out->items == NULL) {
        return refuse(reader, "aliases", "small enough for the memory");
    }
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < both[k]->count; i++) {
            const struct words *words = &both[k]->items[i].words;
            for (size_t w = 0; w < words->count; w++) {
                bool known = false;
                for (size_t o = 0; o < out->count && !known; o++) {
                    known = same_text(out->items[o].text, words->items[w].text);
                }
                if (!known) {
                    out->items[out->count++] = words->items[w];
                }
            }
        }
    }
    return true;
}

static bool read_entity(struct reader *reader, const struct mizan_value *map,
                        struct entity *entity)
{
    struct lists stems = {0};
    entity->kind = member_text(map, "kind");
    entity->name = member_text(map, "name");
    entity->iso3 = member_text(map, "iso3");
    entity->wikidata = member_text(map, "wikidata");
    if (entity->kind.size == 0 || entity->name.size == 0) {
        return refuse(reader, entity->kind.size == 0 ? "kind" : "name", "given");
    }
    return read_lists(reader, map, "aliases", &entity->aliases) &&
           read_lists(reader, map, "stems", &stems) &&
           read_lists(reader, map, "generic", &entity->generic) &&
           gather(reader, &entity->aliases, &stems, &entity->words);
}

static bool read_work(struct reader *reader, const struct mizan_value *map,
                      struct work *work)
{
    work->title = member_text(map, "title");
    work->publisher = member_text(map, "publisher");
    work->issued = member_text(map, "issued");
    work->url = member_text(map, "url");
    if (work->title.size == 0) {
        return refuse(reader, "title", "given");
    }
    if (work->publisher.size > 0 &&
        find_entity(reader->data, work->publisher) == NONE) {
        return refuse(reader, "publisher", "one of the entities");
    }
    return read_ids(reader, map, "topics", &work->topics, &work->topics_count) &&
           read_lists(reader, map, "words", &work->words) &&
           read_lists(reader, map, "previous", &work->previous) &&
           read_lists(reader, map, "generic", &work->generic);
}

/* ---- order ---- */

static int compare(struct mizan_slice a, struct mizan_slice b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_topics(const void *a, const void *b)
{
    return compare(((const struct topic *)a)->id, ((const struct topic *)b)->id);
}

static int compare_entities(const void *a, const void *b)
{
    return compare(((const struct entity *)a)->id, ((const struct entity *)b)->id);
}

static int compare_works(const void *a, const void *b)
{
    const struct work *one = a, *other = b;
    return compare(one->issued.size > 0 ? one->issued : one->id,
                   other->issued.size > 0 ? other->issued : other->id);
}

size_t find_topic(const struct data *data, struct mizan_slice id)
{
    for (size_t i = 0; i < data->topic_count; i++) {
        if (same_text(data->topics[i].id, id)) {
            return i;
        }
    }
    return NONE;
}

size_t find_entity(const struct data *data, struct mizan_slice id)
{
    for (size_t i = 0; i < data->entity_count; i++) {
        if (same_text(data->entities[i].id, id)) {
            return i;
        }
    }
    return NONE;
}

/* ---- the whole ---- */

/* Ids that are named must be there: a typo would otherwise rule nothing out. */
static bool check_ids(struct reader *reader)
{
    struct data *data = reader->data;
    for (size_t i = 0; i < data->topic_count; i++) {
        struct topic *topic = &data->topics[i];
        const struct {
            const char *field;
            const struct mizan_slice *ids;
            size_t count;
            bool topics;
        } fields[] = {{"mentions", topic->mentions, topic->mentions_count, false},
                      {"others", topic->others, topic->others_count, false},
                      {"strangers", topic->strangers, topic->strangers_count, false},
                      {"origins", topic->origins, topic->origins_count, false},
                      {"from", &topic->from, topic->from.size > 0, false},
                      {"to", &topic->to, topic->to.size > 0, false},
                      {"returns", &topic->returns, topic->returns.size > 0, true},
                      {"beats", topic->beats, topic->beats_count, true}};
        reader->where = topic->id;
        for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
            for (size_t k = 0; k < fields[f].count; k++) {
                if ((fields[f].topics ? find_topic(data, fields[f].ids[k])
                                      : find_entity(data, fields[f].ids[k])) == NONE) {
                    return refuse(reader, fields[f].field,
                                  fields[f].topics ? "one of the topics"
                                                   : "one of the entities");
                }
            }
        }
    }
    return true;
}

static const struct mizan_map *section(struct reader *reader,
                                       const struct mizan_value *map, const char *name)
{
    static const struct mizan_map none = {NULL, 0};
    const struct mizan_value *value = member(map, name);
    if (value == NULL) {
        return &none;
    }
    if (value->type != MIZAN_MAP) {
        if (value->type == MIZAN_LIST && value->as.list.count == 0) {
            return &none;
        }
        snprintf(reader->wrong, 200, "`%s` is not a table of id = { … }", name);
        return NULL;
    }
    return &value->as.map;
}

bool data_read(struct data *data, const struct mizan_value *map, char *wrong)
{
    struct reader reader = {.data = data, .wrong = wrong};
    const struct mizan_map *topics = section(&reader, map, "topics");
    const struct mizan_map *works = section(&reader, map, "works");
    const struct mizan_map *entities = section(&reader, map, "entities");
    const struct mizan_value *following = member(map, "following");
    if (topics == NULL || works == NULL || entities == NULL) {
        return false;
    }
    if (topics->count == 0) {
        snprintf(wrong, 200, "`topics` has no topic in it");
        return false;
    }
    data->topics = pool_alloc(&data->pool, topics->count * sizeof *data->topics);
    data->works = pool_alloc(&data->pool, (works->count + 1) * sizeof *data->works);
    data->entities =
        pool_alloc(&data->pool, (entities->count + 1) * sizeof *data->entities);
    if (data->topics == NULL || data->works == NULL || data->entities == NULL) {
        return refuse(&reader, "topics", "small enough for the memory");
    }
    bool good = true;
    for (size_t i = 0; i < entities->count && good; i++, data->entity_count++) {
        reader.where = data->entities[i].id = entities->fields[i].name;
        good = read_entity(&reader, &entities->fields[i].value, &data->entities[i]);
    }
    for (size_t i = 0; i < topics->count && good; i++, data->topic_count++) {
        reader.where = data->topics[i].id = topics->fields[i].name;
        good = read_topic(&reader, &topics->fields[i].value, &data->topics[i]);
    }
    for (size_t i = 0; i < works->count && good; i++, data->work_count++) {
        reader.where = data->works[i].id = works->fields[i].name;
        good = read_work(&reader, &works->fields[i].value, &data->works[i]);
    }
    reader.where = (struct mizan_slice){"the file", 8};
    good = good && read_lists(&reader, map, "breaks", &data->breaks) &&
           read_lists(&reader, map, "joins", &data->joins) &&
           read_lists(&reader, map, "fronts", &data->fronts) && check_ids(&reader);
    if (following != NULL) {
        data->following = *following;
    }
    qsort(data->topics, data->topic_count, sizeof *data->topics, compare_topics);
    qsort(data->entities, data->entity_count, sizeof *data->entities, compare_entities);
    qsort(data->works, data->work_count, sizeof *data->works, compare_works);
    return good;
}

/* ---- the lists of one language ---- */

bool words_for(struct pool *pool, const struct lists *lists, struct mizan_slice lang,
               struct words *out)
{
    size_t count = 0;
    bool known = false;
    for (size_t i = 0; i < lists->count; i++) {
        count += lists->items[i].words.count;
        known = known || same_text(lists->items[i].lang, lang);
    }
    memset(out, 0, sizeof *out);
    if (count == 0) {
        return true;
    }
    out->items = pool_alloc(pool, count * sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < lists->count; i++) {
        const struct by_language *each = &lists->items[i];
        if (!known || same_text(each->lang, lang) || text_is(each->lang, "all")) {
            memcpy(out->items + out->count, each->words.items,
                   each->words.count * sizeof *out->items);
            out->count += each->words.count;
        }
    }
    return out->items != NULL;
}

static bool add_cues(struct data *data, struct language *language, size_t topic,
                     enum role role, const struct lists *lists)
{
    struct words words;
    if (!words_for(&data->pool, lists, language->lang, &words)) {
        return false;
    }
    for (size_t i = 0; i < words.count; i++) {
        language->cues[language->cue_count++] =
            (struct cue){words.items[i], topic, role, role == ROLE_HINT ? 0.5 : 1};
    }
    return true;
}

static size_t count_words(const struct lists *lists)
{
    size_t count = 0;
    for (size_t i = 0; i < lists->count; i++) {
        count += lists->items[i].words.count;
    }
    return count;
}

static double following_of(const struct data *data, struct mizan_slice lang)
{
    for (size_t i = 0;
         data->following.type == MIZAN_MAP && i < data->following.as.map.count; i++) {
        const struct mizan_field *field = &data->following.as.map.fields[i];
        if (same_text(field->name, lang)) {
            return field->value.type == MIZAN_INTEGER  ? (double)field->value.as.integer
                   : field->value.type == MIZAN_DOUBLE ? field->value.as.number
                                                       : 0.9;
        }
    }
    return 0.9;
}

static struct language *make_language(struct data *data, struct mizan_slice lang)
{
    struct language *language = pool_alloc(&data->pool, sizeof *language);
    char *copy = pool_alloc(&data->pool, lang.size + 1);
    size_t most = 1;
    for (size_t i = 0; i < data->topic_count; i++) {
        most += count_words(&data->topics[i].counted) +
                count_words(&data->topics[i].near) + count_words(&data->topics[i].hint);
    }
    if (language == NULL || copy == NULL) {
        return NULL;
    }
    if (lang.size > 0) {
        memcpy(copy, lang.data, lang.size);
    }
    language->lang = (struct mizan_slice){copy, lang.size};
    language->following = following_of(data, lang);
    language->cues = pool_alloc(&data->pool, most * sizeof *language->cues);
    language->exclude =
        pool_alloc(&data->pool, (data->topic_count + 1) * sizeof *language->exclude);
    bool good = language->cues != NULL && language->exclude != NULL &&
                words_for(&data->pool, &data->breaks, lang, &language->breaks) &&
                words_for(&data->pool, &data->joins, lang, &language->joins);
    for (size_t i = 0; i < data->fronts.count; i++) {
        if (same_text(data->fronts.items[i].lang, lang)) {
            language->fronts = data->fronts.items[i].words;
        }
    }
    for (size_t i = 0; i < data->topic_count && good; i++) {
        const struct topic *topic = &data->topics[i];
        good = add_cues(data, language, i, ROLE_COUNTED, &topic->counted) &&
               add_cues(data, language, i, ROLE_NEAR, &topic->near) &&
               add_cues(data, language, i, ROLE_HINT, &topic->hint) &&
               words_for(&data->pool, &topic->exclude, lang, &language->exclude[i]);
    }
    return good ? language : NULL;
}

struct language *data_language(struct data *data, struct mizan_slice lang)
{
    for (struct language *each = data->languages; each != NULL; each = each->next) {
        if (same_text(each->lang, lang)) {
            return each;
        }
    }
    struct language *language = make_language(data, lang);
    if (language != NULL) {
        language->next = data->languages;
        data->languages = language;
    }
    return language;
}
