/* What the tests of the figure extractor share: an arena, the compiled lexicon, and a
 * figure as one readable line. */
#ifndef FIGURES_TEST_SUPPORT_H
#define FIGURES_TEST_SUPPORT_H

#include <stddef.h>

#include "figures.h"

struct test_block;

struct test_arena {
    struct test_block *blocks;
    size_t count;
    size_t fail_after; /* allocations until NULL; 0: never */
    size_t bytes;
};

figures_memory test_memory(struct test_arena *arena);
void test_drop(struct test_arena *arena);

/* The lexicon of the build; fails the test if it cannot be opened. */
figures_lexicon *test_lexicon(void);

/* Reads a text in one language (NULL: detected), times included. */
figures_result test_read(const figures_lexicon *lexicon, struct test_arena *arena,
                         const char *language, const char *text, size_t length);

/* `kind bound value unit / per - counted @ as_of < source < source (hedge) {change}` */
void test_line(const figures_figure *figure, char *out, size_t room);

#endif
