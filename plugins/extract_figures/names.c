#include "fold.h"
#include "reader.h"

#include <string.h>

/* Digits and number words that are part of a name, an address or a list's numbering. */

static void kill(struct reader *reader, int first, int end)
{
    for (int i = first; i < end; i++) {
        reader->tokens[i].flags |= TOKEN_DEAD;
    }
}

/* The end of the stretch of tokens without a blank that starts at `first`. */
static int stretch_end(const struct reader *reader, int first)
{
    int end = first + 1;
    while (end < reader->token_count && token_glued(reader, end)) {
        end++;
    }
    return end;
}

static bool is_address(const struct reader *reader, int first, int end)
{
    for (int i = first; i < end; i++) {
        if (token_is_sign(reader, i, '@') && i > first && i + 1 < end) {
            return true;
        }
        if (token_is_sign(reader, i, ':') && token_is_sign(reader, i + 1, '/') &&
            token_is_sign(reader, i + 2, '/') && i + 2 < end) {
            return true;
        }
        const struct token *token = &reader->tokens[i];
        if (i == first && token->kind == TOKEN_WORD && token->to - token->from == 3 &&
            reader->folded[token->from] == 'w' &&
            reader->folded[token->from + 1] == 'w' &&
            token_is_sign(reader, i + 1, '.') && i + 2 < end) {
            return true;
        }
    }
    return false;
}

/* Words that may be written before digits without making a name of them. */
static bool may_touch(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    const uint64_t roles =
        ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) | ROLE_BIT(ROLE_MONTH) |
        ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_VAGUE) | ROLE_BIT(ROLE_YEAR) |
        ROLE_BIT(ROLE_RANGE) | ROLE_BIT(ROLE_MINUS) | ROLE_BIT(ROLE_TIME) |
        ROLE_BIT(ROLE_WEEKDAY) | ROLE_BIT(ROLE_JOINER);
    if ((token->roles & roles) != 0 || token->kind == TOKEN_PREFIX) {
        return true;
    }
    static const int units[] = {ROLE_MONEY, ROLE_PERCENT, ROLE_UNIT, ROLE_SCALE,
                                ROLE_COUNTER};
    for (int i = 0; i < 5; i++) {
        const struct lexicon_sense *sense = token_sense(reader, at, units[i]);
        /* 5 million–7 million: a dash stands between the word and the digits */
        bool dash = token_is_sign(reader, at + 1, '-') ||
                    token_is_sign(reader, at + 1, FOLD_DASH);
        bool after_digits = at > 0 && reader->tokens[at - 1].kind == TOKEN_DIGITS &&
                            (token_glued(reader, at) || dash);
        if (sense && ((sense->attributes & ATTR_BEFORE) || after_digits)) {
            return true;
        }
    }
    return false;
}

static bool is_letter_word(const struct reader *reader, int token)
{
    if (token < 0 || token >= reader->token_count ||
        reader->tokens[token].kind != TOKEN_WORD) {
        return false;
    }
    return (reader->language->flags & LANGUAGE_SPACES) != 0 ||
           reader->tokens[token].code < 0x250;
}

/* 5G, 10G: a generation of networks or a size without its unit, where the text says
 * more than a number */
static bool is_generation(const struct reader *reader, int at)
{
    const struct literal *literal = &reader->literals[reader->tokens[at].literal];
    const struct token *letter = &reader->tokens[at + 1];
    return at + 1 < reader->token_count && literal->digits <= 2 &&
           literal->flags == 0 && token_glued(reader, at + 1) &&
           letter->to - letter->from == 1 && reader->folded[letter->from] == 'g' &&
           (letter->flags & TOKEN_CAPITAL) && !reader->whole_text_only_number;
}

