#include "reader.h"

#include <string.h>

/* Which of the sentence's speakers say a figure, nearest to the reader first; and what
 * of them the sentences after it go on with. */

enum { PRONOUN_AGE = 6, SILENT_AGE = 1, SPEECH_WORDS = 12 };

/* Sources while they are collected. */
struct chain {
    figures_source source[FIGURES_SOURCES];
    uint8_t count;
};

/* `Milletler'e göre`: case endings behind an apostrophe are not part of a name, in
 * languages that write them so. */
static size_t bare_length(const struct reader *reader, figures_slice name)
{
    enum { LONGEST_ENDING = 7 };
    const char *suffixes = reader->lexicon->text + reader->language->suffixes;
    size_t least = name.length > LONGEST_ENDING ? name.length - LONGEST_ENDING : 1;
    for (size_t at = name.length; *suffixes && at-- > least;) {
        if (name.bytes[at] == '\'') {
            return at;
        }
        if (at + 3 <= name.length && memcmp(name.bytes + at, "\xe2\x80\x99", 3) == 0) {
            return at;
        }
    }
    return name.length;
}

static void add_source(const struct reader *reader, struct chain *chain,
                       const struct speaker *speaker)
{
    if (chain->count == FIGURES_SOURCES) {
        return;
    }
    figures_source *source = &chain->source[chain->count++];
    memset(source, 0, sizeof *source);
    source->name = token_slice(reader, speaker->first, speaker->end);
    source->name.length = bare_length(reader, source->name);
    source->role = speaker->role;
    source->stance = speaker->stance;
    source->start = reader->tokens[speaker->first].start;
    source->end = source->start + (uint32_t)source->name.length;
    if (!speaker->frame) {
        source->verb = token_slice(reader, speaker->verb_first, speaker->verb_end);
    }
}

/* Hands the chain to the figure; figures with the same chain share it. */
static void keep_chain(struct reader *reader, figures_figure *figure,
                       const struct chain *chain)
{
    size_t size = chain->count * sizeof chain->source[0];
    if (chain->count == 0) {
        return;
    }
    if (!reader->last_chain || reader->last_chain_count != chain->count ||
        memcmp(reader->last_chain, chain->source, size) != 0) {
        figures_source *kept = reader_allocate(reader, size);
        if (!kept) {
            return;
        }
        memcpy(kept, chain->source, size);
        reader->last_chain = kept;
        reader->last_chain_count = chain->count;
    }
    figure->source = reader->last_chain;
    figure->source_count = chain->count;
}

static bool is_named(const struct speaker *speaker)
{
    return speaker->end > speaker->first;
}

/* True if a figure begins in [from, to): quantities stand in the order of the text. */
static bool figure_between(const struct reader *reader, int from, int to)
{
    int low = 0;
    int high = reader->quantity_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (reader->quantities[middle].number.first < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    enum { NEAR = 64 }; /* more dead ones than that in a row make no clause */
    for (int i = low; i < reader->quantity_count && i < low + NEAR; i++) {
        const struct quantity *quantity = &reader->quantities[i];
        if (quantity->number.first >= to) {
            return false;
        }
        if (!quantity->dead && !quantity->number.weak) {
            return true;
        }
    }
    return false;
}

static bool semicolon_between(const struct reader *reader, int from, int to)
{
    return from < to && reader->semicolons[to] > reader->semicolons[from];
}

/* Where the words of a speaker and of speaking stand, if they stand together. */
static void speech_span(const struct reader *reader, const struct speaker *speaker,
                        int *from, int *to)
{
    int first = speaker->first;
    int end = speaker->end;
    int low = first < speaker->verb_first ? first : speaker->verb_first;
    int high = end > speaker->verb_end ? end : speaker->verb_end;
    bool together = high - low <= SPEECH_WORDS && !figure_between(reader, low, high);
    *from = together ? low : first;
    *to = together ? high : end;
}

static bool is_plain_sign(const struct reader *reader, int at)
{
    return at < 0 || at >= reader->token_count || reader->tokens[at].kind == TOKEN_SIGN;
}

/* `…, police said, …`: said of what stands before, while `and the mayor said 5` speaks
 * of what follows. */
static bool find_trailing(const struct reader *reader, const struct speaker *speaker)
{
    int from;
    int to;
    speech_span(reader, speaker, &from, &to);
    if (!figure_between(reader, 0, from)) {
        return false;
    }
    while (to < reader->token_count && (reader->tokens[to].flags & TOKEN_TIME)) {
        to++; /* `police said on Tuesday` */
    }
    to += token_has(reader, to, ROLE_WEEKDAY);
    bool closed = is_plain_sign(reader, to) && !token_is_sign(reader, to, ':');
    bool led = from > 0 && (token_has(reader, from - 1, ROLE_JOINER) ||
                            (token_has(reader, from - 1, ROLE_STOP) &&
                             !token_has(reader, from - 1, ROLE_ARTICLE)));
    return !figure_between(reader, to, reader->token_count) || (closed && !led);
}

/* True if a speaker of its own stands between the two places and speaks of what
 * follows it. */
static bool leader_between(const struct reader *reader, int from, int to)
{
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        if (is_named(speaker) && speaker->first >= from && speaker->first < to &&
            !speaker->relay && !speaker->trailing) {
            return true;
        }
    }
    return false;
}

