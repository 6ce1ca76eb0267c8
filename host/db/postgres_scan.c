/* A look at the text of a statement: places, number of statements, functions called.
 * It reads the lexical forms of PostgreSQL: strings, dollar quotes, quoted names,
 * nested remarks. What SQL of users may do is decided by the server's read-only
 * transaction; the list here keeps away functions that do something else all the same.
 */
#include "db/postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const reading_words[] = {"select", "values", "table", "explain"};

/* Functions that reach files, other sessions, settings or other databases, wait, or run
 * a text as SQL. A name that ends with '*' stands for all that begin so. */
static const char *const refused_functions[] = {
    "pg_*",           "lo_*",          "dblink*",          "set_config",
    "nextval",        "setval",        "currval",          "lastval",
    "query_to_xml*",  "table_to_xml*", "schema_to_xml*",   "database_to_xml*",
    "cursor_to_xml*", "ts_stat",       "binary_upgrade_*", "file_fdw*",
    "txid_*",         "loread",        "lowrite",          "inet_server_*"};
static const char *const harmless_functions[] = {"pg_typeof", "pg_column_size",
                                                 "pg_size_pretty"};

static bool is_word_start(char byte)
{
    return isalpha((unsigned char)byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_word(char byte)
{
    return is_word_start(byte) || isdigit((unsigned char)byte) || byte == '$';
}

/* Each of these returns the byte behind the form that begins at `at`. */

static const char *skip_remark(const char *at)
{
    int depth = 1;

    if (at[0] == '-') {
        return at + strcspn(at, "\n");
    }
    at += 2;
    while (*at != '\0' && depth > 0) {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            depth--;
            at += 2;
        } else {
            at++;
        }
    }
    return at;
}

static const char *skip_quoted(const char *at, bool escapes)
{
    char quote = *at++;

    while (*at != '\0') {
        if (escapes && at[0] == '\\' && at[1] != '\0') {
            at += 2;
        } else if (*at == quote && at[1] == quote) {
            at += 2;
        } else if (*at++ == quote) {
            break;
        }
    }
    return at;
}

/* NULL when no dollar quote begins here. */
static const char *skip_dollars(const char *at)
{
    const char *tag_end = at + 1;
    size_t size;

    if (*tag_end != '$' && !is_word_start(*tag_end)) {
        return NULL;
    }
    while (*tag_end != '$' && is_word(*tag_end)) {
        tag_end++;
    }
    if (*tag_end != '$') {
        return NULL;
    }
    size = (size_t)(tag_end + 1 - at);
    for (const char *end = tag_end + 1; *end != '\0'; end++) {
        if (strncmp(end, at, size) == 0) {
            return end + size;
        }
    }
    return at + strlen(at);
}

static const char *skip_space(const char *at)
{
    for (;;) {
        if (*at != '\0' && strchr(" \t\r\n\f\v", *at) != NULL) {
            at++;
        } else if ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*')) {
            at = skip_remark(at);
        } else {
            return at;
        }
    }
}

static bool is_listed(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(list[i]);
        bool prefix = list[i][size - 1] == '*';

        if (prefix ? strncasecmp(word, list[i], size - 1) == 0
                   : strcasecmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void look_at_call(const char *word, struct mz_sql_scan *out)
{
    if (out->refused[0] == '\0' &&
        is_listed(word, refused_functions, MZ_COUNT(refused_functions)) &&
        !is_listed(word, harmless_functions, MZ_COUNT(harmless_functions))) {
        (void)snprintf(out->refused, sizeof out->refused, "%s", word);
    }
}

void mz_sql_word(const char *sql, size_t offset, char *out, size_t size)
{
    const char *at = sql + offset;
    bool quoted = *at == '"';
    size_t used = 0;

    at += quoted ? 1 : 0;
    while (used + 1 < size && *at != '\0' && (quoted ? *at != '"' : is_word(*at))) {
        out[used++] = *at++;
    }
    out[used] = '\0';
}

static const char *take_place(const char *at, struct mz_sql_scan *out)
{
    size_t number = 0;

    for (at++; isdigit((unsigned char)*at); at++) {
        number = number < MZ_POSTGRES_PLACES * 10 ? number * 10 + (size_t)(*at - '0')
                                                  : number;
    }
    if (number > out->places) {
        out->places = number;
    }
    if (number >= 1 && number <= MZ_POSTGRES_PLACES) {
        out->used[number - 1] = true;
    }
    return at;
}

/* A word, a quoted name, or a string with a letter before it: E'…', U&"…". */
static const char *take_word(const char *at, struct mz_sql_scan *out)
{
    char word[128];
    const char *end = at;

    if (*at == '"') {
        end = skip_quoted(at, false);
    } else {
        while (is_word(*end)) {
            end++;
        }
        if (end - at == 1 && (*at == 'e' || *at == 'E') && *end == '\'') {
            return skip_quoted(end, true);
        }
        if (end - at == 1 && (*at == 'u' || *at == 'U') && end[0] == '&' &&
            (end[1] == '"' || end[1] == '\'')) {
            /* A name in escapes could be any. */
            (void)snprintf(out->refused, sizeof out->refused, "U&");
            return skip_quoted(end + 1, false);
        }
    }
    mz_sql_word(at, 0, word, sizeof word);
    if (*skip_space(end) == '(') {
        look_at_call(word, out);
    }
    return end;
}

static const char *take_token(const char *at, struct mz_sql_scan *out)
{
    if (*at == '\'') {
        return skip_quoted(at, false);
    }
    if (*at == '"' || is_word_start(*at)) {
        return take_word(at, out);
    }
    if (*at == '$' && isdigit((unsigned char)at[1])) {
        return take_place(at, out);
    }
    if (*at == '$') {
        const char *end = skip_dollars(at);

        return end != NULL ? end : at + 1;
    }
    while (isdigit((unsigned char)*at)) {
        if (!is_word(at[1])) {
            return at + 1;
        }
        at++;
    }
    return at + 1;
}

void mz_sql_scan(const char *sql, struct mz_sql_scan *out)
{
    const char *at = skip_space(sql);
    bool inside = false;
    char first[16];

    memset(out, 0, sizeof *out);
    while (*at == '(') {
        at = skip_space(at + 1);
    }
    mz_sql_word(at, 0, first, sizeof first);
    out->reads = is_listed(first, reading_words, MZ_COUNT(reading_words));
    out->with = strcasecmp(first, "with") == 0;
    for (at = skip_space(sql); *at != '\0'; at = skip_space(at)) {
        if (*at == ';') {
            inside = false;
            at++;
            continue;
        }
        out->statements += inside ? 0 : 1;
        inside = true;
        at = take_token(at, out);
    }
}
