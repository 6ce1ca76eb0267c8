#include "json_span.h"

#include <string.h>

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) {
        at++;
    }
    return at;
}

/* Behind the closing quote of the text that opens at `at`, or NULL. */
static const char *skip_text(const char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\') {
            at++;
        } else if (*at == '"') {
            return at + 1;
        }
    }
    return NULL;
}

/* Behind the bracket that closes the one at `at`, or NULL. */
static const char *skip_brackets(const char *at, const char *end)
{
    char open[JSON_DEPTH];
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_text(at, end);
            if (at == NULL) {
                return NULL;
            }
            continue;
        }
        if (*at == '{' || *at == '[') {
            if (depth == JSON_DEPTH) {
                return NULL;
            }
            open[depth++] = *at == '{' ? '}' : ']';
        } else if (*at == '}' || *at == ']') {
            if (open[--depth] != *at) {
                return NULL;
            }
            if (depth == 0) {
                return at + 1;
            }
        }
        at++;
    }
    return NULL;
}

/* The value that begins at `at`, behind blanks; returns what follows it, or NULL. */
static const char *take_value(const char *at, const char *end, struct json_span *out)
{
    at = skip_blanks(at, end);
    const char *start = at;
    if (at == end) {
        return NULL;
    }
    if (*at == '"') {
        at = skip_text(at, end);
    } else if (*at == '{' || *at == '[') {
        at = skip_brackets(at, end);
    } else {
        while (at < end && *at != '\0' && strchr(" \t\r\n,:]}\"[{", *at) == NULL) {
            at++;
        }
        at = at == start ? NULL : at;
    }
    *out = (struct json_span){start, at == NULL ? 0 : (size_t)(at - start)};
    return at;
}

bool json_span_whole(const char *data, size_t size, struct json_span *out)
{
    const char *end = data + size;
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
    }
    const char *after = take_value(data, end, out);
    return after != NULL && skip_blanks(after, end) == end;
}

bool json_span_is_list(struct json_span value)
{
    return value.size > 0 && *value.data == '[';
}

bool json_items_next(struct json_items *items, struct json_span *out)
{
    const struct json_span list = items->list;
    if (!json_span_is_list(list)) {
        return false;
    }
    const char *end = list.data + list.size - 1;
    const char *at = items->at == NULL ? list.data + 1 : items->at;
    at = skip_blanks(at, end);
    if (items->at != NULL) {
        if (at == end || *at != ',') {
            return false;
        }
        at++;
    }
    items->at = take_value(at, end, out);
    return items->at != NULL;
}

/* ---- texts ---- */

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    char letter = (char)(byte | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool read_unit(const char *at, const char *end, unsigned long *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int digit = at + i < end ? hex_digit(at[i]) : -1;
        if (digit < 0) {
            return false;
        }
        *out = *out * 16 + (unsigned long)digit;
    }
    return true;
}

static void add_utf8(struct http_text *out, unsigned long code)
{
    char bytes[4];
    size_t size = 0;
    if (code < 0x80) {
        bytes[size++] = (char)code;
    } else if (code < 0x800) {
        bytes[size++] = (char)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        bytes[size++] = (char)(0xE0 | code >> 12);
        bytes[size++] = (char)(0x80 | (code >> 6 & 0x3F));
    } else {
        bytes[size++] = (char)(0xF0 | code >> 18);
        bytes[size++] = (char)(0x80 | (code >> 12 & 0x3F));
        bytes[size++] = (char)(0x80 | (code >> 6 & 0x3F));
    }
    if (code >= 0x80) {
        bytes[size++] = (char)(0x80 | (code & 0x3F));
    }
    http_text_add(out, bytes, size);
}

/* Behind "\u" at `at`; a lone surrogate becomes U+FFFD. Returns what follows. */
static const char *add_escaped(const char *at, const char *end, struct http_text *out)
{
    unsigned long code = 0;
    unsigned long low = 0;
    if (!read_unit(at, end, &code)) {
        return at;
    }
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' &&
        at[1] == 'u' && read_unit(at + 2, end, &low) && low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    } else if (code >= 0xD800 && code < 0xE000) {
        code = 0xFFFD;
    }
    add_utf8(out, code);
    return at;
}

