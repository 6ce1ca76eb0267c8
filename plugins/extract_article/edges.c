#include "edges.h"

#include <string.h>

#include "scripts.h"
#include "text.h"

#define LABEL_LIMIT 40

static struct article_slice text_of(const struct page *page, size_t index)
{
    const struct block *block = &page->blocks[index];
    return (struct article_slice){page->text + block->start, block->end - block->start};
}

size_t article_heading_block(const struct page *page, struct article_slice title)
{
    size_t other = NO_BLOCK;
    for (size_t i = 0; i < page->block_count; i++) {
        struct article_slice text = text_of(page, i);
        if (!article_same_slice(text, title) &&
            !(page->heading.size > 0 && article_same_slice(text, page->heading))) {
            continue;
        }
        if (page->nodes[page->blocks[i].node].tag == TAG_HEADING) {
            return i;
        }
        other = other == NO_BLOCK ? i : other;
    }
    return other;
}

/* Letters and digits; of scripts without a table everything but known symbols. */
static bool is_worded(uint32_t code)
{
    if (code < 0x80) {
        return article_is_digit((unsigned char)code) ||
               article_is_letter((unsigned char)code);
    }
    return article_script_of(code) != SCRIPT_NONE || (code >= 0x660 && code < 0x2000) ||
           (code >= 0x2c00 && code < 0x1f000 && (code < 0x3000 || code > 0x3020));
}

bool article_is_label(struct article_slice text)
{
    static const char *const labels[] = {
        "advertisement", "advertising", "sponsored", "ad",          "anzeige",
        "werbung",       "publicidad",  "publicité", "publicidade", "pubblicità",
        "реклама",       "reklama",     "reklam",    "annons",      "annonse",
        "advertentie",   "إعلان",       "اعلان",     "إعلانات",     "פרסומת",
        "آگهی",          "广告",        "廣告",      "広告",        "광고",
        "διαφήμιση",     "mainos",      "hirdetés",  "reclamă",     "iklan",
        "quảng cáo",     "विज्ञापन",     "โฆษณา",     "publicitate"};
    while (text.size > 0 && strchr(" -*[]()", text.data[0]) != NULL) {
        text.data++;
        text.size--;
    }
    const unsigned char *p = (const unsigned char *)text.data;
    const unsigned char *end = text.size > 0 ? p + text.size : p;
    size_t last = 0;
    while (p < end) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        if (is_worded(code)) {
            if (text.size > LABEL_LIMIT) {
                return false;
            }
            last = (size_t)(p - (const unsigned char *)text.data);
        }
    }
    if (last == 0) {
        return true;
    }
    text.size = last;
    for (size_t i = 0;
         text.size <= LABEL_LIMIT && i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (article_same(text, labels[i])) {
            return true;
        }
    }
    return false;
}

static bool ends_with(struct article_slice text, const char *tail)
{
    size_t size = strlen(tail);
    return text.size >= size && memcmp(text.data + text.size - size, tail, size) == 0;
}

bool article_ends_sentence(struct article_slice text)
{
    static const char *const closing[] = {"\"", "'", ")", "]",  "”",  "’",  "»",
                                          "«",  "“", "›", "」", "』", "）", " "};
    static const char *const marks[] = {".",  "!", "?", ":", ";", "…", "。", "！",
                                        "？", "؟", "۔", "।", "։", "።", "။",  "។"};
    bool cut = true;
    while (cut) {
        cut = false;
        for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++) {
            if (ends_with(text, closing[i])) {
                text.size -= strlen(closing[i]);
                cut = true;
            }
        }
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (ends_with(text, marks[i])) {
            return true;
        }
    }
    return false;
}
