/* Texts and numbers of JSON: the parts of the reader where exactness matters. */
#include "value/json_internal.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "value/decimal.h"
#include "value/decimal_internal.h"
#include "value/record.h"

enum mz_code mz_json_wrong(struct mz_json_reader *reader, const char *at,
                           const char *what)
{
    return mz_fail(reader->error, MZ_INPUT, "invalid JSON at byte %zu: %s",
                   (size_t)(at - reader->start), what);
}

enum mz_code mz_json_no_memory(struct mz_json_reader *reader)
{
    return mz_fail(reader->error, MZ_MEMORY,
                   "not enough memory for the JSON at byte %zu",
                   (size_t)(reader->at - reader->start));
}

bool mz_json_take(struct mz_json_reader *reader, char wanted)
{
    if (reader->at < reader->end && *reader->at == wanted) {
        reader->at += 1;
        return true;
    }
    return false;
}

/* Four hexadecimal digits behind the reader; false when they are not there. */
static bool take_hex(struct mz_json_reader *reader, uint32_t *value)
{
    uint32_t result = 0;
    if (reader->end - reader->at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char digit = reader->at[i];
        if (digit >= '0' && digit <= '9') {
            result = result << 4 | (uint32_t)(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            result = result << 4 | (uint32_t)(digit - 'a' + 10);
        } else if (digit >= 'A' && digit <= 'F') {
            result = result << 4 | (uint32_t)(digit - 'A' + 10);
        } else {
            return false;
        }
    }
    reader->at += 4;
    *value = result;
    return true;
}

/* Behind `\u`: one code unit, or two that are a surrogate pair. A surrogate without its
 * partner becomes U+FFFD (in mz_utf8_encode), and what follows it is read for itself.
 */
static bool take_unicode(struct mz_json_reader *reader, uint32_t *point)
{
    if (!take_hex(reader, point)) {
        return false;
    }
    if (*point < 0xD800 || *point > 0xDBFF || reader->end - reader->at < 6 ||
        reader->at[0] != '\\' || reader->at[1] != 'u') {
        return true;
    }
    const char *before = reader->at;
    uint32_t low = 0;
    reader->at += 2;
    if (take_hex(reader, &low) && low >= 0xDC00 && low <= 0xDFFF) {
        *point = 0x10000 + ((*point - 0xD800) << 10) + (low - 0xDC00);
    } else {
        reader->at = before;
    }
    return true;
}

/* Writes what the escape behind the backslash means; false when there is no such. */
static bool take_escape(struct mz_json_reader *reader, char **out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end) {
        return false;
    }
    char letter = *reader->at;
    if (letter == 'u') {
        uint32_t point = 0;
        reader->at += 1;
        if (!take_unicode(reader, &point)) {
            return false;
        }
        *out += mz_utf8_encode(point, *out);
        return true;
    }
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return false;
    }
    reader->at += 1;
    *(*out)++ = meanings[found - letters];
    return true;
}

/* The place behind the closing quote, or the end when there is none. */
static const char *find_close(const struct mz_json_reader *reader, size_t *invalid)
{
    const char *at = reader->at;
    *invalid = 0;
    while (at < reader->end && *at != '"') {
        size_t step = 1;
        if (*at == '\\') {
            step = 2;
        } else if ((unsigned char)*at >= 0x80) {
            step = mz_utf8_decode(at, (size_t)(reader->end - at), NULL);
            *invalid += step == 0 ? 1 : 0;
            step = step == 0 ? 1 : step;
        }
        at += step > (size_t)(reader->end - at) ? (size_t)(reader->end - at) : step;
    }
    return at;
}

/* One piece of a text: an escape, a character, or a byte that is none. */
static enum mz_code read_piece(struct mz_json_reader *reader, char **out)
{
    const char *at = reader->at;
    if (*at == '\\') {
        reader->at += 1;
        return take_escape(reader, out)
                   ? MZ_OK
                   : mz_json_wrong(reader, at, "an escape that does not exist");
    }
    if ((unsigned char)*at < 0x20) {
        return mz_json_wrong(reader, at, "a control character inside a text");
    }
    size_t length = mz_utf8_decode(at, (size_t)(reader->end - at), NULL);
    if (length == 0) {
        *out += mz_utf8_encode(0xFFFD, *out);
        reader->at += 1;
        return MZ_OK;
    }
    memcpy(*out, at, length);
    *out += length;
    reader->at += length;
    return MZ_OK;
}

/* Whether the byte stands for itself in a text: ASCII, no control, quote or backslash.
 */
