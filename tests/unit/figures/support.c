#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct test_block {
    struct test_block *next;
    max_align_t bytes[];
};

static void *allocate(void *user, size_t size)
{
    struct test_arena *arena = user;
    if (arena->fail_after > 0 && arena->count + 1 >= arena->fail_after) {
        return NULL;
    }
    struct test_block *block = malloc(sizeof *block + size);
    if (!block) {
        return NULL;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    arena->count++;
    arena->bytes += size;
    return block->bytes;
}

figures_memory test_memory(struct test_arena *arena)
{
    figures_memory memory = {allocate, arena};
    return memory;
}

void test_drop(struct test_arena *arena)
{
    while (arena->blocks) {
        struct test_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    memset(arena, 0, sizeof *arena);
}

figures_lexicon *test_lexicon(void)
{
    figures_lexicon *lexicon = NULL;
    figures_error error;
    const char *path = getenv("FIGURES_LEXICON");
    if (figures_lexicon_open(path ? path : FIGURES_LEXICON, &lexicon, &error) !=
        FIGURES_OK) {
        fail_msg("%s", error.text);
    }
    return lexicon;
}

figures_result test_read(const figures_lexicon *lexicon, struct test_arena *arena,
                         const char *language, const char *text, size_t length)
{
    figures_options options = {
        .languages = &language, .language_count = language ? 1 : 0, .times = true};
    figures_memory memory = test_memory(arena);
    figures_result result;
    figures_error error;
    figures_status status = figures_read(lexicon, (figures_slice){text, length},
                                         &options, &memory, &result, &error);
    if (status != FIGURES_OK) {
        fail_msg("%s", error.text);
    }
    return result;
}

struct line {
    char *out;
    size_t used, room;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length =
        vsnprintf(line->out + line->used, line->room - line->used, format, list);
    va_end(list);
    if (length > 0) {
        line->used += (size_t)length;
        line->used = line->used < line->room ? line->used : line->room - 1;
    }
}

static void add_decimal(struct line *line, const char *before,
                        const figures_decimal *decimal)
{
    char text[FIGURES_DECIMAL_TEXT];
    if (decimal->set) {
        figures_decimal_text(decimal, text);
        add(line, "%s%s", before, text);
    }
}

static void add_slice(struct line *line, const char *before, figures_slice slice)
{
    if (slice.length > 0) {
        add(line, "%s%.*s", before, (int)slice.length, slice.bytes);
    }
}

void test_line(const figures_figure *figure, char *out, size_t room)
{
    struct line line = {out, 0, room};
    out[0] = '\0';
    if (figure->kind == FIGURES_TIME) {
        add(&line, "time");
        add_slice(&line, " ", figure->time);
        return;
    }
    add(&line, "%s %s", figures_kind_name(figure->kind),
        figures_bound_name(figure->bound));
    if (figure->approx) {
        const char *side = figures_side_name(figure->side);
        add(&line, " ~%s", side ? side : "");
    }
    add_decimal(&line, " ", &figure->value);
    add_decimal(&line, " ", &figure->low);
    add_decimal(&line, "..", &figure->high);
    add_decimal(&line, " or ", &figure->alternative);
    add_slice(&line, " ", figure->fraction);
    add_slice(&line, " ", figure->unit);
    add_slice(&line, " / ", figure->per);
    add_slice(&line, " - ", figure->counted);
    add_slice(&line, " @ ", figure->as_of);
    for (size_t i = 0; i < figure->source_count; i++) {
        add_slice(&line, " < ", figure->source[i].name);
    }
    if (figure->hedge) {
        add(&line, " (%s)", figures_hedge_name(figure->hedge));
    }
    if (figure->change) {
        add(&line, " {%s}", figures_change_name(figure->change));
    }
    if (figure->converts) {
        add(&line, " = %u", figure->same_start);
    }
}
