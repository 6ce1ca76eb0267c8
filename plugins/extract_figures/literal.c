#include "reader.h"

#include <string.h>

enum { LITERAL_PARTS = 24, LITERAL_DIGITS = 64 };

/* Digits with the signs between them, before it is known what the signs mean. */
struct parts {
    char digits[LITERAL_DIGITS];
    uint8_t lengths[LITERAL_PARTS];     /* of the groups of digits */
    unsigned char signs[LITERAL_PARTS]; /* signs[i] stands before group i + 1 */
    uint32_t ends[LITERAL_PARTS];       /* folded end of each group */
    size_t count;
    size_t digit_count;
};

static bool is_digit(const unsigned char *text, size_t length, size_t at)
{
    return at < length && is_ascii_digit(text[at]);
}

static size_t digits_at(const unsigned char *text, size_t length, size_t at)
{
    size_t count = 0;
    while (is_digit(text, length, at + count)) {
        count++;
    }
    return count;
}

static bool is_number_sign(unsigned char byte)
{
    return byte == '.' || byte == ',' || byte == ' ' || byte == '\'' || byte == '_' ||
           byte == FOLD_DECIMAL || byte == FOLD_GROUP;
}

static bool is_group_only(unsigned char byte)
{
    return byte == ' ' || byte == '\'' || byte == '_' || byte == FOLD_GROUP;
}

static bool spaced_group(const unsigned char *text, size_t length, size_t at,
                         size_t run)
{
    return run <= 3 && length - at > 5 && text[at] == ' ' && text[at + 1] == ',' &&
           text[at + 2] == ' ' && digits_at(text, length, at + 3) == 3;
}

static bool spaced_point(const unsigned char *text, size_t length, size_t at,
                         size_t run)
{
    return run <= 3 && length - at > 3 && text[at] == ' ' && text[at + 1] == '.' &&
           text[at + 2] == ' ' && digits_at(text, length, at + 3) > 0;
}

/* Collects groups; a blank joins only a group of one to three digits to one of three.
 */
static void collect(const unsigned char *text, size_t length, struct parts *parts)
{
    size_t at = 0;
    parts->count = 0;
    parts->digit_count = 0;
    for (;;) {
        size_t run = digits_at(text, length, at);
        if (parts->digit_count + run > LITERAL_DIGITS) {
            parts->count = LITERAL_PARTS + 1;
            parts->ends[0] = (uint32_t)(at + run);
            return;
        }
        memcpy(parts->digits + parts->digit_count, text + at, run);
        parts->digit_count += run;
        parts->lengths[parts->count] = (uint8_t)run;
        at += run;
        parts->ends[parts->count++] = (uint32_t)at;
        /* `10 , 000`, `14 . 8`: a text whose signs were set apart */
        bool point = spaced_point(text, length, at, run);
        if (parts->count < LITERAL_PARTS &&
            (point || spaced_group(text, length, at, run))) {
            parts->signs[parts->count - 1] = point ? '.' : ',';
            at += 3;
            continue;
        }
        if (parts->count == LITERAL_PARTS || at >= length ||
            !is_number_sign(text[at])) {
            return;
        }
        size_t next = digits_at(text, length, at + 1);
        if (next == 0) {
            return;
        }
        bool strict = text[at] == ' ' || text[at] == '\'';
        if (strict && (next != 3 || run > 3 || (parts->count > 1 && run != 3))) {
            return;
        }
        if (strict && parts->count > 1 && parts->signs[parts->count - 2] != text[at]) {
            return;
        }
        parts->signs[parts->count - 1] = text[at];
        at++;
    }
}

/* 1,234,567 or 12,34,567: groups [first, end) with equal signs */
static bool is_grouping(const struct parts *parts, size_t first, size_t end)
{
    if (parts->lengths[first] > 3 || parts->lengths[end - 1] != 3) {
        return false;
    }
    bool threes = true;
    bool twos = parts->lengths[first] <= 2;
    for (size_t i = first + 1; i < end; i++) {
        if (parts->signs[i - 1] != parts->signs[first]) {
            return false;
        }
        threes = threes && parts->lengths[i] == 3;
        twos = twos && (parts->lengths[i] == 2 || i + 1 == end);
    }
    return threes || (twos && parts->signs[first] == ',');
}

