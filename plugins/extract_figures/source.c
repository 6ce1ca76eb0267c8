#include "reader.h"

#include <string.h>

/* Who says it: speakers of the sentence, in the order from the reader to the origin. */

enum { NAME_WORDS = 9 };

static bool has_case(const struct reader *reader)
{
    const uint32_t cased = 1u << SCRIPT_LATIN | 1u << SCRIPT_CYRILLIC |
                           1u << SCRIPT_GREEK | 1u << SCRIPT_ARMENIAN;
    return (reader->language->scripts & cased) != 0;
}

static bool is_who(const struct reader *reader, int token)
{
    return token_has(reader, token, ROLE_WHO) || token_has(reader, token, ROLE_PEOPLE);
}

static bool is_capital(const struct reader *reader, int token)
{
    return token >= 0 && token < reader->token_count &&
           (reader->tokens[token].flags & TOKEN_CAPITAL) != 0;
}

/* Signs that stand inside names: the hyphen, the apostrophe, a dot after an initial. */
static bool is_name_sign(const struct reader *reader, int token)
{
    if (token_is_sign(reader, token, '-') || token_is_sign(reader, token, '\'')) {
        return token_glued(reader, token);
    }
    if (token_is_sign(reader, token, 0x30fb)) {
        return token_glued(reader, token) && token_glued(reader, token + 1);
    }
    return (token_is_sign(reader, token, '.') && token_glued(reader, token) &&
            is_capital(reader, token - 1) &&
            reader->tokens[token - 1].to - reader->tokens[token - 1].from <= 3) ||
           (token_is_sign(reader, token, '&'));
}

/* Words that no name goes across. */
static bool ends_name(const struct reader *reader, int token)
{
    if (token < 0 || token >= reader->token_count) {
        return true;
    }
    const struct token *t = &reader->tokens[token];
    if (t->kind == TOKEN_SIGN) {
        return !is_name_sign(reader, token);
    }
    bool phrase = (t->flags & TOKEN_DEAD) && token_has(reader, token, ROLE_LABEL) &&
                  memchr(reader->folded + t->from, ' ', t->to - t->from);
    if (t->kind == TOKEN_DIGITS || (t->flags & TOKEN_TIME) || phrase) {
        return true;
    }
    if (t->kind == TOKEN_PREFIX) {
        return (t->flags & TOKEN_AND) != 0 && !is_who(reader, token + 1);
    }
    if (is_who(reader, token)) {
        return false;
    }
    const uint64_t roles = ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_STOP) |
                           ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_APPROX) |
                           ROLE_BIT(ROLE_CHANGE) | ROLE_BIT(ROLE_VAGUE) |
                           ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_HEDGE);
    const uint64_t amounts = ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) |
                             ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_SCALE);
    if (!has_case(reader) && (reader->language->flags & LANGUAGE_SPACES) &&
        (t->roles & amounts)) {
        return true;
    }
    return (t->roles & roles) != 0 && !(is_capital(reader, token) && token > 0 &&
                                        !(t->roles & ROLE_BIT(ROLE_SOURCE)));
}

/* `of`, `for`, `des` between the words of a name. */
static bool links_name(const struct reader *reader, int token)
{
    /* German: `der Dienst die Verluste`, an article that is no genitive opens another
     */
    bool opens = reader->language->noun_phrase == PHRASE_CAPITAL &&
                 !token_has(reader, token, ROLE_SKIP);
    bool link = token_has(reader, token, ROLE_SKIP) ||
                (token_has(reader, token, ROLE_ARTICLE) && !opens) ||
                token_has(reader, token, ROLE_JOINER);
    int next = token + 1;
    while (token_has(reader, next, ROLE_ARTICLE)) {
        next++;
    }
    if (!(reader->language->flags & LANGUAGE_SPACES) &&
        token_has(reader, token, ROLE_STOP)) {
        return false; /* a particle */
    }
    return link && (is_capital(reader, next) || is_who(reader, next));
}

/* The end of a quoted name (`موقع «إن كيه نيوز»`) whose quotation mark stands at `at`;
 * `at` if it is none or does not close soon. */
static int quoted_end(const struct reader *reader, int at)
{
    static const uint32_t marks[] = {'"', 0xab, 0xbb, 0x201c, 0x201d, 0x201e};
    bool opens = false;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        opens = opens || token_is_sign(reader, at, marks[i]);
    }
    for (int end = at + 1; opens && end < at + 7 && end < reader->token_count; end++) {
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            if (token_is_sign(reader, end, marks[i])) {
                return end + 1;
            }
        }
        if (reader->tokens[end].kind == TOKEN_DIGITS) {
            return at;
        }
    }
    return at;
}