static void add_text(struct json_span value, struct http_text *out)
{
    static const char names[] = "bfnrt";
    static const char bytes[] = "\b\f\n\r\t";
    const char *at = value.data + 1, *end = value.data + value.size - 1;
    while (at < end) {
        if (*at != '\\' || at + 1 == end) {
            http_text_add(out, at++, 1);
            continue;
        }
        char mark = at[1];
        const char *name = mark == '\0' ? NULL : strchr(names, mark);
        at += 2;
        if (mark == 'u') {
            at = add_escaped(at, end, out);
        } else {
            http_text_add(out, name != NULL ? &bytes[name - names] : &mark, 1);
        }
    }
}

bool json_span_text(struct json_span value, struct http_text *out)
{
    if (value.size == 0 || *value.data == '{' || *value.data == '[' ||
        (value.size == 4 && memcmp(value.data, "null", 4) == 0)) {
        return false;
    }
    if (*value.data == '"') {
        add_text(value, out);
    } else {
        http_text_add(out, value.data, value.size);
    }
    return !out->failed;
}

/* ---- pointers ---- */

/* The token at `pointer`, behind its slash, with ~0 and ~1 read. */
static const char *take_token(const char *pointer, struct http_text *token)
{
    const char *at = pointer + 1;
    for (; *at != '\0' && *at != '/'; at++) {
        if (at[0] == '~' && (at[1] == '0' || at[1] == '1')) {
            http_text_string(token, at[1] == '0' ? "~" : "/");
            at++;
        } else {
            http_text_add(token, at, 1);
        }
    }
    return at;
}

/* Of members with one name the last counts, as it does for whoever reads the rows. */
static bool find_member(struct json_span object, const char *name, size_t size,
                        struct json_span *out)
{
    const char *end = object.data + object.size - 1;
    const char *at = object.data + 1;
    bool found = false;
    while (at != NULL && (at = skip_blanks(at, end)) < end) {
        struct http_text key = {.data = NULL};
        struct json_span span = {NULL, 0};
        at = *at == '"' ? take_value(at, end, &span) : NULL;
        bool read = at != NULL && json_span_text(span, &key);
        at = read ? skip_blanks(at, end) : NULL;
        at = at != NULL && at < end && *at == ':' ? take_value(at + 1, end, &span)
                                                  : NULL;
        if (at != NULL && key.size == size &&
            (size == 0 || memcmp(key.data, name, size) == 0)) {
            *out = span;
            found = true;
        }
        http_text_finish(&key);
        at = at == NULL ? NULL : skip_blanks(at, end);
        at = at != NULL && at < end && *at == ',' ? at + 1 : NULL;
    }
    return found;
}

static bool find_item(struct json_span list, const char *token, struct json_span *out)
{
    struct json_items items = {.list = list};
    size_t index = 0;
    size_t length = strlen(token);
    if (length == 0 || length > 9 || strspn(token, "0123456789") != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        index = index * 10 + (size_t)(token[i] - '0');
    }
    for (size_t i = 0; i <= index; i++) {
        if (!json_items_next(&items, out)) {
            return false;
        }
    }
    return true;
}

bool json_span_find(struct json_span value, const char *pointer, struct json_span *out)
{
    bool found = value.size > 0;
    while (found && *pointer == '/') {
        struct http_text token = {.data = NULL};
        pointer = take_token(pointer, &token);
        const char *name = token.data == NULL ? "" : token.data;
        if (token.failed) {
            found = false;
        } else if (json_span_is_list(value)) {
            found = find_item(value, name, &value);
        } else {
            found = *value.data == '{' && find_member(value, name, token.size, &value);
        }
        http_text_finish(&token);
    }
    *out = value;
    return found && *pointer == '\0';
}