static void fill(struct literal *literal, const struct parts *parts, size_t groups,
                 bool point)
{
    size_t digits = 0;
    for (size_t i = 0; i < groups; i++) {
        digits += parts->lengths[i];
    }
    size_t after = point ? parts->lengths[groups - 1] : 0;
    literal->value = decimal_parse(parts->digits, digits, after);
    literal->digits = (uint8_t)(digits - after);
    size_t zeros = 0;
    while (zeros < digits && parts->digits[zeros] == '0') {
        zeros++;
    }
    literal->significant = (uint8_t)(digits - zeros);
    if (!literal->value.set) {
        literal->flags |= LITERAL_NAME;
    }
    if (point) {
        literal->flags |= LITERAL_POINT;
    } else if (groups > 1) {
        literal->flags |= LITERAL_GROUPED;
    }
}

char decimal_habit(const struct reader *reader)
{
    return reader->decimal ? reader->decimal : reader->language->decimal;
}

/* One sign, once: `1,365` may be 1365 or 1.365. */
static void read_single(const struct reader *reader, const struct parts *parts,
                        bool money, struct literal *literal)
{
    unsigned char sign = parts->signs[0];
    bool grouping = parts->lengths[1] == 3 && parts->lengths[0] <= 3 &&
                    !(parts->lengths[0] == 1 && parts->digits[0] == '0');
    if (is_group_only(sign)) {
        fill(literal, parts, 2, false);
        return;
    }
    if (sign == FOLD_DECIMAL || !grouping) {
        fill(literal, parts, 2, true);
        return;
    }
    struct literal other = *literal;
    bool point = sign == (unsigned char)decimal_habit(reader);
    /* $10,000 and 100,000: nobody writes three decimals of money or of nothing */
    bool zeros = memcmp(parts->digits + parts->lengths[0], "000", 3) == 0;
    if (point && sign == ',' && !reader->decimal && (money || zeros)) {
        point = false;
    }
    fill(literal, parts, 2, point);
    fill(&other, parts, 2, !point);
    /* 15,000 is hardly 15 with three decimals of nothing */
    const char *last = parts->digits + parts->digit_count - 1;
    bool round = !point && last[0] == '0' && last[-1] == '0' &&
                 sign != (unsigned char)decimal_habit(reader);
    if (!reader->decimal && !round) {
        literal->alternative = other.value;
        literal->flags |= LITERAL_AMBIGUOUS;
    }
}

/* Returns how many of the groups belong to the literal. */
static size_t interpret(const struct reader *reader, const struct parts *parts,
                        bool money, struct literal *literal)
{
    size_t count = parts->count;
    if (count == 1) {
        fill(literal, parts, 1, false);
        return 1;
    }
    if (count == 2) {
        read_single(reader, parts, money, literal);
        return 2;
    }
    if (is_grouping(parts, 0, count)) {
        fill(literal, parts, count, false);
        return count;
    }
    unsigned char last = parts->signs[count - 2];
    bool differs = last != parts->signs[count - 3] && !is_group_only(last);
    if (differs && (count == 3 ? parts->lengths[1] == 3 && parts->lengths[0] <= 3
                               : is_grouping(parts, 0, count - 1))) {
        fill(literal, parts, count, true);
        return count;
    }
    bool dots = true;
    for (size_t i = 0; i + 1 < count; i++) {
        dots = dots && parts->signs[i] == '.';
    }
    if (dots) {
        fill(literal, parts, count, false);
        literal->flags |= LITERAL_NAME;
        return count;
    }
    /* a list such as 1,2,3 or 5.3,7: the first that makes sense by itself */
    bool decimal_first = parts->signs[0] == '.' && parts->signs[1] != '.';
    size_t take = decimal_first ? 2 : 1;
    fill(literal, parts, take, take == 2);
    return take;
}

static size_t code_fraction(const unsigned char *text, size_t length,
                            struct literal *literal)
{
    static const struct {
        uint16_t code;
        uint8_t numerator, denominator;
    } signs[] = {{0xbc, 1, 4},   {0xbd, 1, 2},   {0xbe, 3, 4},   {0x2153, 1, 3},
                 {0x2154, 2, 3}, {0x2155, 1, 5}, {0x2156, 2, 5}, {0x2157, 3, 5},
                 {0x2158, 4, 5}, {0x2159, 1, 6}, {0x215a, 5, 6}, {0x215b, 1, 8},
                 {0x215c, 3, 8}, {0x215d, 5, 8}, {0x215e, 7, 8}};
    uint32_t code = 0;
    size_t step = length > 0 && text[0] >= 0xc2 ? utf8_next(text, length, 0, &code) : 0;
    for (size_t i = 0; step && i < sizeof signs / sizeof signs[0]; i++) {
        if (signs[i].code == code) {
            literal->numerator = signs[i].numerator;
            literal->denominator = signs[i].denominator;
            return step;
        }
    }
    return 0;
}

