#include "speaker.h"

#include <string.h>

/* Where the name of a speaker begins and ends. */

enum { NAME_WORDS = 9 };

bool has_case(const struct reader *reader)
{
    const uint32_t cased = 1u << SCRIPT_LATIN | 1u << SCRIPT_CYRILLIC |
                           1u << SCRIPT_GREEK | 1u << SCRIPT_ARMENIAN;
    return (reader->language->scripts & cased) != 0;
}

bool is_who(const struct reader *reader, int token)
{
    return token_has(reader, token, ROLE_WHO) || token_has(reader, token, ROLE_PEOPLE);
}

bool is_capital(const struct reader *reader, int token)
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
int quoted_end(const struct reader *reader, int at)
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

bool has_piece(const struct reader *reader, int token, uint32_t list, bool ending)
{
    return token >= 0 && token < reader->token_count &&
           reader->tokens[token].kind == TOKEN_WORD &&
           token_has_piece(reader, token, list, ending);
}

bool is_definite(const struct reader *reader, int token)
{
    return has_piece(reader, token, reader->language->definite, false);
}

bool has_owner(const struct reader *reader, int token)
{
    return has_piece(reader, token, reader->language->possessive, true);
}

bool knows_definite(const struct reader *reader)
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

int name_end(const struct reader *reader, int first)
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

int name_start(const struct reader *reader, int end)
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

figures_role role_of(const struct reader *reader, int first, int end)
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
