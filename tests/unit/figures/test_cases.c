/* Runs the cases of tests/data/figures: blocks of
 *     LANG: text, one line
 *       surface => figure as test_line writes it
 * separated by blank lines; lines with # are comments. A block without figures says
 * that there are none. `test_cases FILE…` prints what differs; with FIGURES_PRINT=1 in
 * the environment it prints the blocks as they are now, to be read and kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

enum { BLOCK = 16384 };

struct block {
    char language[16];
    char text[BLOCK];
    char expected[BLOCK];
    unsigned line;
};

static void append(char *to, const char *text)
{
    strncat(to, text, BLOCK - strlen(to) - 1);
}

static void run(const figures_lexicon *lexicon, const struct block *block, char *got)
{
    struct test_arena arena = {0};
    const char *language =
        strcmp(block->language, "auto") == 0 ? NULL : block->language;
    figures_result result =
        test_read(lexicon, &arena, language, block->text, strlen(block->text));
    got[0] = '\0';
    for (size_t i = 0; i < result.count; i++) {
        const figures_figure *figure = &result.figures[i];
        char line[1024];
        char surface[1024];
        test_line(figure, line, sizeof line);
        snprintf(surface, sizeof surface, "  %.*s => ",
                 (int)(figure->end - figure->start), block->text + figure->start);
        append(got, surface);
        append(got, line);
        append(got, "\n");
    }
    test_drop(&arena);
}

static bool finish(const figures_lexicon *lexicon, struct block *block,
                   const char *path)
{
    static const char *const names[] = {"expected", "got"};
    char *got = malloc(BLOCK);
    if (!got || !block->text[0]) {
        free(got);
        return true;
    }
    run(lexicon, block, got);
    bool same = strcmp(got, block->expected) == 0;
    if (getenv("FIGURES_PRINT")) {
        printf("%s: %s\n%s\n", block->language, block->text, got);
        same = true;
    } else if (!same) {
        printf("%s:%u: %s\n%s:\n%s%s:\n%s", path, block->line, block->text, names[0],
               block->expected, names[1], got);
    }
    free(got);
    block->text[0] = '\0';
    block->expected[0] = '\0';
    return same;
}

static bool start(struct block *block, const char *line, unsigned number)
{
    const char *colon = strchr(line, ':');
    size_t length = colon ? (size_t)(colon - line) : 0;
    if (length == 0 || length >= sizeof block->language) {
        return false;
    }
    memcpy(block->language, line, length);
    block->language[length] = '\0';
    append(block->text, colon + 2);
    block->text[strcspn(block->text, "\n")] = '\0';
    block->line = number;
    return true;
}

static int run_file(const figures_lexicon *lexicon, const char *path)
{
    FILE *file = fopen(path, "r");
    struct block *block = calloc(1, sizeof *block);
    char *line = NULL;
    size_t room = 0;
    int wrong = 0;
    unsigned number = 0;
    if (!file || !block) {
        perror(path);
        free(block);
        return 1;
    }
    while (getline(&line, &room, file) > 0) {
        number++;
        if (line[0] == '#') {
            if (getenv("FIGURES_PRINT")) {
                fputs(line, stdout);
            }
        } else if (line[0] == '\n') {
            wrong += !finish(lexicon, block, path);
        } else if (line[0] == ' ') {
            append(block->expected, line);
        } else if (!start(block, line, number)) {
            printf("%s:%u: this is no `LANG: text`\n", path, number);
            wrong++;
        }
    }
    wrong += !finish(lexicon, block, path);
    free(line);
    free(block);
    fclose(file);
    return wrong;
}

int main(int argc, char **argv)
{
    figures_lexicon *lexicon = NULL;
    figures_error error;
    const char *path = getenv("FIGURES_LEXICON");
    if (figures_lexicon_open(path ? path : FIGURES_LEXICON, &lexicon, &error) !=
        FIGURES_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    int wrong = 0;
    for (int i = 1; i < argc; i++) {
        wrong += run_file(lexicon, argv[i]);
    }
    figures_lexicon_close(lexicon);
    if (wrong > 0) {
        printf("%d blocks differ\n", wrong);
    }
    return wrong > 0;
}