/* `3/4` without digits or signs around it */
static size_t slash_fraction(const unsigned char *text, size_t length,
                             struct literal *literal)
{
    size_t above = digits_at(text, length, 0);
    if (above == 0 || above > 6 || above >= length || text[above] != '/') {
        return 0;
    }
    size_t below = digits_at(text, length, above + 1);
    size_t end = above + 1 + below;
    if (below == 0 || below > 6 || (end < length && text[end] == '/') ||
        (end + 1 < length && (text[end] == ',' || text[end] == '.') &&
         is_digit(text, length, end + 1))) {
        return 0;
    }
    literal->numerator = 0;
    literal->denominator = 0;
    for (size_t i = 0; i < above; i++) {
        literal->numerator = literal->numerator * 10 + (text[i] - '0');
    }
    for (size_t i = 0; i < below; i++) {
        literal->denominator = literal->denominator * 10 + (text[above + 1 + i] - '0');
    }
    return literal->denominator ? end : 0;
}

static void set_fraction(struct literal *literal, figures_decimal whole)
{
    figures_decimal part =
        decimal_divide(decimal_from(literal->numerator, 0), literal->denominator, 17);
    literal->value = decimal_add(whole, part);
    literal->flags |= LITERAL_FRACTION;
    literal->significant = 1;
    if (!decimal_is_zero(whole)) {
        literal->denominator = 0; /* 1 1/2 is a number, no ratio */
    }
}

static bool money_before(const unsigned char *whole, size_t at)
{
    size_t before = at > 0 && whole[at - 1] == ' ' ? at - 1 : at;
    return before > 0 && whole[before - 1] == '$';
}

/* One divided by `value`, rounded to 17 digits; unset if it has too many digits. */
static figures_decimal reciprocal(figures_decimal value)
{
    int places = value.exponent < 0 ? -value.exponent : 0;
    figures_decimal none = {{0}, 0, false, false};
    int64_t whole;
    if (!decimal_to_whole(decimal_multiply(value, decimal_from(1, places)), &whole) ||
        whole <= 0 || whole > UINT32_MAX) {
        return none;
    }
    return decimal_multiply(decimal_divide(decimal_from(1, 0), (uint32_t)whole, 17),
                            decimal_from(1, places));
}

/* `^6`, `^-1`: the value multiplied, or divided, by itself. */
static figures_decimal raise(figures_decimal base, int power, bool minus)
{
    figures_decimal value = decimal_from(1, 0);
    figures_decimal factor = minus ? reciprocal(base) : base;
    for (int i = 0; i < power && value.set; i++) {
        value = decimal_multiply(value, factor);
        if (minus && decimal_digits(value) > 17) {
            value = decimal_divide(value, 1, 17);
        }
    }
    return value;
}

/* `e10` or `^6` behind digits; returns where it ends, `at` if there is none. */
static size_t read_power(const unsigned char *text, size_t length, size_t at,
                         struct literal *literal)
{
    bool raised = at < length && text[at] == '^';
    size_t next = at + 1;
    if (!raised && !(at < length && text[at] == 'e')) {
        return at;
    }
    bool minus = next < length && text[next] == '-';
    next += minus || (next < length && text[next] == '+');
    if (raised && minus && next < length && text[next] == '-') {
        minus = false; /* minus minus */
        next++;
    }
    size_t run = digits_at(text, length, next);
    size_t end = next + run;
    /* a letter of an alphabet makes a name of it, a particle of another script does not
     */
    bool letter = end < length && (is_ascii_letter(text[end]) ||
                                   (text[end] >= 0xc3 && text[end] < 0xe0));
    if (run == 0 || run > 2 || letter) {
        return at;
    }
    int power = text[next] - '0';
    power = run == 2 ? power * 10 + (text[next + 1] - '0') : power;
    if (power > 30) {
        return at;
    }
    figures_decimal value =
        raised
            ? raise(literal->value, power, minus)
            : decimal_multiply(literal->value, decimal_from(1, minus ? -power : power));
    if (!value.set) {
        return at;
    }
    literal->value = value;
    literal->flags &= (uint8_t)~LITERAL_AMBIGUOUS;
    literal->flags |= LITERAL_POINT;
    return end;
}

/* `$20，300元`: a full-width comma behind ASCII digits is punctuation; among full-width
 * digits it groups. */
