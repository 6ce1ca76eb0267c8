#include "figures.h"

#include <stdio.h>
#include <string.h>

#include "fold.h"

const char *figures_kind_name(figures_kind kind)
{
    static const char *const names[] = {"money", "percent", "measure", "count",
                                        "ratio", "number",  "time",    "ordinal"};
    return names[kind];
}

const char *figures_bound_name(figures_bound bound)
{
    static const char *const names[] = {"exact",   "range",     "at_least", "more_than",
                                        "at_most", "less_than", "vague"};
    return names[bound];
}

const char *figures_hedge_name(figures_hedge hedge)
{
    static const char *const names[] = {
        NULL, "estimated", "claimed", "unconfirmed", "planned", "possible", "denied"};
    return names[hedge];
}

const char *figures_change_name(figures_change change)
{
    static const char *const names[] = {NULL,    "up_by",   "down_by",
                                        "up_to", "down_to", "changed"};
    return names[change];
}

const char *figures_role_name(figures_role role)
{
    static const char *const names[] = {NULL,           "outlet", "agency",
                                        "spokesperson", "author", "origin"};
    return names[role];
}

const char *figures_stance_name(figures_stance stance)
{
    static const char *const names[] = {"asserts", "estimates", "denies", "doubts",
                                        "quotes"};
    return names[stance];
}

const char *figures_side_name(figures_side side)
{
    static const char *const names[] = {NULL, "below", "above"};
    return names[side];
}

struct writer {
    figures_write *write;
    void *user;
    size_t used;
    char buffer[512];
};

static void flush(struct writer *writer)
{
    if (writer->used > 0) {
        writer->write(writer->user, writer->buffer, writer->used);
        writer->used = 0;
    }
}

static void put(struct writer *writer, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t room = sizeof writer->buffer - writer->used;
        size_t part = length < room ? length : room;
        memcpy(writer->buffer + writer->used, bytes, part);
        writer->used += part;
        bytes += part;
        length -= part;
        if (writer->used == sizeof writer->buffer) {
            flush(writer);
        }
    }
}

static void put_text(struct writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_string(struct writer *writer, figures_slice slice)
{
    const unsigned char *bytes = (const unsigned char *)slice.bytes;
    put(writer, "\"", 1);
    for (size_t at = 0; at < slice.length;) {
        uint32_t code;
        size_t step = utf8_next(bytes, slice.length, at, &code);
        if (code == '"' || code == '\\') {
            char escaped[2] = {'\\', (char)code};
            put(writer, escaped, 2);
        } else if (code < 0x20) {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "\\u%04x", code);
            put(writer, escaped, 6);
        } else if (code == 0xfffd && step == 1) {
            put(writer, "\xef\xbf\xbd", 3);
        } else {
            put(writer, slice.bytes + at, step);
        }
        at += step;
    }
    put(writer, "\"", 1);
}

static void put_key(struct writer *writer, const char *key)
{
    put_text(writer, ",\"");
    put_text(writer, key);
    put_text(writer, "\":");
}

static void put_number(struct writer *writer, size_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", number);
    put_text(writer, text);
}

static void put_decimal(struct writer *writer, const char *key,
                        const figures_decimal *decimal)
{
    if (decimal->set) {
        char text[FIGURES_DECIMAL_TEXT];
        size_t length = figures_decimal_text(decimal, text);
        put_key(writer, key);
        put(writer, text, length);
    }
}

static void put_slice(struct writer *writer, const char *key, figures_slice slice)
{
    if (slice.length > 0) {
        put_key(writer, key);
        put_string(writer, slice);
    }
}

static void put_word(struct writer *writer, const char *key, const char *word)
{
    if (word) {
        put_key(writer, key);
        put_text(writer, "\"");
        put_text(writer, word);
        put_text(writer, "\"");
    }
}

static void put_span(struct writer *writer, const char *key, size_t start, size_t end)
{
    put_key(writer, key);
    put_text(writer, "[");
    put_number(writer, start);
    put_text(writer, ",");
    put_number(writer, end);
    put_text(writer, "]");
}

static void put_sources(struct writer *writer, const figures_figure *figure)
{
    if (figure->source_count == 0) {
        return;
    }
    put_key(writer, "source");
    for (size_t i = 0; i < figure->source_count; i++) {
        const figures_source *source = &figure->source[i];
        put_text(writer, i ? ",{\"name\":" : "[{\"name\":");
        put_string(writer, source->name);
        put_word(writer, "role", figures_role_name(source->role));
        put_slice(writer, "verb", source->verb);
        put_word(writer, "stance", figures_stance_name(source->stance));
        put_key(writer, "start");
        put_number(writer, source->start);
        put_key(writer, "end");
        put_number(writer, source->end);
        put_text(writer, "}");
    }
    put_text(writer, "]");
}

static void put_values(struct writer *writer, const figures_figure *figure)
{
    bool vague = figure->bound == FIGURES_VAGUE;
    put_decimal(writer, vague ? "vague" : "value", &figure->value);
    put_decimal(writer, "low", &figure->low);
    put_decimal(writer, "high", &figure->high);
    if (figure->kind != FIGURES_TIME) {
        put_word(writer, "bound", figures_bound_name(figure->bound));
    }
    if (figure->approx) {
        put_key(writer, "approx");
        put_text(writer, "true");
        put_word(writer, "side", figures_side_name(figure->side));
    }
    put_slice(writer, "unit", figure->unit);
    put_slice(writer, "fraction", figure->fraction);
    if (figure->alternative.set) {
        char text[FIGURES_DECIMAL_TEXT];
        size_t length = figures_decimal_text(&figure->alternative, text);
        put_key(writer, "alt");
        put_text(writer, "[{\"value\":");
        put(writer, text, length);
        put_text(writer, "}]");
    }
}

void figures_print_json(const figures_figure *figure, const char *text,
                        figures_write *write, void *user)
{
    struct writer writer = {.write = write, .user = user};
    figures_slice surface = {text + figure->start, figure->end - figure->start};
    put_text(&writer, "{\"start\":");
    put_number(&writer, figure->start);
    put_key(&writer, "end");
    put_number(&writer, figure->end);
    put_key(&writer, "text");
    put_string(&writer, surface);
    put_word(&writer, "kind", figures_kind_name(figure->kind));
    put_values(&writer, figure);
    if (figure->converts) {
        put_span(&writer, "same_as", figure->same_start, figure->same_end);
    }
    put_slice(&writer, "per", figure->per);
    put_slice(&writer, "counted", figure->counted);
    put_slice(&writer, "as_of", figure->as_of);
    put_slice(&writer, "time", figure->time);
    put_sources(&writer, figure);
    put_word(&writer, "hedge", figures_hedge_name(figure->hedge));
    put_word(&writer, "change", figures_change_name(figure->change));
    put_span(&writer, "sentence", figure->sentence_start, figure->sentence_end);
    put_slice(&writer, "lang", figure->language);
    put_key(&writer, "confidence");
    char number[16];
    snprintf(number, sizeof number, "%.2f", (double)figure->confidence);
    put_text(&writer, number);
    put_text(&writer, "}");
    flush(&writer);
}