/* Signs that no name ends with; a full stop only behind an initial. */
static bool is_loose_sign(const struct reader *reader, int at)
{
    bool stop = token_is_sign(reader, at, '.') && at > 0 &&
                reader->tokens[at - 1].to - reader->tokens[at - 1].from > 1;
    return stop || token_is_sign(reader, at, '-') || token_is_sign(reader, at, '\'') ||
           token_is_sign(reader, at, '&');
}

static bool has_piece(const struct reader *reader, int token, uint32_t list,
                      bool ending)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].kind == TOKEN_WORD &&
           token_has_piece(reader, token, list, ending);
}

static bool is_definite(const struct reader *reader, int token)
{
    return has_piece(reader, token, reader->language->definite, false);
}

static bool has_owner(const struct reader *reader, int token)
{
    return has_piece(reader, token, reader->language->possessive, true);
}

static bool knows_definite(const struct reader *reader)
{
    return reader->lexicon->text[reader->language->definite] != '\0';
}

/* `جهاز الاستخبارات في كوريا الجنوبية`: a place that closes a name, behind a definite
 * word; returns where it ends, `at` if there is none. */
static int place_end(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    const char *form = reader->lexicon->text + reader->language->name_links;
    size_t length = token->to - token->from;
    bool link = false;
    for (; *form && !link; form += strlen(form) + 1) {
        link = strlen(form) == length &&
               memcmp(reader->folded + token->from, form, length) == 0;
    }
    int place = at + 1;
    bool name = link && place + 1 < reader->token_count &&
                reader->tokens[place].kind == TOKEN_WORD &&
                reader->tokens[place].roles == 0 && !is_definite(reader, place) &&
                !has_owner(reader, place) && is_definite(reader, place + 1) &&
                reader->tokens[place + 1].roles == 0;
    return name ? place + 2 : at;
}

static bool has_adjective_ending(const struct reader *reader, int token)
{
    return has_piece(reader, token, reader->language->adjective_endings, true);
}

/* Behind a definite word a name goes on with definite ones only; behind an adjective
 * with adjectives (`قدر البنك الدولي النمو`), and with no word that starts with a
 * preposition. */
static bool definite_ends(const struct reader *reader, int first, int at)
{
    if (!knows_definite(reader) || at <= first || is_who(reader, at) ||
        reader->tokens[at].kind != TOKEN_WORD) {
        return false;
    }
    bool definite = is_definite(reader, at);
    if (is_definite(reader, at - 1)) {
        return !definite || (has_adjective_ending(reader, at - 1) && at > first + 1 &&
                             !has_adjective_ending(reader, at));
    }
    return has_adjective_ending(reader, at - 1) && !definite &&
           has_piece(reader, at, reader->language->outside_starts, false);
}

static int name_end(const struct reader *reader, int first)
{
    bool cased = has_case(reader);
    bool named = false;
    int end = first;
    while (end < reader->token_count && end < first + NAME_WORDS) {
        if (named && links_name(reader, end)) {
            end++;
            continue;
        }
        int quoted =
            end == first || is_who(reader, end - 1) ? quoted_end(reader, end) : end;
        if (quoted > end) {
            named = true;
            end = quoted;
            continue;
        }
        int place =
            end > first && is_definite(reader, end - 1) ? place_end(reader, end) : end;
        if (place > end) {
            end = place;
            break;
        }
        if (ends_name(reader, end) || definite_ends(reader, first, end)) {
            break;
        }
        bool sign = reader->tokens[end].kind == TOKEN_SIGN;
        bool strong = is_capital(reader, end) || is_who(reader, end);
        if (cased && named && !strong && !sign &&
            !token_is_sign(reader, end - 1, '\'') &&
            !token_is_sign(reader, end - 1, '-')) {
            break;
        }
        named = named || strong;
        end++;
    }
    while (end > first && is_loose_sign(reader, end - 1)) {
        end--;
    }
    if (cased && !named) {
        return first;
    }
    return end;
}