/* С-300, el A330: a preposition as well, but not as a capital written onto digits */
static bool is_capital_letter(const struct reader *reader, int at, bool hyphen)
{
    const struct token *token = &reader->tokens[at];
    const uint64_t before_digits = ROLE_BIT(ROLE_YEAR) | ROLE_BIT(ROLE_PERCENT) |
                                   ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) |
                                   ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_SCALE);
    if (!hyphen && (token->roles & before_digits)) {
        return false;
    }
    size_t size = token->code < 0x80 ? 1 : token->code < 0x800 ? 2 : 3;
    return token->kind == TOKEN_WORD && token->to - token->from == size &&
           (token->flags & TOKEN_CAPITAL) && !token_has(reader, at, ROLE_MONEY);
}

/* 歼-20: no minus behind a word, unless what follows is measured (気温-5度) */
static bool is_unspaced_model(const struct reader *reader, int before, int at)
{
    const uint64_t measured = ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_PERCENT) |
                              ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_SCALE);
    bool unspaced = (reader->language->flags & LANGUAGE_SPACES) == 0;
    bool follows =
        at + 1 < reader->token_count && (reader->tokens[at + 1].roles & measured) != 0;
    const struct token *word = &reader->tokens[before];
    return unspaced && word->kind == TOKEN_WORD &&
           script_of(word->code) == SCRIPT_HAN &&
           !token_has(reader, before, ROLE_STOP) && !may_touch(reader, before) &&
           !follows;
}

/* KN-23, F1, 5G: digits written onto letters that mean nothing beside a number. */
static void kill_models(struct reader *reader, int at)
{
    int before = at - 1;
    if (token_glued(reader, at) && token_is_sign(reader, before, '-') &&
        token_glued(reader, before)) {
        before--;
    } else if (!token_glued(reader, at)) {
        before = -1;
    }
    bool hyphen = before >= 0 && before < at - 1;
    bool letter = before >= 0 && is_capital_letter(reader, before, hyphen);
    bool model = hyphen && is_unspaced_model(reader, before, at);
    if (letter || model ||
        (is_letter_word(reader, before) && !may_touch(reader, before))) {
        kill(reader, at, stretch_end(reader, at));
    }
    int after = at + 1;
    if (token_glued(reader, after) && is_letter_word(reader, after) &&
        (reader->tokens[after].roles == 0 || is_generation(reader, at))) {
        kill(reader, at, after + 1);
    }
    /* #3366cc: a colour */
    if (token_is_sign(reader, at - 1, '#') && token_glued(reader, at) &&
        token_glued(reader, after) && is_letter_word(reader, after)) {
        kill(reader, at, stretch_end(reader, at));
    }
    /* 4x4, 1e3f: digits again after the letters */
    if (token_glued(reader, after) && is_letter_word(reader, after) &&
        token_glued(reader, after + 1) && after + 1 < reader->token_count &&
        reader->tokens[after + 1].kind == TOKEN_DIGITS &&
        (!(reader->tokens[after].roles &
           (ROLE_BIT(ROLE_SCALE) | ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_YEAR))) ||
         (reader->tokens[after].flags & TOKEN_CAPITAL))) {
        kill(reader, at, stretch_end(reader, at));
    }
}

static const struct literal *literal_of(const struct reader *reader, int at)
{
    bool digits =
        at >= 0 && at < reader->token_count && reader->tokens[at].kind == TOKEN_DIGITS;
    return digits ? &reader->literals[reader->tokens[at].literal] : NULL;
}

/* 0123: digits with a nought before them are a code. */
static bool is_code(const struct reader *reader, int at)
{
    const struct literal *literal = literal_of(reader, at);
    return literal && literal->flags == 0 && literal->digits >= 3 &&
           reader->folded[reader->tokens[at].from] == '0' &&
           decimal_less(decimal_from(0, 0), literal->value);
}

/* `won 3-1`, `2:0`: the score of a game, which is no range because it falls, or is
 * written with a colon. */
