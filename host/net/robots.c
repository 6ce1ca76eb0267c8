#include "net/robots.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST     ((size_t)8 * 2083) /* bytes of a line that are looked at */
#define RULES_MOST    20000
#define SECONDS_MOST  INT64_C(1000000000)
#define SECONDS_SCALE 1000

struct rule {
    char *pattern; /* normalised */
    size_t size;
    bool allows;
};

/* The rules of groups that name somebody. */
struct group {
    struct rule *rules;
    size_t count, capacity;
    int64_t crawl_delay;
    bool named; /* a group of that name was there */
};

struct mz_robots {
    struct group own, all; /* for the product, for "*" */
};

/* One line's key and value. */
struct line {
    const char *key, *value;
    size_t key_size, value_size;
};

struct reading {
    struct mz_robots *robots;
    const char *product;
    bool for_own, for_all; /* whom the group at hand is for */
    bool has_rules;        /* it has rules: a name now begins another group */
    bool failed;
};

/* ---- patterns ---- */

static bool is_unreserved(int byte)
{
    return byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL) && byte != 0;
}

static int hexadecimal(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Bytes outside ASCII as %XX, %XX of what needs none as itself, digits upper case: two
 * spellings of one path become the same bytes. `out` has room for three times `size`
 * and a NUL. Returns the length. */
static size_t normalise(const char *text, size_t size, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        int byte = (unsigned char)text[i];
        int high = byte == '%' && i + 2 < size ? hexadecimal(text[i + 1]) : -1;
        int low = high >= 0 ? hexadecimal(text[i + 2]) : -1;
        bool coded = low >= 0;
        if (coded) {
            byte = high * 16 + low;
            i += 2;
        }
        if (coded ? is_unreserved(byte) : byte < 0x80) {
            out[used++] = (char)byte;
        } else {
            out[used++] = '%';
            out[used++] = digits[byte >> 4];
            out[used++] = digits[byte & 15];
        }
    }
    out[used] = '\0';
    return used;
}

/* Whether the pattern, `*` for anything and `$` at its end for the end, matches a
 * beginning of the path. */
static bool matches(const struct rule *rule, const char *path, size_t path_size)
{
    const char *pattern = rule->pattern;
    size_t size = rule->size;
    bool anchored = size > 0 && pattern[size - 1] == '$';
    size -= anchored;
    size_t p = 0, s = 0;
    size_t star = size, resume = 0; /* the last `*`, and where its text may end */
    while (s < path_size || p < size) {
        if (p == size && !anchored) {
            return true;
        }
        if (p < size && pattern[p] == '*') {
            star = p++;
            resume = s;
        } else if (p < size && s < path_size && pattern[p] == path[s]) {
            p++;
            s++;
        } else if (star < size && resume < path_size) {
            p = star + 1;
            s = ++resume;
        } else {
            return false;
        }
    }
    return true;
}

/* ---- reading ---- */

static void add_rule(struct reading *reading, struct group *group,
                     const struct line *line, bool allows)
{
    if (group->count == RULES_MOST || line->value_size == 0) {
        return;
    }
    if (group->count == group->capacity) {
        size_t capacity = group->capacity == 0 ? 16 : 2 * group->capacity;
        struct rule *rules = realloc(group->rules, capacity * sizeof *rules);
        if (rules == NULL) {
            reading->failed = true;
            return;
        }
        group->rules = rules;
        group->capacity = capacity;
    }
    struct rule *rule = &group->rules[group->count];
    rule->pattern = malloc(3 * line->value_size + 1);
    if (rule->pattern == NULL) {
        reading->failed = true;
        return;
    }
    rule->size = normalise(line->value, line->value_size, rule->pattern);
    rule->allows = allows;
    group->count++;
}

static void read_delay(struct group *group, const struct line *line)
{
    int64_t whole = 0, part = 0, scale = SECONDS_SCALE;
    size_t i = 0;
    for (; i < line->value_size && isdigit((unsigned char)line->value[i]); i++) {
        whole = whole < SECONDS_MOST ? whole * 10 + (line->value[i] - '0') : whole;
    }
    bool number = i > 0;
    if (i < line->value_size && line->value[i] == '.') {
        for (i++; i < line->value_size && isdigit((unsigned char)line->value[i]); i++) {
            scale /= 10;
            part += (line->value[i] - '0') * scale;
            number = true;
        }
    }
    if (number && i == line->value_size) {
        int64_t delay = whole * SECONDS_SCALE + part;
        group->crawl_delay = delay > group->crawl_delay ? delay : group->crawl_delay;
    } else if (i < line->value_size && i > 0 && strchr("eE", line->value[i]) != NULL) {
        /* 1e9: a number all the same, and far beyond any cap. */
        group->crawl_delay = SECONDS_MOST * SECONDS_SCALE;
    }
}

static void read_agent(struct reading *reading, const struct line *line)
{
    size_t token = 0;
    if (reading->has_rules) {
        reading->for_own = reading->for_all = reading->has_rules = false;
    }
    while (token < line->value_size &&
           (isalpha((unsigned char)line->value[token]) || line->value[token] == '-' ||
            line->value[token] == '_')) {
        token++;
    }
    if (line->value_size > 0 && line->value[0] == '*' &&
        (line->value_size == 1 || isspace((unsigned char)line->value[1]))) {
        reading->for_all = true;
        reading->robots->all.named = true;
    } else if (token == strlen(reading->product) &&
               strncasecmp(line->value, reading->product, token) == 0) {
        reading->for_own = true;
        reading->robots->own.named = true;
    }
}

