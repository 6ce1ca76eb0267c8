/* The whole reader over strangers' bytes. The first byte of the input chooses the
 * languages: 0 detects, others name one. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static figures_lexicon *lexicon;

struct block {
    struct block *next;
    max_align_t bytes[];
};

static void *allocate(void *user, size_t size)
{
    struct block **blocks = user;
    struct block *block = malloc(sizeof *block + size);
    if (!block) {
        return NULL;
    }
    block->next = *blocks;
    *blocks = block;
    return block->bytes;
}

static void ignore(void *user, const char *bytes, size_t length)
{
    size_t *sum = user;
    *sum += length + (size_t)(unsigned char)bytes[0];
}

static void check(const figures_figure *figure, size_t size)
{
    bool sane = figure->start < figure->end && figure->end <= size &&
                figure->sentence_start <= figure->start &&
                figure->end <= figure->sentence_end && figure->confidence >= 0 &&
                figure->confidence <= 1;
    if (!sane) {
        fprintf(stderr, "a figure lies outside its sentence\n");
        abort();
    }
}

/* FIGURES_LEXICON is the build's; one in the environment goes first. */
static bool open_lexicon(void)
{
    const char *path = getenv("FIGURES_LEXICON");
    figures_error error;
    if (lexicon) {
        return true;
    }
    if (figures_lexicon_open(path ? path : FIGURES_LEXICON, &lexicon, &error) !=
        FIGURES_OK) {
        fprintf(stderr, "%s\n", error.text);
        return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct block *blocks = NULL;
    figures_memory memory = {allocate, &blocks};
    figures_result result;
    figures_error error;
    if (!open_lexicon()) {
        abort(); /* a reader without words would pass everything */
    }
    if (size == 0) {
        return 0;
    }
    size_t languages = figures_lexicon_languages(lexicon);
    const char *language = figures_lexicon_language(lexicon, data[0] % languages);
    figures_options options = {.languages = &language,
                               .language_count = data[0] % languages ? 1 : 0,
                               .ordinals = (data[0] & 1) != 0,
                               .times = true};
    const char *text = (const char *)data + 1;
    if (figures_read(lexicon, (figures_slice){text, size - 1}, &options, &memory,
                     &result, &error) == FIGURES_OK) {
        size_t sum = 0;
        for (size_t i = 0; i < result.count; i++) {
            check(&result.figures[i], size - 1);
            figures_print_json(&result.figures[i], text, ignore, &sum);
        }
    }
    while (blocks) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
    return 0;
}