static void kill_score(struct reader *reader, int at)
{
    const struct literal *left = literal_of(reader, at);
    const struct literal *right = literal_of(reader, at + 2);
    bool colon = token_is_sign(reader, at + 1, ':');
    bool hyphen = token_is_sign(reader, at + 1, '-');
    bool joined =
        (colon || hyphen) && token_glued(reader, at + 1) && token_glued(reader, at + 2);
    if (!left || !right || !joined || left->flags || right->flags || left->digits > 2 ||
        right->digits > 2 || (colon && right->digits == 2 && left->digits <= 2)) {
        return; /* 19:45 is a time of day */
    }
    bool free_before = at == 0 || !token_glued(reader, at) ||
                       reader->tokens[at - 1].kind == TOKEN_WORD;
    bool falls = decimal_less(right->value, left->value);
    int after = at + 3;
    bool measured =
        after < reader->token_count &&
        (reader->tokens[after].roles &
         (ROLE_BIT(ROLE_PERCENT) | ROLE_BIT(ROLE_MONEY) | ROLE_BIT(ROLE_SCALE)));
    if (free_before && (colon || falls) && !measured &&
        !reader->whole_text_only_number) {
        kill(reader, at, after);
    }
}

/* 48.85° N: a place on the globe */
static void kill_coordinate(struct reader *reader, int at)
{
    int letter = at + 2;
    const struct token *token = &reader->tokens[letter];
    const char *points = "nsewo";
    if (letter < reader->token_count && reader->tokens[at + 1].kind != TOKEN_DIGITS &&
        token_glued(reader, at + 1) && token->kind == TOKEN_WORD &&
        token->to - token->from == 1 && (token->flags & TOKEN_CAPITAL) &&
        strchr(points, reader->folded[token->from]) &&
        reader->folded[reader->tokens[at + 1].from] == 0xc2) {
        kill(reader, at, letter + 1);
    }
}

/* 1111-2222-3333, 030-123-4567: three and more numbers joined by hyphens */
static void kill_codes(struct reader *reader, int at)
{
    int next = at;
    int parts = 1;
    while (token_is_sign(reader, next + 1, '-') && token_glued(reader, next + 1) &&
           token_glued(reader, next + 2) && next + 2 < reader->token_count &&
           reader->tokens[next + 2].kind == TOKEN_DIGITS) {
        next += 2;
        parts++;
    }
    bool date =
        parts == 3 && (reader->literals[reader->tokens[at].literal].digits == 4 ||
                       reader->literals[reader->tokens[next].literal].digits == 4);
    bool code = parts == 2 && is_code(reader, next);
    if ((parts > 2 && !date) || code) {
        kill(reader, at, next + 1);
    } else if (is_code(reader, at) && !reader->whole_text_only_number) {
        kill(reader, at, at + 1);
    }
}

/* The digits that a blank, a hyphen or a slash parts from those before; -1 if none. */
static int next_group(const struct reader *reader, int at)
{
    int next = at + 1;
    next += token_is_sign(reader, next, '-') || token_is_sign(reader, next, '/');
    const struct literal *literal = literal_of(reader, next);
    bool apart = next > at + 1 ? token_glued(reader, next) : !token_glued(reader, next);
    return literal && literal->flags == 0 && apart ? next : -1;
}

/* `0800 123 4567`, `DE89 3704 0044 0532 0130 00`: groups behind a nought, or three and
 * more of four digits */
static void kill_groups(struct reader *reader, int at)
{
    int fours = 0;
    int groups = 0;
    int last = at;
    unsigned last_digits = 0;
    for (int next = at; next >= 0; next = next_group(reader, next)) {
        const struct literal *literal = literal_of(reader, next);
        if (!literal || literal->flags != 0) {
            return;
        }
        last_digits = literal->digits;
        fours += literal->digits == 4;
        groups++;
        last = next;
    }
    bool phone = groups > 1 && last_digits > 1 && is_code(reader, at) &&
                 (groups > 2 || token_is_sign(reader, at + 1, '/'));
    if (phone || (fours >= 3 && fours >= groups - 1)) {
        kill(reader, at, last + 1);
    }
}

