#include "charset.h"

#include <string.h>

#include "decode.h"
#include "evidence.h"
#include "mend.h"
#include "text.h"

#define PRESCAN_REACH 1024  /* what the HTML standard reads for a <meta> */
#define LATE_REACH    65536 /* where we still look when nothing else is known */
#define LABEL_LIMIT   40

const struct article_charset *article_charset_by_label(struct article_slice label)
{
    char needle[LABEL_LIMIT + 3];
    label = article_trim(label);
    if (label.size == 0 || label.size > LABEL_LIMIT ||
        memchr(label.data, ' ', label.size) != NULL) {
        return NULL;
    }
    needle[0] = ' ';
    for (size_t i = 0; i < label.size; i++) {
        needle[i + 1] = article_lower(label.data[i]);
    }
    needle[label.size + 1] = ' ';
    needle[label.size + 2] = '\0';
    for (size_t i = 0; i < article_charset_count; i++) {
        if (strstr(article_charsets[i].labels, needle) != NULL) {
            return &article_charsets[i];
        }
    }
    return NULL;
}

static const struct article_charset *charset_named(const char *name)
{
    return article_charset_by_label(article_slice_of(name));
}

/* Reads one attribute at *at (past the tag's name), lower case not applied. False at
 * the end of the tag. */
static bool next_attribute(struct article_slice text, size_t *at,
                           struct article_slice *name, struct article_slice *value)
{
    size_t i = *at;
    while (i < text.size &&
           (article_is_space((unsigned char)text.data[i]) || text.data[i] == '/')) {
        i++;
    }
    if (i >= text.size || text.data[i] == '>') {
        return false;
    }
    size_t start = i;
    while (i < text.size && text.data[i] != '=' && text.data[i] != '>' &&
           text.data[i] != '/' && !article_is_space((unsigned char)text.data[i])) {
        i++;
    }
    *name = (struct article_slice){text.data + start, i - start};
    *value = (struct article_slice){NULL, 0};
    while (i < text.size && article_is_space((unsigned char)text.data[i])) {
        i++;
    }
    if (i >= text.size || text.data[i] != '=') {
        *at = i > start ? i : i + 1;
        return true;
    }
    i++;
    while (i < text.size && article_is_space((unsigned char)text.data[i])) {
        i++;
    }
    if (i < text.size && (text.data[i] == '"' || text.data[i] == '\'')) {
        char quote = text.data[i++];
        const char *close = memchr(text.data + i, quote, text.size - i);
        size_t size = close ? (size_t)(close - text.data) - i : text.size - i;
        *value = (struct article_slice){text.data + i, size};
        i += size + 1;
    } else {
        size_t from = i;
        while (i < text.size && text.data[i] != '>' &&
               !article_is_space((unsigned char)text.data[i])) {
            i++;
        }
        *value = (struct article_slice){text.data + from, i - from};
    }
    *at = i;
    return true;
}

/* The label behind `charset=` in a Content-Type value. */
static struct article_slice label_of_content(struct article_slice content)
{
    struct article_slice label = {NULL, 0};
    size_t at = article_find(content, "charset");
    if (at == SIZE_MAX) {
        return label;
    }
    at += strlen("charset");
    while (at < content.size && (article_is_space((unsigned char)content.data[at]) ||
                                 content.data[at] == '=' || content.data[at] == '"' ||
                                 content.data[at] == '\'')) {
        at++;
    }
    size_t start = at;
    while (at < content.size && content.data[at] != ';' && content.data[at] != '"' &&
           content.data[at] != '\'' &&
           !article_is_space((unsigned char)content.data[at])) {
        at++;
    }
    label.data = content.data + start;
    label.size = at - start;
    return label;
}

static struct article_slice label_of_meta(struct article_slice text, size_t *at)
{
    struct article_slice name, value, label = {NULL, 0};
    while (next_attribute(text, at, &name, &value)) {
        if (label.size == 0 && article_same(name, "charset")) {
            label = article_trim(value);
        } else if (label.size == 0 && article_same(name, "content")) {
            label = label_of_content(value);
        }
    }
    return label;
}

struct article_slice article_charset_prescan(struct article_slice body, size_t reach)
{
    struct article_slice head = {body.data, body.size < reach ? body.size : reach};
    struct article_slice none = {NULL, 0};
    if (article_begins(head, "<?xml")) {
        size_t at = 5;
        struct article_slice name, value;
        while (next_attribute(head, &at, &name, &value)) {
            if (article_same(name, "encoding") && article_charset_by_label(value)) {
                return value;
            }
        }
    }
    for (size_t i = 0; i < head.size;) {
        const char *open = memchr(head.data + i, '<', head.size - i);
        if (open == NULL) {
            break;
        }
        i = (size_t)(open - head.data);
        struct article_slice rest = {open, head.size - i};
        if (article_begins(rest, "<!--")) {
            size_t close = article_find(rest, "-->");
            i = close == SIZE_MAX ? head.size : i + close + 3;
        } else if (article_begins(rest, "<meta") && rest.size > 5 &&
                   (article_is_space((unsigned char)rest.data[5]) ||
                    rest.data[5] == '/')) {
            i += 5;
            struct article_slice label = label_of_meta(head, &i);
            if (article_charset_by_label(label) != NULL) {
                return label;
            }
        } else {
            i++;
        }
    }
    return none;
}

