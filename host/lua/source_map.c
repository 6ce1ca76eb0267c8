#include "lua/source_map.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    const char *text; /* of a string: without its quotes */
    size_t size;
    struct mz_spot spot;
};

struct scanner {
    const char *at, *end, *line_start;
    int line;
    struct token token;
};

static void newline(struct scanner *scanner)
{
    scanner->line++;
    scanner->line_start = scanner->at + 1;
}

/* The level of a long bracket that opens here, or -1. */
static int long_bracket(const struct scanner *scanner)
{
    const char *at = scanner->at + 1;
    int level = 0;
    while (at < scanner->end && *at == '=') {
        level++;
        at++;
    }
    return at < scanner->end && *at == '[' ? level : -1;
}

/* Skips to behind the closing bracket; the content is the token's. */
static void skip_long(struct scanner *scanner, int level)
{
    scanner->at += level + 2;
    scanner->token.text = scanner->at;
    for (; scanner->at < scanner->end; scanner->at++) {
        if (*scanner->at == '\n') {
            newline(scanner);
        }
        if (*scanner->at != ']') {
            continue;
        }
        const char *at = scanner->at + 1;
        int found = 0;
        while (at < scanner->end && *at == '=') {
            found++;
            at++;
        }
        if (found == level && at < scanner->end && *at == ']') {
            scanner->token.size = (size_t)(scanner->at - scanner->token.text);
            scanner->at = at + 1;
            return;
        }
    }
    scanner->token.size = (size_t)(scanner->end - scanner->token.text);
}

static void skip_string(struct scanner *scanner)
{
    char quote = *scanner->at++;
    scanner->token.text = scanner->at;
    while (scanner->at < scanner->end && *scanner->at != quote) {
        if (*scanner->at == '\\' && scanner->at + 1 < scanner->end) {
            scanner->at++;
        }
        if (*scanner->at == '\n') {
            newline(scanner);
        }
        scanner->at++;
    }
    scanner->token.size = (size_t)(scanner->at - scanner->token.text);
    if (scanner->at < scanner->end) {
        scanner->at++;
    }
}

/* Skips white space and comments. */
static void skip_blank(struct scanner *scanner)
{
    while (scanner->at < scanner->end) {
        if (*scanner->at == '\n') {
            newline(scanner);
            scanner->at++;
        } else if (isspace((unsigned char)*scanner->at)) {
            scanner->at++;
        } else if (scanner->end - scanner->at >= 2 &&
                   memcmp(scanner->at, "--", 2) == 0) {
            scanner->at += 2;
            int level = -1;
            if (scanner->at < scanner->end && *scanner->at == '[') {
                level = long_bracket(scanner);
            }
            if (level >= 0) {
                skip_long(scanner, level);
                continue;
            }
            while (scanner->at < scanner->end && *scanner->at != '\n') {
                scanner->at++;
            }
        } else {
            return;
        }
    }
}

static bool is_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Reads the next token into scanner->token. */
static void next(struct scanner *scanner)
{
    struct token *token = &scanner->token;
    skip_blank(scanner);
    token->spot.line = scanner->line;
    token->spot.column = (int)(scanner->at - scanner->line_start) + 1;
    token->text = scanner->at;
    token->size = 0;
    if (scanner->at >= scanner->end) {
        token->kind = TOKEN_END;
        token->spot.width = 0;
        return;
    }
    const char *start = scanner->at;
    if (is_name(*scanner->at)) { /* numbers too: they match no name */
        token->kind = TOKEN_NAME;
        while (scanner->at < scanner->end && is_name(*scanner->at)) {
            scanner->at++;
        }
        token->size = (size_t)(scanner->at - start);
    } else if (*scanner->at == '"' || *scanner->at == '\'') {
        token->kind = TOKEN_STRING;
        skip_string(scanner);
    } else if (*scanner->at == '[' && long_bracket(scanner) >= 0) {
        token->kind = TOKEN_STRING;
        skip_long(scanner, long_bracket(scanner));
    } else {
        token->kind = TOKEN_OTHER;
        /* `==` must not look like the `=` behind a key. */
        bool twice = scanner->end - scanner->at >= 2 && scanner->at[1] == '=' &&
                     strchr("=<>~", *scanner->at) != NULL;
        scanner->at += twice ? 2 : 1;
        token->size = twice ? 2 : 1;
    }
    token->spot.width =
        token->spot.line == scanner->line ? (int)(scanner->at - start) : 1;
}