/* `page 12`, `Mate 9`, `No. 5`, `#5` */
static void kill_labelled(struct reader *reader, int at)
{
    const struct lexicon_sense *label = token_sense(reader, at, ROLE_LABEL);
    if (!label) {
        return;
    }
    if (label->attributes & ATTR_NAME) {
        kill(reader, at, at + 1);
        return;
    }
    if (label->attributes & ATTR_AFTER) {
        if (at > 0) {
            kill(reader, at - 1, at);
        }
        return;
    }
    int next = at + 1;
    if (token_is_sign(reader, next, '.') && token_glued(reader, next)) {
        next++;
    }
    while (next < reader->token_count &&
           (reader->tokens[next].kind == TOKEN_DIGITS ||
            token_has(reader, next, ROLE_NUMBER) ||
            (token_has(reader, next, ROLE_SCALE) && token_glued(reader, next)) ||
            token_has(reader, next, ROLE_ORDINAL))) {
        kill(reader, next, next + 1);
        if (!token_glued(reader, next + 1) &&
            !token_has(reader, next + 1, ROLE_NUMBER)) {
            break;
        }
        next++;
        if (token_is_sign(reader, next, '-') || token_is_sign(reader, next, '/')) {
            next++;
        }
    }
}

/* `1) here 2) there`: digits before a bracket that was not opened */
static void kill_bracketed(struct reader *reader, int at)
{
    const struct literal *literal = literal_of(reader, at);
    bool open = false;
    if (!literal || literal->digits > 2 || literal->flags != 0 ||
        !token_is_sign(reader, at + 1, ')') || !token_glued(reader, at + 1) ||
        (at > 0 && token_glued(reader, at))) {
        return;
    }
    for (int i = 0; i < at; i++) {
        open =
            token_is_sign(reader, i, '(') || (open && !token_is_sign(reader, i, ')'));
    }
    if (!open && at + 2 < reader->token_count && !token_glued(reader, at + 2)) {
        kill(reader, at, at + 1);
    }
}

/* `1. `, `2) ` at the start of a sentence */
static void kill_numbering(struct reader *reader)
{
    if (reader->token_count < 2 || reader->tokens[0].kind != TOKEN_DIGITS) {
        return;
    }
    const struct literal *literal = &reader->literals[reader->tokens[0].literal];
    bool sign = token_is_sign(reader, 1, ')') ||
                (token_is_sign(reader, 1, '.') && !reader->whole_text);
    bool next = reader->token_count == 2 || !token_glued(reader, 2);
    if (literal->digits <= 2 && literal->flags == 0 && sign && next &&
        token_glued(reader, 1) &&
        !(reader->language->flags & LANGUAGE_ORDINAL_DOT &&
          token_has(reader, 2, ROLE_MONTH))) {
        kill(reader, 0, 1);
    }
}

/* 0612345678: a whole number is not written with a zero first */
static bool is_phone_digits(const struct reader *reader, int at, bool plus)
{
    const struct token *token = &reader->tokens[at];
    const struct literal *literal = &reader->literals[token->literal];
    return literal->flags == 0 && literal->digits >= (plus ? 10 : 9) &&
           (plus || reader->folded[token->from] == '0');
}

/* +49 30 1234567 */
static void kill_phone(struct reader *reader, int at)
{
    int next = at + 1;
    int digits = 0;
    bool code = false;
    while (next < reader->token_count &&
           (reader->tokens[next].kind == TOKEN_DIGITS ||
            token_is_sign(reader, next, '-') || token_is_sign(reader, next, '(') ||
            token_is_sign(reader, next, ')') || token_is_sign(reader, next, '/'))) {
        if (reader->tokens[next].kind == TOKEN_DIGITS) {
            digits += (int)(reader->tokens[next].to - reader->tokens[next].from);
            code = code || is_code(reader, next);
        }
        next++;
    }
    bool one = next == at + 2 && is_phone_digits(reader, at + 1, true);
    if ((digits >= 10 && (next - at > 3 || code)) || one) {
        kill(reader, at, next);
    }
}

static bool is_number_word(const struct reader *reader, int at)
{
    const uint64_t roles = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                           ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_VAGUE);
    return at < reader->token_count && reader->tokens[at].kind == TOKEN_WORD &&
           (reader->tokens[at].roles & roles) != 0;
}

