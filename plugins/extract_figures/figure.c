#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "confidence.h"
#include "explain.h"
#include "fold.h"
#include "reader.h"

/* A quantity with all that was found around it, written down as a figure. */

static figures_slice text_of(const char *text)
{
    figures_slice slice = {text, strlen(text)};
    return slice;
}

static figures_slice keep_text(struct reader *reader, const char *text)
{
    size_t length = strlen(text);
    char *copy = reader_allocate(reader, length + 1);
    figures_slice slice = {NULL, 0};
    if (copy) {
        memcpy(copy, text, length + 1);
        slice.bytes = copy;
        slice.length = length;
    }
    return slice;
}

static bool has_noun(const struct quantity *quantity)
{
    return quantity->noun_end > quantity->noun_first;
}

static void set_kind(struct reader *reader, figures_figure *figure,
                     const struct quantity *quantity)
{
    const struct lexicon_sense *unit = quantity->unit;
    if (quantity->number.ordinal && quantity->high < 0) {
        figure->kind = FIGURES_ORDINAL;
    } else if (quantity->number.multiple) {
        figure->kind = FIGURES_RATIO;
        figure->unit = text_of("times");
    } else if (unit) {
        figure->kind = unit->role == ROLE_PERCENT ? FIGURES_PERCENT
                       : unit->role == ROLE_MONEY ? FIGURES_MONEY
                                                  : FIGURES_MEASURE;
        figure->unit = text_of(lexicon_text(reader->lexicon, unit));
    } else if (quantity->number.denominator > 0) {
        figure->kind = FIGURES_RATIO;
    } else {
        figure->kind =
            has_noun(quantity) || quantity->counts ? FIGURES_COUNT : FIGURES_NUMBER;
    }
    if (quantity->number.denominator > 0 && !unit) {
        char text[48];
        snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu64, quantity->number.numerator,
                 quantity->number.denominator);
        figure->fraction = keep_text(reader, text);
    }
}

static figures_decimal in_main_unit(const struct reader *reader,
                                    const struct quantity *quantity,
                                    figures_decimal value)
{
    const struct lexicon_sense *unit = quantity->unit;
    if (unit && unit->role == ROLE_PERCENT && (unit->attributes & ATTR_TENTHS)) {
        value = decimal_multiply(value, decimal_from(10, 0));
    }
    if (unit && (unit->attributes & ATTR_PART)) {
        value = decimal_multiply(value, lexicon_value(reader->lexicon, unit));
    }
    return value;
}

static void set_values(const struct reader *reader, figures_figure *figure,
                       const struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    figures_decimal value = in_main_unit(reader, quantity, number->value);
    figures_decimal other = number->alternative;
    if (other.set) {
        other = in_main_unit(reader, quantity, other);
    }
    if (quantity->negative) {
        value = decimal_negate(value);
        other = other.set ? decimal_negate(other) : other;
    }
    figure->bound = quantity->bound;
    figure->approx = quantity->approx;
    figure->side = quantity->side;
    figure->significant = number->significant;
    if (quantity->high >= 0) {
        const struct quantity *upper = &reader->quantities[quantity->high];
        figures_decimal high = in_main_unit(reader, quantity, upper->number.value);
        figure->low = value;
        figure->high = upper->negative ? decimal_negate(high) : high;
        return;
    }
    if (number->vague) {
        figure->bound = FIGURES_VAGUE;
        other.set = false;
    }
    figure->value = value;
    figure->alternative = other;
}

static void set_per(const struct reader *reader, figures_figure *figure,
                    const struct quantity *quantity)
{
    if (quantity->per_unit) {
        figure->per = text_of(lexicon_text(reader->lexicon, quantity->per_unit));
    } else if (quantity->per_end > quantity->per_first) {
        figure->per = token_slice(reader, quantity->per_first, quantity->per_end);
    }
}

static figures_slice kept_time(struct reader *reader, struct time_mark *mark)
{
    if (!mark->kept.bytes) {
        mark->kept = keep_text(reader, mark->text);
    }
    return mark->kept;
}

static int distance(const struct quantity *quantity, const struct time_mark *mark)
{
    if (mark->first >= quantity->end) {
        return mark->first - quantity->end;
    }
    return quantity->first - mark->end + 1; /* before it is as good as right behind */
}

/* The time of the sentence that stands nearest to the figure. */
static void set_as_of(struct reader *reader, figures_figure *figure,
                      const struct quantity *quantity)
{
    struct time_mark *best = NULL;
    for (int i = 0; i < reader->time_count; i++) {
        struct time_mark *mark = &reader->times[i];
        bool clock = mark->text[0] == 'T' || mark->text[0] == '\0';
        if (!clock && (!best || distance(quantity, mark) < distance(quantity, best))) {
            best = mark;
        }
    }
    if (best) {
        figure->as_of = kept_time(reader, best);
    }
}

