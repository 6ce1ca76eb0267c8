#include "speaker.h"

#include <string.h>

/* Where the speaker of a verb or frame stands: before it, behind it, at the start. */

static int pass_small(const struct reader *reader, int at)
{
    while (at < reader->token_count && (token_has(reader, at, ROLE_ARTICLE) ||
                                        (reader->tokens[at].kind == TOKEN_PREFIX &&
                                         !(reader->tokens[at].flags & TOKEN_AND)))) {
        at++;
    }
    return at;
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

bool find_after(const struct reader *reader, int verb, struct speaker *speaker)
{
    int first = pass_small(reader, pass_day(reader, verb + 1));
    speaker->first = first;
    speaker->end = name_end(reader, first);
    cut_article(reader, speaker);
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
void name_in_apposition(const struct reader *reader, struct speaker *speaker)
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
bool find_common(const struct reader *reader, int end, struct speaker *speaker)
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
bool find_opening(const struct reader *reader, int verb, struct speaker *speaker)
{
    int first = pass_small(reader, 0);
    int end = name_end(reader, first);
    speaker->first = first;
    speaker->end = end;
    return end > first && end < verb && role_of(reader, first, end) != FIGURES_NO_ROLE;
}

bool find_before(const struct reader *reader, int verb, struct speaker *speaker)
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
        cut_article(reader, speaker);
        return true;
    }
    return false;
}

/* Verb-final languages: the nearest name before the verb that has its particle. */
bool find_topic(const struct reader *reader, int verb, struct speaker *speaker)
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
bool find_subject(const struct reader *reader, int verb, struct speaker *speaker)
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

/* `der General der Zeitung`: the outlet behind an article is not part of the name. */
void cut_medium(const struct reader *reader, struct speaker *speaker)
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
void cut_ending(const struct reader *reader, struct speaker *speaker)
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
bool find_either(const struct reader *reader, int verb, struct speaker *speaker)
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
