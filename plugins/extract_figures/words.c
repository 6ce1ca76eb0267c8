#include "words.h"

const uint64_t word_masks[CACHED_BYTES + 1][3] = {{0, 0, 0},
                                                  {0xffull, 0, 0},
                                                  {0xffffull, 0, 0},
                                                  {0xffffffull, 0, 0},
                                                  {0xffffffffull, 0, 0},
                                                  {0xffffffffffull, 0, 0},
                                                  {0xffffffffffffull, 0, 0},
                                                  {0xffffffffffffffull, 0, 0},
                                                  {~0ull, 0, 0},
                                                  {~0ull, 0xffull, 0},
                                                  {~0ull, 0xffffull, 0},
                                                  {~0ull, 0xffffffull, 0},
                                                  {~0ull, 0xffffffffull, 0},
                                                  {~0ull, 0xffffffffffull, 0},
                                                  {~0ull, 0xffffffffffffull, 0},
                                                  {~0ull, 0xffffffffffffffull, 0},
                                                  {~0ull, ~0ull, 0},
                                                  {~0ull, ~0ull, 0xffull},
                                                  {~0ull, ~0ull, 0xffffull},
                                                  {~0ull, ~0ull, 0xffffffull},
                                                  {~0ull, ~0ull, 0xffffffffull},
                                                  {~0ull, ~0ull, 0xffffffffffull},
                                                  {~0ull, ~0ull, 0xffffffffffffull},
                                                  {~0ull, ~0ull, 0xffffffffffffffull}};

void add_senses(const struct reader *reader, struct token *token, uint32_t terminal,
                bool suffix)
{
    size_t count;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    int list = suffix ? SENSES_SUFFIX : SENSES_LANGUAGE;
    if (count > 0) {
        token->senses[list] = senses;
        token->counts[list] = (uint8_t)(count > 255 ? 255 : count);
        for (size_t i = 0; i < count; i++) {
            token->roles |= ROLE_BIT(senses[i].role);
        }
    }
    senses = lexicon_senses(reader->lexicon, terminal, 0, &count);
    if (count > 0 && reader->language_index != 0) {
        int shared =
            suffix && token->counts[SENSES_SUFFIX] == 0 ? SENSES_SUFFIX : SENSES_SHARED;
        token->senses[shared] = senses;
        token->counts[shared] = (uint8_t)(count > 255 ? 255 : count);
        for (size_t i = 0; i < count; i++) {
            token->roles |= ROLE_BIT(senses[i].role);
        }
    }
}

struct lexicon_match longest_form(const struct reader *reader,
                                  const unsigned char *text, size_t length,
                                  bool anywhere, bool suffix)
{
    struct lexicon_match matches[LEXICON_MATCHES];
    struct lexicon_match best = {0, 0};
    size_t count =
        lexicon_find(reader->lexicon, text, length, anywhere, suffix, matches);
    for (size_t i = count; i > 0 && best.length == 0; i--) {
        size_t own;
        size_t shared;
        lexicon_senses(reader->lexicon, matches[i - 1].terminal, reader->language_index,
                       &own);
        lexicon_senses(reader->lexicon, matches[i - 1].terminal, 0, &shared);
        if (own + shared > 0) {
            best = matches[i - 1];
        }
    }
    return best;
}

uint64_t roles_of(const struct reader *reader, uint32_t terminal)
{
    size_t count;
    uint64_t roles = 0;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    for (size_t i = 0; i < count; i++) {
        roles |= ROLE_BIT(senses[i].role);
    }
    return roles;
}

/* Where the pieces of a compound end: piece[end] is the start of the piece before it.
 */
struct pieces {
    uint8_t piece[COMPOUND_BYTES + 1];
    bool reached[COMPOUND_BYTES + 1];
};

/* True for the words that compounds are made of: abbreviations are none. */
static bool is_piece(const struct reader *reader, uint32_t terminal)
{
    size_t count;
    const struct lexicon_sense *senses =
        lexicon_senses(reader->lexicon, terminal, reader->language_index, &count);
    for (size_t i = 0; i < count; i++) {
        if ((ROLE_BIT(senses[i].role) & NUMBER_PARTS) &&
            !(senses[i].attributes & (ATTR_ABBR | ATTR_GLUED))) {
            return true;
        }
    }
    return false;
}

static void reach_from(const struct reader *reader, const unsigned char *text,
                       size_t length, size_t at, struct pieces *pieces)
{
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count =
        lexicon_find(reader->lexicon, text + at, length - at, true, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t end = at + matches[i].length;
        if (end <= length && !pieces->reached[end] &&
            is_piece(reader, matches[i].terminal)) {
            pieces->reached[end] = true;
            pieces->piece[end] = (uint8_t)at;
        }
    }
    if (at == 0) {
        return;
    }
    struct lexicon_match suffix =
        longest_form(reader, text + at, length - at, true, true);
    if (suffix.length == length - at && !pieces->reached[length]) {
        pieces->reached[length] = true;
        pieces->piece[length] = (uint8_t)at;
    }
}

