#include "lua/source_map.h"

#include <stdlib.h>
#include <string.h>

#include "lua/source_scan.h"

static bool is_mark(const struct mz_token *token, char mark)
{
    return token->kind == MZ_TOKEN_OTHER && token->size == 1 && *token->text == mark;
}

static bool is_word(const struct mz_token *token, const char *word, size_t size)
{
    return (token->kind == MZ_TOKEN_NAME || token->kind == MZ_TOKEN_STRING) &&
           token->size == size && memcmp(token->text, word, size) == 0;
}

static bool is_keyword(const struct mz_token *token, const char *word)
{
    size_t size = strlen(word);
    return token->kind == MZ_TOKEN_NAME && token->size == size &&
           memcmp(token->text, word, size) == 0;
}

static struct mz_scanner scan_from(const char *source, size_t size, int line)
{
    struct mz_scanner scanner = {source, source + size, source, 1, {0}};
    /* From the start, so that long strings and comments are seen as such. */
    do {
        mz_scan_next(&scanner);
    } while (scanner.token.kind != MZ_TOKEN_END && scanner.token.spot.line < line);
    return scanner;
}

size_t mz_source_token(const char *source, size_t size, int line, const char *word,
                       struct mz_spot *spot)
{
    struct mz_scanner scanner = scan_from(source, size, line);
    bool text = word[0] == '"' && word[1] != '\0';
    size_t found = 0, length = strlen(word += text);
    for (; scanner.token.kind != MZ_TOKEN_END && scanner.token.spot.line == line;
         mz_scan_next(&scanner)) {
        const struct mz_token *token = &scanner.token;
        if (token->size == length && memcmp(token->text, word, length) == 0 &&
            (!text || token->kind == MZ_TOKEN_STRING)) {
            if (found++ == 0) {
                *spot = token->spot;
            }
        }
    }
    return found;
}

/* One step of a path: a name, or a position. */
struct step {
    const char *name;
    size_t size;
    long position; /* from 1; 0: a name */
};

static bool next_step(const char **path, struct step *step)
{
    const char *at = *path;
    memset(step, 0, sizeof *step);
    if (*at == '.') {
        at++;
    }
    if (*at == '\0') {
        return false;
    }
    if (*at == '[') {
        char *end;
        step->position = strtol(at + 1, &end, 10);
        *path = *end == ']' ? end + 1 : end + strlen(end);
        return step->position > 0;
    }
    step->name = at;
    while (*at != '\0' && *at != '.' && *at != '[') {
        at++;
    }
    step->size = (size_t)(at - step->name);
    *path = at;
    return true;
}

/* With the scanner at the first token of an item, moves it to the `,`, `;` or
 * `}` that ends the item. */
static void skip_item(struct mz_scanner *scanner)
{
    int depth = 0;
    for (; scanner->token.kind != MZ_TOKEN_END; mz_scan_next(scanner)) {
        const struct mz_token *token = &scanner->token;
        if (is_keyword(token, "function") || is_keyword(token, "do") ||
            is_keyword(token, "if") || is_mark(token, '{') || is_mark(token, '(')) {
            depth++;
        } else if (depth > 0 && (is_keyword(token, "end") || is_mark(token, '}') ||
                                 is_mark(token, ')'))) {
            depth--;
        } else if (depth == 0 && (is_mark(token, ',') || is_mark(token, ';') ||
                                  is_mark(token, '}'))) {
            return;
        }
    }
}

/* With the scanner behind `{`, finds the item of the step and leaves the
 * scanner at its value. `spot` becomes the key, or the start of the positional
 * item. */
static bool find_item(struct mz_scanner *scanner, const struct step *step,
                      struct mz_spot *spot)
{
    long position = 0;
    while (scanner->token.kind != MZ_TOKEN_END && !is_mark(&scanner->token, '}')) {
        struct mz_token key = scanner->token;
        bool keyed = false;
        struct mz_scanner ahead = *scanner;
        if (is_mark(&key, '[')) {
            mz_scan_next(&ahead);
            key = ahead.token;
            mz_scan_next(&ahead); /* the closing bracket */
        }
        mz_scan_next(&ahead);
        if (is_mark(&ahead.token, '=')) {
            keyed = true;
            mz_scan_next(&ahead);
        } else {
            position++;
        }
        if (keyed ? step->position == 0 && is_word(&key, step->name, step->size)
                  : step->position == position) {
            *spot = key.spot;
            if (keyed) {
                *scanner = ahead;
            }
            return true;
        }
        skip_item(scanner);
        if (!is_mark(&scanner->token, '}')) {
            mz_scan_next(scanner);
        }
    }
    return false;
}

/* Moves behind the `{` that begins the table here; constructors before it are
 * skipped
 * (`mizan.chain {`). False: the value is no table written out. */
static bool enter_table(struct mz_scanner *scanner)
{
    while (scanner->token.kind == MZ_TOKEN_NAME || is_mark(&scanner->token, '.') ||
           is_mark(&scanner->token, '(')) {
        mz_scan_next(scanner);
    }
    if (!is_mark(&scanner->token, '{')) {
        return false;
    }
    mz_scan_next(scanner);
    return true;
}

bool mz_source_find(const char *source, size_t size, int line, const char *constructor,
                    const char *path, struct mz_spot *spot)
{
    struct mz_scanner scanner = scan_from(source, size, line);
    size_t length = strlen(constructor);
    for (;; mz_scan_next(&scanner)) {
        if (scanner.token.kind == MZ_TOKEN_END) {
            return false;
        }
        if (is_word(&scanner.token, constructor, length)) {
            struct mz_scanner ahead = scanner;
            *spot = scanner.token.spot;
            mz_scan_next(&ahead);
            if (is_mark(&ahead.token, '{') || is_mark(&ahead.token, '(')) {
                scanner = ahead;
                break;
            }
        }
    }
    struct step step;
    while (next_step(&path, &step) && enter_table(&scanner) &&
           find_item(&scanner, &step, spot)) {
    }
    return true;
}