static const struct lexicon_sense *verb_of_change(const struct reader *reader, int from,
                                                  int step, int count)
{
    for (int i = 0, at = from; i < count && at >= 0 && at < reader->token_count;
         i++, at += step) {
        const struct lexicon_sense *sense = token_sense(reader, at, ROLE_CHANGE);
        if (sense && sense->value <= CHANGE_CHANGED) {
            return sense;
        }
        if (token_is_sign(reader, at, ';')) {
            return NULL;
        }
    }
    return NULL;
}

static void set_change(const struct reader *reader, figures_figure *figure,
                       const struct quantity *quantity)
{
    if (!(reader->sentence_roles & ROLE_BIT(ROLE_CHANGE))) {
        return;
    }
    const struct lexicon_sense *word =
        token_sense(reader, quantity->first - 1, ROLE_CHANGE);
    int preposition = word && word->value > CHANGE_CHANGED ? word->value : -1;
    if (preposition < 0) {
        word = token_sense(reader, quantity->first, ROLE_CHANGE);
        preposition = word && word->value > CHANGE_CHANGED ? word->value : -1;
    }
    bool behind = (reader->language->flags & LANGUAGE_NOUN_BEFORE) &&
                  !(reader->language->flags & LANGUAGE_SPACES);
    if (behind) {
        word = token_sense(reader, quantity->end, ROLE_CHANGE);
        preposition = word && word->value > CHANGE_CHANGED ? word->value : -1;
    }
    if (preposition == CHANGE_WORD_FROM) {
        return;
    }
    int reach = preposition >= 0 ? 12 : 2;
    const struct lexicon_sense *verb =
        behind ? verb_of_change(reader, quantity->end, 1, preposition >= 0 ? 4 : 2)
               : verb_of_change(reader, quantity->first - 1, -1, reach);
    if (!verb && preposition >= 0 && !behind) {
        verb = verb_of_change(reader, quantity->end, 1, reach);
    }
    if (!verb) {
        return;
    }
    bool to = preposition == CHANGE_WORD_TO;
    if (to && figure->bound == FIGURES_AT_MOST && !behind &&
        token_has(reader, quantity->first, ROLE_CHANGE) &&
        token_has(reader, quantity->first, ROLE_BOUND)) {
        figure->bound = FIGURES_EXACT; /* subió hasta el 4,5 % */
        figure->start = reader->tokens[quantity->core_first].start;
    }
    if (verb->value == CHANGE_UP) {
        figure->change = to ? FIGURES_UP_TO : FIGURES_UP_BY;
    } else if (verb->value == CHANGE_DOWN) {
        figure->change = to ? FIGURES_DOWN_TO : FIGURES_DOWN_BY;
    } else {
        figure->change = FIGURES_CHANGED;
    }
}

/* 三は奇数: a Han numeral with kana behind it and none of its script before it is a
 * word by itself. */
static bool stands_between_kana(const struct reader *reader,
                                const struct number *number)
{
    const struct token *token = &reader->tokens[number->first];
    int before = number->first - 1;
    bool particle = token_has(reader, number->end, ROLE_STOP) &&
                    token_glued(reader, number->end) &&
                    script_of(reader->tokens[number->end].code) == SCRIPT_KANA &&
                    !token_has(reader, number->end, ROLE_SKIP);
    bool free = before < 0 || reader->tokens[before].kind == TOKEN_SIGN ||
                (token_has(reader, before, ROLE_STOP) &&
                 script_of(reader->tokens[before].code) == SCRIPT_KANA);
    bool one = number->end == number->first + 1 && token->to - token->from == 3;
    return one && particle && free && script_of(token->code) == SCRIPT_HAN;
}

/* A number word that is an article or pronoun as often as not. */
static bool is_no_figure(const struct reader *reader, const struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    if (!number->value.set || quantity->dead) {
        return true;
    }
    if (number->ordinal) {
        return quantity->high < 0 && !reader->options->ordinals;
    }
    if (!number->weak || reader->whole_text_only_number || quantity->unit ||
        quantity->high >= 0 || quantity->negative) {
        return false;
    }
    if (quantity->bound != FIGURES_EXACT || quantity->approx) {
        return false;
    }
    if (stands_between_kana(reader, number)) {
        return false;
    }
    bool article = token_has(reader, number->first, ROLE_ARTICLE);
    bool one_of =
        decimal_compare(number->value, decimal_from(1, 0)) == 0 &&
        number->end < reader->token_count &&
        token_has_piece(reader, number->end, reader->language->definite, false);
    if (one_of) {
        return true; /* أحد المسؤولين */
    }
    bool directly = quantity->noun_first == number->end && has_noun(quantity);
    if (!(reader->language->flags & LANGUAGE_SPACES)) {
        directly = token_has(reader, number->end, ROLE_COUNTER) ||
                   (directly && token_has(reader, number->end, ROLE_NOUN));
    }
    return article || !directly || number->denominator > 0;
}

