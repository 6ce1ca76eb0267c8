#include "explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "confidence.h"

/* A line as it grows; what does not fit is left out. */
struct line {
    char text[400];
    size_t used;
    int parts;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format, ...)
{
    va_list list;
    va_start(list, format);
    size_t room = sizeof line->text - line->used;
    int length = vsnprintf(line->text + line->used, room, format, list);
    va_end(list);
    if (length > 0) {
        line->used += (size_t)length < room ? (size_t)length : room - 1;
    }
}

static void next_part(struct line *line, const char *separator)
{
    if (line->parts++ > 0) {
        add(line, "%s", separator);
    }
}

static int length_of(const struct reader *reader, int first, int end)
{
    return (int)(reader->tokens[end - 1].end - reader->tokens[first].start);
}

static const char *surface(const struct reader *reader, int first)
{
    return (const char *)reader->text + reader->tokens[first].start;
}

/* ---- the sentence ---- */

static void explain_token(struct reader *reader, int at)
{
    static const char *const names[] = {
#define XX(name, section) section,
        LEXICON_ROLES(XX)
#undef XX
    };
    const struct token *token = &reader->tokens[at];
    struct line line = {.used = 0};
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (token->roles & ROLE_BIT(role)) {
            add(&line, " %s", names[role]);
        }
    }
    trace_line(reader, "  token %d `%.*s`%s%s%s", at, length_of(reader, at, at + 1),
               surface(reader, at), line.text,
               token->flags & TOKEN_DEAD ? " (name)" : "",
               token->flags & TOKEN_TIME ? " (time)" : "");
}

void explain_sentence(struct reader *reader)
{
    trace_line(reader, "sentence %u..%u read as %s%s", reader->start, reader->end,
               reader->language->tag,
               reader->options->language_count == 1 ? ""
                                                    : ", by its words and letters");
    for (int i = 0; i < reader->token_count; i++) {
        explain_token(reader, i);
    }
    for (int i = 0; i < reader->token_count; i++) {
        const struct token *token = &reader->tokens[i];
        if (token->kind == TOKEN_DIGITS && (token->flags & TOKEN_DEAD)) {
            trace_line(reader,
                       "no figure `%.*s`: part of a name, a code or a list's numbering",
                       length_of(reader, i, i + 1), surface(reader, i));
        }
    }
}

/* ---- how it was made ---- */

static void tell_number(const struct reader *reader, const struct quantity *quantity,
                        struct line *line)
{
    const struct number *number = &quantity->number;
    const char *kind = number->lone_unit     ? "a word that is its own number"
                       : number->ordinal     ? "an ordinal in a frame"
                       : quantity->ratio     ? "two numbers in a frame of parts"
                       : number->denominator ? "a fraction"
                       : number->multiple    ? "a multiple"
                       : number->vague       ? "a magnitude"
                       : number->words && number->digits ? "digits and number words"
                       : number->words                   ? "number words"
                       : number->scale.set               ? "digits with a scale"
                                                         : "digits";
    next_part(line, "; ");
    add(line, "%s `%.*s`", kind, length_of(reader, number->first, number->end),
        surface(reader, number->first));
}

static void tell_unit(const struct reader *reader, const struct quantity *quantity,
                      struct line *line)
{
    if (!quantity->unit) {
        return;
    }
    next_part(line, "; ");
    add(line, "unit %s", lexicon_text(reader->lexicon, quantity->unit));
    if (quantity->unit_end > quantity->unit_first && !quantity->shared_unit) {
        add(line, " of `%.*s` %s the number",
            length_of(reader, quantity->unit_first, quantity->unit_end),
            surface(reader, quantity->unit_first),
            quantity->unit_before ? "before" : "after");
    } else if (quantity->shared_unit) {
        add(line, " shared with another figure");
    }
}

static void tell_range(const struct reader *reader, const struct quantity *quantity,
                       struct line *line)
{
    if (quantity->high >= 0) {
        const struct number *upper = &reader->quantities[quantity->high].number;
        next_part(line, "; ");
        add(line, "range up to `%.*s`", length_of(reader, upper->first, upper->end),
            surface(reader, upper->first));
    }
    if (quantity->list) {
        next_part(line, "; ");
        add(line, "one of a list");
    }
    if (quantity->same >= 0) {
        next_part(line, "; ");
        add(line, "converts the figure before the bracket");
    }
}

static void tell_words(const struct reader *reader, const struct quantity *quantity,
                       const figures_figure *figure, struct line *line)
{
    if (figure->bound != FIGURES_EXACT && figure->bound != FIGURES_RANGE) {
        next_part(line, "; ");
        add(line, "bound %s", figures_bound_name(figure->bound));
    }
    if (figure->approx) {
        next_part(line, "; ");
        add(line, "approximate");
    }
    if (figure->counted.length > 0) {
        next_part(line, "; ");
        add(line, "counted `%.*s` %s the number", (int)figure->counted.length,
            figure->counted.bytes,
            quantity->noun_first < quantity->number.first ? "before" : "after");
    }
    for (size_t i = 0; i < figure->source_count; i++) {
        const figures_source *source = &figure->source[i];
        bool carried = source->end <= reader->start || source->start >= reader->end;
        next_part(line, "; ");
        add(line, "said by `%.*s`%s", (int)source->name.length, source->name.bytes,
            carried ? " of an earlier sentence" : "");
    }
}

/* ---- what lost ---- */

