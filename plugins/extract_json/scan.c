#include "scan.h"

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MOST_DIGITS   38
#define MOST_EXPONENT 308

static bool wrong(struct json_scan *scan, const char *at, const char *what)
{
    scan->at = at;
    scan->wrong = what;
    return false;
}

void json_blanks(struct json_scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' ||
                                    *scan->at == '\t' || *scan->at == '\r')) {
        scan->at++;
    }
}

/* ---- texts ---- */

static bool is_plain(char byte)
{
    return (signed char)byte >= 0x20 && byte != '"' && byte != '\\';
}

const char *json_skip_plain(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i blank = _mm_set1_epi8(0x20);
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* Signed: what is beyond ASCII is below 0x20 too. */
        __m128i odd = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
            _mm_cmplt_epi8(bytes, blank));
        unsigned mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask != 0) {
            return at + __builtin_ctz(mask);
        }
        at += 16;
    }
#endif
    while (at < end && is_plain(*at)) {
        at++;
    }
    return at;
}

/* Bytes of the well-formed UTF-8 sequence at `at`, or 0. */
static size_t sequence(const char *at, const char *end)
{
    const unsigned char *p = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    size_t size = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < size) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool beyond = (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f);
    return overlong || beyond ? 0 : size;
}

static bool hex(const char *at, const char *end, uint32_t *out)
{
    *out = 0;
    if (end - at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        *out = *out << 4 | digit;
    }
    return true;
}

/* Behind `\u`: moves behind one code unit, or two that are a pair. */
static bool unicode(struct json_scan *scan, const char *backslash)
{
    uint32_t high, low;
    if (!hex(scan->at, scan->end, &high)) {
        return wrong(scan, backslash, "\\u without four hexadecimal digits");
    }
    scan->at += 4;
    if (high < 0xd800 || high > 0xdfff) {
        return true;
    }
    if (high >= 0xdc00 || scan->end - scan->at < 6 || scan->at[0] != '\\' ||
        scan->at[1] != 'u' || !hex(scan->at + 2, scan->end, &low) || low < 0xdc00 ||
        low > 0xdfff) {
        return wrong(scan, backslash, "a surrogate without its partner");
    }
    scan->at += 6;
    return true;
}

static bool escape(struct json_scan *scan)
{
    const char *backslash = scan->at++;
    char letter = scan->at < scan->end ? *scan->at : '\0';
    if (letter == 'u') {
        scan->at++;
        return unicode(scan, backslash);
    }
    if (letter == '\0' || strchr("\"\\/bfnrt", letter) == NULL) {
        return wrong(scan, backslash, "an escape that does not exist");
    }
    scan->at++;
    return true;
}

bool json_text(struct json_scan *scan, bool *escaped)
{
    const char *opening = scan->at - 1;
    *escaped = false;
    for (;;) {
        scan->at = json_skip_plain(scan->at, scan->end);
        if (scan->at == scan->end) {
            return wrong(scan, opening, "a text that is not closed");
        }
        unsigned char byte = (unsigned char)*scan->at;
        if (byte == '"') {
            scan->at++;
            return true;
        }
        if (byte == '\\') {
            *escaped = true;
            if (!escape(scan)) {
                return false;
            }
        } else if (byte < 0x20) {
            return wrong(scan, scan->at, "a control character inside a text");
        } else {
            size_t size = sequence(scan->at, scan->end);
            if (size == 0) {
                return wrong(scan, scan->at, "bytes that are not UTF-8");
            }
            scan->at += size;
        }
    }
}

static size_t encode(uint32_t code, char *out)
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

size_t json_unescape(const char *data, size_t size, char *out)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *end = data + size;
    char *to = out;
    while (data < end) {
        const char *stop = memchr(data, '\\', (size_t)(end - data));
        size_t plain = (size_t)((stop != NULL ? stop : end) - data);
        memcpy(to, data, plain);
        to += plain;
        data += plain;
        if (stop == NULL) {
            break;
        }
        data++;
        if (*data != 'u') {
            const char *found = strchr(letters, *data);
            *to++ = found == NULL ? *data : meanings[found - letters];
            data++;
            continue;
        }
        uint32_t code = 0, low = 0;
        (void)hex(data + 1, end, &code);
        data += 5;
        if (code >= 0xd800 && code <= 0xdbff && hex(data + 2, end, &low)) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            data += 6;
        }
        to += encode(code, to);
    }
    return (size_t)(to - out);
}

/* ---- numbers ---- */

static size_t digits(struct json_scan *scan)
{
    const char *first = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        scan->at++;
    }
    return (size_t)(scan->at - first);
}

static bool exponent(struct json_scan *scan, const char *first)
{
    int value = 0;
    scan->at++;
    if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-')) {
        scan->at++;
    }
    const char *from = scan->at;
    if (digits(scan) == 0) {
        return wrong(scan, first, "a number without digits in its exponent");
    }
    for (; from < scan->at && value <= MOST_EXPONENT; from++) {
        value = value * 10 + (*from - '0');
    }
    return value <= MOST_EXPONENT ||
           wrong(scan, first, "a number with an exponent beyond 308");
}

