#include "article.h"

#include <string.h>

#include "charset.h"
#include "checks.h"
#include "compose.h"
#include "dates.h"
#include "language.h"
#include "libraries.h"
#include "page.h"
#include "shown.h"
#include "text.h"
#include "text_date.h"

#define TITLE_PART   8   /* shorter parts of a title are no heading */
#define TITLE_BLOCKS 500 /* where a heading is looked for */
#define SITE_LIMIT   60  /* a longer part of a title is no site's name */
#define DAY          INT64_C(86400000)
#define TITLE_LINE   160 /* a first line no longer than this is a plain text's title */

enum media { MEDIA_HTML, MEDIA_PLAIN, MEDIA_OTHER };

static enum media media_of(const struct article_input *input)
{
    struct article_slice type = article_trim(input->media_type);
    if (article_same(type, "text/html") ||
        article_same(type, "application/xhtml+xml")) {
        return MEDIA_HTML;
    }
    if (article_same(type, "text/plain")) {
        return MEDIA_PLAIN;
    }
    struct article_slice start = article_trim(input->body);
    if (type.size == 0 &&
        (article_begins(start, "<!doctype html") || article_begins(start, "<html"))) {
        return MEDIA_HTML;
    }
    return MEDIA_OTHER;
}

/* Paragraphs of a text are what blank lines part; every other line end is a blank. */
static bool set_plain_text(const struct article_memory *memory,
                           struct article_slice text, struct article *out)
{
    char *folded = memory->allocate(memory->user, text.size + 1);
    size_t room = 0;
    if (folded == NULL) {
        return false;
    }
    size_t lines = 0; /* line ends since the last character */
    bool space = false;
    struct article_span *spans = NULL;
    out->paragraph_count = 0;
    out->text.size = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (article_is_space(c)) {
            lines += c == '\n' ||
                     (c == '\r' && (i + 1 == text.size || text.data[i + 1] != '\n'));
            space = true;
            continue;
        }
        if (out->paragraph_count == 0 || lines >= 2) {
            void *items = spans;
            if (!article_grow(memory, &items, &room, out->paragraph_count, 1,
                              sizeof(*spans))) {
                return false;
            }
            spans = items;
            if (out->paragraph_count > 0) {
                memcpy(folded + out->text.size, "\n\n", 2);
                out->text.size += 2;
            }
            spans[out->paragraph_count++].start = out->text.size;
        } else if (space) {
            folded[out->text.size++] = ' ';
        }
        space = false;
        lines = 0;
        folded[out->text.size++] = (char)c;
        spans[out->paragraph_count - 1].end = out->text.size;
    }
    out->text.data = out->text.size > 0 ? folded : NULL;
    out->paragraphs = spans;
    return true;
}

static enum article_status extract_plain(const struct article_input *input,
                                         const struct article_memory *memory,
                                         struct article_slice text, struct article *out)
{
    struct article_slice line = article_trim(text);
    const char *end = line.size > 0 ? memchr(line.data, '\n', line.size) : NULL;
    if (end != NULL) {
        line.size = (size_t)(end - line.data);
        line = article_trim(line);
        if (line.size <= TITLE_LINE) {
            out->title = article_fold(memory, line, TITLE_LINE);
        }
    }
    if (!set_plain_text(memory, text, out)) {
        return ARTICLE_NO_MEMORY;
    }
    article_decide_language(memory, out->text, input->language, &out->lang,
                            &out->lang_confidence);
    return ARTICLE_OK;
}

/* The page's first <h1>, or any of its first blocks. */
static bool is_heading(const void *context, struct article_slice part)
{
    const struct page *page = context;
    if (part.size < TITLE_PART) {
        return false;
    }
    if (article_same_slice(part, page->heading)) {
        return true;
    }
    size_t count = page->block_count < TITLE_BLOCKS ? page->block_count : TITLE_BLOCKS;
    for (size_t i = 0; i < count; i++) {
        const struct block *block = &page->blocks[i];
        struct article_slice text = {page->text + block->start,
                                     block->end - block->start};
        if (block->links == 0 && article_same_slice(part, text)) {
            return true;
        }
    }
    return false;
}

static void set_title(const struct page *page, struct article *out)
{
    const struct article_facts *facts = &page->facts;
    struct article_slice outlet = facts->text[FACT_OUTLET];
    struct article_slice title = facts->text[FACT_TITLE];
    struct article_title tag =
        article_split_title(page->title_tag, outlet, is_heading, page);
    if (title.size == 0 && page->title_tag.size == 0) {
        title = page->heading;
    } else if (title.size == 0) {
        title = tag.title;
    }
    out->title = article_split_title(title, outlet, is_heading, page).title;
    out->outlet = outlet.size > 0 || tag.site.size > SITE_LIMIT ? outlet : tag.site;
}

