#include "number.h"

/* Decimals in words: what stands behind a decimal word. */

static int whole_digits(figures_decimal value)
{
    int64_t whole;
    int count = 1;
    if (!decimal_to_whole(value, &whole)) {
        return 0;
    }
    for (; whole >= 10; whole /= 10) {
        count++;
    }
    return count;
}

/* What the words after a decimal word say at once: a digit, `twenty-five`, `quinientos
 * doce`; its count of digits, 0 if there is none. */
static int read_places(struct cursor *cursor, figures_decimal *digits)
{
    const struct token *token = &cursor->reader->tokens[cursor->at];
    if (token->kind == TOKEN_DIGITS) {
        const struct literal *literal = &cursor->reader->literals[token->literal];
        bool whole = (literal->flags & (LITERAL_POINT | LITERAL_FRACTION)) == 0;
        *digits = literal->value;
        cursor->at++;
        return whole ? literal->digits : 0;
    }
    const struct lexicon_sense *word = cursor_sense(cursor, ROLE_NUMBER);
    const struct lexicon_sense *scale = cursor_sense(cursor, ROLE_SCALE);
    struct sum group = {.words = true};
    if (word && decimal_less(cursor_value(cursor, word), decimal_from(10, 0)) &&
        !(token_glued(cursor->reader, cursor->at + 1) &&
          token_has(cursor->reader, cursor->at + 1, ROLE_JOINER))) {
        *digits = cursor_value(cursor, word);
        cursor->at++;
        return 1;
    }
    if (!word && scale && !(scale->attributes & (ATTR_ABBR | ATTR_GLUED)) &&
        decimal_power_of_ten(cursor_value(cursor, scale)) == 3) {
        sum_add(&group, cursor_value(cursor, scale)); /* coma mil quinientos */
        cursor->at++;
    }
    sum_add_words(cursor, &group);
    *digits = group.value;
    return group.set && decimal_less(group.value, decimal_from(10000, 0))
               ? whole_digits(group.value)
               : 0;
}

/* `three point one four`: the words after the decimal word are digits. */
void sum_read_decimal_words(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    if (!sum->set || !cursor_sense(&ahead, ROLE_DECIMAL_WORD)) {
        return;
    }
    ahead.at++;
    figures_decimal value = sum->value;
    int places = 0;
    while (ahead.at < ahead.limit && places < 12) {
        struct cursor kept = ahead;
        figures_decimal digits;
        int width = cursor_dead(&ahead) ? 0 : read_places(&ahead, &digits);
        if (width == 0) {
            ahead = kept;
            break;
        }
        places += width;
        value = decimal_add(value, decimal_multiply(digits, decimal_from(1, -places)));
    }
    if (places > 0) {
        sum->value = value;
        sum->grain = decimal_from(0, 0);
        sum->weak = false;
        *cursor = ahead;
    }
}

/* `point seven seven`: nothing stands before the decimal word but a minus. */
static bool starts_with_decimal(const struct cursor *cursor)
{
    int first = cursor->at;
    first -= token_has(cursor->reader, first - 1, ROLE_MINUS);
    return first == 0 && cursor->reader->whole_text &&
           cursor_sense(cursor, ROLE_DECIMAL_WORD) != NULL;
}

/* A number that starts with its decimal word, where it is all that the text says. */
bool sum_read_decimals(struct cursor *cursor, struct sum *sum)
{
    struct cursor ahead = *cursor;
    struct sum zero = {.set = true, .words = true};
    zero.value = decimal_from(0, 0);
    if (!starts_with_decimal(cursor)) {
        return false;
    }
    sum_read_decimal_words(&ahead, &zero);
    bool unit = token_has(ahead.reader, ahead.at, ROLE_PERCENT) ||
                token_has(ahead.reader, ahead.at, ROLE_MONEY) ||
                token_has(ahead.reader, ahead.at, ROLE_UNIT);
    if (ahead.at == cursor->at || (ahead.at < ahead.reader->token_count && !unit)) {
        return false;
    }
    *sum = zero;
    *cursor = ahead;
    return true;
}
