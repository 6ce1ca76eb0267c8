#include "cli/figure_text.h"

#include <stdlib.h>
#include <string.h>

static const char *text_of(const struct mizan_record *figure, const char *name)
{
    const char *text = mz_record_text(figure, name);
    return text == NULL ? "" : text;
}

static void amount(struct mz_buffer *out, const struct mizan_record *figure)
{
    const char *bound = text_of(figure, "bound");
    const char *time = mz_record_text(figure, "time");
    if (time != NULL) {
        mz_buffer_text(out, time);
    } else if (strcmp(bound, "range") == 0) {
        mz_buffer_printf(out, "%s to %s", text_of(figure, "low"),
                         text_of(figure, "high"));
    } else if (strcmp(bound, "vague") == 0) {
        mz_buffer_printf(out, "%s or more, not told exactly", text_of(figure, "vague"));
    } else if (mz_record_text(figure, "fraction") != NULL) {
        mz_buffer_text(out, text_of(figure, "fraction"));
    } else {
        mz_buffer_text(out, text_of(figure, "value"));
    }
}

static void sources(struct mz_buffer *out, const struct mizan_record *figure)
{
    const struct mizan_value *list = mz_record_find(figure, "source");
    for (size_t i = 0;
         list != NULL && list->type == MIZAN_LIST && i < list->as.list.count; i++) {
        const struct mizan_value *source = &list->as.list.items[i];
        const struct mizan_value *name =
            source->type == MIZAN_MAP ? mz_map_member(source, "name") : NULL;
        mz_buffer_text(out, i == 0 ? "; says " : " < ");
        if (name != NULL && name->type == MIZAN_TEXT) {
            mz_buffer_add(out, name->as.text.data, name->as.text.size);
        }
    }
}

void mz_figure_reading(struct mz_buffer *out, const struct mizan_record *figure)
{
    static const char *const words[][2] = {{"at_least", "at least "},
                                           {"more_than", "more than "},
                                           {"at_most", "at most "},
                                           {"less_than", "less than "}};
    static const char *const after[][2] = {
        {"unit", " "},         {"per", " per "}, {"counted", ", counted: "},
        {"as_of", ", as of "}, {"hedge", ", "},  {"change", ", "}};
    const char *side = text_of(figure, "side");
    mz_buffer_printf(out, "%s: ", text_of(figure, "kind"));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text_of(figure, "bound"), words[i][0]) == 0) {
            mz_buffer_text(out, words[i][1]);
        }
    }
    if (mz_record_integer(figure, "approx", 0) != 0) {
        mz_buffer_text(out, side[0] == '\0'  ? "about "
                            : side[0] == 'b' ? "nearly "
                                             : "a little over ");
    }
    amount(out, figure);
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        const char *text = mz_record_text(figure, after[i][0]);
        if (text != NULL) {
            mz_buffer_printf(out, "%s%s", after[i][1], text);
        }
    }
    sources(out, figure);
}

struct marks {
    const char *before, *after, *dim, *plain;
};

/* The figures that begin before `end` and were not yet shown. */
static size_t line_figures(const struct mz_records *figures, size_t first, size_t end)
{
    size_t count = 0;
    while (first + count < figures->count &&
           (size_t)mz_record_integer(figures->items[first + count], "start", 0) < end) {
        count++;
    }
    return count;
}

/* One line of the text and the figures that begin in it. */
struct line {
    size_t start, end;
    struct mizan_record *const *figures;
    size_t count;
};

static void marked_line(struct mz_buffer *out, const char *text,
                        const struct line *line, const struct marks *marks)
{
    size_t position = line->start;
    for (size_t i = 0; i < line->count; i++) {
        const struct mizan_record *figure = line->figures[i];
        size_t from = (size_t)mz_record_integer(figure, "start", 0);
        size_t to = (size_t)mz_record_integer(figure, "end", 0);
        if (from < position || to < from || to > line->end) {
            continue;
        }
        mz_buffer_add(out, text + position, from - position);
        mz_buffer_text(out, marks->before);
        mz_buffer_add(out, text + from, to - from);
        mz_buffer_text(out, marks->after);
        position = to;
    }
    mz_buffer_add(out, text + position, line->end - position);
    mz_buffer_byte(out, '\n');
}

void mz_figure_text(struct mz_buffer *out, struct mizan_slice text,
                    const struct mz_records *figures, bool colour)
{
    static const struct marks coloured = {"\033[1;4;36m", "\033[0m", "\033[2m",
                                          "\033[0m"};
    static const struct marks plain = {"[", "]", "", ""};
    const struct marks *marks =
        colour && getenv("NO_COLOR") == NULL ? &coloured : &plain;
    size_t first = 0;
    size_t start = 0;
    while (start < text.size) {
        const char *line_end = memchr(text.data + start, '\n', text.size - start);
        struct line line = {.start = start};
        line.end = line_end == NULL ? text.size : (size_t)(line_end - text.data);
        line.figures = figures->items + first;
        line.count = line_figures(figures, first, line.end);
        marked_line(out, text.data, &line, marks);
        for (size_t i = 0; i < line.count; i++) {
            mz_buffer_printf(out, "    %s", marks->dim);
            mz_figure_reading(out, line.figures[i]);
            mz_buffer_printf(out, "%s\n", marks->plain);
        }
        first += line.count;
        start = line.end + 1;
    }
}