static struct article_slice language_of(const struct article_input *input,
                                        const struct page *page)
{
    struct article_slice stated = page->facts.text[FACT_LANGUAGE];
    struct article_slice text = {page->text, page->text_size};
    if (stated.size == 0) {
        stated = input->language;
    }
    return stated.size > 0 ? stated
                           : article_slice_of(article_detect_language(text).tag);
}

/* Times of a clock without zone are those of the readers, where they share one. */
static int64_t in_zone(int64_t time, bool local, struct article_slice language)
{
    return time == ARTICLE_NO_TIME || !local
               ? time
               : time - article_zone_of_language(language) * INT64_C(60000);
}

static void set_times(const struct article_input *input, struct page *page,
                      struct article *out)
{
    struct article_facts *facts = &page->facts;
    struct article_slice language = language_of(input, page);
    out->published = in_zone(facts->time[0], facts->local[0], language);
    out->modified = in_zone(facts->time[1], facts->local[1], language);
    if (out->published != ARTICLE_NO_TIME) {
        return;
    }
    int64_t address, shown;
    bool local;
    bool addressed =
        article_date_of_url(input->url, &address) && address <= facts->latest;
    if (article_shown_date(page, out->title, language, &shown, &local) &&
        (!addressed || (shown >= address - DAY && shown < address + 2 * DAY))) {
        out->published = in_zone(shown, local, language);
    } else if (addressed) {
        out->published = address;
    }
}

static void set_facts(const struct article_input *input, struct page *page,
                      struct article *out)
{
    struct article_facts *facts = &page->facts;
    out->author = facts->text[FACT_AUTHOR];
    set_times(input, page, out);
    out->canonical_url =
        article_canonical(page->memory, facts->text[FACT_CANONICAL], input->url);
    out->amp_url = article_canonical(page->memory, facts->amp_url, input->url);
    out->variants = facts->variants;
    out->variant_count = facts->variant_count;
}

static enum article_status extract_html(const struct article_input *input,
                                        const struct article_memory *memory,
                                        struct article_slice html, struct article *out)
{
    struct page *page = memory->allocate(memory->user, sizeof(*page));
    if (xml_library() == NULL) {
        return ARTICLE_NO_PARSER;
    }
    if (page == NULL) {
        return ARTICLE_NO_MEMORY;
    }
    memset(page, 0, sizeof(*page));
    page->memory = memory;
    article_facts_init(&page->facts, memory, input->fetched_at);
    if (!article_parse_html(html, page)) {
        return ARTICLE_NO_MEMORY;
    }
    set_title(page, out);
    set_facts(input, page, out);
    out->partial = page->partial;
    if (!article_choose_content(page, out->title, out)) {
        return ARTICLE_NO_MEMORY;
    }
    if (page->facts.body.size > 4 * out->text.size) { /* scripts would have built it */
        struct article_decoded body;
        out->paragraph_count = 0;
        out->text = (struct article_slice){NULL, 0};
        struct article_decode_input inner = {.body = page->facts.body,
                                             .declared = article_slice_of("utf-8"),
                                             .memory = memory};
        if (article_decode(&inner, &body) != ARTICLE_OK ||
            !set_plain_text(memory, body.text, out)) {
            return ARTICLE_NO_MEMORY;
        }
    }
    out->unexpected = article_unexpected(page, out);
    struct article_slice declared = page->facts.text[FACT_LANGUAGE];
    article_decide_language(memory, out->text.size > 0 ? out->text : out->title,
                            declared.size > 0 ? declared : input->language, &out->lang,
                            &out->lang_confidence);
    return ARTICLE_OK;
}

enum article_status article_extract(const struct article_input *input,
                                    const struct article_memory *memory,
                                    struct article *out)
{
    memset(out, 0, sizeof(*out));
    out->published = ARTICLE_NO_TIME;
    out->modified = ARTICLE_NO_TIME;
    enum media media = media_of(input);
    if (media == MEDIA_OTHER) {
        return ARTICLE_NOT_TEXT;
    }
    if (input->body.size > ARTICLE_BODY_LIMIT) {
        return ARTICLE_TOO_LARGE;
    }
    struct article_decoded decoded;
    struct article_decode_input decode = {.body = input->body,
                                          .declared = input->charset,
                                          .language = input->language,
                                          .markup = media == MEDIA_HTML,
                                          .memory = memory};
    enum article_status status = article_decode(&decode, &decoded);
    if (status != ARTICLE_OK) {
        return status;
    }
    out->charset_used = decoded.charset;
    out->charset_declared = decoded.declared;
    out->charset_mended = decoded.mended;
    out->replacements = decoded.replacements;
    status = media == MEDIA_HTML ? extract_html(input, memory, decoded.text, out)
                                 : extract_plain(input, memory, decoded.text, out);
    if (status == ARTICLE_OK && !article_compose_all(memory, out)) {
        status = ARTICLE_NO_MEMORY;
    }
    return status;
}