static int name_start(const struct reader *reader, int end)
{
    int first = end;
    while (first > 0 && end - first < NAME_WORDS) {
        int token = first - 1;
        bool link = first < end && links_name(reader, token);
        bool possessive =
            token_is_sign(reader, token, '\'') || is_name_sign(reader, token);
        if (!link && !possessive && ends_name(reader, token)) {
            break;
        }
        first--;
        if (token_has(reader, token, ROLE_ARTICLE) && !link) {
            break;
        }
    }
    while (first < end && (token_has(reader, first, ROLE_ARTICLE) ||
                           token_has(reader, first, ROLE_SKIP) ||
                           reader->tokens[first].kind != TOKEN_WORD)) {
        first++;
    }
    /* drop lower-case words before the name itself, but not those before a title */
    bool named = !has_case(reader) && end > first;
    for (int i = first; i < end && !named; i++) {
        named = is_capital(reader, i) || is_who(reader, i);
    }
    return named ? first : end;
}

static figures_role role_of(const struct reader *reader, int first, int end)
{
    figures_role role = FIGURES_NO_ROLE;
    for (int i = first; i < end; i++) {
        const struct lexicon_sense *who = token_sense(reader, i, ROLE_WHO);
        if (who && (role == FIGURES_NO_ROLE || (who->attributes & ATTR_NAME) ||
                    who->value == FIGURES_SPOKESPERSON)) {
            role = (figures_role)who->value;
        }
    }
    return role;
}

static int pass_small(const struct reader *reader, int at)
{
    while (at < reader->token_count && (token_has(reader, at, ROLE_ARTICLE) ||
                                        (reader->tokens[at].kind == TOKEN_PREFIX &&
                                         !(reader->tokens[at].flags & TOKEN_AND)))) {
        at++;
    }
    return at;
}

/* `informó este sábado la Generalitat`: the day between verb and speaker */
static int pass_day(const struct reader *reader, int at)
{
    int next = at;
    while (next < at + 4 && next < reader->token_count) {
        bool day = token_has(reader, next, ROLE_WEEKDAY) ||
                   (reader->tokens[next].flags & TOKEN_TIME);
        if (day) {
            at = next + 1;
        } else if (!token_has(reader, next, ROLE_STOP) &&
                   !token_has(reader, next, ROLE_ARTICLE) &&
                   !token_has(reader, next, ROLE_TIME)) {
            break;
        }
        next++;
    }
    return at;
}

static bool find_after(const struct reader *reader, int verb, struct speaker *speaker)
{
    int first = pass_small(reader, pass_day(reader, verb + 1));
    speaker->first = first;
    speaker->end = name_end(reader, first);
    return speaker->end > first;
}

/* `the Health Ministry in Gaza said`: a place behind a name belongs to it. */
static int name_before_place(const struct reader *reader, int first)
{
    const struct lexicon_language *language = reader->language;
    int link = first - 1;
    if (link < 1 || !has_case(reader) || !is_capital(reader, first) ||
        reader->tokens[link].kind != TOKEN_WORD) {
        return first;
    }
    const struct token *token = &reader->tokens[link];
    const char *form = reader->lexicon->text + language->name_links;
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == token->to - token->from &&
            memcmp(form, reader->folded + token->from, strlen(form)) == 0) {
            int start = name_start(reader, link);
            return start < link && role_of(reader, start, link) ? start : first;
        }
    }
    return first;
}

/* `Anna Schmidt, a spokeswoman for the Red Cross, said`: the name before the words that
 * say who it is. */
static void name_in_apposition(const struct reader *reader, struct speaker *speaker)
{
    int comma = speaker->first - 1;
    while (token_has(reader, comma, ROLE_ARTICLE)) {
        comma--;
    }
    if (!has_case(reader) || !token_is_sign(reader, comma, ',') ||
        !is_capital(reader, comma - 1)) {
        return;
    }
    int first = name_start(reader, comma);
    bool opens = first == 0 || reader->tokens[first - 1].kind != TOKEN_WORD ||
                 token_has(reader, first - 1, ROLE_STOP);
    bool name = first < comma && comma - first >= 2 && comma - first <= 4 && opens;
    for (int at = first; at < comma && name; at++) {
        name = is_capital(reader, at) && !is_who(reader, at);
    }
    if (name) {
        speaker->first = first;
        speaker->end = comma;
    }
}