static void lose_decimal(struct reader *reader, const struct quantity *quantity)
{
    char other[FIGURES_DECIMAL_TEXT];
    if (quantity->number.alternative.set) {
        figures_decimal_text(&quantity->number.alternative, other);
        trace_line(reader,
                   "  not %s: the text and its language write the sign between digits "
                   "the other way",
                   other);
    }
}

static void lose_units(struct reader *reader, const struct quantity *quantity)
{
    static const int roles[] = {ROLE_PERCENT, ROLE_MONEY, ROLE_UNIT};
    const struct lexicon_sense *unit = quantity->unit;
    int at = quantity->unit_first;
    bool after = unit && quantity->unit_end > quantity->unit_first;
    at = after ? at : quantity->number.end;
    for (int i = 0; i < 3; i++) {
        const struct lexicon_sense *other = token_sense(reader, at, roles[i]);
        for (; other; other = token_sense_next(reader, at, roles[i], other)) {
            if (!unit || other->text != unit->text) {
                trace_line(
                    reader, "  not unit %s: %s", lexicon_text(reader->lexicon, other),
                    unit ? "percent goes before money, money before measures, the "
                           "language's own before what all share"
                         : "the word does not fit the number as a unit");
            }
        }
    }
    const struct lexicon_sense *counter = token_sense(reader, at, ROLE_COUNTER);
    if (after && counter) {
        trace_line(reader, "  not a counter `%.*s`: a unit goes before a counter",
                   length_of(reader, at, at + 1), surface(reader, at));
    }
}

static void lose_shapes(struct reader *reader, const struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    int64_t whole;
    bool year = number->digits && !number->scale.set && number->significant <= 4 &&
                decimal_to_whole(number->value, &whole) && whole >= 1900 &&
                whole < 2050;
    if (year) {
        trace_line(reader, "  not a year: %s",
                   quantity->unit ? "a unit belongs to it"
                   : quantity->noun_end > quantity->noun_first
                       ? "a noun that it counts follows"
                       : "no word of time stands before it");
    }
    if (quantity->list && quantity->high < 0) {
        trace_line(reader, "  not a range: the word between joins a list");
    }
    if (token_has(reader, number->first, ROLE_ARTICLE)) {
        trace_line(reader, "  not an article: %s",
                   quantity->unit ? "a unit follows" : "the number goes on behind it");
    }
}

static void tell_confidence(struct reader *reader, uint32_t signs, float confidence)
{
    struct line line = {.used = 0};
    for (int i = 0; i < CONFIDENCE_COUNT; i++) {
        if (signs >> i & 1) {
            next_part(&line, "; ");
            add(&line, "%c %s", confidence_sign_lowers(i) ? '-' : '+',
                confidence_sign_text(i));
        }
    }
    trace_line(reader, "  confidence %.2f%s%s", (double)confidence,
               line.parts > 0 ? ": " : "", line.text);
}

/* ---- figures ---- */

static void tell_value(const figures_figure *figure, struct line *line)
{
    char value[FIGURES_DECIMAL_TEXT] = "";
    bool range = figure->bound == FIGURES_RANGE;
    figures_decimal_text(range ? &figure->low : &figure->value, value);
    add(line, "%s", value);
    if (range) {
        figures_decimal_text(&figure->high, value);
        add(line, "..%s", value);
    }
}

void explain_figure(struct reader *reader, const struct quantity *quantity,
                    const figures_figure *figure)
{
    struct line value = {.used = 0};
    struct line rule = {.used = 0};
    int end = quantity->end > quantity->first ? quantity->end : quantity->first + 1;
    tell_value(figure, &value);
    trace_line(
        reader, "figure %u..%u `%.*s`: %s %s %s", figure->start, figure->end,
        (int)(figure->end - figure->start), (const char *)reader->text + figure->start,
        figures_kind_name(figure->kind), figures_bound_name(figure->bound), value.text);
    tell_number(reader, quantity, &rule);
    tell_unit(reader, quantity, &rule);
    tell_range(reader, quantity, &rule);
    tell_words(reader, quantity, figure, &rule);
    trace_line(reader, "  made of tokens %d to %d: %s", quantity->first, end - 1,
               rule.text);
    lose_decimal(reader, quantity);
    lose_units(reader, quantity);
    lose_shapes(reader, quantity);
    tell_confidence(reader, confidence_signs(reader, quantity, figure),
                    figure->confidence);
}

void explain_time(struct reader *reader, const struct time_mark *mark)
{
    trace_line(reader, "figure %u..%u `%.*s`: time %s",
               reader->tokens[mark->first].start, reader->tokens[mark->end - 1].end,
               length_of(reader, mark->first, mark->end), surface(reader, mark->first),
               mark->text);
    trace_line(reader, "  made of tokens %d to %d: %s", mark->first, mark->end - 1,
               mark->bare ? "a number that may be a year" : "words or signs of a time");
    if (mark->bare) {
        trace_line(reader, "  not a count: nothing that is counted follows it");
    }
    trace_line(reader, "  confidence %.2f", (double)mark->confidence);
}

void explain_nothing(struct reader *reader, const struct quantity *quantity)
{
    const struct number *number = &quantity->number;
    if (!quantity->dead && number->end > number->first) {
        trace_line(reader, "no figure `%.*s`: %s",
                   length_of(reader, number->first, number->end),
                   surface(reader, number->first),
                   number->ordinal ? "an ordinal" : "an article or pronoun");
    }
}
