#include "filter.h"

#include <stdlib.h>
#include <string.h>

static void set_bits(uint64_t filter[1024], const uint16_t *bits, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        filter[bits[i] >> 6] |= 1ull << (bits[i] & 63);
    }
}

static void set_prefixes(struct filters *filters, const char *list, const char *joiners)
{
    for (; *list && filters->prefix_count < PREFIXES; list += strlen(list) + 1) {
        struct prefix *prefix = &filters->prefixes[filters->prefix_count];
        size_t length = strlen(list);
        if (length > 7) {
            continue;
        }
        for (size_t i = 0; i < length; i++) {
            prefix->bytes |= (uint64_t)(unsigned char)list[i] << (8 * i);
            prefix->mask |= (uint64_t)0xff << (8 * i);
        }
        prefix->length = (uint8_t)length;
        for (unsigned second = 0; second < 64; second++) {
            if (length < 2 || ((unsigned char)list[1] & 63) == second) {
                filters->prefix_starts[second] |=
                    (uint16_t)(1u << filters->prefix_count);
            }
        }
        for (const char *form = joiners; *form; form += strlen(form) + 1) {
            prefix->joins = prefix->joins || strcmp(form, list) == 0;
        }
        filters->prefix_count++;
    }
}

static struct filters *make(const figures_lexicon *lexicon, int language)
{
    struct filters *filters = calloc(1, sizeof *filters);
    const int both[2] = {0, language};
    if (!filters) {
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        const struct lexicon_language *record = &lexicon->languages[both[i]];
        set_bits(filters->candidates, lexicon->candidates + record->candidate_first,
                 record->candidate_count);
        set_bits(filters->known, lexicon->known + record->known_first,
                 record->known_count);
    }
    const struct lexicon_language *record = &lexicon->languages[language];
    set_prefixes(filters, lexicon->text + record->prefixes,
                 lexicon->text + record->joiner_prefixes);
    filters->spaced = (record->flags & LANGUAGE_SPACES) != 0;
    filters->compounds = (record->flags & LANGUAGE_COMPOUNDS) != 0;
    for (unsigned char sign = 1; sign < 128; sign++) {
        if (lexicon_starts_form(lexicon, sign)) {
            filters->signs[sign / 64] |= 1ull << (sign % 64);
        }
    }
    return filters;
}

const struct filters *filters_of(const figures_lexicon *lexicon, int language)
{
    struct shared_filters *shared = &lexicon->shared[language];
    struct filters *filters =
        atomic_load_explicit(&shared->filters, memory_order_acquire);
    if (filters) {
        return filters;
    }
    struct filters *made = make(lexicon, language);
    if (made && !atomic_compare_exchange_strong(&shared->filters, &filters, made)) {
        free(made); /* another reader was first */
        return filters;
    }
    return made;
}

void filters_finish(figures_lexicon *lexicon)
{
    for (size_t i = 0; lexicon->shared && i < LEXICON_LANGUAGES; i++) {
        free(atomic_load(&lexicon->shared[i].filters));
    }
    free(lexicon->shared);
}
