#include "words.h"

/* What the filter let pass, looked at more closely: a sentence in which nothing but
 * weak words stands, none beside a part of a figure, need not be read. */

enum { NEAR_WORDS = 4, NEAR_BYTES = 128 };

/* The senses of the form of several words that starts at a word, if one does. */
static bool phrase_at(struct reader *reader, const struct window *window,
                      const struct cached_word *cached, size_t at, size_t end,
                      struct token *token)
{
    if (!cached->goes_on || !may_go_on(reader, &word_details(reader, cached)->paths,
                                       window->folded, window->length, end)) {
        return false;
    }
    struct lexicon_match match =
        longest_form(reader, window->folded + at, window->length - at, false, false);
    if (match.length <= end - at) {
        return false;
    }
    *token = (struct token){.kind = TOKEN_WORD, .to = (uint32_t)(at + match.length)};
    add_senses(reader, token, match.terminal, false);
    return true;
}

static enum candidate candidate_at(struct reader *reader, const struct window *window,
                                   size_t at)
{
    struct token phrase;
    if (!window_bit(window->words, at) || !reader->filter->spaced ||
        reader->whole_text || reader->options->ordinals) {
        return CANDIDATE_STRONG;
    }
    size_t end = window_run_end(window->words, at);
    const struct cached_word *cached =
        cached_word(reader, window->folded + at, end - at);
    if (!cached) {
        return CANDIDATE_STRONG;
    }
    if (may_go_on(reader, &word_details(reader, cached)->left, window->folded,
                  window->length, end)) {
        return CANDIDATE_STRONG;
    }
    if (phrase_at(reader, window, cached, at, end, &phrase)) {
        return candidate_of(&phrase) > CANDIDATE_ORDINAL ? CANDIDATE_STRONG
                                                         : CANDIDATE_NONE;
    }
    return (enum candidate)cached->candidate;
}

/* A unit that needs no digits before it. */
static bool has_unit(const struct token *token)
{
    for (int list = 0; list < SENSE_LISTS; list++) {
        for (int i = 0; i < token->counts[list]; i++) {
            const struct lexicon_sense *sense = &token->senses[list][i];
            if ((ROLE_BIT(sense->role) & UNITS) &&
                !(sense->attributes & (ATTR_ABBR | ATTR_GLUED))) {
                return true;
            }
        }
    }
    return false;
}

static bool opens_frame(const struct token *token)
{
    bool opens = false;
    for (int list = 0; list < SENSE_LISTS; list++) {
        for (int i = 0; i < token->counts[list]; i++) {
            opens = opens || (token->senses[list][i].role == ROLE_RANGE &&
                              (token->senses[list][i].attributes & ATTR_OPEN));
        }
    }
    return opens;
}

/* A word near a weak one. */
struct neighbour {
    size_t at, end; /* folded; the end becomes that of a form of several words */
    int words;      /* how many words behind the weak one; negative: before it */
    bool open;      /* nothing but small words stands between */
    bool ordinal; /* the weak word is an ordinal: it needs the first word of a frame */
};

static bool helps(struct reader *reader, const struct window *window,
                  struct neighbour *near)
{
    struct token phrase;
    const struct cached_word *cached =
        cached_word(reader, window->folded + near->at, near->end - near->at);
    bool close = near->words >= -2 && near->words <= 2;
    if (!cached || cached->state == WORD_SLOW) {
        near->open = false;
        return !near->ordinal && close &&
               (!cached || word_details(reader, cached)->part);
    }
    const struct token *token = &word_details(reader, cached)->token;
    bool whole = phrase_at(reader, window, cached, near->at, near->end, &phrase);
    if (whole) {
        token = &phrase;
        near->end = phrase.to;
    }
    bool open = near->open;
    near->open =
        open && (token->roles & (ROLE_BIT(ROLE_SKIP) | ROLE_BIT(ROLE_ARTICLE))) != 0;
    if (near->ordinal) {
        return near->words < 0 && opens_frame(token);
    }
    if (near->words > 0) {
        return (open && has_unit(token)) ||
               ((token->roles & PARTS) && (whole || close));
    }
    /* `dollar quarter`, `a quarter`: the article makes a figure of a part */
    bool next = has_unit(token) || (token->roles & ROLE_BIT(ROLE_ARTICLE));
    return (near->words == -1 && next) ||
           ((token->roles & (PARTS | ROLE_BIT(ROLE_MINUS))) && (whole || close));
}

/* Signs that are part of no figure. */
static bool is_plain_sign(unsigned char byte)
{
    return byte == ' ' || byte == '\n' || byte == '.' || byte == ',' || byte == ';' ||
           byte == ':' || byte == '!' || byte == '?' || byte == '\'' || byte == '"';
}

/* True if a word or sign that may make a figure of a weak word stands near it. */
static bool has_helper(struct reader *reader, const struct window *window, size_t at,
                       bool ordinal)
{
    size_t first = at;
    size_t floor = at > NEAR_BYTES ? at - NEAR_BYTES : 0;
    int words = 0;
    while (first > floor && words > -NEAR_WORDS) {
        first--;
        words -= window_bit(window->words, first) &&
                 (first == 0 || !window_bit(window->words, first - 1));
    }
    struct neighbour near = {.words = words, .open = true, .ordinal = ordinal};
    for (size_t place = first; place < window->length && near.words <= NEAR_WORDS;) {
        if (!window_bit(window->words, place)) {
            if (!ordinal && !is_plain_sign(window->folded[place])) {
                return true;
            }
            place++;
            continue;
        }
        near.at = place;
        near.end = window_run_end(window->words, place);
        if (place == at) {
            near.open = true;
        } else if (helps(reader, window, &near)) {
            return true;
        }
        near.words++;
        place = near.end;
    }
    return false;
}

bool needs_reading(struct reader *reader, const struct window *window, size_t at,
                   size_t end)
{
    while (at < end) {
        enum candidate candidate = candidate_at(reader, window, at);
        bool ordinal = candidate == CANDIDATE_ORDINAL;
        if (candidate == CANDIDATE_STRONG ||
            (candidate != CANDIDATE_NONE && has_helper(reader, window, at, ordinal))) {
            return true;
        }
        at = next_candidate(reader, window, window_run_end(window->words, at));
    }
    return false;
}