static void cut_at_wide_comma(const struct reader *reader, size_t at,
                              struct parts *parts)
{
    for (size_t i = 0; i + 1 < parts->count; i++) {
        const unsigned char *sign = reader->text + text_at(reader, at + parts->ends[i]);
        if (parts->signs[i] == ',' && *sign >= 0x80 && is_ascii_digit(sign[-1])) {
            parts->count = i + 1;
        }
    }
}

size_t read_literal(const struct reader *reader, const unsigned char *whole, size_t at,
                    size_t length, struct literal *literal)
{
    const unsigned char *text = whole + at;
    unsigned char before = at > 0 ? whole[at - 1] : ' ';
    memset(literal, 0, sizeof *literal);
    size_t end = code_fraction(text, length, literal);
    if (end == 0 && before != '/') {
        end = slash_fraction(text, length, literal);
    }
    if (end > 0) {
        set_fraction(literal, decimal_from(0, 0));
        return end;
    }
    struct parts parts;
    if (text[0] == '.' || text[0] == ',' || text[0] == FOLD_DECIMAL) { /* .5 */
        size_t run = digits_at(text, length, 1);
        run = run > 30 ? 30 : run;
        literal->value = decimal_parse((const char *)text + 1, run, run);
        literal->flags |= LITERAL_POINT;
        literal->significant = (uint8_t)run;
        return run + 1;
    }
    collect(text, length, &parts);
    if (parts.count > LITERAL_PARTS) {
        literal->flags |= LITERAL_NAME;
        return parts.ends[0];
    }
    cut_at_wide_comma(reader, at, &parts);
    bool list = before == ',' && at > 1 && is_digit(whole, at, at - 2);
    parts.count = list && parts.count > 1 && parts.signs[0] == ',' ? 1 : parts.count;
    size_t groups = interpret(reader, &parts, money_before(whole, at), literal);
    end = parts.ends[groups - 1];
    size_t power =
        literal->flags & LITERAL_NAME ? end : read_power(text, length, end, literal);
    if (power > end) {
        return power;
    }
    if (groups == 1 && end < length) {
        size_t blank = text[end] == ' ' ? 1 : 0;
        struct literal part = {0};
        size_t more = code_fraction(text + end + blank, length - end - blank, &part);
        if (more == 0 && blank) {
            more = slash_fraction(text + end + 1, length - end - 1, &part);
            more = part.numerator < part.denominator ? more : 0;
        }
        if (more > 0) {
            literal->numerator = part.numerator;
            literal->denominator = part.denominator;
            set_fraction(literal, literal->value);
            return end + blank + more;
        }
    }
    return end;
}

enum { EVIDENCE_BYTES = 1 << 18 };

void decide_decimal(struct reader *reader)
{
    size_t length = reader->length < EVIDENCE_BYTES ? reader->length : EVIDENCE_BYTES;
    const unsigned char *text = reader->text;
    int comma = 0;
    int point = 0;
    for (size_t at = 0; at < length;) {
        if (!is_ascii_digit(text[at])) {
            at = text_digit(text, at, length);
            continue;
        }
        struct parts parts;
        bool inside = at > 0 && (text[at - 1] == '.' || text[at - 1] == ',');
        collect(text + at, length - at, &parts);
        if (parts.count > LITERAL_PARTS) {
            at += parts.ends[0];
            continue;
        }
        at += parts.ends[parts.count - 1];
        if (parts.count < 2 || inside) {
            continue;
        }
        unsigned char last = parts.signs[parts.count - 2];
        bool grouped = is_grouping(&parts, 0, parts.count);
        if (parts.count == 2 && !is_group_only(last) && parts.lengths[1] < 3 &&
            parts.lengths[0] < 4) {
            /* 9,8 or 3.14; a clock time or a day and month look alike, so one vote */
            (last == ',' ? &comma : &point)[0] += 1;
        } else if (parts.count > 2 && grouped && (last == ',' || last == '.')) {
            (last == ',' ? &point : &comma)[0] += 4;
        } else if (parts.count > 2 && last != parts.signs[parts.count - 3] &&
                   (last == ',' || last == '.') &&
                   is_grouping(&parts, 0, parts.count - 1)) {
            (last == ',' ? &comma : &point)[0] += 4;
        }
    }
    if (reader->options->decimal) {
        reader->decimal = reader->options->decimal;
    } else if (comma > point + 1 || point > comma + 1) {
        reader->decimal = comma > point ? ',' : '.';
    }
}
