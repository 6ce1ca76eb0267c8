#include "fold.h"

#include <string.h>

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_next(const unsigned char *text, size_t length, size_t at, uint32_t *code)
{
    const unsigned char *s = text + at;
    size_t left = length - at;
    unsigned char c = s[0];
    if (c < 0x80) {
        *code = c;
        return 1;
    }
    if (c >= 0xc2 && c < 0xe0 && left > 1 && continues(s[1])) {
        *code = (uint32_t)(c & 0x1f) << 6 | (s[1] & 0x3f);
        return 2;
    }
    if (c >= 0xe0 && c < 0xf0 && left > 2 && continues(s[1]) && continues(s[2])) {
        uint32_t x = (uint32_t)(c & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6;
        x |= s[2] & 0x3f;
        if (x >= 0x800 && (x < 0xd800 || x > 0xdfff)) {
            *code = x;
            return 3;
        }
    }
    if (c >= 0xf0 && c < 0xf5 && left > 3 && continues(s[1]) && continues(s[2]) &&
        continues(s[3])) {
        uint32_t x = (uint32_t)(c & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12;
        x |= (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
        if (x >= 0x10000 && x < 0x110000) {
            *code = x;
            return 4;
        }
    }
    *code = 0xfffd;
    return 1;
}

size_t utf8_put(uint32_t code, unsigned char *out)
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xc0 | code >> 6);
        out[1] = (unsigned char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (unsigned char)(0xe0 | code >> 12);
        out[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | code >> 18);
    out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (unsigned char)(0x80 | (code & 0x3f));
    return 4;
}

struct block {
    uint32_t first, last;
    uint8_t script;
};

/* in order of code points */
static const struct block blocks[] = {
    {0x0041, 0x005a, SCRIPT_LATIN},      {0x0061, 0x007a, SCRIPT_LATIN},
    {0x00aa, 0x00aa, SCRIPT_LATIN},      {0x00ba, 0x00ba, SCRIPT_LATIN},
    {0x00c0, 0x024f, SCRIPT_LATIN},      {0x0250, 0x02af, SCRIPT_LATIN},
    {0x0300, 0x036f, SCRIPT_OTHER},      {0x0370, 0x03ff, SCRIPT_GREEK},
    {0x0400, 0x052f, SCRIPT_CYRILLIC},   {0x0531, 0x058a, SCRIPT_ARMENIAN},
    {0x0591, 0x05f4, SCRIPT_HEBREW},     {0x0610, 0x06ff, SCRIPT_ARABIC},
    {0x0700, 0x074f, SCRIPT_OTHER},      {0x0750, 0x077f, SCRIPT_ARABIC},
    {0x0900, 0x0963, SCRIPT_DEVANAGARI}, {0x0970, 0x097f, SCRIPT_DEVANAGARI},
    {0x0980, 0x09f1, SCRIPT_BENGALI},    {0x0a00, 0x0a7f, SCRIPT_GURMUKHI},
    {0x0a80, 0x0aff, SCRIPT_GUJARATI},   {0x0b00, 0x0b7f, SCRIPT_OTHER},
    {0x0b80, 0x0bff, SCRIPT_TAMIL},      {0x0c00, 0x0c7f, SCRIPT_TELUGU},
    {0x0c80, 0x0cff, SCRIPT_KANNADA},    {0x0d00, 0x0d7f, SCRIPT_MALAYALAM},
    {0x0d80, 0x0dff, SCRIPT_SINHALA},    {0x0e01, 0x0e3e, SCRIPT_THAI},
    {0x0e40, 0x0e5b, SCRIPT_THAI},       {0x0e80, 0x0eff, SCRIPT_LAO},
    {0x0f00, 0x0fff, SCRIPT_OTHER},      {0x1000, 0x109f, SCRIPT_MYANMAR},
    {0x10a0, 0x10ff, SCRIPT_GEORGIAN},   {0x1100, 0x11ff, SCRIPT_HANGUL},
    {0x1200, 0x139f, SCRIPT_ETHIOPIC},   {0x13a0, 0x177f, SCRIPT_OTHER},
    {0x1780, 0x17da, SCRIPT_KHMER},      {0x17dc, 0x17ff, SCRIPT_KHMER},
    {0x1800, 0x1cff, SCRIPT_OTHER},      {0x1d00, 0x1eff, SCRIPT_LATIN},
    {0x1f00, 0x1fff, SCRIPT_GREEK},      {0x2c60, 0x2c7f, SCRIPT_LATIN},
    {0x2d00, 0x2d2f, SCRIPT_GEORGIAN},   {0x3005, 0x3007, SCRIPT_HAN},
    {0x3040, 0x30ff, SCRIPT_KANA},       {0x3105, 0x318f, SCRIPT_HANGUL},
    {0x31f0, 0x31ff, SCRIPT_KANA},       {0x3400, 0x4dbf, SCRIPT_HAN},
    {0x4e00, 0x9fff, SCRIPT_HAN},        {0xa720, 0xa7ff, SCRIPT_LATIN},
    {0xa8e0, 0xa8ff, SCRIPT_DEVANAGARI}, {0xac00, 0xd7ff, SCRIPT_HANGUL},
    {0xf900, 0xfaff, SCRIPT_HAN},        {0xfb1d, 0xfb4f, SCRIPT_HEBREW},
    {0xfb50, 0xfdfb, SCRIPT_ARABIC},     {0xfe70, 0xfefc, SCRIPT_ARABIC},
    {0xff21, 0xff3a, SCRIPT_LATIN},      {0xff41, 0xff5a, SCRIPT_LATIN},
    {0xff66, 0xff9f, SCRIPT_KANA},       {0x10000, 0x1ffff, SCRIPT_OTHER},
    {0x20000, 0x3ffff, SCRIPT_HAN},
};

/* The first code points of the digit rows that fold to ASCII. */
static const uint32_t digit_rows[] = {0x0660, 0x06f0, 0x0966, 0x09e6, 0x0a66, 0x0ae6,
                                      0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50,
                                      0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10};

static int digit_value(uint32_t code)
{
    if (code < 0x660) {
        return -1;
    }
    for (size_t i = 0; i < sizeof digit_rows / sizeof digit_rows[0]; i++) {
        if (code - digit_rows[i] < 10) {
            return (int)(code - digit_rows[i]);
        }
    }
    return -1;
}

script script_of(uint32_t code)
{
    size_t low = 0;
    size_t high = sizeof blocks / sizeof blocks[0];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > blocks[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < sizeof blocks / sizeof blocks[0] && code >= blocks[low].first) {
        return (script)blocks[low].script;
    }
    return SCRIPT_NONE;
}

bool is_word_code(uint32_t code)
{
    if (code < 0x80) {
        return (code | 0x20) - 'a' < 26;
    }
    if (code == 0xd7 || code == 0xf7 || code == 0x066a || code == 0x066b ||
        code == 0x066c || code == 0x066d || code == 0x06d4 || code == 0x060c ||
        code == 0x061b || code == 0x061f || code == 0x30fb || code == 0x0df4 ||
        code == 0x05be) {
        return false;
    }
    return script_of(code) != SCRIPT_NONE && digit_value(code) < 0;
}

bool is_upper_code(uint32_t code)
{
    if (code < 0x80) {
        return code - 'A' < 26;
    }
    if ((code >= 0xc0 && code < 0xdf && code != 0xd7) ||
        (code >= 0x391 && code <= 0x3a9) || (code >= 0x400 && code < 0x430) ||
        (code >= 0x531 && code <= 0x556)) {
        return true;
    }
    if (code >= 0x100 && code < 0x250) {
        return fold_code(code) != code;
    }
    if (code >= 0x1e00 && code < 0x1f00) {
        return (code & 1) == 0;
    }
    return code >= 0x460 && code < 0x530 && fold_code(code) != code;
}

/* Latin Extended-A and B: pairs of upper and lower case. */
static uint32_t fold_extended_latin(uint32_t code)
{
    if (code == 0x130 || code == 0x131) {
        return code == 0x130 ? 'i' : code;
    }
    if (code == 0x178) {
        return 0xff;
    }
    if (code == 0x17f) {
        return 's';
    }
    bool odd_upper =
        (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e);
    if (odd_upper) {
        return code & 1 ? code + 1 : code;
    }
    if (code < 0x180) {
        return code & 1 ? code : code + 1;
    }
    if (code == 0x18f) {
        return 0x259;
    }
    if (code == 0x1a0 || code == 0x1af) {
        return code + 1;
    }
    if (code >= 0x218 && code <= 0x21b) {
        return code < 0x21a ? 0x15f : 0x163; /* Romanian, with comma or cedilla */
    }
    return code >= 0x1de && code <= 0x233 && (code & 1) == 0 ? code + 1 : code;
}

static uint32_t fold_arabic(uint32_t code)
{
    switch (code) {
    case 0x0622:
    case 0x0623:
    case 0x0625:
    case 0x0671:
        return 0x0627;
    case 0x0624:
        return 0x0648;
    case 0x0626:
    case 0x0649:
    case 0x06cc:
    case 0x06d2:
        return 0x064a;
    case 0x0629:
    case 0x06c0:
    case 0x06c1:
    case 0x06be:
    case 0x06d5:
        return 0x0647;
    case 0x06a9:
        return 0x0643;
    case 0x060c:
        return ',';
    case 0x061b:
        return ';';
    case 0x061f:
        return '?';
    case 0x066a:
        return '%';
    case 0x066b:
        return FOLD_DECIMAL;
    case 0x066c:
        return FOLD_GROUP;
    case 0x0640:
    case 0x0670:
    case 0x061c:
        return FOLD_DROP;
    default:
        break;
    }
    if ((code >= 0x064b && code <= 0x065f) || (code >= 0x0610 && code <= 0x061a) ||
        (code >= 0x06d6 && code <= 0x06ed && code != 0x06dd)) {
        return FOLD_DROP;
    }
    return code;
}

static uint32_t fold_general_punctuation(uint32_t code)
{
    if (code >= 0x2000 && code <= 0x200a) {
        return ' ';
    }
    switch (code) {
    case 0x200b:
    case 0x200c:
    case 0x200d:
    case 0x200e:
    case 0x200f:
    case 0x2060:
        return FOLD_DROP;
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
    case 0x2043:
        return '-';
    case 0x223c:
        return FOLD_WAVE;
    case 0x2014:
    case 0x2015:
        return FOLD_DASH;
    case 0x2018:
    case 0x2019:
    case 0x201b:
        return '\'';
    case 0x2028:
    case 0x2029:
        return '\n';
    case 0x202f:
    case 0x205f:
        return ' ';
    case 0x2044:
        return '/';
    default:
        break;
    }
    if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
        return FOLD_DROP;
    }
    return code;
}

static uint32_t fold_wide(uint32_t code)
{
    if (code >= 0xff01 && code <= 0xff5e) {
        uint32_t narrow = code - 0xfee0;
        return narrow - 'A' < 26 ? narrow | 0x20 : narrow;
    }
    switch (code) {
    case 0x3000:
        return ' ';
    case 0x301c:
    case 0xff5e:
        return FOLD_WAVE;
    case 0xffe5:
        return 0xa5;
    case 0xffe1:
        return 0xa3;
    case 0xffe6:
        return 0x20a9;
    case 0xfe63:
        return '-';
    case 0xfe6a:
        return '%';
    case 0xfeff:
        return FOLD_DROP;
    default:
        return code;
    }
}

static uint32_t fold_greek_cyrillic(uint32_t code)
{
    if (code >= 0x391 && code <= 0x3a9) {
        return code + 0x20;
    }
    if (code >= 0x410 && code <= 0x42f) {
        return code + 0x20;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 0x50;
    }
    if ((code >= 0x460 && code <= 0x481) || (code >= 0x48a && code <= 0x4bf) ||
        (code >= 0x4d0 && code <= 0x52f)) {
        return code | 1;
    }
    switch (code) {
    case 0x386:
        return 0x3ac;
    case 0x388:
    case 0x389:
    case 0x38a:
        return code + 0x25;
    case 0x38c:
        return 0x3cc;
    case 0x38e:
    case 0x38f:
        return code + 0x3f;
    case 0x3c2:
        return 0x3c3;
    default:
        return code;
    }
}

static uint32_t fold_low(uint32_t code)
{
    if (code < 0xc0) {
        switch (code) {
        case 0xa0:
            return ' ';
        case 0xad:
            return FOLD_DROP;
        case 0xb4:
            return '\'';
        case 0xb5:
            return 0x3bc;
        default:
            return code;
        }
    }
    if (code < 0x100) {
        return code >= 0xc0 && code < 0xdf && code != 0xd7 ? code + 0x20 : code;
    }
    return fold_extended_latin(code);
}

/* Devanagari and Bengali: letters with a dot below are also written without it. Telugu
 * AI is also written as E with a length mark. */
static uint32_t fold_nukta(uint32_t code)
{
    static const uint16_t bases[] = {0x915, 0x916, 0x917, 0x91c,
                                     0x921, 0x922, 0x92b, 0x92f};
    if (code == 0x93c || code == 0x9bc) {
        return FOLD_DROP;
    }
    if (code >= 0x958 && code <= 0x95f) {
        return bases[code - 0x958];
    }
    if (code == 0x9dc || code == 0x9dd) {
        return code == 0x9dc ? 0x9a1 : 0x9a2;
    }
    if (code == 0xc48 || code == 0xc56) {
        return code == 0xc48 ? 0xc46 : FOLD_DROP;
    }
    return code == 0x9df ? 0x9af : code;
}

uint32_t fold_code(uint32_t code)
{
    if (code < 0x80) {
        if (code - 'A' < 26) {
            return code | 0x20;
        }
        return code == '\t' || code == '\r' || code == 0x0b || code == 0x0c ? ' '
                                                                            : code;
    }
    if (code < 0x250) {
        return fold_low(code);
    }
    int digit = digit_value(code);
    if (digit >= 0) {
        return (uint32_t)('0' + digit);
    }
    if (code >= 0x370 && code < 0x530) {
        return fold_greek_cyrillic(code);
    }
    if (code >= 0x531 && code <= 0x556) {
        return code + 0x30;
    }
    if (code >= 0x591 && code <= 0x5c7) {
        return code == 0x5be ? '-' : FOLD_DROP;
    }
    if (code >= 0x600 && code < 0x700) {
        return fold_arabic(code);
    }
    if (code >= 0x93c && code <= 0xc56) {
        return fold_nukta(code);
    }
    if (code >= 0x1e00 && code < 0x1f00) {
        return (code < 0x1e96 || code >= 0x1ea0) && (code & 1) == 0 ? code + 1 : code;
    }
    if (code >= 0x2000 && code < 0x2213) {
        return fold_general_punctuation(code);
    }
    return code >= 0x3000 ? fold_wide(code) : code;
}

script script_named(const char *name, size_t length)
{
    static const struct {
        char name[5];
        uint8_t script;
    } names[] = {{"Latn", SCRIPT_LATIN},     {"Cyrl", SCRIPT_CYRILLIC},
                 {"Arab", SCRIPT_ARABIC},    {"Hebr", SCRIPT_HEBREW},
                 {"Grek", SCRIPT_GREEK},     {"Deva", SCRIPT_DEVANAGARI},
                 {"Beng", SCRIPT_BENGALI},   {"Hang", SCRIPT_HANGUL},
                 {"Kore", SCRIPT_HANGUL},    {"Hani", SCRIPT_HAN},
                 {"Hans", SCRIPT_HAN},       {"Hant", SCRIPT_HAN},
                 {"Kana", SCRIPT_KANA},      {"Jpan", SCRIPT_KANA},
                 {"Thai", SCRIPT_THAI},      {"Laoo", SCRIPT_LAO},
                 {"Mymr", SCRIPT_MYANMAR},   {"Khmr", SCRIPT_KHMER},
                 {"Geor", SCRIPT_GEORGIAN},  {"Armn", SCRIPT_ARMENIAN},
                 {"Ethi", SCRIPT_ETHIOPIC},  {"Taml", SCRIPT_TAMIL},
                 {"Telu", SCRIPT_TELUGU},    {"Knda", SCRIPT_KANNADA},
                 {"Mlym", SCRIPT_MALAYALAM}, {"Gujr", SCRIPT_GUJARATI},
                 {"Guru", SCRIPT_GURMUKHI},  {"Sinh", SCRIPT_SINHALA}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (length == 4 && memcmp(names[i].name, name, 4) == 0) {
            return (script)names[i].script;
        }
    }
    return length == 4 ? SCRIPT_OTHER : SCRIPT_NONE;
}

/* True where a zero-width non-joiner stands between letters of the Arabic script, where
 * Persian writes it instead of a blank. */
static bool is_joiner_blank(uint32_t code, uint32_t before)
{
    return code == 0x200c && script_of(before) == SCRIPT_ARABIC;
}

size_t fold_text(const unsigned char *text, size_t length, unsigned char *out,
                 size_t room, uint32_t *map)
{
    size_t used = 0;
    uint32_t before = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t step = utf8_next(text, length, at, &code);
        uint32_t folded = is_joiner_blank(code, before) ? ' ' : fold_code(code);
        before = code;
        bool blank_again = folded == ' ' && used > 0 && out[used - 1] == ' ';
        if (folded != FOLD_DROP && !blank_again) {
            if (room - used < 4) {
                return (size_t)-1;
            }
            size_t bytes = utf8_put(folded, out + used);
            for (size_t i = 0; map && i < bytes; i++) {
                map[used + i] = (uint32_t)at;
            }
            used += bytes;
        }
        at += step;
    }
    if (map) {
        map[used] = (uint32_t)length;
    }
    return used;
}