bool split_compound(struct reader *reader, const unsigned char *text, size_t length,
                    struct compound *compound)
{
    struct pieces pieces;
    if (length > COMPOUND_BYTES) {
        return false;
    }
    memset(pieces.reached, 0, length + 1);
    pieces.reached[0] = true;
    for (size_t at = 0; at < length; at++) {
        if (pieces.reached[at]) {
            reach_from(reader, text, length, at, &pieces);
            reader->steps++;
        }
    }
    compound->pieces = 0;
    for (size_t end = length; pieces.reached[length] && end > 0;
         end = pieces.piece[end]) {
        compound->ends[compound->pieces++] = (uint8_t)end;
    }
    return pieces.reached[length];
}

bool strip_ending(const struct reader *reader, const unsigned char *text, size_t word,
                  uint32_t *terminal)
{
    const char *list = reader->lexicon->text + reader->language->suffixes;
    struct lexicon_match matches[LEXICON_MATCHES];
    if (!*list) {
        return false;
    }
    size_t count = lexicon_find(reader->lexicon, text, word, true, false, matches);
    for (size_t i = count; i > 0; i--) {
        size_t rest = word - matches[i - 1].length;
        bool ending = false;
        for (const char *form = list; *form && !ending; form += strlen(form) + 1) {
            ending = strlen(form) == rest &&
                     memcmp(form, text + matches[i - 1].length, rest) == 0;
        }
        if (ending && (roles_of(reader, matches[i - 1].terminal) & STRIPPABLE)) {
            *terminal = matches[i - 1].terminal;
            return true;
        }
    }
    return false;
}

static bool is_known(const struct filters *filters, const unsigned char *text,
                     size_t length)
{
    return filter_has(filters->known, first_bytes(text, length), length);
}

/* True for a word that may be prefixes and a known word, or prefixes alone. */
static bool may_be_prefixed(const struct filters *filters, const unsigned char *text,
                            size_t word)
{
    size_t used = 0;
    for (int count = 0; count < 3; count++) {
        const struct prefix *prefix = find_prefix(
            filters, first_bytes(text + used, word - used), word - used + 1);
        if (!prefix) {
            return false;
        }
        used += prefix->length;
        if (used == word || is_known(filters, text + used, word - used)) {
            return true;
        }
    }
    return false;
}

/* A number word that is an article too and a part such as `quarter` that is another
 * word as often as not count beside a unit, a bound or another number only, an ordinal
 * in a frame only. */
static bool is_weak(const struct token *token, const struct lexicon_sense *sense)
{
    bool article = (token->roles & ROLE_BIT(ROLE_ARTICLE)) != 0;
    if (sense->role == ROLE_ORDINAL) {
        return true;
    }
    return (sense->attributes & ATTR_WEAK) != 0 &&
           (sense->role == ROLE_FRACTION ||
            (article && (sense->role == ROLE_NUMBER || sense->role == ROLE_VAGUE)));
}

enum candidate candidate_of(const struct token *token)
{
    enum candidate candidate = CANDIDATE_NONE;
    for (int list = 0; list < SENSE_LISTS; list++) {
        for (int i = 0; i < token->counts[list]; i++) {
            const struct lexicon_sense *sense = &token->senses[list][i];
            if (!lexicon_is_candidate(sense)) {
                continue;
            }
            if (!is_weak(token, sense)) {
                return CANDIDATE_STRONG;
            }
            bool ordinal = sense->role == ROLE_ORDINAL;
            candidate = !ordinal                      ? CANDIDATE_WEAK
                        : candidate == CANDIDATE_NONE ? CANDIDATE_ORDINAL
                                                      : candidate;
        }
    }
    return candidate;
}

/* The prefix is an article: `ال`. */
static bool is_article(const struct reader *reader, const unsigned char *text,
                       size_t length)
{
    const char *form = reader->lexicon->text + reader->language->definite;
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == length && memcmp(form, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The part of a year with its article (الربع) is weak, whatever it is alone. */
static bool names_part_of_year(const struct token *left)
{
    const uint64_t others = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                            ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_MULTIPLE);
    const uint64_t both = ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_YEAR);
    return (left->roles & both) == both && !(left->roles & others);
}

