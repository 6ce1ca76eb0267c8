/* Texts of cells: numbers, units, brackets. */
#include <string.h>

#include "table.h"

#define UNIT_BYTES     48 /* a longer text in brackets is a remark */
#define LETTERS_BEFORE 4  /* the first digit: "US$5", "EUR 12", "c. 40" */
#define LETTERS_MOST   14 /* beside a number: longer words make a sentence */

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct table_slice table_trim(struct table_slice text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

/* Bytes that begin a digit of another script: Arabic-Indic, Persian, wide. */
static bool begins_digit(const unsigned char *p, size_t left)
{
    if (p[0] >= '0' && p[0] <= '9') {
        return true;
    }
    if (left >= 2 && p[0] == 0xd9 && p[1] >= 0xa0 && p[1] <= 0xa9) {
        return true;
    }
    if (left >= 2 && p[0] == 0xdb && p[1] >= 0xb0 && p[1] <= 0xb9) {
        return true;
    }
    return left >= 3 && p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x90 && p[2] <= 0x99;
}

bool table_is_numeric(struct table_slice text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (begins_digit(p + i, text.size - i)) {
            digits++;
        } else if (((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z') ||
                   (p[i] >= 0xc3 && p[i] != 0xe2 && p[i] != 0xef)) {
            letters++; /* dashes, blanks and signs of currencies are none */
            if (digits == 0 && letters > LETTERS_BEFORE) {
                return false;
            }
        }
    }
    return digits > 0 && letters <= LETTERS_MOST && letters <= 4 * digits + 2;
}

static bool same_letters(const char *text, const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
        if (c != word[i]) {
            return false;
        }
    }
    return true;
}

/* Words and signs that make a short text a unit. */
static bool names_unit(struct table_slice text)
{
    static const char *const words[] = {
        "%",        "‰",         "€",          "$",       "£",         "¥",
        "₽",      "₺",         "₹",          "₴",       "million",   "billion",
        "thousand", "mio",       "mrd",        "tsd",     "tausend",   "milliard",
        "millones", "miles",     "milliers",   "milioni", "migliaia",  "milhões",
        "milhares", "milyon",    "milyar",     "bin ",    "euro",      "dollar",
        "usd",      "eur",       "gbp",        "chf",     "pound",     "yen",
        "lira",     "tonne",     "tons",       "tonnen",  "toneladas", "tonnellate",
        "kg",       "km",        "hectare",    "hektar",  "mw",        "gwh",
        "kwh",      "litre",     "liter",      "barrel",  "percent",   "per cent",
        "prozent",  "pour cent", "por ciento", "per 100", "je 100",    "млн",
        "млрд",     "тыс",       "руб",        "тонн",    "процент",   "مليون",
        "مليار",    "ألف",       "الف",        "دولار",   "ريال",      "طن",
        "بالمئة",   "بالألف",    "میلیون",     "هزار",    "تومان",     "درصد",
        "אלפי",     "מיליון",    "ש\"ח",       "万",      "億",        "亿",
        "元",       "円",        "千",         "人",      "吨",        "만",
        "억",       "천",        "원",         "명",      "years",     "jahre",
        "°c",       "persons",   "personen",   "1,000",   "1.000",     "1000",
        "'000",     "mln",       "tys"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t size = strlen(words[i]);
        for (size_t at = 0; at + size <= text.size; at++) {
            bool begins = at == 0 || (text.data[at - 1] | 0x20) < 'a' ||
                          (text.data[at - 1] | 0x20) > 'z';
            if ((begins || size == 1) && same_letters(text.data + at, words[i], size)) {
                return true;
            }
        }
    }
    return false;
}

static struct table_slice without_in(struct table_slice text)
{
    static const char *const words[] = {"in ", "en ", "em ", "w ", "в ", "i "};
    text = table_trim(text);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t size = strlen(words[i]);
        if (text.size > size && same_letters(text.data, words[i], size)) {
            text.data += size;
            text.size -= size;
            break;
        }
    }
    return table_trim(text);
}

/* Where the last pair of brackets stands; false when there is none. */
static bool find_brackets(struct table_slice head, size_t *open, size_t *close)
{
    for (size_t i = head.size; i-- > 0;) {
        if (head.data[i] == ')' || head.data[i] == ']') {
            *close = i;
            for (size_t k = i; k-- > 0;) {
                if (head.data[k] == '(' || head.data[k] == '[') {
                    *open = k;
                    return true;
                }
            }
            return false;
        }
    }
    return false;
}

struct table_slice table_unit_of(struct table_slice head)
{
    struct table_slice none = {NULL, 0};
    size_t open, close;
    if (find_brackets(head, &open, &close)) {
        struct table_slice inside = {head.data + open + 1, close - open - 1};
        inside = without_in(inside);
        return inside.size > 0 && inside.size <= UNIT_BYTES && names_unit(inside)
                   ? inside
                   : none;
    }
    for (size_t i = head.size;
         i-- > 1;) { /* "Exports, in million euros", "Price in €" */
        struct table_slice tail = {head.data + i, head.size - i};
        bool comma = head.data[i - 1] == ',';
        bool in = head.data[i - 1] == ' ' && without_in(tail).size + 1 < tail.size;
        tail = without_in(tail);
        if ((comma || in) && tail.size <= UNIT_BYTES) {
            return names_unit(tail) ? tail : none;
        }
    }
    struct table_slice bare = without_in(head); /* "in %", or a sign alone */
    bool alone = bare.size < head.size ? bare.size <= UNIT_BYTES : bare.size <= 3;
    return alone && names_unit(bare) ? bare : none;
}

struct table_slice table_without_unit(const struct table_memory *memory,
                                      struct table_slice head)
{
    size_t open, close;
    struct table_slice unit = table_unit_of(head);
    if (unit.size == 0 || !find_brackets(head, &open, &close) ||
        unit.data < head.data + open) {
        return head;
    }
    char *out = memory->allocate(memory->user, head.size + 1);
    if (out == NULL) {
        return head;
    }
    memcpy(out, head.data, open);
    memcpy(out + open, head.data + close + 1, head.size - close - 1);
    struct table_slice rest = {out, head.size - (close + 1 - open)};
    rest = table_trim(rest);
    return rest.size > 0 ? rest : head;
}

bool table_grow(const struct table_memory *memory, void **items, size_t *room,
                size_t count, size_t extra, size_t size)
{
    if (count + extra <= *room) {
        return true;
    }
    size_t wanted = *room > 0 ? 2 * *room : 64;
    wanted = wanted < count + extra ? count + extra : wanted;
    void *grown = memory->allocate(memory->user, wanted * size);
    if (grown == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(grown, *items, count * size);
    }
    *items = grown;
    *room = wanted;
    return true;
}
