/* Pages to articles beside the bare events of libxml2 on the same page, in turn and in
 * one process: bench_pages PAGE ROUNDS. Prints MB/s of the best round of each and the
 * ratio of the best rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/HTMLparser.h>

#include "article.h"

#define PASSES 20 /* pages in a round */

struct arena {
    char *data;
    size_t size, room;
};

static void *allocate(void *user, size_t size)
{
    struct arena *arena = user;
    size = (size + 15) & ~(size_t)15;
    if (size > arena->room - arena->size) {
        return NULL;
    }
    void *place = arena->data + arena->size;
    arena->size += size;
    return place;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What the bare parse does: keep the text of what is no script. */
struct bare {
    char *text;
    size_t size;
    int away;
};

static int is_away(const char *name)
{
    return strcmp(name, "script") == 0 || strcmp(name, "style") == 0 ||
           strcmp(name, "noscript") == 0 || strcmp(name, "template") == 0;
}

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct bare *bare = user;
    (void)attributes;
    bare->away += is_away((const char *)name);
}

static void on_end(void *user, const xmlChar *name)
{
    struct bare *bare = user;
    bare->away -= is_away((const char *)name);
    bare->text[bare->size++] = ' ';
}

static void on_text(void *user, const xmlChar *text, int size)
{
    struct bare *bare = user;
    if (bare->away == 0) {
        memcpy(bare->text + bare->size, text, (size_t)size);
        bare->size += (size_t)size;
    }
}

static void ignore(void *user, const char *message, ...)
{
    (void)user;
    (void)message;
}

static double parse_bare(const char *page, size_t size, char *text)
{
    double start = seconds();
    for (int i = 0; i < PASSES; i++) {
        htmlSAXHandler handler;
        memset(&handler, 0, sizeof handler);
        handler.startElement = on_start;
        handler.endElement = on_end;
        handler.characters = on_text;
        handler.cdataBlock = on_text;
        handler.error = ignore;
        handler.warning = ignore;
        struct bare bare = {text, 0, 0};
        htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(
            &handler, &bare, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
        htmlParseChunk(parser, page, (int)size, 1);
        htmlFreeParserCtxt(parser);
    }
    return seconds() - start;
}

static double extract(const char *page, size_t size, struct arena *arena)
{
    double start = seconds();
    for (int i = 0; i < PASSES; i++) {
        struct article article;
        struct article_memory memory = {allocate, arena};
        struct article_input input = {.body = {page, size},
                                      .media_type = {"text/html", 9},
                                      .fetched_at = ARTICLE_NO_TIME};
        arena->size = 0;
        if (article_extract(&input, &memory, &article) != ARTICLE_OK) {
            return -1;
        }
    }
    return seconds() - start;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: bench_pages PAGE ROUNDS\n");
        return 64;
    }
    struct arena arena = {malloc((size_t)256 << 20), 0, (size_t)256 << 20};
    size_t room = (size_t)64 << 20;
    char *page = malloc(room), *text = malloc(2 * room);
    if (arena.data == NULL || page == NULL || text == NULL) {
        return 70;
    }
    size_t size = fread(page, 1, room, file);
    fclose(file);
    double bare = 1e9, own = 1e9;
    for (int i = (int)strtol(argv[2], NULL, 10); i > 0; i--) {
        double time = parse_bare(page, size, text);
        bare = time < bare ? time : bare;
        time = extract(page, size, &arena);
        own = time < own ? time : own;
    }
    double megabytes = (double)size * PASSES / 1e6;
    printf("%zu bytes: bare libxml2 events %.1f MB/s, article %.1f MB/s, %.3f of it\n",
           size, megabytes / bare, megabytes / own, bare / own);
    free(arena.data);
    free(page);
    free(text);
    return 0;
}
