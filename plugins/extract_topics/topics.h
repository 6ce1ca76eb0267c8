/* extract.topics, inside: which topic a figure belongs to, from whom to whom, by which
 * work, said first by whom. The words stand in the data of the script; this code knows
 * no topic, no language and no country. Every answer may be none: precision goes before
 * completeness. Ids are indexes into the data; NONE is no index. */
#ifndef EXTRACT_TOPICS_TOPICS_H
#define EXTRACT_TOPICS_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mizan/plugin.h"

#define NONE SIZE_MAX
#define FAR  INT32_MAX /* farther than anything in a sentence */

/* ---- memory of the instance: freed as a whole ---- */

struct pool {
    struct pool_block *blocks;
};
void *pool_alloc(struct pool *pool, size_t size); /* zeroed; NULL when refused */
void pool_free(struct pool *pool);

/* ---- words ---- */

/* A folded word. `open_end`: more letters may follow it, since it is longer than four
 * letters or its script writes so. */
struct word {
    struct mizan_slice text;
    bool open_end;
};
struct words {
    struct word *items;
    size_t count;
};
/* Words by language; the language `all` holds for every one. */
struct lists {
    struct by_language {
        struct mizan_slice lang;
        struct words words;
    } * items;
    size_t count;
};

/* Lower case, marks and spaces evened out; text that is not UTF-8 comes as it is.
 * `out` has room for 2 × size bytes. */
size_t fold(struct mizan_slice text, char *out);
/* The code point that begins at `at`, or that ends before it; 0 at the text's ends. */
uint32_t code_at(struct mizan_slice text, size_t at, size_t *size);
uint32_t code_before(struct mizan_slice text, size_t at, size_t *size);
bool is_digit(uint32_t code);
bool is_letter(uint32_t code);
bool is_unspaced(uint32_t code);
bool begins_word(struct mizan_slice text, size_t at);
bool make_word(struct mizan_slice folded, struct word *out);
/* The first place of the word at or behind `from`, or NONE. */
size_t find_word(struct mizan_slice text, const struct word *word, size_t from);
size_t find_bytes(struct mizan_slice text, struct mizan_slice part, size_t from);
bool has_any(struct mizan_slice text, const struct words *words);
struct mizan_slice part_of(struct mizan_slice text, size_t from, size_t to);
bool same_text(struct mizan_slice a, struct mizan_slice b);
bool text_is(struct mizan_slice a, const char *b);

/* ---- data ---- */

struct topic {
    struct mizan_slice id, label, kind, unit, measure, stage, from, to, returns;
    struct lists counted, near, hint, exclude;
    struct mizan_slice *beats, *mentions, *others, *strangers, *origins;
    size_t beats_count, mentions_count, others_count, strangers_count, origins_count;
    struct mizan_slice *anchor_entities, *anchor_nouns;
    size_t anchor_entities_count, anchor_nouns_count;
    bool needs_hint, has_anchor;
};

struct entity {
    struct mizan_slice id, kind, name, iso3, wikidata;
    struct words words; /* of all languages */
    struct lists generic;
    struct lists aliases; /* folded, for the rows of entity_alias */
};

struct work {
    struct mizan_slice id, title, publisher, issued, url;
    struct lists words, previous, generic;
    struct mizan_slice *topics;
    size_t topics_count;
};

enum role { ROLE_COUNTED, ROLE_NEAR, ROLE_HINT };
struct cue {
    struct word word;
    size_t topic;
    enum role role;
    double weight;
};

/* The word lists of one language, made once. */
struct language {
    struct language *next;
    struct mizan_slice lang;
    struct words breaks, joins, fronts;
    struct cue *cues;
    size_t cue_count;
    struct words *exclude; /* by topic */
    double following;
};

struct data {
    struct pool pool;
    struct topic *topics; /* sorted by id, as entities are; works by date */
    struct entity *entities;
    struct work *works;
    size_t topic_count, entity_count, work_count;
    struct lists breaks, joins, fronts;
    struct mizan_value following; /* a map language: factor */
    struct language *languages;
};

/* Reads the map of the option; false and a sentence in `wrong` (200 bytes). The values
 * must outlive the data. */
bool data_read(struct data *data, const struct mizan_value *map, char *wrong);
struct language *data_language(struct data *data, struct mizan_slice lang);
/* The words for a language, with those for every language; for one that the lists do
 * not know, the words of all of them. */
bool words_for(struct pool *pool, const struct lists *lists, struct mizan_slice lang,
               struct words *out);
size_t find_topic(const struct data *data, struct mizan_slice id);
size_t find_entity(const struct data *data, struct mizan_slice id);
const struct mizan_value *member(const struct mizan_value *map, const char *name);
struct mizan_slice member_text(const struct mizan_value *map, const char *name);

/* ---- a figure in its document ---- */

/* Everything below is in memory that goes with the document or the figure. */
struct document {
    struct data *data;
    struct pool pool;
    struct mizan_slice text, lang, published; /* published: YYYY-MM-DD or empty */
    bool *named;                              /* by entity: named in the text */
};

struct figure {
    struct mizan_slice kind, unit, per, change, hedge, counted; /* counted: folded */
    struct mizan_slice lang;
    bool has_same_as;
    struct mizan_slice before, itself, after; /* the sentence, folded */
    struct mizan_slice sentence;              /* folded as a whole */
    struct mizan_slice context;               /* what stands before it, folded */
    struct mizan_slice *speakers;             /* names, nearest first */
    size_t speaker_count;
};

struct answer {
    size_t topic, work, origin;
};

/* False when memory was refused. */
bool name_entities(const struct data *data, struct mizan_slice folded, bool *named);
/* How near each entity stands to the figure; FAR for those not named. */
bool entity_gaps(const struct data *data, const struct figure *figure,
                 const struct language *language, int32_t *gaps);
/* The entity that a name means; `work` (or NULL) is what "the study" would mean. */
size_t entity_of_name(struct document *document, struct mizan_slice name,
                      const struct work *work, struct mizan_slice lang);
/* The first of the entities that a folded sentence means by a generic word. */
size_t generic_in(struct document *document, struct mizan_slice folded,
                  const struct mizan_slice *ids, size_t count, struct mizan_slice lang);

/* Characters between two places, and more for every border of a clause, every "and" and
 * every other number between; *borders: whether a border or a number lies there. */
int32_t distance(struct mizan_slice between, const struct language *language,
                 bool *borders);
/* The clause of the figure, as one text in the pool. */
struct mizan_slice clause_around(struct pool *pool, const struct figure *figure,
                                 const struct words *breaks);

size_t topic_of(struct document *document, const struct figure *figure);
void work_and_origin(struct document *document, const struct figure *figure,
                     struct answer *answer);

#endif