/* `the rebels claimed`, `residents said`: a common noun before the verb. */
static bool find_common(const struct reader *reader, int end, struct speaker *speaker)
{
    int first = end;
    while (first > 0 && end - first < 2 &&
           reader->tokens[first - 1].kind == TOKEN_WORD &&
           reader->tokens[first - 1].roles == 0) {
        first--;
    }
    bool article =
        first < end && first > 0 && token_has(reader, first - 1, ROLE_ARTICLE);
    bool starts = first == 0 || reader->tokens[first - 1].kind == TOKEN_SIGN ||
                  token_has(reader, first - 1, ROLE_STOP) ||
                  token_has(reader, first - 1, ROLE_JOINER);
    bool plural = first + 1 == end && starts && !is_capital(reader, first) &&
                  has_piece(reader, first, reader->language->plural_endings, true);
    speaker->first = first;
    speaker->end = end;
    return has_case(reader) && (article || plural);
}

/* `The ministry on Tuesday said`: the sentence begins with the name of a speaker. */
static bool find_opening(const struct reader *reader, int verb, struct speaker *speaker)
{
    int first = pass_small(reader, 0);
    int end = name_end(reader, first);
    speaker->first = first;
    speaker->end = end;
    return end > first && end < verb && role_of(reader, first, end) != FIGURES_NO_ROLE;
}

static bool find_before(const struct reader *reader, int verb, struct speaker *speaker)
{
    int end = verb;
    while (end > 0 && token_has(reader, end - 1, ROLE_STOP) &&
           !is_capital(reader, end - 1) && verb - end < 3) {
        end--;
    }
    bool comma = token_is_sign(reader, end - 1, ',');
    if (comma) {
        end--;
    }
    speaker->first = name_start(reader, end);
    speaker->end = end;
    if (comma && speaker->first < end &&
        token_is_sign(reader, speaker->first - 1, ',') &&
        role_of(reader, speaker->first, end) == FIGURES_NO_ROLE) {
        return false;
    }
    if (speaker->end > speaker->first) {
        speaker->first = name_before_place(reader, speaker->first);
        return true;
    }
    return false;
}

static bool is_filler(const struct reader *reader, const struct speaker *speaker);

/* Words that are no speaker: `نتائجها` (its results), `فضلا عن صواريخ`. */
static bool is_no_speaker(const struct reader *reader, const struct speaker *speaker,
                          unsigned attributes)
{
    if (!knows_definite(reader) || speaker->first < 0 ||
        speaker->end == speaker->first ||
        role_of(reader, speaker->first, speaker->end) != FIGURES_NO_ROLE ||
        is_definite(reader, speaker->first) ||
        reader->tokens[speaker->first].kind != TOKEN_WORD) {
        return false;
    }
    return has_owner(reader, speaker->first) || (attributes & ATTR_RELAY);
}

/* `موقع «إن كيه نيوز»` is called what stands between the quotation marks. */
static void strip_quotes(const struct reader *reader, struct speaker *speaker)
{
    for (int at = speaker->first; at < speaker->end; at++) {
        if (quoted_end(reader, at) == speaker->end && speaker->end - at > 2) {
            speaker->first = at + 1;
            speaker->end--;
            return;
        }
        if (!is_who(reader, at)) {
            return;
        }
    }
}

/* 新华社援引…, `Reuters dẫn lời …`: the outlet before a relaying verb */
static void add_relaying(struct reader *reader, int verb,
                         const struct lexicon_sense *sense)
{
    struct speaker teller = {0};
    if (reader->speaker_count == SPEAKERS || !find_before(reader, verb, &teller)) {
        return;
    }
    teller.role = role_of(reader, teller.first, teller.end);
    bool aside = token_is_sign(reader, verb - 1, ','); /* `The agency, citing` */
    if (teller.role != FIGURES_OUTLET && teller.role != FIGURES_AGENCY &&
        !(aside && teller.role == FIGURES_ORIGIN)) {
        return;
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *known = &reader->speakers[i];
        if (known->end > known->first && known->first == teller.first) {
            return;
        }
    }
    teller.verb_first = verb;
    teller.verb_end = verb + 1;
    teller.stance = (figures_stance)sense->value;
    reader->speakers[reader->speaker_count++] = teller;
}

/* Verb-final languages: the nearest name before the verb that has its particle. */
static bool find_topic(const struct reader *reader, int verb, struct speaker *speaker)
{
    for (int at = verb - 1; at >= 0; at--) {
        const struct lexicon_sense *who = token_sense(reader, at, ROLE_WHO);
        if (who && !(who->attributes & ATTR_WEAK) &&
            token_has(reader, at + 1, ROLE_STOP) && token_glued(reader, at + 1)) {
            speaker->end = at + 1;
            speaker->first = name_start(reader, at + 1);
            return speaker->first < speaker->end;
        }
    }
    return false;
}

