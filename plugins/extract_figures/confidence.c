#include "confidence.h"

#include <math.h>

/* The weights are in confidence.h; here is which of them a figure gets. */

enum { CLAUSE_WORDS = 6 }; /* a text of fewer tokens is no sentence */

static const float weights[] = {
#define XX(name, weight, text) weight,
    CONFIDENCE_SIGNS(XX)
#undef XX
};

const char *confidence_sign_text(int sign)
{
    static const char *const texts[] = {
#define XX(name, weight, text) text,
        CONFIDENCE_SIGNS(XX)
#undef XX
    };
    return texts[sign];
}

bool confidence_sign_lowers(int sign)
{
    return weights[sign] < 0;
}

static bool has_amount(const figures_figure *figure)
{
    return figure->kind == FIGURES_MONEY || figure->kind == FIGURES_PERCENT ||
           figure->kind == FIGURES_MEASURE;
}

static bool is_number_part(const struct reader *reader, int at)
{
    const uint64_t parts = ROLE_BIT(ROLE_NUMBER) | ROLE_BIT(ROLE_SCALE) |
                           ROLE_BIT(ROLE_FRACTION) | ROLE_BIT(ROLE_VAGUE);
    if (at < 0 || at >= reader->token_count) {
        return false;
    }
    const struct token *token = &reader->tokens[at];
    if (token->kind == TOKEN_DIGITS) {
        return (token->flags & (TOKEN_TIME | TOKEN_DEAD)) == 0;
    }
    if (token->kind == TOKEN_SIGN) {
        return token->code == '^' || token->code == '=' || token->code == '*' ||
               (token->code == '/' && token_glued(reader, at));
    }
    const uint64_t others = ROLE_BIT(ROLE_ARTICLE) | ROLE_BIT(ROLE_COUNTER) |
                            ROLE_BIT(ROLE_UNIT) | ROLE_BIT(ROLE_MONEY) |
                            ROLE_BIT(ROLE_STOP);
    return (token->roles & parts) != 0 && (token->roles & others) == 0;
}

/* A number that may have been read in part only: `1.1^-23`, `twenty three dozenths`. */
static bool has_neighbour(const struct reader *reader, const struct quantity *quantity)
{
    const struct quantity *last =
        quantity->high >= 0 ? &reader->quantities[quantity->high] : quantity;
    int end = quantity->end > last->number.end ? quantity->end : last->number.end;
    int first =
        quantity->core_first < quantity->first ? quantity->core_first : quantity->first;
    return is_number_part(reader, end) || is_number_part(reader, first - 1) ||
           (token_has(reader, end, ROLE_JOINER) && !quantity->list &&
            is_number_part(reader, end + 1) && !quantity->unit);
}

uint32_t confidence_signs(const struct reader *reader, const struct quantity *quantity,
                          const figures_figure *figure)
{
    const struct number *number = &quantity->number;
    const struct lexicon_sense *unit = quantity->unit;
    bool carried = quantity->shared_unit && quantity->doubt > 0;
    bool holds[CONFIDENCE_COUNT] = {
        [CONFIDENCE_AMBIGUOUS_SIGN] = number->alternative.set,
        [CONFIDENCE_WEAK_WORD] = number->weak,
        [CONFIDENCE_BARE] =
            figure->kind == FIGURES_NUMBER && reader->token_count > CLAUSE_WORDS,
        [CONFIDENCE_SHARED_UNIT] = quantity->shared_unit && !carried,
        [CONFIDENCE_CARRIED_UNIT] = carried,
        [CONFIDENCE_DOUBTFUL_CURRENCY] =
            unit && unit->role == ROLE_MONEY && (unit->attributes & ATTR_DOUBT),
        [CONFIDENCE_VAGUE] = number->vague,
        [CONFIDENCE_LONE_UNIT] = number->lone_unit,
        [CONFIDENCE_AMOUNT] = has_amount(figure),
        [CONFIDENCE_RANGE] = quantity->high >= 0,
        [CONFIDENCE_PART] = figure->kind == FIGURES_RATIO,
        [CONFIDENCE_NEIGHBOUR] = has_neighbour(reader, quantity),
        [CONFIDENCE_DETECTED] = reader->options->language_count != 1};
    uint32_t signs = 0;
    for (int i = 0; i < CONFIDENCE_COUNT; i++) {
        signs |= (uint32_t)holds[i] << i;
    }
    return signs;
}

float confidence_of(uint32_t signs)
{
    float odds = CONFIDENCE_BASE;
    for (int i = 0; i < CONFIDENCE_COUNT; i++) {
        odds += (signs >> i & 1) != 0 ? weights[i] : 0.0f;
    }
    return 1.0f / (1.0f + expf(-odds));
}