/* Where a qualifier starts: `et plus de` without the word that joins clauses. */
static uint32_t start_of_phrase(const struct reader *reader, int at)
{
    const struct token *token = &reader->tokens[at];
    const unsigned char *text = reader->folded + token->from;
    const unsigned char *blank = memchr(text, ' ', token->to - token->from);
    if (!blank || token->kind != TOKEN_WORD) {
        return token->start;
    }
    size_t length = (size_t)(blank - text);
    struct lexicon_match matches[LEXICON_MATCHES];
    size_t count = lexicon_find(reader->lexicon, text, length, false, false, matches);
    for (size_t i = 0; i < count; i++) {
        size_t senses = 0;
        const struct lexicon_sense *sense = lexicon_senses(
            reader->lexicon, matches[i].terminal, reader->language_index, &senses);
        for (size_t k = 0; k < senses && matches[i].length == length; k++) {
            bool list =
                sense[k].role == ROLE_RANGE && (sense[k].attributes & ATTR_LIST);
            if (sense[k].role == ROLE_JOINER || list) {
                return text_at(reader, token->from + length + 1);
            }
        }
    }
    return token->start;
}

static void set_span(const struct reader *reader, figures_figure *figure,
                     const struct quantity *quantity)
{
    int first = quantity->first;
    int end = quantity->end;
    while (first < quantity->number.first &&
           (reader->tokens[first].kind == TOKEN_PREFIX)) {
        first++;
    }
    figure->start = reader->tokens[first].start;
    if (first < quantity->number.first) {
        figure->start = start_of_phrase(reader, first);
    }
    figure->end = reader->tokens[end - 1].end;
}

static void make_figure(struct reader *reader, const struct quantity *quantity)
{
    if (is_no_figure(reader, quantity)) {
        if (reader->options->trace) {
            explain_nothing(reader, quantity);
        }
        return;
    }
    figures_figure *figure = new_figure(reader);
    if (!figure) {
        return;
    }
    set_span(reader, figure, quantity);
    set_kind(reader, figure, quantity);
    set_values(reader, figure, quantity);
    set_per(reader, figure, quantity);
    if (has_noun(quantity) && !quantity->unit && figure->kind != FIGURES_ORDINAL) {
        figure->counted = token_slice(reader, quantity->noun_first, quantity->noun_end);
    }
    set_as_of(reader, figure, quantity);
    set_change(reader, figure, quantity);
    set_sources(reader, figure, quantity);
    figure->hedge = hedge_of(reader, figure, quantity);
    figure->sentence_start = reader->start;
    figure->sentence_end = reader->end;
    figure->language = text_of(reader->language->tag);
    figure->confidence = confidence_of(confidence_signs(reader, quantity, figure));
    if (quantity->same >= 0) {
        const struct quantity *other = &reader->quantities[quantity->same];
        figure->converts = true;
        figure->same_start = reader->tokens[other->first].start;
        figure->same_end = reader->tokens[other->end - 1].end;
    }
    if (reader->options->trace) {
        explain_figure(reader, quantity, figure);
    }
}

static void make_time(struct reader *reader, struct time_mark *mark)
{
    bool dated = mark->text[0] != '\0';
    figures_figure *figure =
        reader->options->times && dated ? new_figure(reader) : NULL;
    if (!figure) {
        return;
    }
    figure->start = reader->tokens[mark->first].start;
    figure->end = reader->tokens[mark->end - 1].end;
    figure->kind = FIGURES_TIME;
    figure->time = kept_time(reader, mark);
    figure->sentence_start = reader->start;
    figure->sentence_end = reader->end;
    figure->language = text_of(reader->language->tag);
    figure->confidence = mark->confidence;
    if (reader->options->trace) {
        explain_time(reader, mark);
    }
}

/* `worth 9.8 billion dollars, but got between 457 million and 1.19 billion`: a big
 * number without unit and noun is of the kind that the clause before it speaks of. */
static void carry_units(struct reader *reader)
{
    const struct lexicon_sense *unit = NULL;
    for (int i = 0; i < reader->quantity_count; i++) {
        struct quantity *quantity = &reader->quantities[i];
        if (quantity->dead) {
            continue;
        }
        const struct number *number = &quantity->number;
        bool bare = !quantity->unit && !has_noun(quantity) && !number->denominator &&
                    !number->multiple && !number->vague;
        bool big = number->scale.set &&
                   decimal_compare(number->scale, decimal_from(1000000, 0)) >= 0;
        if (bare && big && unit && unit->role == ROLE_MONEY) {
            quantity->unit = unit;
            quantity->shared_unit = true;
            quantity->doubt += 0.2f;
        } else if (quantity->unit) {
            unit = quantity->unit;
        }
    }
}

void make_figures(struct reader *reader)
{
    int time = 0;
    carry_units(reader);
    prepare_chains(reader);
    for (int i = 0; i < reader->quantity_count; i++) {
        const struct quantity *quantity = &reader->quantities[i];
        while (time < reader->time_count &&
               reader->times[time].first < quantity->first) {
            make_time(reader, &reader->times[time++]);
        }
        make_figure(reader, quantity);
    }
    while (time < reader->time_count) {
        make_time(reader, &reader->times[time++]);
    }
    keep_speakers(reader);
}
