/* Finding words in text of many scripts: one folded form for matching, and where a word
 * may begin and end. A place is found by plain search and then judged. */
#include <string.h>

#include "topics.h"

/* ---- characters ---- */

uint32_t code_at(struct mizan_slice text, size_t at, size_t *size)
{
    const unsigned char *c = (const unsigned char *)text.data + at;
    size_t left = at < text.size ? text.size - at : 0;
    uint32_t code = 0;
    *size = 1;
    if (left == 0) {
        *size = 0;
        return 0;
    }
    size_t more = c[0] < 0xc2   ? 0
                  : c[0] < 0xe0 ? 1
                  : c[0] < 0xf0 ? 2
                  : c[0] < 0xf5 ? 3
                                : 0;
    if (c[0] < 0x80) {
        return c[0];
    }
    if (more == 0 || left <= more) {
        return 0xfffd;
    }
    code = c[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((c[i] & 0xc0) != 0x80) {
            return 0xfffd;
        }
        code = code << 6 | (c[i] & 0x3fu);
    }
    *size = more + 1;
    return code;
}

uint32_t code_before(struct mizan_slice text, size_t at, size_t *size)
{
    size_t from = at, step;
    *size = 0;
    if (at == 0) {
        return 0;
    }
    do {
        from--;
    } while (from > 0 && at - from < 4 &&
             ((unsigned char)text.data[from] & 0xc0) == 0x80);
    uint32_t code = code_at(text, from, &step);
    *size = at - from;
    return code;
}

static size_t put_code(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

bool is_digit(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 0x660 && code <= 0x669) ||
           (code >= 0x6f0 && code <= 0x6f9) || (code >= 0xff10 && code <= 0xff19) ||
           (code >= 0x966 && code <= 0x96f);
}

bool is_letter(uint32_t code)
{
    if (code < 0x80) {
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    }
    return code >= 0xc0 && code != 0xd7 && code != 0xf7 &&
           !(code >= 0x2000 && code <= 0x2bff) && !(code >= 0x3000 && code <= 0x303f) &&
           !(code >= 0xff00 && code <= 0xff20) && !is_digit(code) && code != 0x60c &&
           code != 0x61b && code != 0x61f && code != 0x30fb;
}

/* Scripts that write without spaces: no word begins or ends that one could see. */
bool is_unspaced(uint32_t code)
{
    return (code >= 0x1100 && code <= 0x11ff) || (code >= 0x3040 && code <= 0x30ff) ||
           (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af);
}

static bool is_arabic(uint32_t code)
{
    return code >= 0x600 && code <= 0x6ff;
}

/* ---- folding ---- */

/* Marks that carry no meaning for matching: vowel signs, tatweel, joiners. */
static bool is_dropped(uint32_t code)
{
    return (code >= 0x64b && code <= 0x65f) || code == 0x670 || code == 0x640 ||
           (code >= 0x200b && code <= 0x200f) || code == 0xad || code == 0xfeff;
}

static uint32_t fold_pair(uint32_t code)
{
    static const uint32_t pairs[][2] = {
        {0x622, 0x627}, {0x623, 0x627}, {0x625, 0x627}, /* alef with hamza or madda */
        {0x649, 0x64a},                                 /* alef maqsura */
        {0x629, 0x647},                                 /* teh marbuta */
        {0x130, 'i'},   {0x178, 0xff},  {0x490, 0x491}, {0x2018, '\''}, {0x2019, '\''},
        {0x2bc, '\''},  {0x2011, '-'},  {0xa0, ' '},    {0x202f, ' '},  {0x3000, ' '},
        {'\n', ' '},    {'\r', ' '},    {'\t', ' '}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i][0] == code) {
            return pairs[i][1];
        }
    }
    return code;
}