/* Words that a number word may be written onto. */
static bool may_carry_number(const struct reader *reader, int at, bool scale)
{
    const uint64_t roles = ROLE_BIT(ROLE_APPROX) | ROLE_BIT(ROLE_BOUND) |
                           ROLE_BIT(ROLE_MINUS) | ROLE_BIT(ROLE_RANGE) |
                           ROLE_BIT(ROLE_JOINER) | ROLE_BIT(ROLE_DECIMAL_WORD) |
                           ROLE_BIT(ROLE_RATIO) | ROLE_BIT(ROLE_MONEY);
    const struct token *token = &reader->tokens[at];
    if (token->kind != TOKEN_WORD) {
        return !scale || token->kind == TOKEN_DIGITS ||
               token_is_sign(reader, at, '(') || token_is_sign(reader, at, '-') ||
               token_is_sign(reader, at, '~');
    }
    const struct lexicon_sense *unit = token_sense(reader, at, ROLE_UNIT);
    return (!scale && (token->roles & roles) != 0) ||
           (unit && (unit->attributes & ATTR_BEFORE));
}

/* Hangul is written with blanks: a number word stands at the start of a word, and what
 * is written onto it is a unit, a counter or a particle. */
static int kill_inner_numbers(struct reader *reader, int first)
{
    int end = first;
    bool digits = first > 0 && token_glued(reader, first) &&
                  reader->tokens[first - 1].kind == TOKEN_DIGITS;
    while (end < reader->token_count && (end == first || token_glued(reader, end)) &&
           (is_number_word(reader, end) || reader->tokens[end].kind == TOKEN_DIGITS)) {
        digits = digits || reader->tokens[end].kind == TOKEN_DIGITS;
        end++;
    }
    if (digits || reader->tokens[first].code < 0x1100) {
        return end;
    }
    bool scale = token_has(reader, first, ROLE_SCALE);
    bool inner =
        token_glued(reader, first) && !may_carry_number(reader, first - 1, scale);
    int next = end;
    if (token_glued(reader, next) && token_has(reader, next, ROLE_STOP)) {
        next++;
    }
    bool open = token_glued(reader, next) && reader->tokens[next].kind == TOKEN_WORD &&
                reader->tokens[next].roles == 0 && reader->tokens[next].code >= 0x1100;
    if (inner || open) {
        kill(reader, first, end);
    }
    return end;
}

static bool is_hangul(const struct reader *reader)
{
    return (reader->language->flags & LANGUAGE_SPACES) == 0 &&
           (reader->language->scripts >> SCRIPT_HANGUL & 1) != 0;
}

static void kill_addresses(struct reader *reader)
{
    for (int i = 0; reader->has_address && i < reader->token_count; i++) {
        if (!token_glued(reader, i)) {
            int end = stretch_end(reader, i);
            if (end - i > 3 && is_address(reader, i, end)) {
                kill(reader, i, end);
            }
        }
    }
}

void kill_names(struct reader *reader)
{
    for (int i = 0; is_hangul(reader) && i < reader->token_count;) {
        i = is_number_word(reader, i) ? kill_inner_numbers(reader, i) : i + 1;
    }
    kill_numbering(reader);
    kill_addresses(reader);
    for (int k = 0; k < reader->active_count; k++) {
        int i = reader->active[k];
        const struct token *token = &reader->tokens[i];
        if (token->kind == TOKEN_DIGITS && !(token->flags & TOKEN_DEAD)) {
            kill_models(reader, i);
            kill_codes(reader, i);
            if (is_phone_digits(reader, i, false)) {
                kill(reader, i, i + 1);
            }
            kill_groups(reader, i);
            kill_bracketed(reader, i);
            kill_score(reader, i);
            kill_coordinate(reader, i);
        }
        if (token->roles & ROLE_BIT(ROLE_LABEL)) {
            kill_labelled(reader, i);
        }
        if (token_is_sign(reader, i, '+') && !(token->flags & TOKEN_DEAD)) {
            kill_phone(reader, i);
        }
    }
}