/* Two-byte Unicode betrays itself by the upper halves of its characters: zero for
 * ASCII, three to six and fourteen for Greek to Arabic and Thai. Single bytes of text
 * are none of these. */
static const struct article_charset *wide(struct article_slice body)
{
    size_t zeros[2] = {0, 0}, halves[2] = {0, 0};
    size_t reach = body.size < 512 ? body.size & ~(size_t)1 : 512;
    for (size_t i = 0; i < reach; i++) {
        unsigned char c = (unsigned char)body.data[i];
        zeros[i & 1] += c == 0;
        halves[i & 1] += c == 0 || (c >= 3 && c <= 6) || c == 14;
    }
    if (reach < 8) {
        return NULL;
    }
    for (size_t upper = 0; upper < 2; upper++) {
        size_t lower = 1 - upper;
        bool ascii = zeros[upper] >= reach / 4 && zeros[upper] > zeros[lower] * 4;
        bool others = halves[upper] * 20 >= reach / 2 * 17 && zeros[lower] * 8 < reach;
        if (ascii || others) {
            return charset_named(upper == 0 ? "utf-16be" : "utf-16le");
        }
    }
    return NULL;
}

/* ISO-2022-JP is all ASCII: its shifts into two-byte characters betray it. */
static bool has_shifts(struct article_slice body)
{
    size_t shifts = 0;
    const char *p = body.data, *end = body.size > 0 ? p + body.size : p;
    while (p < end && (p = memchr(p, 0x1b, (size_t)(end - p))) != NULL) {
        shifts += end - p > 2 && p[1] == '$' && (p[2] == 'B' || p[2] == '@');
        p++;
    }
    return shifts > 0;
}

struct choice {
    const struct article_charset *said, *used;
};

static struct choice choose(const struct article_decode_input *input,
                            struct article_slice body, const struct article_scan *scan)
{
    const struct article_charset *utf8 = &article_charsets[0];
    const struct article_charset *two = wide(body);
    struct choice choice = {article_charset_by_label(input->declared), two};
    if (choice.said == NULL && input->markup) {
        choice.said =
            article_charset_by_label(article_charset_prescan(body, PRESCAN_REACH));
    }
    if (two != NULL) {
        return choice;
    }
    const struct article_charset *said = choice.said;
    if (said != NULL && strncmp(said->name, "utf-16", 6) == 0) {
        said = NULL; /* readable as ASCII, hence not two-byte */
    }
    if (scan->invalid == 0) {
        bool shifts = said != NULL && strcmp(said->name, "iso-2022-jp") == 0;
        shifts = shifts || (said == NULL && has_shifts(body));
        choice.used = scan->multibyte > 0 || (said == NULL && !shifts) ? utf8 : said;
        choice.used = choice.used != NULL ? choice.used : charset_named("iso-2022-jp");
        return choice;
    }
    bool nearly = scan->multibyte >= 16 && scan->multibyte / 16 >= scan->invalid;
    bool mostly = scan->multibyte / 4 >= scan->invalid;
    if (nearly || (mostly && (said == NULL || said == utf8))) {
        choice.used = utf8;
        return choice;
    }
    if (said == NULL && input->markup) {
        said = article_charset_by_label(article_charset_prescan(body, LATE_REACH));
        choice.said = said;
    }
    choice.used =
        article_charset_by_evidence(input->memory, body, input->markup,
                                    said != utf8 ? said : NULL, input->language);
    return choice;
}

/* UTF-8 that was encoded twice is undone before its control characters are dropped:
 * they are part of it. */
static enum article_status decode_utf8(const struct article_decode_input *input,
                                       struct article_slice body,
                                       struct article_scan *scan,
                                       struct article_decoded *out)
{
    struct article_slice mended = body;
    if (scan->multibyte > 0 && scan->invalid == 0) {
        if (!article_mend(input->memory, body, &mended, &out->mended)) {
            return ARTICLE_NO_MEMORY;
        }
        if (out->mended != NULL) {
            article_scan_utf8(mended, scan);
        }
    }
    return article_from_utf8(mended, scan, input->memory, out);
}

enum article_status article_decode(const struct article_decode_input *input,
                                   struct article_decoded *out)
{
    static const char marks[3][4] = {"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe"};
    static const char *const names[3] = {"utf-8", "utf-16be", "utf-16le"};
    struct article_slice body = input->body;
    struct choice choice = {NULL, NULL};
    struct article_scan scan;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < 3 && choice.used == NULL; i++) {
        size_t size = strlen(marks[i]);
        if (body.size >= size && memcmp(body.data, marks[i], size) == 0) {
            choice.used = choice.said = charset_named(names[i]);
            body.data += size;
            body.size -= size;
        }
    }
    article_scan_utf8(body, &scan);
    if (choice.used == NULL) {
        choice = choose(input, body, &scan);
    }
    out->charset = choice.used->name;
    out->declared = choice.said != NULL ? choice.said->name : NULL;
    if (choice.used->table != NULL) {
        return article_from_table(body, choice.used->table, input->memory, out);
    }
    if (choice.used->converter != NULL) {
        return article_from_converter(body, choice.used->converter, input->memory, out);
    }
    return decode_utf8(input, body, &scan, out);
}
