#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ustring.h>

#include "../fold.h"

static bool is_format_sign(UChar unit)
{
    return unit == 0xad || unit == 0x200b || unit == 0x200e || unit == 0x200f ||
           unit == 0x2060 || unit == 0xfeff || unit == 0x61c ||
           (unit >= 0x202a && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069);
}

char *utf8_of(struct pool *pool, const UChar *text, int32_t length)
{
    if (length < 0) {
        length = u_strlen(text);
    }
    UChar *kept = pool_take(pool, ((size_t)length + 1) * sizeof *kept);
    int32_t used = 0;
    for (int32_t i = 0; i < length; i++) {
        if (!is_format_sign(text[i])) {
            kept[used++] = text[i];
        }
    }
    int32_t room = used * 3 + 1;
    char *out = pool_take(pool, (size_t)room);
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out, room, NULL, kept, used, &status);
    return out;
}

char *folded_of(struct pool *pool, const char *text)
{
    size_t length = strlen(text);
    size_t room = length * 2 + 16;
    char *out = pool_take(pool, room);
    size_t used = fold_text((const unsigned char *)text, length, (unsigned char *)out,
                            room - 1, NULL);
    size_t first = 0;
    for (size_t i = 0; i < used; i++) {
        out[i] = out[i] == '-' ? ' ' : out[i];
    }
    while (first < used && out[first] == ' ') {
        first++;
    }
    while (used > first && out[used - 1] == ' ') {
        used--;
    }
    out[used] = '\0';
    return out + first;
}

size_t cut_words(char *line, char **words, size_t room)
{
    size_t count = 0;
    char *saved = NULL;
    for (char *word = strtok_r(line, " ", &saved); word && count < room;
         word = strtok_r(NULL, " ", &saved)) {
        words[count++] = word;
    }
    return count;
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) {
        text[--length] = '\0';
    }
    return text;
}

static void read_entries(struct list_line *line, struct pool *pool, char *text)
{
    size_t room = 1;
    for (const char *c = text; *c; c++) {
        room += *c == '|';
    }
    line->entries = pool_take(pool, room * sizeof *line->entries);
    char *saved = NULL;
    for (char *entry = strtok_r(text, "|", &saved); entry;
         entry = strtok_r(NULL, "|", &saved)) {
        entry = trim(entry);
        if (*entry) {
            line->entries[line->count++] = pool_copy(pool, entry, strlen(entry));
        }
    }
}

void list_read(struct list *list, struct pool *pool, const char *folder,
               const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "lexicon_generate: cannot read %s: %s\n", path,
                strerror(errno));
        exit(66);
    }
    char *text = NULL;
    size_t room = 0;
    memset(list, 0, sizeof *list);
    while (getline(&text, &room, file) >= 0) {
        char *start = trim(text);
        char *colon = strchr(start, ':');
        if (*start == '#' || !colon) {
            continue;
        }
        *colon = '\0';
        list->lines = array_room(list->lines, list->count, sizeof *list->lines);
        struct list_line *line = &list->lines[list->count++];
        memset(line, 0, sizeof *line);
        start = trim(start);
        line->key = pool_copy(pool, start, strlen(start));
        read_entries(line, pool, colon + 1);
    }
    free(text);
    fclose(file);
}

void list_finish(struct list *list)
{
    free(list->lines);
}

bool list_has(const struct list *list, const char *key, const char *entry)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct list_line *line = &list->lines[i];
        if (strcmp(line->key, key) != 0 && strcmp(line->key, "*") != 0) {
            continue;
        }
        for (size_t k = 0; k < line->count; k++) {
            if (strcmp(line->entries[k], entry) == 0) {
                return true;
            }
        }
    }
    return false;
}

const struct list_line *list_line_of(const struct list *list, const char *key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->lines[i].key, key) == 0) {
            return &list->lines[i];
        }
    }
    return NULL;
}