static bool is_topic(const struct reader *reader, int at)
{
    const char *form = reader->lexicon->text + reader->language->topics;
    if (at < 1 || at >= reader->token_count || !token_glued(reader, at) ||
        !token_has(reader, at, ROLE_STOP)) {
        return false;
    }
    const struct token *token = &reader->tokens[at];
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == token->to - token->from &&
            memcmp(form, reader->folded + token->from, strlen(form)) == 0) {
            return true;
        }
    }
    return false;
}

/* 県が9日発表した, 행정안전부는 … 밝혔다: what the sentence speaks of, at its start,
 * unless it is what is counted. */
static bool find_subject(const struct reader *reader, int verb, struct speaker *speaker)
{
    enum { SUBJECT_TOKENS = 8, SUBJECT_BYTES = 3 };
    const uint64_t never = ROLE_BIT(ROLE_STOP) | ROLE_BIT(ROLE_NUMBER) |
                           ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) |
                           ROLE_BIT(ROLE_SOURCE);
    const uint64_t things = ROLE_BIT(ROLE_NOUN) | ROLE_BIT(ROLE_PARTICIPLE);
    int end = 0;
    while (end < verb && end < SUBJECT_TOKENS && !is_topic(reader, end)) {
        const struct token *token = &reader->tokens[end];
        if (token->kind != TOKEN_WORD || (token->flags & TOKEN_TIME) ||
            ((token->roles & never) && !is_who(reader, end))) {
            return false;
        }
        end++;
    }
    bool counted = end + 1 < reader->token_count &&
                   reader->tokens[end + 1].kind == TOKEN_DIGITS &&
                   !(reader->tokens[end + 1].flags & TOKEN_TIME);
    counted = counted || (end > 0 && (reader->tokens[end - 1].roles & things) &&
                          (end == 1 || token_has(reader, end - 2, ROLE_SKIP)));
    if (end == 0 || end >= verb || !is_topic(reader, end) || counted ||
        reader->tokens[end - 1].to - reader->tokens[0].from < SUBJECT_BYTES) {
        return false;
    }
    speaker->first = 0;
    speaker->end = end;
    return true;
}

/* The outlet that the speaker told it: `told Al Jazeera`, `sagte der Zeitung`. */
static void add_medium(struct reader *reader, int verb, const struct speaker *speaker)
{
    int from = speaker->end > verb ? speaker->end : verb + 1;
    for (int at = from; at < from + 4 && at < reader->token_count; at++) {
        const struct lexicon_sense *who = token_sense(reader, at, ROLE_WHO);
        bool medium =
            who && (who->value == FIGURES_OUTLET || who->value == FIGURES_AGENCY);
        if (medium && reader->speaker_count < SPEAKERS) {
            struct speaker told = {
                .first = at, .verb_first = verb, .verb_end = verb + 1};
            told.end = name_end(reader, at);
            told.role = (figures_role)who->value;
            told.end = told.end > at ? told.end : at + 1;
            reader->speakers[reader->speaker_count++] = told;
            return;
        }
        bool small = token_has(reader, at, ROLE_ARTICLE) ||
                     token_has(reader, at, ROLE_CHANGE) ||
                     reader->tokens[at].kind == TOKEN_PREFIX ||
                     (token_has(reader, at, ROLE_STOP) && at == from);
        if (!small) {
            return;
        }
    }
}

/* `der General der Zeitung`: the outlet behind an article is not part of the name. */
static void cut_medium(const struct reader *reader, struct speaker *speaker)
{
    for (int at = speaker->first + 2; at < speaker->end; at++) {
        const struct lexicon_sense *who = token_sense(reader, at, ROLE_WHO);
        bool medium =
            who && (who->value == FIGURES_OUTLET || who->value == FIGURES_AGENCY);
        if (medium && token_has(reader, at - 1, ROLE_ARTICLE) && has_case(reader) &&
            role_of(reader, speaker->first, at - 1) != FIGURES_NO_ROLE) {
            speaker->end = at - 1;
            return;
        }
    }
}

