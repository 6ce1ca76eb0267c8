/* A small command around the figure library, for tests before and beside the host:
 *     figures_tool LEXICON --docs [--lang ar,en] [--ordinals]    JSON Lines in and out
 *     figures_tool LEXICON [--lang ar] [--explain] [FILE]        text in, a line a
 *                                                                figure
 *     figures_tool LEXICON --bench FILE                          MB/s of reading a file
 *     figures_tool LEXICON --open                                ms of opening it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "figures.h"

struct arena {
    char *bytes;
    size_t used, room;
    struct arena *older;
};

static void *arena_allocate(void *user, size_t size)
{
    struct arena **arena = user;
    size = (size + 15) & ~(size_t)15;
    if (!*arena || (*arena)->room - (*arena)->used < size) {
        size_t room = size > 1 << 20 ? size : 1 << 20;
        struct arena *next = malloc(sizeof *next);
        char *bytes = malloc(room);
        if (!next || !bytes) {
            free(next);
            free(bytes);
            return NULL;
        }
        *next = (struct arena){bytes, 0, room, *arena};
        *arena = next;
    }
    void *memory = (*arena)->bytes + (*arena)->used;
    (*arena)->used += size;
    return memory;
}

/* Keeps the memory for the next text, in one block: what was used is faulted in once.
 */
static void arena_drop(struct arena **arena)
{
    size_t room = 0;
    for (struct arena *block = *arena; block; block = block->older) {
        room += block->room;
    }
    if (*arena && !(*arena)->older) {
        (*arena)->used = 0;
        return;
    }
    while (*arena) {
        struct arena *older = (*arena)->older;
        free((*arena)->bytes);
        free(*arena);
        *arena = older;
    }
    if (room > 0 && arena_allocate(arena, room)) {
        (*arena)->used = 0;
    }
}

static void write_out(void *user, const char *bytes, size_t length)
{
    fwrite(bytes, 1, length, user);
}

static void trace(void *user, const char *line)
{
    fprintf(user, "  | %s\n", line);
}

struct settings {
    figures_lexicon *lexicon;
    figures_options options;
    const char *languages[64];
    const char *file;
    bool docs, bench, open;
    struct arena *arena;
};

static bool extract(struct settings *settings, const char *text, size_t length,
                    figures_result *result)
{
    figures_memory memory = {arena_allocate, &settings->arena};
    figures_error error;
    if (figures_read(settings->lexicon, (figures_slice){text, length},
                     &settings->options, &memory, result, &error) != FIGURES_OK) {
        fprintf(stderr, "figures_tool: %s\n", error.text);
        return false;
    }
    return true;
}

static bool print_document(struct settings *settings, const cJSON *document)
{
    const cJSON *id = cJSON_GetObjectItem(document, "id");
    const cJSON *text = cJSON_GetObjectItem(document, "text");
    const cJSON *language = cJSON_GetObjectItem(document, "lang");
    if (!cJSON_IsString(text)) {
        fputs("figures_tool: a document has no text\n", stderr);
        return false;
    }
    figures_options kept = settings->options;
    const char *own[1];
    if (settings->options.language_count == 0 && cJSON_IsString(language)) {
        own[0] = language->valuestring;
        settings->options.languages = own;
        settings->options.language_count = 1;
    }
    figures_result result;
    size_t length = strlen(text->valuestring);
    figures_memory memory = {arena_allocate, &settings->arena};
    figures_error error;
    if (figures_read(settings->lexicon, (figures_slice){text->valuestring, length},
                     &settings->options, &memory, &result,
                     &error) == FIGURES_BAD_OPTION) {
        settings->options.language_count = 0; /* a language without a pack */
        figures_read(settings->lexicon, (figures_slice){text->valuestring, length},
                     &settings->options, &memory, &result, &error);
    }
    settings->options = kept;
    char *printed = cJSON_PrintUnformatted(id);
    printf("{\"id\":%s,\"figures\":[", printed ? printed : "null");
    free(printed);
    for (size_t i = 0; i < result.count; i++) {
        if (i) {
            putchar(',');
        }
        figures_print_json(&result.figures[i], text->valuestring, write_out, stdout);
    }
    puts("]}");
    arena_drop(&settings->arena);
    return true;
}