/* True if the clause that the speaker opened is over before the figure: another one
 * speaks since, and something was said before it. */
static bool is_over(const struct reader *reader, const struct speaker *speaker, int at)
{
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *other = &reader->speakers[i];
        if (other != speaker && is_named(other) && other->first > speaker->first &&
            other->first < at && !other->relay && !other->trailing &&
            figure_between(reader, speaker->end, other->first)) {
            return true;
        }
    }
    /* `said 5; 7 were hurt` */
    return semicolon_between(reader, speaker->end, at) &&
           figure_between(reader, speaker->end, at);
}

/* True if the speaker says the figure. */
static bool speaks_of(const struct reader *reader, const struct quantity *quantity,
                      const struct speaker *speaker)
{
    int at = quantity->number.first;
    if (speaker->first < at) {
        return !is_over(reader, speaker, at) &&
               !(speaker->trailing && leader_between(reader, 0, at) && !speaker->relay);
    }
    if (semicolon_between(reader, at, speaker->first)) {
        return false;
    }
    if (!speaker->trailing) {
        /* `12 were hurt while the mayor said 5`: only if nobody else says it */
        return !figure_between(reader, speaker->end, reader->token_count);
    }
    return !leader_between(reader, at, speaker->first);
}

static int how_far(const struct quantity *quantity, const struct speaker *speaker)
{
    return speaker->first > quantity->first ? speaker->first - quantity->first
                                            : quantity->first - speaker->first;
}

/* True when the speaker cannot be the one of this figure: another speaker of the same
 * standing is nearer to it. */
static bool is_farther(const struct reader *reader, const struct quantity *quantity,
                       const struct speaker *speaker, const bool *speaks)
{
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *other = &reader->speakers[i];
        if (other != speaker && speaks[i] && other->relay == speaker->relay &&
            other->role == speaker->role &&
            how_far(quantity, other) < how_far(quantity, speaker)) {
            return true;
        }
    }
    return false;
}

/* Which of the named speakers say the figure; returns how many are named. */
static int find_speaking(const struct reader *reader, const struct quantity *quantity,
                         bool *speaks)
{
    int named = 0;
    for (int i = 0; i < reader->speaker_count; i++) {
        named += is_named(&reader->speakers[i]);
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        speaks[i] =
            is_named(speaker) && (named == 1 || speaks_of(reader, quantity, speaker));
    }
    return named;
}

void set_sources(struct reader *reader, figures_figure *figure,
                 const struct quantity *quantity)
{
    bool pronoun = false;
    figures_stance stance = FIGURES_ASSERTS;
    struct chain chain = {.count = 0};
    bool speaks[SPEAKERS];
    int named = find_speaking(reader, quantity, speaks);
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        if (!is_named(speaker)) {
            pronoun = true;
            stance = speaker->stance;
        } else if (speaks[i] && !is_farther(reader, quantity, speaker, speaks)) {
            add_source(reader, &chain, speaker);
        }
    }
    const struct carried_source *carried = &reader->carried;
    const uint32_t reach = pronoun ? PRONOUN_AGE : SILENT_AGE;
    bool asks = chain.count == 0 && named == 0;
    if (asks && reader->asks_before < reach) {
        reader->asks_before = reach;
    }
    if (asks && carried->count > 0 && carried->age <= reach) {
        memcpy(chain.source, carried->source, sizeof chain.source);
        chain.count = carried->count;
        if (pronoun) {
            chain.source[0].stance = stance;
        }
    }
    keep_chain(reader, figure, &chain);
}

/* The speaker whose verb stands at a token, NULL if it is none. */
static const struct speaker *speaker_of_verb(const struct reader *reader, int at)
{
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        if (is_named(speaker) && at >= speaker->verb_first && at < speaker->verb_end) {
            return speaker;
        }
    }
    return NULL;
}

