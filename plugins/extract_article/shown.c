/* What a page shows to its readers about its date, where it states it nowhere else. */
#include "shown.h"

#include "edges.h"
#include "text.h"
#include "text_date.h"

#define REACH       14  /* blocks from the title in which its date is looked for */
#define SHORT_BYTES 120 /* a line with a date and a name is no longer */
#define BEGIN_BYTES 60  /* of a paragraph: where a dateline ends */

enum place {
    PLACE_DATED, /* blocks whose class says so, from the title on, then before it */
    PLACE_SHORT, /* other short blocks near the title */
    PLACE_BEGIN  /* the first words of the paragraph behind the title */
};

static bool read_block(struct page *page, size_t index, enum place place,
                       struct article_slice language, struct article_text_date *date)
{
    struct block *block = &page->blocks[index];
    struct article_slice text = {page->text + block->start, block->end - block->start};
    bool begins = place == PLACE_BEGIN || text.size > SHORT_BYTES;
    if ((place == PLACE_DATED) != block->dated && place != PLACE_BEGIN) {
        return false;
    }
    if (place == PLACE_SHORT && text.size > SHORT_BYTES) {
        return false;
    }
    if (begins && text.size > 2 * BEGIN_BYTES) {
        text.size = 2 * BEGIN_BYTES;
    }
    if (!article_find_text_date(text, language, date) ||
        (begins && date->start > BEGIN_BYTES)) {
        return false;
    }
    if (place == PLACE_DATED && date->start == 0 && begins) {
        block->start += (uint32_t)date->end; /* the text begins behind its date */
        while (block->start < block->end &&
               article_is_space((unsigned char)page->text[block->start])) {
            block->start++;
        }
    }
    return true;
}

static bool look(struct page *page, size_t heading, enum place place,
                 struct article_slice language, struct article_text_date *date)
{
    size_t from = heading == NO_BLOCK ? 0 : heading;
    size_t until = from + REACH < page->block_count ? from + REACH : page->block_count;
    for (size_t i = from; i < until; i++) {
        if (i != heading && read_block(page, i, place, language, date)) {
            return true;
        }
        if (place == PLACE_BEGIN &&
            page->blocks[i].end - page->blocks[i].start > SHORT_BYTES) {
            return false;
        }
    }
    for (size_t i = from; place != PLACE_BEGIN && i > 0 && from - i < REACH / 2; i--) {
        if (read_block(page, i - 1, place, language, date)) {
            return true;
        }
    }
    return false;
}

bool article_shown_date(struct page *page, struct article_slice title,
                        struct article_slice language, int64_t *milliseconds,
                        bool *local)
{
    size_t heading = article_heading_block(page, title);
    struct article_text_date date;
    for (int place = PLACE_DATED; place <= PLACE_BEGIN; place++) {
        if (place != PLACE_DATED && heading == NO_BLOCK) {
            break;
        }
        if (look(page, heading, (enum place)place, language, &date) &&
            date.milliseconds <= page->facts.latest) {
            *milliseconds = date.milliseconds;
            *local = date.has_clock;
            return true;
        }
    }
    return false;
}