static uint32_t fold_code(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z') ||
        (code >= 0xc0 && code <= 0xde && code != 0xd7) ||
        (code >= 0x410 && code <= 0x42f) || (code >= 0x391 && code <= 0x3a9)) {
        return code + 32;
    }
    if (code >= 0x400 && code <= 0x40f) {
        return code + 80;
    }
    uint32_t folded = fold_pair(code);
    if (folded != code) {
        return folded;
    }
    if (code >= 0x100 && code <= 0x17f && code != 0x131 && code != 0x138) {
        /* Capitals are even up to U+0137 and from U+014A on, odd in between. */
        bool odd_capitals =
            (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e);
        if ((code % 2 == 1) == odd_capitals) {
            return code + 1;
        }
    }
    return code;
}

size_t fold(struct mizan_slice text, char *out)
{
    size_t size = 0, step;
    for (size_t at = 0; at < text.size; at += step) {
        uint32_t code = code_at(text, at, &step);
        if (!is_dropped(code)) {
            size += put_code(fold_code(code), out + size);
        }
    }
    return size;
}

/* ---- where words begin and end ---- */

bool same_text(struct mizan_slice a, struct mizan_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool text_is(struct mizan_slice a, const char *b)
{
    return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

struct mizan_slice part_of(struct mizan_slice text, size_t from, size_t to)
{
    struct mizan_slice part = {text.data, 0};
    if (to > text.size) {
        to = text.size;
    }
    if (from < to) {
        part.data = text.data + from;
        part.size = to - from;
    }
    return part;
}

/* Particles that Arabic writes at the front of a word, folded. */
static bool is_arabic_front(struct mizan_slice front)
{
    static const char *const fronts[] = {"و",    "ف",   "ب",   "ل",  "ك",  "ال", "وال",
                                         "فال",  "بال", "كال", "لل", "ول", "وب", "ولل",
                                         "وبال", "فلل", "وك",  "فل", "فب", "س",  "وس"};
    for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
        if (text_is(front, fronts[i])) {
            return true;
        }
    }
    return false;
}

bool begins_word(struct mizan_slice text, size_t at)
{
    size_t step;
    uint32_t before = code_before(text, at, &step);
    if (step == 0 || !is_letter(before)) {
        return true;
    }
    uint32_t first = code_at(text, at, &step);
    if (is_unspaced(first)) {
        return true;
    }
    if (!is_arabic(first)) {
        return is_unspaced(before);
    }
    size_t from = at;
    for (;;) {
        uint32_t code = code_before(text, from, &step);
        if (step == 0 || !is_letter(code)) {
            break;
        }
        from -= step;
    }
    return is_arabic_front(part_of(text, from, at));
}

#define SHORT 4 /* letters: such words count only whole, longer ones are stems */

bool make_word(struct mizan_slice folded, struct word *out)
{
    size_t letters = 0, step;
    for (size_t at = 0; at < folded.size; at += step) {
        (void)code_at(folded, at, &step);
        letters++;
    }
    uint32_t last = code_before(folded, folded.size, &step);
    out->text = folded;
    out->open_end = letters > SHORT || is_unspaced(last) || is_arabic(last);
    return folded.size > 0;
}

static bool ends_word(struct mizan_slice text, size_t after, const struct word *word)
{
    size_t step;
    if (word->open_end) {
        return true;
    }
    uint32_t code = code_at(text, after, &step);
    return step == 0 || !is_letter(code) || is_unspaced(code);
}

size_t find_bytes(struct mizan_slice text, struct mizan_slice part, size_t from)
{
    while (part.size > 0 && from + part.size <= text.size) {
        const char *hit =
            memchr(text.data + from, part.data[0], text.size - from - part.size + 1);
        if (hit == NULL) {
            return NONE;
        }
        if (memcmp(hit, part.data, part.size) == 0) {
            return (size_t)(hit - text.data);
        }
        from = (size_t)(hit - text.data) + 1;
    }
    return NONE;
}

size_t find_word(struct mizan_slice text, const struct word *word, size_t from)
{
    for (;;) {
        size_t at = find_bytes(text, word->text, from);
        if (at == NONE ||
            (begins_word(text, at) && ends_word(text, at + word->text.size, word))) {
            return at;
        }
        from = at + 1;
    }
}

bool has_any(struct mizan_slice text, const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (find_word(text, &words->items[i], 0) != NONE) {
            return true;
        }
    }
    return false;
}