/* `an estimated 2,000`, `12 planned reactors`: the hedge stands at the number. */
static bool is_beside(const struct quantity *quantity, int at)
{
    int end = quantity->noun_end > quantity->end ? quantity->noun_end : quantity->end;
    return at >= quantity->first - 2 && at < end;
}

/* True if the hedge stands at one of the quantities, which are in text order. */
static bool is_beside_any(const struct reader *reader, int at)
{
    for (int i = 0; i < reader->quantity_count; i++) {
        const struct quantity *quantity = &reader->quantities[i];
        if (quantity->first - 2 > at) {
            return false;
        }
        if (!quantity->dead && is_beside(quantity, at)) {
            return true;
        }
    }
    return false;
}

/* True if nothing that parts clauses stands between the two places. */
static bool same_clause(const struct reader *reader, int a, int b)
{
    int from = a < b ? a : b;
    int to = a < b ? b : a;
    return !semicolon_between(reader, from, to) && !leader_between(reader, from, to);
}

void prepare_chains(struct reader *reader)
{
    reader->hedge_count = 0;
    bool hedged = (reader->sentence_roles & ROLE_BIT(ROLE_HEDGE)) != 0;
    if (!hedged && reader->speaker_count == 0) {
        return;
    }
    reader->semicolons[0] = 0;
    for (int at = 0; at < reader->token_count; at++) {
        reader->semicolons[at + 1] =
            (uint16_t)(reader->semicolons[at] + token_is_sign(reader, at, ';'));
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        struct speaker *speaker = &reader->speakers[i];
        speaker->trailing = is_named(speaker) && find_trailing(reader, speaker);
    }
    for (int at = 0; hedged && at < reader->token_count; at++) {
        const struct lexicon_sense *sense = token_sense(reader, at, ROLE_HEDGE);
        if (!sense || (sense->attributes & ATTR_DOCUMENT) ||
            reader->hedge_count == HEDGES) {
            continue;
        }
        struct hedge_mark *mark = &reader->hedges[reader->hedge_count++];
        mark->at = at;
        mark->hedge = (figures_hedge)sense->value;
        mark->speaker = speaker_of_verb(reader, at);
        mark->beside = is_beside_any(reader, at);
    }
}

figures_hedge hedge_of(const struct reader *reader, const figures_figure *figure,
                       const struct quantity *quantity)
{
    figures_hedge hedge = FIGURES_NO_HEDGE;
    for (int i = 0; i < reader->hedge_count; i++) {
        const struct hedge_mark *mark = &reader->hedges[i];
        bool own = is_beside(quantity, mark->at);
        bool clause = own || (!mark->beside &&
                              same_clause(reader, mark->at, quantity->number.first));
        bool holds =
            mark->speaker ? speaks_of(reader, quantity, mark->speaker) : clause;
        if (holds && (hedge == FIGURES_NO_HEDGE || own)) {
            hedge = mark->hedge;
        }
    }
    for (size_t i = 0; i < figure->source_count; i++) {
        bool here = figure->source[i].start >= reader->start;
        if (hedge == FIGURES_NO_HEDGE && here &&
            figure->source[i].stance == FIGURES_DENIES) {
            hedge = FIGURES_DENIED;
        }
    }
    return hedge;
}

bool asks_who_spoke(const struct reader *reader)
{
    bool pronoun = false;
    for (int i = 0; i < reader->speaker_count; i++) {
        if (is_named(&reader->speakers[i])) {
            return false;
        }
        pronoun = true;
    }
    return pronoun && reader->quantity_count > 0 &&
           reader->passed_end > reader->passed_start;
}

/* `The opposition rejected this. It said 100 had died.`: of the speakers of a sentence
 * without figures the last one is the one that is meant. */
void take_last_speaker(struct reader *reader)
{
    const struct speaker *last = NULL;
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        if (is_named(speaker) && (!last || speaker->first > last->first)) {
            last = speaker;
        }
    }
    if (last) {
        struct chain chain = {.count = 0};
        add_source(reader, &chain, last);
        memcpy(reader->carried.source, chain.source, sizeof chain.source);
        reader->carried.count = chain.count;
        reader->carried.age = 1;
    }
}

/* The speakers that the sentences after this one go on with: those of its last clause.
 */
void keep_speakers(struct reader *reader)
{
    struct chain chain = {.count = 0};
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        if (is_named(speaker) && !is_over(reader, speaker, reader->token_count)) {
            add_source(reader, &chain, speaker);
        }
    }
    if (chain.count > 0) {
        memcpy(reader->carried.source, chain.source, sizeof chain.source);
        reader->carried.count = chain.count;
        reader->carried.age = 0;
    }
}