static int read_documents(struct settings *settings)
{
    char *line = NULL;
    size_t room = 0;
    int status = 0;
    settings->options.times = true;
    while (getline(&line, &room, stdin) > 0) {
        cJSON *document = cJSON_Parse(line);
        if (!document || !print_document(settings, document)) {
            status = 65;
        }
        cJSON_Delete(document);
    }
    free(line);
    return status;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = path ? fopen(path, "rbe") : stdin;
    char *text = NULL;
    size_t room = 0;
    *length = 0;
    if (!file) {
        perror(path);
        exit(66);
    }
    for (;;) {
        if (*length == room) {
            room = room ? room * 2 : 1 << 16;
            char *grown = realloc(text, room);
            if (!grown) {
                exit(70);
            }
            text = grown;
        }
        size_t got = fread(text + *length, 1, room - *length, file);
        if (got == 0) {
            break;
        }
        *length += got;
    }
    if (path) {
        fclose(file);
    }
    return text;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The quickest of several openings of the lexicon. */
static int time_opening(const char *path)
{
    double best = 1e9;
    for (int run = 0; run < 20; run++) {
        figures_lexicon *lexicon = NULL;
        figures_error error;
        double start = seconds();
        if (figures_lexicon_open(path, &lexicon, &error) != FIGURES_OK) {
            return 66;
        }
        double used = seconds() - start;
        best = used < best ? used : best;
        figures_lexicon_close(lexicon);
    }
    printf("%s: opened in %.2f cpu-ms\n", path, best * 1e3);
    return 0;
}

static int read_text(struct settings *settings)
{
    size_t length;
    char *text = read_file(settings->file, &length);
    figures_result result = {0};
    double best = 1e9;
    settings->options.times = settings->options.times || settings->bench;
    for (int run = 0; run < (settings->bench ? 5 : 1); run++) {
        arena_drop(&settings->arena);
        double start = seconds();
        if (!extract(settings, text, length, &result)) {
            return 70;
        }
        double used = seconds() - start;
        best = used < best ? used : best;
    }
    if (settings->bench) {
        printf("%zu bytes in %.3f cpu-s = %.0f MB/s, %zu figures, %zu sentences, %zu "
               "steps\n",
               length, best, (double)length / 1e6 / best, result.count,
               result.sentences, result.steps);
    } else {
        for (size_t i = 0; i < result.count; i++) {
            figures_print_json(&result.figures[i], text, write_out, stdout);
            putchar('\n');
        }
    }
    free(text);
    return 0;
}

static bool read_arguments(struct settings *settings, int argc, char **argv)
{
    char *saved = NULL;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--docs") == 0) {
            settings->docs = true;
        } else if (strcmp(argv[i], "--bench") == 0) {
            settings->bench = true;
        } else if (strcmp(argv[i], "--open") == 0) {
            settings->open = true;
        } else if (strcmp(argv[i], "--ordinals") == 0) {
            settings->options.ordinals = true;
        } else if (strcmp(argv[i], "--times") == 0) {
            settings->options.times = true;
        } else if (strcmp(argv[i], "--explain") == 0) {
            settings->options.trace = trace;
            settings->options.trace_user = stdout;
        } else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            for (char *tag = strtok_r(argv[++i], ",", &saved); tag;
                 tag = strtok_r(NULL, ",", &saved)) {
                settings->languages[settings->options.language_count++ & 63] = tag;
            }
            settings->options.languages = settings->languages;
        } else if (argv[i][0] != '-') {
            settings->file = argv[i];
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    figures_error error;
    if (argc < 2 || !read_arguments(&settings, argc, argv)) {
        fputs("usage: figures_tool LEXICON [--docs | --bench | --open] [--lang L,L] "
              "[--ordinals] "
              "[--times] [--explain] [FILE]\n",
              stderr);
        return 64;
    }
    if (figures_lexicon_open(argv[1], &settings.lexicon, &error) != FIGURES_OK) {
        fprintf(stderr, "figures_tool: %s\n", error.text);
        return 66;
    }
    int status = settings.open   ? time_opening(argv[1])
                 : settings.docs ? read_documents(&settings)
                                 : read_text(&settings);
    arena_drop(&settings.arena);
    if (settings.arena) {
        free(settings.arena->bytes);
        free(settings.arena);
    }
    figures_lexicon_close(settings.lexicon);
    return status;
}
