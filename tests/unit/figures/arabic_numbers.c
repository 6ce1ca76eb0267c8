#include "arabic_numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *out;
    size_t used, room;
};

static void put(struct text *text, const char *piece)
{
    size_t length = strlen(piece);
    if (text->used + length < text->room) {
        memcpy(text->out + text->used, piece, length + 1);
        text->used += length;
    }
}

/* Joins the parts of a number: `و` is written onto the next part. */
static void put_and(struct text *text, bool *first)
{
    if (!*first) {
        put(text, " و");
    }
    *first = false;
}

static const char *const masculine_digits[] = {"صفر",    "واحد", "اثنان", "ثلاثة",
                                               "أربعة",  "خمسة", "ستة",   "سبعة",
                                               "ثمانية", "تسعة", "عشرة"};
static const char *const feminine_digits[] = {"صفر",   "واحدة", "اثنتان", "ثلاث",
                                              "أربع",  "خمس",   "ست",     "سبع",
                                              "ثماني", "تسع",   "عشر"};

static const char *digit_word(unsigned digit, bool feminine, bool oblique)
{
    if (digit == 2 && oblique) {
        return feminine ? "اثنتين" : "اثنين";
    }
    return feminine ? feminine_digits[digit] : masculine_digits[digit];
}

static void put_teen(struct text *text, unsigned number, bool feminine, bool oblique)
{
    if (number == 11) {
        put(text, feminine ? "إحدى عشرة" : "أحد عشر");
    } else if (number == 12) {
        put(text, feminine ? (oblique ? "اثنتي عشرة" : "اثنتا عشرة")
                           : (oblique ? "اثني عشر" : "اثنا عشر"));
    } else {
        put(text, digit_word(number - 10, feminine, oblique));
        put(text, feminine ? " عشرة" : " عشر");
    }
}

static void put_below_hundred(struct text *text, unsigned number, bool feminine,
                              bool oblique)
{
    static const char *const stems[] = {"عشر", "ثلاث", "أربع", "خمس",
                                        "ست",  "سبع",  "ثمان", "تسع"};
    if (number <= 10) {
        put(text, digit_word(number, feminine, oblique));
    } else if (number < 20) {
        put_teen(text, number, feminine, oblique);
    } else {
        if (number % 10) {
            put(text, digit_word(number % 10, feminine, oblique));
            put(text, " و");
        }
        put(text, stems[number / 10 - 2]);
        put(text, oblique ? "ين" : "ون");
    }
}

static void put_hundreds(struct text *text, unsigned hundreds,
                         const struct arabic_style *style, bool construct)
{
    static const char *const stems[] = {"ثلاث", "أربع", "خمس", "ست",
                                        "سبع",  "ثمان", "تسع"};
    const char *stem = style->old_mia ? "مائ" : "مئ";
    if (hundreds == 2) {
        put(text, stem);
        put(text, style->oblique ? "تي" : "تا");
        put(text, construct ? "" : "ن");
        return;
    }
    if (hundreds > 2) {
        put(text, stems[hundreds - 3]);
        put(text, hundreds == 8 && style->apart ? "ي" : "");
        put(text, style->apart ? " " : "");
    }
    put(text, stem);
    put(text, "ة");
}

static void put_below_thousand(struct text *text, unsigned number, bool feminine,
                               const struct arabic_style *style, bool construct)
{
    bool first = true;
    if (number >= 100) {
        put_and(text, &first);
        put_hundreds(text, number / 100, style, construct && number % 100 == 0);
    }
    if (number % 100 || number == 0) {
        put_and(text, &first);
        put_below_hundred(text, number % 100, feminine, style->oblique);
    }
}

struct scale {
    uint64_t value;
    const char *one, *dual, *plural;
};