/* `Milletler'e göre`: the ending behind an apostrophe is not part of the name. */
static void cut_ending(const struct reader *reader, struct speaker *speaker)
{
    int last = speaker->end - 1;
    if (last - speaker->first < 2 || !token_is_sign(reader, last - 1, '\'') ||
        !token_glued(reader, last)) {
        return;
    }
    const struct token *ending = &reader->tokens[last];
    const char *form = reader->lexicon->text + reader->language->suffixes;
    for (; *form; form += strlen(form) + 1) {
        if (strlen(form) == ending->to - ending->from &&
            memcmp(form, reader->folded + ending->from, strlen(form)) == 0) {
            speaker->end = last - 1;
            return;
        }
    }
}

/* A verb that may have its speaker on either side: `Zusammen bezifferte der Dienst`
 * begins with a word that is a name by its place only. */
static bool find_either(const struct reader *reader, int verb, struct speaker *speaker)
{
    if (!find_before(reader, verb, speaker)) {
        return find_after(reader, verb, speaker);
    }
    struct speaker after = *speaker;
    bool doubtful = speaker->first == 0 && speaker->end == 1 &&
                    role_of(reader, 0, 1) == FIGURES_NO_ROLE;
    if (doubtful && token_has(reader, verb + 1, ROLE_ARTICLE) &&
        find_after(reader, verb, &after) &&
        role_of(reader, after.first, after.end) == FIGURES_ORIGIN) {
        *speaker = after;
    }
    return true;
}

/* `l'ONU`, `L'agenzia`: a letter before an apostrophe is the article. */
static void cut_article(const struct reader *reader, struct speaker *speaker)
{
    const struct token *letter = &reader->tokens[speaker->first];
    if (speaker->end - speaker->first > 2 && letter->kind == TOKEN_WORD &&
        letter->to - letter->from == 1 &&
        token_is_sign(reader, speaker->first + 1, '\'')) {
        speaker->first += 2;
    }
}

/* True if the words are what a figure counts. */
static bool is_counted(const struct reader *reader, const struct speaker *speaker)
{
    for (int i = 0; i < reader->quantity_count; i++) {
        const struct quantity *quantity = &reader->quantities[i];
        if (!quantity->dead && quantity->noun_first < speaker->end &&
            quantity->noun_end > speaker->first) {
            return true;
        }
    }
    return false;
}

static void add_speaker(struct reader *reader, int verb,
                        const struct lexicon_sense *sense)
{
    if (reader->speaker_count == SPEAKERS) {
        return;
    }
    struct speaker speaker = {0};
    unsigned attributes = sense->attributes;
    bool after = (attributes & ATTR_AFTER) != 0;
    bool both = after && (attributes & ATTR_BEFORE);
    bool found;
    if (both) {
        found = find_either(reader, verb, &speaker);
    } else {
        found = after ? find_after(reader, verb, &speaker)
                      : find_before(reader, verb, &speaker);
    }
    if (!after && !(attributes & ATTR_FRAME) &&
        (reader->language->flags & LANGUAGE_NOUN_BEFORE) &&
        (!found || role_of(reader, speaker.first, speaker.end) == FIGURES_NO_ROLE ||
         is_filler(reader, &speaker))) {
        struct speaker topic = speaker;
        if (find_topic(reader, verb, &topic) || find_subject(reader, verb, &topic)) {
            speaker = topic;
            found = true;
        } else if (!found ||
                   role_of(reader, speaker.first, speaker.end) == FIGURES_NO_ROLE) {
            return;
        }
    }
    if (after && !found && knows_definite(reader) && !(attributes & ATTR_FRAME) &&
        token_has(reader, verb - 1, ROLE_STOP)) {
        /* وكانت المؤسسة قد قدرت: the speaker between the two verbs */
        found = find_before(reader, verb, &speaker) &&
                role_of(reader, speaker.first, speaker.end) != FIGURES_NO_ROLE;
    }
    if (found && !after && is_counted(reader, &speaker)) {
        found = false; /* `12 tanks said` is no clause */
    }
    bool verbal = !(attributes & (ATTR_FRAME | ATTR_RELAY));
    if (!found && verbal && (both || !after)) {
        found = find_common(reader, verb, &speaker);
        speaker.common = found;
        found = found || find_opening(reader, verb, &speaker);
    }
    if (found && is_no_speaker(reader, &speaker, attributes)) {
        return;
    }
    if (!found) {
        speaker.first = verb;
        speaker.end = verb; /* the speaker of the sentence before */
        if (attributes & ATTR_FRAME) {
            return;
        }
    }
    speaker.verb_first = verb;
    speaker.verb_end = verb + 1;
    speaker.stance = (figures_stance)sense->value;
    speaker.relay = (attributes & ATTR_RELAY) != 0;
    speaker.frame = (attributes & ATTR_FRAME) != 0;
    speaker.role = role_of(reader, speaker.first, speaker.end);
    strip_quotes(reader, &speaker);
    cut_ending(reader, &speaker);
    cut_medium(reader, &speaker);
    cut_article(reader, &speaker);
    speaker.role = role_of(reader, speaker.first, speaker.end);
    if (speaker.role != FIGURES_NO_ROLE && speaker.end <= verb) {
        name_in_apposition(reader, &speaker);
    }
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *known = &reader->speakers[i];
        if (speaker.end > speaker.first && known->first == speaker.first) {
            return;
        }
    }
    reader->speakers[reader->speaker_count++] = speaker;
    if (speaker.relay && after) {
        add_relaying(reader, verb, sense);
    } else if (verbal && speaker.end > speaker.first) {
        add_medium(reader, verb, &speaker);
    }
}