static bool is_mark(const struct token *token, char mark)
{
    return token->kind == TOKEN_OTHER && token->size == 1 && *token->text == mark;
}

static bool is_word(const struct token *token, const char *word, size_t size)
{
    return (token->kind == TOKEN_NAME || token->kind == TOKEN_STRING) &&
           token->size == size && memcmp(token->text, word, size) == 0;
}

static bool is_keyword(const struct token *token, const char *word)
{
    size_t size = strlen(word);
    return token->kind == TOKEN_NAME && token->size == size &&
           memcmp(token->text, word, size) == 0;
}

static struct scanner scan_from(const char *source, size_t size, int line)
{
    struct scanner scanner = {source, source + size, source, 1, {0}};
    /* From the start, so that long strings and comments are seen as such. */
    do {
        next(&scanner);
    } while (scanner.token.kind != TOKEN_END && scanner.token.spot.line < line);
    return scanner;
}

size_t mz_source_token(const char *source, size_t size, int line, const char *word,
                       struct mz_spot *spot)
{
    struct scanner scanner = scan_from(source, size, line);
    bool text = word[0] == '"' && word[1] != '\0';
    size_t found = 0, length = strlen(word += text);
    for (; scanner.token.kind != TOKEN_END && scanner.token.spot.line == line;
         next(&scanner)) {
        const struct token *token = &scanner.token;
        if (token->size == length && memcmp(token->text, word, length) == 0 &&
            (!text || token->kind == TOKEN_STRING)) {
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
static void skip_item(struct scanner *scanner)
{
    int depth = 0;
    for (; scanner->token.kind != TOKEN_END; next(scanner)) {
        const struct token *token = &scanner->token;
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
static bool find_item(struct scanner *scanner, const struct step *step,
                      struct mz_spot *spot)
{
    long position = 0;
    while (scanner->token.kind != TOKEN_END && !is_mark(&scanner->token, '}')) {
        struct token key = scanner->token;
        bool keyed = false;
        struct scanner ahead = *scanner;
        if (is_mark(&key, '[')) {
            next(&ahead);
            key = ahead.token;
            next(&ahead); /* the closing bracket */
        }
        next(&ahead);
        if (is_mark(&ahead.token, '=')) {
            keyed = true;
            next(&ahead);
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
            next(scanner);
        }
    }
    return false;
}

/* Moves behind the `{` that begins the table here; constructors before it are
 * skipped
 * (`mizan.chain {`). False: the value is no table written out. */
static bool enter_table(struct scanner *scanner)
{
    while (scanner->token.kind == TOKEN_NAME || is_mark(&scanner->token, '.') ||
           is_mark(&scanner->token, '(')) {
        next(scanner);
    }
    if (!is_mark(&scanner->token, '{')) {
        return false;
    }
    next(scanner);
    return true;
}

bool mz_source_find(const char *source, size_t size, int line, const char *constructor,
                    const char *path, struct mz_spot *spot)
{
    struct scanner scanner = scan_from(source, size, line);
    size_t length = strlen(constructor);
    for (;; next(&scanner)) {
        if (scanner.token.kind == TOKEN_END) {
            return false;
        }
        if (is_word(&scanner.token, constructor, length)) {
            struct scanner ahead = scanner;
            *spot = scanner.token.spot;
            next(&ahead);
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