static bool number(struct json_scan *scan, struct json_value *out)
{
    const char *first = scan->at;
    bool whole = true;
    size_t behind = 0;
    scan->at += *scan->at == '-';
    const char *start = scan->at;
    size_t before = digits(scan);
    if (before == 0) {
        return wrong(scan, first, "a value is expected");
    }
    if (before > 1 && *start == '0') {
        return wrong(scan, first, "a number with a leading zero");
    }
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        whole = false;
        behind = digits(scan);
        if (behind == 0) {
            return wrong(scan, first, "a number without digits behind its point");
        }
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
        whole = false;
        if (!exponent(scan, first)) {
            return false;
        }
    }
    if (!whole && before + behind > MOST_DIGITS) {
        return wrong(scan, first, "a decimal with more than 38 digits");
    }
    *out = (struct json_value){before > MOST_DIGITS ? JSON_LONG : JSON_NUMBER, first,
                               (size_t)(scan->at - first)};
    return true;
}

/* ---- values ---- */

static bool word(struct json_scan *scan, const char *text, enum json_kind kind,
                 struct json_value *out)
{
    size_t size = strlen(text);
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, text, size) != 0) {
        return wrong(scan, scan->at, "a value is expected");
    }
    *out = (struct json_value){kind, scan->at, size};
    scan->at += size;
    return true;
}

/* Behind the opening bracket: to behind the matching one, without recursion. Apart from
 * json_value, which is called for every number and needs no such stack. */
__attribute__((noinline)) static bool container(struct json_scan *scan,
                                                struct json_value *out)
{
    bool maps[JSON_DEPTH];
    int open = 1;
    const char *first = scan->at - 1;
    bool empty = true; /* nothing yet in the innermost one */
    maps[0] = *first == '{';
    if (scan->depth < 1) {
        return wrong(scan, first, "it nests too deep");
    }
    while (open > 0) {
        struct json_value value;
        json_blanks(scan);
        if (scan->at == scan->end) {
            return wrong(scan, scan->at, "it ends inside a list or an object");
        }
        if (*scan->at == (maps[open - 1] ? '}' : ']')) {
            scan->at++;
            open--;
            empty = false;
            continue;
        }
        if (!empty) {
            if (*scan->at != ',') {
                return wrong(scan, scan->at, "',' or the closing bracket is expected");
            }
            scan->at++;
            json_blanks(scan);
        }
        if (maps[open - 1]) {
            bool escaped;
            if (scan->at == scan->end || *scan->at != '"') {
                return wrong(scan, scan->at, "a name in double quotes is expected");
            }
            scan->at++;
            if (!json_text(scan, &escaped)) {
                return false;
            }
            json_blanks(scan);
            if (scan->at == scan->end || *scan->at != ':') {
                return wrong(scan, scan->at, "':' is expected");
            }
            scan->at++;
            json_blanks(scan);
        }
        empty = false;
        if (scan->at < scan->end && (*scan->at == '{' || *scan->at == '[')) {
            if (open >= scan->depth || open == JSON_DEPTH) {
                return wrong(scan, scan->at, "it nests too deep");
            }
            maps[open++] = *scan->at++ == '{';
            empty = true;
        } else if (!json_value(scan, &value)) {
            return false;
        }
    }
    *out = (struct json_value){maps[0] ? JSON_MAP : JSON_LIST, first,
                               (size_t)(scan->at - first)};
    return true;
}

bool json_value(struct json_scan *scan, struct json_value *out)
{
    bool escaped = false;
    if (scan->at == scan->end) {
        return wrong(scan, scan->at, "it ends where a value is expected");
    }
    const char *first = scan->at;
    switch (*first) {
    case '"':
        scan->at++;
        if (!json_text(scan, &escaped)) {
            return false;
        }
        *out = escaped ? (struct json_value){JSON_ESCAPED, first,
                                             (size_t)(scan->at - first)}
                       : (struct json_value){JSON_TEXT, first + 1,
                                             (size_t)(scan->at - first - 2)};
        return true;
    case '{':
    case '[':
        scan->at++;
        return container(scan, out);
    case 't':
        return word(scan, "true", JSON_TRUE, out);
    case 'f':
        return word(scan, "false", JSON_FALSE, out);
    case 'n':
        return word(scan, "null", JSON_NULL, out);
    default:
        return number(scan, out);
    }
}

bool json_member(struct json_scan *scan, bool first, struct json_value *name,
                 struct json_value *value, bool *more)
{
    char close = name != NULL ? '}' : ']';
    json_blanks(scan);
    *more = false;
    if (scan->at == scan->end) {
        return wrong(scan, scan->at, "it ends inside a list or an object");
    }
    if (*scan->at == close) {
        scan->at++;
        return true;
    }
    if (!first) {
        if (*scan->at != ',') {
            return wrong(scan, scan->at, "',' or the closing bracket is expected");
        }
        scan->at++;
        json_blanks(scan);
    }
    if (name != NULL) {
        if (scan->at == scan->end || *scan->at != '"') {
            return wrong(scan, scan->at, "a name in double quotes is expected");
        }
        if (!json_value(scan, name)) {
            return false;
        }
        json_blanks(scan);
        if (scan->at == scan->end || *scan->at != ':') {
            return wrong(scan, scan->at, "':' is expected");
        }
        scan->at++;
        json_blanks(scan);
    }
    *more = true;
    return json_value(scan, value);
}