static struct scale scale_of(int power, const struct arabic_style *style)
{
    static const struct scale scales[] = {
        {1000, "ألف", "ألف", "آلاف"},
        {1000000, "مليون", "مليون", "ملايين"},
        {1000000000, "مليار", "مليار", "مليارات"},
        {1000000000000, "تريليون", "تريليون", "تريليونات"}};
    static const struct scale billion = {1000000000, "بليون", "بليون", "بلايين"};
    return power == 2 && style->billion ? billion : scales[power];
}

/* The scale word behind a number of it: plural after 3 to 10, accusative after 11 to
 * 99, else singular. */
static void put_scale_word(struct text *text, unsigned count, const struct scale *scale,
                           const struct arabic_style *style)
{
    unsigned last = count % 100;
    put(text, " ");
    if (last >= 3 && last <= 10) {
        put(text, scale->plural);
        return;
    }
    put(text, scale->one);
    if (last >= 11) {
        put(text, style->tanwin ? "ًا" : "ا");
    }
}

static void put_group(struct text *text, unsigned count, const struct scale *scale,
                      const struct arabic_style *style, bool last)
{
    if (count == 1) {
        put(text, scale->one);
    } else if (count == 2) {
        put(text, scale->dual);
        put(text, style->oblique ? "ي" : "ا");
        put(text, style->construct && last ? "" : "ن");
    } else {
        put_below_thousand(text, count, false, style, count % 100 == 0);
        put_scale_word(text, count, scale, style);
    }
}

static void drop_hamza(char *text)
{
    for (char *at = text; *at; at++) {
        bool alef = memcmp(at, "أ", 2) == 0 || memcmp(at, "إ", 2) == 0 ||
                    memcmp(at, "آ", 2) == 0;
        if (alef) {
            memcpy(at, "ا", 2);
        }
    }
}

size_t arabic_spell(uint64_t number, const struct arabic_style *style, char *out,
                    size_t room)
{
    struct text text = {out, 0, room};
    bool first = true;
    uint64_t rest = number;
    out[0] = '\0';
    for (int power = 3; power >= 0; power--) {
        struct scale scale = scale_of(power, style);
        unsigned count = (unsigned)(rest / scale.value);
        rest %= scale.value;
        if (count) {
            put_and(&text, &first);
            put_group(&text, count, &scale, style, rest == 0);
        }
    }
    if (rest || number == 0) {
        put_and(&text, &first);
        put_below_thousand(&text, (unsigned)rest, style->feminine, style,
                           style->construct);
    }
    if (style->no_hamza) {
        drop_hamza(out);
    }
    return text.used;
}

static void put_digits(struct text *text, uint64_t number, uint32_t zero)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (const char *digit = digits; *digit; digit++) {
        uint32_t code = zero + (uint32_t)(*digit - '0');
        char piece[3] = {(char)code, '\0', '\0'};
        if (code >= 0x80) {
            piece[0] = (char)(0xc0 | code >> 6);
            piece[1] = (char)(0x80 | (code & 0x3f));
        }
        put(text, piece);
    }
}

size_t arabic_mix(uint64_t number, const struct arabic_style *style, uint32_t zero,
                  char *out, size_t room)
{
    struct text text = {out, 0, room};
    out[0] = '\0';
    for (int power = 3; power >= 0; power--) {
        struct scale scale = scale_of(power, style);
        unsigned count = (unsigned)(number / scale.value);
        if (count == 0 || count > 999) {
            continue;
        }
        put_digits(&text, count, zero);
        put_scale_word(&text, count, &scale, style);
        uint64_t rest = number % scale.value;
        /* what is left is given in the next scale, or in units below a thousand */
        struct scale next = scale_of(power > 0 ? power - 1 : 0, style);
        if (power > 0 && rest / next.value > 0) {
            put(&text, " و");
            put_digits(&text, rest / next.value, zero);
            put_scale_word(&text, (unsigned)(rest / next.value), &next, style);
        } else if (power == 0 && rest) {
            put(&text, " و");
            put_digits(&text, rest, zero);
        }
        break;
    }
    if (text.used == 0) {
        put_digits(&text, number, zero);
    }
    if (style->no_hamza) {
        drop_hamza(out);
    }
    return text.used;
}