/* Speakers nearer to the reader come first: outlets before those they relay. */
static int rank(const struct speaker *speaker)
{
    static const int ranks[] = {
        [FIGURES_NO_ROLE] = 3,      [FIGURES_OUTLET] = 0, [FIGURES_AGENCY] = 1,
        [FIGURES_SPOKESPERSON] = 2, [FIGURES_AUTHOR] = 2, [FIGURES_ORIGIN] = 4};
    return ranks[speaker->role] + (speaker->relay ? 10 : 0);
}

static void sort_speakers(struct reader *reader)
{
    for (int i = 1; i < reader->speaker_count; i++) {
        struct speaker speaker = reader->speakers[i];
        int k = i;
        while (k > 0 && rank(&reader->speakers[k - 1]) > rank(&speaker)) {
            reader->speakers[k] = reader->speakers[k - 1];
            k--;
        }
        reader->speakers[k] = speaker;
    }
}

/* `a study` says less than the name of whoever made it: dropped beside a real name. */
static bool is_filler(const struct reader *reader, const struct speaker *speaker)
{
    bool filler = speaker->end > speaker->first && !speaker->common;
    for (int i = speaker->first; i < speaker->end && filler; i++) {
        const struct lexicon_sense *who = token_sense(reader, i, ROLE_WHO);
        filler = (who && (who->attributes & ATTR_WEAK)) ||
                 (!who && !is_capital(reader, i) && has_case(reader)) ||
                 (!who && speaker->end == speaker->first + 1 && is_definite(reader, i));
    }
    return filler;
}

static void drop_fillers(struct reader *reader)
{
    bool named = false;
    for (int i = 0; i < reader->speaker_count; i++) {
        const struct speaker *speaker = &reader->speakers[i];
        named = named || (speaker->end > speaker->first && !is_filler(reader, speaker));
    }
    int kept = 0;
    for (int i = 0; i < reader->speaker_count; i++) {
        if (!named || !is_filler(reader, &reader->speakers[i])) {
            reader->speakers[kept++] = reader->speakers[i];
        }
    }
    reader->speaker_count = kept;
}

/* A disclaimer of the whole document; chain.c finds the hedges of single figures. */
static void read_disclaimer(struct reader *reader)
{
    for (int i = 0; i < reader->token_count; i++) {
        const struct lexicon_sense *hedge = token_sense(reader, i, ROLE_HEDGE);
        if (hedge && (hedge->attributes & ATTR_DOCUMENT)) {
            reader->document_hedge = (figures_hedge)hedge->value;
        }
    }
}

void read_speakers(struct reader *reader)
{
    reader->speaker_count = 0;
    const uint64_t needed = ROLE_BIT(ROLE_SOURCE) | ROLE_BIT(ROLE_HEDGE);
    if (!(reader->sentence_roles & needed)) {
        return;
    }
    for (int i = 0; i < reader->token_count; i++) {
        const struct lexicon_sense *sense = token_sense(reader, i, ROLE_SOURCE);
        if (sense && !(reader->tokens[i].flags & TOKEN_DEAD)) {
            add_speaker(reader, i, sense);
        }
    }
    drop_fillers(reader);
    sort_speakers(reader);
    read_disclaimer(reader);
}
