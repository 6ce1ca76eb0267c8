#include "cli/raw_span.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONTEXT 120 /* bytes of text on either side that decide between places */

/* ---- charset ---- */

/* In the raw body's charset; NULL when it cannot be written so. The caller frees. */
static char *convert(const char *data, size_t size, const char *charset, size_t *out)
{
    size_t room = size * 4 + 16, left = room;
    char *copy = malloc(room);
    char *in = malloc(size + 1), *at = in, *to = copy;
    iconv_t state = charset == NULL ? (iconv_t)-1 : iconv_open(charset, "UTF-8");
    bool good = copy != NULL && in != NULL;

    if (good && charset == NULL) {
        memcpy(copy, data, size);
        *out = size;
    } else if (good && state != (iconv_t)-1) {
        memcpy(in, data, size);
        good = iconv(state, &at, &size, &to, &left) != (size_t)-1;
        *out = room - left;
    } else {
        good = false;
    }
    if (state != (iconv_t)-1) {
        iconv_close(state);
    }
    free(in);
    if (!good) {
        free(copy);
        return NULL;
    }
    return copy;
}

/* ---- matching ---- */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind white space, hard spaces and marks at `at`; *spaces: whether any was white. */
static size_t skip(struct mizan_slice raw, size_t at, bool *spaces)
{
    static const char *const hard[] = {"&nbsp;",      "&#160;",   "&#xa0;",
                                       "&#xA0;",      "\xc2\xa0", "\xe2\x80\xaf",
                                       "\xe2\x80\x89"};
    for (bool moved = true; moved && at < raw.size;) {
        moved = false;
        if (is_space((unsigned char)raw.data[at])) {
            *spaces = true;
            at++;
            moved = true;
        } else if (raw.data[at] == '<') {
            const char *close = memchr(raw.data + at, '>', raw.size - at);
            if (close != NULL) {
                at = (size_t)(close - raw.data) + 1;
                moved = true;
            }
        }
        for (size_t i = 0; i < sizeof hard / sizeof hard[0] && !moved; i++) {
            size_t size = strlen(hard[i]);
            if (raw.size - at >= size && memcmp(raw.data + at, hard[i], size) == 0) {
                *spaces = true;
                at += size;
                moved = true;
            }
        }
    }
    return at;
}

static size_t match_reference(struct mizan_slice raw, size_t at, char c)
{
    static const struct {
        char c;
        const char *name;
    } names[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                 {'"', "&quot;"}, {'\'', "&#39;"}, {'\'', "&apos;"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i].name);
        if (names[i].c == c && raw.size - at >= size &&
            memcmp(raw.data + at, names[i].name, size) == 0) {
            return size;
        }
    }
    return 0;
}

static bool is_hard_space(const char *pattern, size_t left)
{
    return left >= 2 && (unsigned char)pattern[0] == 0xc2 &&
           (unsigned char)pattern[1] == 0xa0;
}

/* How much of the pattern stands at `at`; *end behind it in the raw body. */
static size_t match(struct mizan_slice raw, size_t at, const char *pattern, size_t size,
                    size_t *end)
{
    size_t i = 0;
    *end = at;
    while (i < size && at < raw.size) {
        bool space =
            is_space((unsigned char)pattern[i]) || is_hard_space(pattern + i, size - i);
        bool met = false;
        if (space || (i > 0 && raw.data[at] == '<')) {
            at = skip(raw, at, &met);
        }
        if (space) {
            if (!met) {
                break;
            }
            while (i < size && (is_space((unsigned char)pattern[i]) ||
                                is_hard_space(pattern + i, size - i))) {
                i += is_space((unsigned char)pattern[i]) ? 1 : 2;
            }
        } else {
            size_t step = at < raw.size && raw.data[at] == pattern[i]
                              ? 1
                              : match_reference(raw, at, pattern[i]);
            if (step == 0) {
                break;
            }
            /* An ampersand that begins its own reference is taken whole. */
            size_t whole = match_reference(raw, at, pattern[i]);
            at += whole > step ? whole : step;
            i++;
        }
        *end = at;
    }
    return i;
}

/* Bytes before the place that agree, reading backwards; marks and spaces passed over.
 */
static size_t agree_before(struct mizan_slice raw, size_t at, const char *before,
                           size_t size)
{
    size_t count = 0;
    while (count < size && at > 0) {
        unsigned char c = (unsigned char)raw.data[at - 1];
        unsigned char wanted = (unsigned char)before[size - count - 1];
        if (c == '>') {
            while (at > 0 && raw.data[at - 1] != '<') {
                at--;
            }
            at -= at > 0;
        } else if (is_space(c)) {
            at--;
            count += is_space(wanted);
        } else if (c == wanted) {
            at--;
            count++;
        } else if (is_space(wanted)) {
            count++;
        } else {
            break;
        }
    }
    return count;
}

bool mz_raw_span(struct mizan_slice text, size_t start, size_t end,
                 struct mizan_slice raw, const char *charset, struct mz_raw_span *out)
{
    size_t first = start > CONTEXT ? start - CONTEXT : 0;
    size_t last = text.size - end > CONTEXT ? end + CONTEXT : text.size;
    size_t before_size = 0, size = 0, after_size = 0, best = 0;
    bool found = false;

    if (charset != NULL &&
        (strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "utf8") == 0)) {
        charset = NULL;
    }
    while (first < start && ((unsigned char)text.data[first] & 0xc0) == 0x80) {
        first++;
    }
    while (last > end && last < text.size &&
           ((unsigned char)text.data[last] & 0xc0) == 0x80) {
        last--;
    }
    char *before = convert(text.data + first, start - first, charset, &before_size);
    char *pattern = convert(text.data + start, end - start, charset, &size);
    char *after = convert(text.data + end, last - end, charset, &after_size);
    for (size_t at = 0; pattern != NULL && size > 0 && at < raw.size; at++) {
        size_t stop, behind;
        const char *hit = memchr(raw.data + at, pattern[0], raw.size - at);
        if (hit == NULL) {
            break;
        }
        at = (size_t)(hit - raw.data);
        if (match(raw, at, pattern, size, &stop) != size) {
            continue;
        }
        size_t score = 1;
        score += before == NULL ? 0 : agree_before(raw, at, before, before_size);
        score += after == NULL ? 0 : match(raw, stop, after, after_size, &behind);
        if (score > best) {
            best = score;
            out->from = at;
            out->to = stop;
            found = true;
        }
    }
    free(before);
    free(pattern);
    free(after);
    return found;
}
