#include "web/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "value/json.h"

void mz_html_text(struct mz_buffer *out, const char *text, size_t size)
{
    size_t plain = 0;
    for (size_t i = 0; i < size; i++) {
        const char *entity = NULL;
        switch (text[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            continue;
        }
        mz_buffer_add(out, text + plain, i - plain);
        mz_buffer_text(out, entity);
        plain = i + 1;
    }
    mz_buffer_add(out, text + plain, size - plain);
}

void mz_html_string(struct mz_buffer *out, const char *text)
{
    if (text != NULL) {
        mz_html_text(out, text, strlen(text));
    }
}

void mz_html_segment(struct mz_buffer *out, const char *text, size_t size)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\0' && strchr(plain, text[i]) != NULL) {
            mz_buffer_byte(out, text[i]);
        } else {
            mz_buffer_printf(out, "%%%02X", (unsigned)(unsigned char)text[i]);
        }
    }
}

/* Digits in groups of three. */
static void grouped(struct mz_buffer *out, double number)
{
    char digits[64];
    int length = snprintf(digits, sizeof digits, "%.0f", fabs(number));
    mz_buffer_text(out, number < 0 ? "-" : "");
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            mz_buffer_byte(out, ',');
        }
        mz_buffer_byte(out, digits[i]);
    }
}

void mz_html_number(struct mz_buffer *out, double number)
{
    static const struct {
        double size;
        const char *word;
    } scales[] = {{1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}};
    double size = fabs(number);
    for (size_t i = 0; i < sizeof scales / sizeof scales[0] && size < 1e15; i++) {
        double part = number / scales[i].size;
        if (size >= scales[i].size &&
            fabs(part * 1000 - round(part * 1000)) < 1e-6 * fabs(part)) {
            mz_buffer_printf(out, "%.15g %s", part, scales[i].word);
            return;
        }
    }
    if (size >= 1000 && size < 1e18 && fabs(number - round(number)) < 1e-9) {
        grouped(out, number);
    } else {
        mz_buffer_printf(out, "%.10g", number);
    }
}

void mz_html_value(struct mz_buffer *out, const struct mizan_value *value)
{
    char time[MZ_TIME_TEXT];
    struct mz_buffer json;
    switch (value->type) {
    case MIZAN_NIL:
        break;
    case MIZAN_TEXT:
    case MIZAN_DECIMAL:
        mz_html_text(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_INTEGER:
        mz_buffer_printf(out, "%lld", (long long)value->as.integer);
        break;
    case MIZAN_DOUBLE:
        mz_html_number(out, value->as.number);
        break;
    case MIZAN_TIME:
        mz_buffer_text(out, mz_time_format(value->as.integer, time));
        break;
    default:
        mz_buffer_init(&json, 1 << 20);
        mz_json_value(&json, value);
        mz_html_text(out, json.data == NULL ? "" : json.data, json.size);
        mz_buffer_finish(&json);
        break;
    }
}

bool mz_html_linkable(const char *text, size_t size)
{
    return (size > 7 && strncasecmp(text, "http://", 7) == 0) ||
           (size > 8 && strncasecmp(text, "https://", 8) == 0);
}