static bool is_plain(char byte)
{
    return (signed char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Moves *at behind the bytes that stand for themselves, eight at a time while it can: a
 * byte of `odd` is not zero where one of the eight is something else, or may be. */
const char *mz_json_skip_plain(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t high = ones << 7;
    while (end - at >= 8) {
        uint64_t word = 0;
        memcpy(&word, at, sizeof word);
        uint64_t quote = word ^ (ones * '"');
        uint64_t slash = word ^ (ones * '\\');
        uint64_t odd = word | (word - ones * 0x20) | (quote - ones) | (slash - ones);
        if ((odd & high) != 0) {
            break;
        }
        at += 8;
    }
    while (at < end && is_plain(*at)) {
        at += 1;
    }
    return at;
}

/* Behind the opening quote, where something is not plain. No piece grows but a byte
 * that is not UTF-8, by two. */
static enum mz_code read_pieces(struct mz_json_reader *reader, struct mizan_slice *out)
{
    size_t invalid = 0;
    const char *opening = reader->at - 1;
    const char *close = find_close(reader, &invalid);
    if (close == reader->end) {
        return mz_json_wrong(reader, opening,
                             "the text that begins here is not closed");
    }
    size_t room = (size_t)(close - reader->at) + 2 * invalid + 1;
    char *text = mz_arena_alloc(reader->arena, room);
    if (text == NULL) {
        return mz_json_no_memory(reader);
    }
    char *end = text;
    while (reader->at < close) {
        size_t run = (size_t)(mz_json_skip_plain(reader->at, close) - reader->at);
        memcpy(end, reader->at, run);
        end += run;
        reader->at += run;
        if (reader->at == close) {
            break;
        }
        enum mz_code code = read_piece(reader, &end);
        if (code != MZ_OK) {
            return code;
        }
    }
    *end = '\0';
    reader->at = close + 1;
    *out = (struct mizan_slice){text, (size_t)(end - text)};
    return MZ_OK;
}

/* Behind the opening quote. */
enum mz_code mz_json_read_text(struct mz_json_reader *reader, struct mizan_slice *out)
{
    const char *close = mz_json_skip_plain(reader->at, reader->end);
    if (close == reader->end || *close != '"') {
        return read_pieces(reader, out);
    }
    size_t size = (size_t)(close - reader->at);
    const char *text = mz_arena_copy(reader->arena, reader->at, size);
    if (text == NULL) {
        return mz_json_no_memory(reader);
    }
    reader->at = close + 1;
    *out = (struct mizan_slice){text, size};
    return MZ_OK;
}

static size_t skip_digits(struct mz_json_reader *reader)
{
    const char *first = reader->at;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        reader->at += 1;
    }
    return (size_t)(reader->at - first);
}

/* Moves behind the number; *whole tells whether it has neither point nor exponent. */
static enum mz_code skip_number(struct mz_json_reader *reader, bool *whole)
{
    const char *first = reader->at;
    (void)mz_json_take(reader, '-');
    const char *digits = reader->at;
    size_t count = skip_digits(reader);
    if (count == 0) {
        return mz_json_wrong(reader, first, "expected a value");
    }
    if (count > 1 && *digits == '0') {
        return mz_json_wrong(reader, first, "a number with a leading zero");
    }
    *whole = true;
    if (mz_json_take(reader, '.')) {
        *whole = false;
        if (skip_digits(reader) == 0) {
            return mz_json_wrong(reader, first,
                                 "a number without digits behind its point");
        }
    }
    if (mz_json_take(reader, 'e') || mz_json_take(reader, 'E')) {
        *whole = false;
        if (!mz_json_take(reader, '+')) {
            (void)mz_json_take(reader, '-');
        }
        if (skip_digits(reader) == 0) {
            return mz_json_wrong(reader, first,
                                 "a number without digits in its exponent");
        }
    }
    return MZ_OK;
}

static bool to_integer(const char *digits, const char *end, int64_t *out)
{
    bool negative = *digits == '-';
    int64_t result = 0;
    for (digits += negative ? 1 : 0; digits < end; digits++) {
        int64_t digit = negative ? '0' - *digits : *digits - '0';
        if (__builtin_mul_overflow(result, INT64_C(10), &result) ||
            __builtin_add_overflow(result, digit, &result)) {
            return false;
        }
    }
    *out = result;
    return true;
}

/* The digits from `first` to the reader, in the canonical form. */
static enum mz_code read_decimal(struct mz_json_reader *reader, const char *first,
                                 struct mizan_value *out)
{
    struct mz_decimal decimal;
    char text[MZ_DECIMAL_TEXT];
    const char *digits = first;
    size_t size = (size_t)(reader->at - first);
    if (!mz_decimal_is_canonical(first, size)) {
        if (mz_decimal_parse(first, size, &decimal) != MZ_DECIMAL_OK) {
            return mz_json_wrong(
                reader, first,
                "a number with more than 38 digits, or an exponent beyond 400");
        }
        size = mz_decimal_format(decimal, text);
        digits = text;
    }
    const char *copy = mz_arena_copy(reader->arena, digits, size);
    if (copy == NULL) {
        return mz_json_no_memory(reader);
    }
    *out = mz_decimal_text(copy, size);
    return MZ_OK;
}

enum mz_code mz_json_read_number(struct mz_json_reader *reader, struct mizan_value *out)
{
    const char *first = reader->at;
    bool whole = false;
    int64_t integer = 0;
    enum mz_code code = skip_number(reader, &whole);
    if (code != MZ_OK) {
        return code;
    }
    if (whole && to_integer(first, reader->at, &integer)) {
        *out = mz_integer(integer);
        return MZ_OK;
    }
    return read_decimal(reader, first, out);
}
