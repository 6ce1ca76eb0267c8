/* Who is named: in a text, near a figure, by a name or by a generic word. */
#include <stdlib.h>
#include <string.h>

#include "topics.h"

/* ---- places ---- */

struct place {
    size_t first, last; /* half open */
    size_t entity;
};
struct places {
    struct place *items;
    size_t count, room;
};

static bool add_place(struct places *places, struct place place)
{
    if (places->count == places->room) {
        size_t room = places->room == 0 ? 32 : 2 * places->room;
        struct place *items = realloc(places->items, room * sizeof *items);
        if (items == NULL) {
            return false;
        }
        places->items = items;
        places->room = room;
    }
    places->items[places->count++] = place;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    if (one->first != other->first) {
        return one->first < other->first ? -1 : 1;
    }
    return (one->last < other->last) - (one->last > other->last);
}

/* Every place of every name; a name inside a longer one does not count. */
static bool find_places(const struct data *data, struct mizan_slice text,
                        struct places *out)
{
    for (size_t i = 0; i < data->entity_count; i++) {
        const struct words *words = &data->entities[i].words;
        for (size_t w = 0; w < words->count; w++) {
            const struct word *word = &words->items[w];
            for (size_t at = find_word(text, word, 0); at != NONE;
                 at = find_word(text, word, at + 1)) {
                struct place place = {at, at + word->text.size, i};
                if (!add_place(out, place)) {
                    return false;
                }
            }
        }
    }
    if (out->count > 1) {
        qsort(out->items, out->count, sizeof *out->items, by_place);
    }
    /* Names are short beside a text: what overlaps a place begins close before it. */
    size_t kept = 0, longest = 0;
    bool *inside = calloc(out->count + 1, sizeof *inside);
    if (inside == NULL) {
        return false;
    }
    for (size_t i = 0; i < out->count; i++) {
        size_t size = out->items[i].last - out->items[i].first;
        longest = size > longest ? size : longest;
    }
    for (size_t i = 0; i < out->count; i++) {
        const struct place *place = &out->items[i];
        for (size_t k = i; k-- > 0 && out->items[k].first + longest > place->first;) {
            inside[i] = inside[i] || (out->items[k].last > place->first &&
                                      out->items[k].last - out->items[k].first >
                                          place->last - place->first);
        }
        for (size_t k = i + 1; k < out->count && out->items[k].first < place->last;
             k++) {
            inside[i] = inside[i] || out->items[k].last - out->items[k].first >
                                         place->last - place->first;
        }
    }
    for (size_t i = 0; i < out->count; i++) {
        if (!inside[i]) {
            out->items[kept++] = out->items[i];
        }
    }
    out->count = kept;
    free(inside);
    return true;
}

bool name_entities(const struct data *data, struct mizan_slice folded, bool *named)
{
    struct places places = {0};
    bool good = find_places(data, folded, &places);
    memset(named, 0, data->entity_count * sizeof *named);
    for (size_t i = 0; i < places.count; i++) {
        named[places.items[i].entity] = true;
    }
    free(places.items);
    return good;
}

bool entity_gaps(const struct data *data, const struct figure *figure,
                 const struct language *language, int32_t *gaps)
{
    struct mizan_slice sides[2] = {figure->before, figure->after};
    bool good = true, borders;
    for (size_t i = 0; i < data->entity_count; i++) {
        gaps[i] = FAR;
    }
    for (size_t side = 0; side < 2 && good; side++) {
        struct places places = {0};
        good = find_places(data, sides[side], &places);
        for (size_t i = 0; i < places.count; i++) {
            const struct place *place = &places.items[i];
            struct mizan_slice between =
                side == 0 ? part_of(sides[0], place->last, sides[0].size)
                          : part_of(sides[1], 0, place->first);
            int32_t far = distance(between, language, &borders);
            gaps[place->entity] = far < gaps[place->entity] ? far : gaps[place->entity];
        }
        free(places.items);
    }
    return good;
}

/* ---- names and generic words ---- */

static bool has_space(struct mizan_slice text)
{
    return text.size > 0 && memchr(text.data, ' ', text.size) != NULL;
}

/* True if a name is nothing but one of the words, with an article or the like at most:
 * "the study" is, "a study of the University" is not. */
static bool is_generic(struct mizan_slice name, const struct words *words)
{
    const char *space = name.size > 0 ? memchr(name.data, ' ', name.size) : NULL;
    struct mizan_slice forms[2] = {name, name};
    if (space != NULL && space - name.data < 12) {
        forms[1] = part_of(name, (size_t)(space - name.data) + 1, name.size);
    }
    for (size_t i = 0; i < words->count; i++) {
        for (size_t k = 0; k < 2; k++) {
            size_t at = find_bytes(forms[k], words->items[i].text, 0);
            if (at != NONE && begins_word(forms[k], at) &&
                !has_space(part_of(forms[k], 0, at + 1)) &&
                !has_space(
                    part_of(forms[k], at + words->items[i].text.size, forms[k].size))) {
                return true;
            }
        }
    }
    return false;
}

static bool is_country(const struct entity *entity)
{
    return text_is(entity->kind, "country");
}

size_t entity_of_name(struct document *document, struct mizan_slice name,
                      const struct work *work, struct mizan_slice lang)
{
    struct data *data = document->data;
    struct words words;
    char *folded = pool_alloc(&document->pool, 2 * name.size + 1);
    bool *named = pool_alloc(&document->pool, data->entity_count + 1);
    if (folded == NULL || named == NULL) {
        return NONE;
    }
    struct mizan_slice text = {folded, fold(name, folded)};
    (void)name_entities(data, text, named);
    for (size_t i = 0; i < data->entity_count; i++) {
        if (named[i] && !is_country(&data->entities[i])) {
            return i;
        }
    }
    if (work != NULL && words_for(&document->pool, &work->generic, lang, &words) &&
        is_generic(text, &words)) {
        return find_entity(data, work->publisher);
    }
    for (size_t i = 0; i < data->entity_count; i++) {
        const struct entity *entity = &data->entities[i];
        if (document->named[i] && entity->generic.count > 0 &&
            words_for(&document->pool, &entity->generic, lang, &words) &&
            is_generic(text, &words)) {
            return i;
        }
    }
    return NONE;
}

size_t generic_in(struct document *document, struct mizan_slice folded,
                  const struct mizan_slice *ids, size_t count, struct mizan_slice lang)
{
    struct data *data = document->data;
    struct words words;
    for (size_t i = 0; i < data->entity_count; i++) {
        const struct entity *entity = &data->entities[i];
        for (size_t k = 0; k < count; k++) {
            if (same_text(entity->id, ids[k]) && document->named[i] &&
                entity->generic.count > 0 &&
                words_for(&document->pool, &entity->generic, lang, &words) &&
                has_any(folded, &words)) {
                return i;
            }
        }
    }
    return NONE;
}
