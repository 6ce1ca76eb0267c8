#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#include "feed_internal.h"

#define NAME_MOST 32
#define HTML_TEXT_MOST                                                                 \
    ((size_t)64 * 1024) /* bytes of HTML that are made plain text                      \
                         */

/* Copies up to and with `end`, or all that is left; returns how much that was. */
static size_t copy_through(struct feed_text *out, const char *data, size_t size,
                           const char *end)
{
    const char *found = memmem(data, size, end, strlen(end));
    size_t length = found == NULL ? size : (size_t)(found - data) + strlen(end);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') {
            feed_text_add(out, &data[i], 1);
        }
    }
    return length;
}

/* Length of a numeric reference such as &#1583; or &#x62f;, 0 when it is none. */
static size_t numeric_reference(const char *data, size_t size)
{
    size_t i = 2;
    bool hexadecimal = size > 2 && (data[2] == 'x' || data[2] == 'X');
    i += hexadecimal ? 1 : 0;
    size_t start = i;
    while (i < size && i < NAME_MOST &&
           (hexadecimal ? isxdigit((unsigned char)data[i])
                        : isdigit((unsigned char)data[i]))) {
        i++;
    }
    return i > start && i < size && data[i] == ';' ? i + 1 : 0;
}

/* Writes what an ampersand at `data` should have been; returns how much it replaces. */
static size_t mend_ampersand(struct feed_text *out, const char *data, size_t size)
{
    static const char *const known[] = {"amp", "lt", "gt", "quot", "apos"};
    char name[NAME_MOST];
    size_t length = 0;
    if (size > 1 && data[1] == '#') {
        length = numeric_reference(data, size);
        if (length > 0) {
            feed_text_add(out, data, length);
            return length;
        }
    }
    while (1 + length < size && length + 1 < sizeof name &&
           isalnum((unsigned char)data[1 + length])) {
        name[length] = data[1 + length];
        length++;
    }
    name[length] = '\0';
    if (length == 0 || 1 + length >= size || data[1 + length] != ';') {
        feed_text_string(out, "&amp;");
        return 1;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i]) == 0) {
            feed_text_add(out, data, length + 2);
            return length + 2;
        }
    }
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
    if (entity == NULL) {
        feed_text_string(out, "&amp;");
        return 1;
    }
    char number[16];
    size_t digits = sizeof number;
    for (unsigned value = entity->value; value > 0; value /= 10) {
        number[--digits] = (char)('0' + value % 10);
    }
    feed_text_string(out, "&#");
    feed_text_add(out, number + digits, sizeof number - digits);
    feed_text_string(out, ";");
    return length + 2;
}

void feed_mend(const char *data, size_t size, struct feed_text *out)
{
    if (memchr(data, '\0', size < 64 ? size : 64) != NULL) {
        feed_text_add(out, data, size); /* UTF-16 or UTF-32: not ours to mend */
        return;
    }
    size_t i = 0;
    while (i < size && !out->failed) {
        const char *here = data + i;
        size_t rest = size - i;
        if (*here == '&') {
            i += mend_ampersand(out, here, rest);
        } else if (rest >= 9 && memcmp(here, "<![CDATA[", 9) == 0) {
            i += copy_through(out, here, rest, "]]>");
        } else if (rest >= 4 && memcmp(here, "<!--", 4) == 0) {
            i += copy_through(out, here, rest, "-->");
        } else {
            i += copy_through(out, here, 1, "&");
        }
    }
}

void feed_escape(struct feed_text *out, const char *text)
{
    while (*text != '\0') {
        size_t plain = strcspn(text, "&<>\"");
        feed_text_add(out, text, plain);
        text += plain;
        switch (*text) {
        case '&':
            feed_text_string(out, "&amp;");
            break;
        case '<':
            feed_text_string(out, "&lt;");
            break;
        case '>':
            feed_text_string(out, "&gt;");
            break;
        case '"':
            feed_text_string(out, "&quot;");
            break;
        default:
            return;
        }
        text++;
    }
}

static bool is_hidden(const xmlNode *node)
{
    return node->type == XML_ELEMENT_NODE &&
           (strcasecmp((const char *)node->name, "script") == 0 ||
            strcasecmp((const char *)node->name, "style") == 0);
}

static bool breaks_words(const xmlNode *node)
{
    static const char *const inlines[] = {
        "a",    "abbr", "b", "bdi",   "bdo",  "cite",   "code", "em",  "font", "i",
        "mark", "q",    "s", "small", "span", "strong", "sub",  "sup", "u",    "wbr"};
    for (size_t i = 0; i < sizeof inlines / sizeof *inlines; i++) {
        if (strcasecmp((const char *)node->name, inlines[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* The node after this one in document order, leaving out what is below when asked. */
static const xmlNode *next_node(const xmlNode *node, bool enter, const xmlNode *root)
{
    if (enter && node->children != NULL) {
        return node->children;
    }
    while (node != root && node->next == NULL) {
        node = node->parent;
    }
    return node == root ? NULL : node->next;
}

static void add_texts(const xmlNode *root, struct feed_text *out)
{
    const xmlNode *node = root;
    while (node != NULL && !out->failed) {
        bool enter = !is_hidden(node) && node->type != XML_ENTITY_REF_NODE;
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            feed_text_string(out, (const char *)node->content);
        } else if (node->type == XML_ELEMENT_NODE && breaks_words(node)) {
            feed_text_string(out, " ");
        }
        node = next_node(node, enter, root);
    }
}

/* Collapses white space in place, cuts at a whole character; returns the length. */
static size_t collapse(char *text, size_t most)
{
    size_t size = 0;
    bool gap = false;
    for (const char *next = text; *next != '\0'; next++) {
        if (isspace((unsigned char)*next)) {
            gap = size > 0;
            continue;
        }
        if (gap) {
            text[size++] = ' ';
            gap = false;
        }
        text[size++] = *next;
    }
    if (size > most) {
        size = most;
        while (size > 0 && ((unsigned char)text[size] & 0xc0U) == 0x80U) {
            size--;
        }
    }
    text[size] = '\0';
    return size;
}

const char *feed_plain_text(struct feed_pool *pool, const char *html, size_t most)
{
    struct feed_text text;
    const char *plain = NULL;
    size_t size = strlen(html);
    feed_text_init(&text, 2 * HTML_TEXT_MOST);
    if (strpbrk(html, "<&") == NULL) {
        feed_text_add(&text, html, size < HTML_TEXT_MOST ? size : HTML_TEXT_MOST);
    } else {
        int used = (int)(size < HTML_TEXT_MOST ? size : HTML_TEXT_MOST);
        htmlDocPtr document =
            htmlReadMemory(html, used, NULL, "UTF-8",
                           HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                               HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER);
        const xmlNode *root = document == NULL ? NULL : xmlDocGetRootElement(document);
        if (root != NULL) {
            add_texts(root, &text);
        }
        if (document != NULL) {
            xmlFreeDoc(document);
        }
    }
    if (text.data != NULL) {
        size_t length = collapse(text.data, most);
        plain = length == 0 ? NULL : feed_pool_copy(pool, text.data, length);
    }
    feed_text_finish(&text);
    return plain;
}
