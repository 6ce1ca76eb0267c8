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

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { ARENA_BYTES = 64 << 20, RED_ZONE = 32 };

/* One arena for all runs: what a run took is poisoned again before the next, and a zone
 * between two pieces always is. */
struct arena {
    unsigned char *bytes;
    size_t used;
};

static void *allocate(void *user, size_t size)
{
    struct arena *arena = user;
    size_t room = (size + 15) & ~(size_t)15;
    if (room > ARENA_BYTES - arena->used - RED_ZONE) {
        return NULL;
    }
    void *memory = arena->bytes + arena->used;
    arena->used += room + RED_ZONE;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
}

static bool open_arena(struct arena *arena)
{
    if (!arena->bytes) {
        arena->bytes = malloc(ARENA_BYTES);
        arena->used = arena->bytes ? ARENA_BYTES : 0;
    }
    if (arena->bytes) {
        ASAN_POISON_MEMORY_REGION(arena->bytes, arena->used);
    }
    arena->used = 0;
    return arena->bytes != NULL;
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
    static struct arena arena;
    figures_memory memory = {allocate, &arena};
    figures_result result;
    figures_error error;
    if (!open_lexicon() || !open_arena(&arena)) {
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
    return 0;
}
