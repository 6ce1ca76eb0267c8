#include "http_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void http_text_add(struct http_text *text, const char *data, size_t size)
{
    if (text->failed || size > HTTP_TEXT_MOST - text->size) {
        text->failed = true;
        return;
    }
    if (text->size + size + 1 > text->room) {
        size_t room = text->room == 0 ? 256 : text->room;
        while (room < text->size + size + 1) {
            room *= 2;
        }
        char *larger = malloc(room);
        if (larger == NULL) {
            text->failed = true;
            return;
        }
        if (text->size > 0) {
            memcpy(larger, text->data, text->size);
            explicit_bzero(text->data, text->size);
        }
        free(text->data);
        text->data = larger;
        text->room = room;
    }
    if (size > 0) {
        memcpy(text->data + text->size, data, size);
    }
    text->size += size;
    text->data[text->size] = '\0';
}

void http_text_string(struct http_text *text, const char *string)
{
    http_text_add(text, string, strlen(string));
}

void http_text_escaped(struct http_text *text, const char *data, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte < 0x80 && (isalnum(byte) || (byte != 0 && strchr("-._~", byte)))) {
            http_text_add(text, &data[i], 1);
        } else {
            const char coded[3] = {'%', digits[byte >> 4], digits[byte & 0xf]};
            http_text_add(text, coded, sizeof coded);
        }
    }
}

void http_text_base64(struct http_text *text, const char *data, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned long group = (unsigned long)(unsigned char)data[i] << 16;
        group |= left > 1 ? (unsigned long)(unsigned char)data[i + 1] << 8 : 0;
        group |= left > 2 ? (unsigned long)(unsigned char)data[i + 2] : 0;
        const char coded[4] = {letters[group >> 18 & 63], letters[group >> 12 & 63],
                               left > 1 ? letters[group >> 6 & 63] : '=',
                               left > 2 ? letters[group & 63] : '='};
        http_text_add(text, coded, sizeof coded);
    }
}

void http_text_finish(struct http_text *text)
{
    if (text->data != NULL) {
        explicit_bzero(text->data, text->room);
    }
    free(text->data);
    *text = (struct http_text){.data = NULL};
}
