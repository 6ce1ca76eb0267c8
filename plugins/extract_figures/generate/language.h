/* One language in the making: its locales, its pack, and what is known of its grammar.
 */
#ifndef MIZAN_GENERATE_LANGUAGE_H
#define MIZAN_GENERATE_LANGUAGE_H

#include <stdio.h>

#include <unicode/ures.h>

#include "compose.h"
#include "writer.h"

/* The data files that steer the generator. */
struct steering {
    struct list languages, parents, stops, weak, units, families, legacy, rules,
        properties, evidence;
};

struct language {
    const char *tag;
    const char **locales; /* those with data of their own, the bare tag first, then
                             its parents */
    size_t locale_count;
    const char *currency; /* ISO code of the territory where most speak it; "" */
    const char *hand;     /* path of the hand-written pack, NULL if there is none */
    const struct steering *steering;
    struct pool *pool;
    struct hand_forms hand_forms, shared_forms;
    struct writer writer;
    struct words words; /* filled by add_numbers */
};

/* A table of a locale's own bundle; NULL where the locale has none of its own.
 * `package` is NULL, "curr" or "unit". Close with ures_close. */
UResourceBundle *own_table(const char *package, const char *locale,
                           const char *const *path);
UResourceBundle *child_of(UResourceBundle *parent, const char *key);
/* NULL where the resource is no string. */
char *string_of(struct pool *pool, UResourceBundle *resource);

/* Each adds one part to the language's pack. */
void add_numbers(struct language *language, FILE *report);
void add_ordinals(struct language *language);
void add_compact_scales(struct language *language);
void add_calendar(struct language *language);
void add_units(struct language *language);
void add_money(struct language *language);
/* ISO codes and international symbols, for `und`. */
void add_codes(struct language *language);

/* Reads from the hand-written pack what the neutral rule must know. */
void read_hand_properties(struct language *language);
/* The body of [language] for a language without a hand-written pack. */
const char *language_properties(struct language *language);

#endif
