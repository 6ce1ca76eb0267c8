#include "lua/source_scan.h"

#include <ctype.h>
#include <string.h>

static void newline(struct mz_scanner *scanner)
{
    scanner->line++;
    scanner->line_start = scanner->at + 1;
}

/* The level of a long bracket that opens here, or -1. */
static int long_bracket(const struct mz_scanner *scanner)
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
static void skip_long(struct mz_scanner *scanner, int level)
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

static void skip_string(struct mz_scanner *scanner)
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
static void skip_blank(struct mz_scanner *scanner)
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

void mz_scan_next(struct mz_scanner *scanner)
{
    struct mz_token *token = &scanner->token;
    skip_blank(scanner);
    token->spot.line = scanner->line;
    token->spot.column = (int)(scanner->at - scanner->line_start) + 1;
    token->text = scanner->at;
    token->size = 0;
    if (scanner->at >= scanner->end) {
        token->kind = MZ_TOKEN_END;
        token->spot.width = 0;
        return;
    }
    const char *start = scanner->at;
    if (is_name(*scanner->at)) { /* numbers too: they match no name */
        token->kind = MZ_TOKEN_NAME;
        while (scanner->at < scanner->end && is_name(*scanner->at)) {
            scanner->at++;
        }
        token->size = (size_t)(scanner->at - start);
    } else if (*scanner->at == '"' || *scanner->at == '\'') {
        token->kind = MZ_TOKEN_STRING;
        skip_string(scanner);
    } else if (*scanner->at == '[' && long_bracket(scanner) >= 0) {
        token->kind = MZ_TOKEN_STRING;
        skip_long(scanner, long_bracket(scanner));
    } else {
        token->kind = MZ_TOKEN_OTHER;
        /* `==` must not look like the `=` behind a key. */
        bool twice = scanner->end - scanner->at >= 2 && scanner->at[1] == '=' &&
                     strchr("=<>~", *scanner->at) != NULL;
        scanner->at += twice ? 2 : 1;
        token->size = twice ? 2 : 1;
    }
    token->spot.width =
        token->spot.line == scanner->line ? (int)(scanner->at - start) : 1;
}