static bool is_key(const struct line *line, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strlen(*names) == line->key_size &&
            strncasecmp(line->key, *names, line->key_size) == 0) {
            return true;
        }
    }
    return false;
}

static void read_line(struct reading *reading, const struct line *line)
{
    /* Spellings that are seen in the wild mean what they were to mean. */
    static const char *const agent[] = {"user-agent", "useragent", "user agent", NULL};
    static const char *const allow[] = {"allow", NULL};
    static const char *const disallow[] = {
        "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", NULL};
    static const char *const delay[] = {"crawl-delay", "crawldelay", NULL};
    bool allows = is_key(line, allow);
    if (is_key(line, agent)) {
        read_agent(reading, line);
        return;
    }
    bool is_delay = is_key(line, delay);
    bool is_rule = allows || is_key(line, disallow);
    struct group *const groups[] = {&reading->robots->own, &reading->robots->all};
    const bool wanted[] = {reading->for_own, reading->for_all};
    for (size_t i = 0; i < 2; i++) {
        if (wanted[i] && is_rule) {
            add_rule(reading, groups[i], line, allows);
        } else if (wanted[i] && is_delay) {
            read_delay(groups[i], line);
        }
    }
    reading->has_rules = reading->has_rules || is_rule;
}

static void trim(const char **text, size_t *size)
{
    while (*size > 0 && isspace((unsigned char)**text)) {
        ++*text;
        --*size;
    }
    while (*size > 0 && isspace((unsigned char)(*text)[*size - 1])) {
        --*size;
    }
}

/* Key and value of a line; a blank does for a colon that is missing. */
static bool split_line(const char *text, size_t size, struct line *line)
{
    const char *comment = memchr(text, '#', size);
    size = comment == NULL ? size : (size_t)(comment - text);
    trim(&text, &size);
    const char *colon = memchr(text, ':', size);
    if (colon == NULL) {
        size_t key = 0;
        while (key < size && !isspace((unsigned char)text[key])) {
            key++;
        }
        if (key == size) {
            return false;
        }
        colon = text + key;
    }
    line->key = text;
    line->key_size = (size_t)(colon - text);
    line->value = colon + 1;
    line->value_size = size - line->key_size - 1;
    trim(&line->key, &line->key_size);
    trim(&line->value, &line->value_size);
    return line->key_size > 0;
}

struct mz_robots *mz_robots_parse(const char *text, size_t size, const char *product)
{
    struct mz_robots *robots = calloc(1, sizeof *robots);
    struct reading reading = {.robots = robots, .product = product};
    if (robots == NULL) {
        return NULL;
    }
    size = size < MZ_ROBOTS_MOST ? size : MZ_ROBOTS_MOST;
    size_t at = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && !reading.failed) {
        size_t length = 0;
        struct line line;
        while (at + length < size && text[at + length] != '\n' &&
               text[at + length] != '\r') {
            length++;
        }
        if (split_line(text + at, length < LINE_MOST ? length : LINE_MOST, &line)) {
            read_line(&reading, &line);
        }
        at += length + 1;
    }
    if (reading.failed) {
        mz_robots_destroy(robots);
        return NULL;
    }
    return robots;
}

static void finish_group(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->rules[i].pattern);
    }
    free(group->rules);
}

void mz_robots_destroy(struct mz_robots *robots)
{
    if (robots != NULL) {
        finish_group(&robots->own);
        finish_group(&robots->all);
        free(robots);
    }
}

static const struct group *group_of(const struct mz_robots *robots)
{
    return robots->own.named ? &robots->own : &robots->all;
}

/* The rule that decides; NULL: none, so that all is allowed. False: out of memory. */
static bool find_rule(const struct mz_robots *robots, const char *target,
                      const struct rule **out)
{
    const struct group *group = group_of(robots);
    size_t size = strcspn(target, "#");
    *out = NULL;
    if (group->count == 0 || (size == 11 && memcmp(target, "/robots.txt", 11) == 0)) {
        return true;
    }
    char *path = malloc(3 * size + 2);
    if (path == NULL) {
        return false;
    }
    size = normalise(size == 0 ? "/" : target, size == 0 ? 1 : size, path);
    const struct rule *best = NULL;
    for (size_t i = 0; i < group->count; i++) {
        const struct rule *rule = &group->rules[i];
        bool better = best == NULL || rule->size > best->size ||
                      (rule->size == best->size && rule->allows && !best->allows);
        if (better && matches(rule, path, size)) {
            best = rule;
        }
    }
    free(path);
    *out = best;
    return true;
}

bool mz_robots_allows(const struct mz_robots *robots, const char *target)
{
    const struct rule *rule;
    return find_rule(robots, target, &rule) && (rule == NULL || rule->allows);
}

void mz_robots_explain(const struct mz_robots *robots, const char *target, char *out,
                       size_t size)
{
    const struct rule *rule;
    const char *whom = robots->own.named ? MZ_ROBOTS_PRODUCT : "all robots";
    if (!find_rule(robots, target, &rule)) {
        (void)snprintf(out, size, "not enough memory to say");
    } else if (rule == NULL) {
        (void)snprintf(out, size, "allowed: no rule for %s matches", whom);
    } else {
        (void)snprintf(out, size, "%s: %s %.*s (for %s)",
                       rule->allows ? "allowed" : "not allowed",
                       rule->allows ? "Allow:" : "Disallow:", (int)rule->size,
                       rule->pattern, whom);
    }
}

int64_t mz_robots_crawl_delay(const struct mz_robots *robots)
{
    return group_of(robots)->crawl_delay;
}
