#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql.h"

void sql_text_add(struct sql_text *text, const char *data, size_t size)
{
    if (text->failed || size > SIZE_MAX / 4 - text->size) {
        text->failed = true;
        return;
    }
    if (text->size + size + 1 > text->room) {
        size_t room = text->room == 0 ? 256 : text->room;
        while (room < text->size + size + 1) {
            room *= 2;
        }
        char *larger = realloc(text->data, room);
        if (larger == NULL) {
            text->failed = true;
            return;
        }
        text->data = larger;
        text->room = room;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    text->data[text->size] = '\0';
}

void sql_text_string(struct sql_text *text, const char *string)
{
    sql_text_add(text, string, strlen(string));
}

void sql_text_clear(struct sql_text *text)
{
    text->size = 0;
    if (text->data != NULL) {
        *text->data = '\0';
    }
}

void sql_text_finish(struct sql_text *text)
{
    free(text->data);
    *text = (struct sql_text){.data = NULL};
}

/* The length of the well-formed UTF-8 character at `at`, or 0. */
static size_t character(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char from, to, least, most; /* first byte; second byte */
        size_t size;
    } rows[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
                {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
                {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
                {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
                {0xF4, 0xF4, 0x80, 0x8F, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (*at < rows[i].from || *at > rows[i].to) {
            continue;
        }
        bool good =
            left >= rows[i].size &&
            (rows[i].size == 1 || (at[1] >= rows[i].least && at[1] <= rows[i].most));
        for (size_t k = 2; good && k < rows[i].size; k++) {
            good = (at[k] & 0xC0U) == 0x80U;
        }
        return good ? rows[i].size : 0;
    }
    return 0;
}

/* What is no UTF-8 becomes U+FFFD. */
void sql_json_text(struct sql_text *out, const char *data, size_t size)
{
    sql_text_string(out, "\"");
    for (size_t i = 0; i < size;) {
        size_t length = character((const unsigned char *)data + i, size - i);
        unsigned char byte = (unsigned char)data[i];
        if (length == 0) {
            sql_text_string(out, "\xEF\xBF\xBD");
            length = 1;
        } else if (byte == '"' || byte == '\\') {
            const char coded[2] = {'\\', data[i]};
            sql_text_add(out, coded, sizeof coded);
        } else if (byte < 0x20) {
            char coded[8];
            (void)snprintf(coded, sizeof coded, "\\u%04x", (unsigned)byte);
            sql_text_string(out, coded);
        } else {
            sql_text_add(out, data + i, length);
        }
        i += length;
    }
    sql_text_string(out, "\"");
}

void sql_json_bytes(struct sql_text *out, const char *data, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    sql_text_string(out, "\"");
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned long group = (unsigned long)(unsigned char)data[i] << 16;
        group |= left > 1 ? (unsigned long)(unsigned char)data[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned long)(unsigned char)data[i + 2] : 0;
        const char coded[4] = {letters[group >> 18 & 63], letters[group >> 12 & 63],
                               left > 1 ? letters[group >> 6 & 63] : '=',
                               left > 2 ? letters[group & 63] : '='};
        sql_text_add(out, coded, sizeof coded);
    }
    sql_text_string(out, "\"");
}

/* The shortest digits that give the same number again. */
void sql_json_double(struct sql_text *out, double number)
{
    char text[64] = "null";
    for (int digits = 15; isfinite(number) && digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (!(strtod(text, NULL) < number) && !(strtod(text, NULL) > number)) {
            break;
        }
    }
    sql_text_string(out, text);
}