/* Notes what is left of a word once prefixes are taken off. */
static void look_behind(const struct reader *reader, const unsigned char *text,
                        size_t word, bool article, struct cached_word *cached,
                        struct word_details *details)
{
    struct lexicon_paths paths;
    struct token left = {.kind = TOKEN_WORD};
    lexicon_paths_of(reader->lexicon, text, word, &paths);
    struct lexicon_match match = longest_form(reader, text, word, false, false);
    if (match.length == word) {
        add_senses(reader, &left, match.terminal, false);
    }
    bool goes_on = (paths.blank | paths.signs) != 0;
    details->part = details->part || goes_on || (left.roles & (PARTS | UNITS)) != 0;
    if (!filter_has(reader->filter->candidates, first_bytes(text, word), word)) {
        return;
    }
    enum candidate candidate = candidate_of(&left);
    if (candidate > CANDIDATE_ORDINAL) {
        bool weak = article && names_part_of_year(&left);
        candidate = weak ? CANDIDATE_WEAK : CANDIDATE_STRONG;
    } else {
        candidate = CANDIDATE_NONE;
    }
    if (goes_on && (details->left.blank | details->left.signs) != 0) {
        candidate = CANDIDATE_STRONG; /* no room for the paths of both */
    } else if (goes_on) {
        details->left = paths;
    }
    if (candidate > cached->candidate) {
        cached->candidate = (uint8_t)candidate;
    }
}

/* Notes what a word that starts with prefixes may be without them. */
static void look_behind_prefixes(const struct reader *reader, const unsigned char *text,
                                 size_t word, struct cached_word *cached,
                                 struct word_details *details)
{
    const struct filters *filters = reader->filter;
    size_t used = 0;
    for (int count = 0; count < 3; count++) {
        const struct prefix *prefix = find_prefix(
            filters, first_bytes(text + used, word - used), word - used + 1);
        if (!prefix) {
            return;
        }
        bool article = is_article(reader, text + used, prefix->length);
        used += prefix->length;
        if (used == word) {
            details->part = true; /* it belongs to what stands behind it */
            return;
        }
        if (is_known(filters, text + used, word - used)) {
            look_behind(reader, text + used, word - used, article, cached, details);
        }
    }
}

/* Looks a word up as the lexer would where nothing that goes on stands behind it. */
static enum word_state look_up(const struct reader *reader,
                               struct word_details *details, const unsigned char *text,
                               size_t word)
{
    const struct filters *filters = reader->filter;
    uint32_t terminal;
    if (is_known(filters, text, word)) {
        lexicon_paths_of(reader->lexicon, text, word, &details->paths);
        struct lexicon_match match = longest_form(reader, text, word, false, false);
        if (match.length == word) {
            add_senses(reader, &details->token, match.terminal, false);
            return WORD_KNOWN;
        }
    }
    bool compound =
        filters->compounds && word >= 6 &&
        filter_has(filters->candidates, first_bytes(text, 4), FILTER_PREFIX);
    if (compound || may_be_prefixed(filters, text, word)) {
        return WORD_SLOW;
    }
    if (strip_ending(reader, text, word, &terminal)) {
        add_senses(reader, &details->token, terminal, false);
        return WORD_ENDING;
    }
    return WORD_UNKNOWN;
}

const struct cached_word *remember_word(struct reader *reader,
                                        const unsigned char *text, size_t word,
                                        const struct word_key *key,
                                        struct cached_word *place)
{
    struct word_details *details =
        &reader->words->details[place - reader->words->words];
    place[1] = place[0]; /* the older one of the two is forgotten */
    details[1] = details[0];
    memset(details, 0, sizeof *details);
    details->token.kind = TOKEN_WORD;
    details->token.code = folded_code(text);
    enum word_state state = look_up(reader, details, text, word);
    *place = (struct cached_word){.key = *key,
                                  .code = details->token.code,
                                  .state = (uint8_t)state,
                                  .active = is_active(&details->token),
                                  .candidate = (uint8_t)candidate_of(&details->token)};
    if (state == WORD_SLOW) {
        struct compound compound;
        place->candidate = CANDIDATE_NONE;
        look_behind_prefixes(reader, text, word, place, details);
        if (reader->filter->compounds && word >= 6) {
            details->part = true;
            place->candidate = split_compound(reader, text, word, &compound)
                                   ? CANDIDATE_STRONG
                                   : place->candidate;
        }
    }
    place->goes_on = (details->paths.blank | details->paths.signs) != 0;
    return place;
}

struct word_cache *make_word_cache(struct reader *reader, size_t length)
{
    uint32_t bits = 5;
    while (bits < 12 && (size_t)1 << bits < length / 16) {
        bits++;
    }
    size_t words = sizeof(struct cached_word) << bits;
    size_t spoken = sizeof(struct spoken_word) << bits;
    size_t details = sizeof(struct word_details) << bits;
    size_t zeros = sizeof(struct word_cache) + words + spoken;
    char *memory = reader_allocate(reader, zeros + details);
    struct word_cache *cache = (void *)memory;
    if (cache) {
        memset(cache, 0, zeros);
        cache->shift = 64 - bits;
        cache->spoken_shift = 64 - bits;
        cache->words = (void *)(memory + sizeof *cache);
        cache->spoken = (void *)(memory + sizeof *cache + words);
        cache->details = (void *)(memory + zeros);
    }
    return cache;
}
