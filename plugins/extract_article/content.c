/* Which of a page's blocks are the article. Structure is believed where it is stated
 * and holds enough of the page's prose; otherwise the container is sought that holds
 * the prose and little else. */
#include <string.h>

#include "edges.h"
#include "page.h"
#include "text.h"

enum node_state {
    STATE_AWAY = 1,       /* it or what it stands in is not content */
    STATE_IN_ARTICLE = 2, /* stands in <article> or <main> */
    STATE_IN_HEADER = 4,  /* stands in the <header> of an article */
    STATE_KEPT = 8,       /* below the chosen node, and content */
    STATE_LEAD = 16       /* a standfirst, or in one */
};

#define PROSE_BYTES     60 /* a block this long outside links reads like prose */
#define PARAGRAPH_BYTES 30 /* the same for <p> */
#define SAID_BYTES      24 /* outside links: a paragraph this long says something */
#define ENOUGH_BYTES    140
#define CAPTION_BYTES   300 /* text beside a picture that is no more than its caption */
#define LEAD_BYTES      30  /* a shorter standfirst is a rubric */
#define LEAD_MOST       900
#define LEAD_REACH      16 /* blocks between the title and the text */

static uint32_t length_of(const struct block *block)
{
    return block->end - block->start;
}

static bool is_prose(const struct page *page, const struct block *block)
{
    uint32_t length = length_of(block), plain = length - block->links;
    uint8_t tag = page->nodes[block->node].tag;
    if (tag == TAG_HEADING || block->links * 2 > length) {
        return false;
    }
    return plain >= PROSE_BYTES || (tag == TAG_PARAGRAPH && plain >= PARAGRAPH_BYTES &&
                                    block->links * 3 < length);
}

/* Links children and passes states down. */
static void set_states(struct page *page)
{
    struct node *nodes = page->nodes;
    for (size_t i = 0; i < page->node_count; i++) {
        struct node *node = &nodes[i];
        uint8_t above = i > 0 ? nodes[node->parent].state : 0;
        bool in_article = above & STATE_IN_ARTICLE;
        bool doubtful = node->flags & (NODE_DOUBTFUL | NODE_FOREIGN);
        node->state = above;
        node->first = 0;
        if (node->tag == TAG_ARTICLE || node->tag == TAG_MAIN) {
            node->state |= STATE_IN_ARTICLE;
        }
        bool header = node->tag == TAG_HEADER ||
                      (node->tag == TAG_CONTAINER && (node->flags & NODE_HEADING));
        if (header && in_article && !(node->flags & NODE_FOREIGN)) {
            node->state |= STATE_IN_HEADER;
        } else if (doubtful || header) {
            node->state |= STATE_AWAY;
        }
    }
    for (size_t i = page->node_count; i-- > 1;) {
        nodes[i].next = nodes[nodes[i].parent].first;
        nodes[nodes[i].parent].first = (uint32_t)i;
    }
}

/* Sums up; what is away does not count for those above it. */
static void sum_up(struct page *page)
{
    struct node *nodes = page->nodes;
    for (size_t i = 0; i < page->node_count; i++) {
        nodes[i].text = nodes[i].links = nodes[i].good = nodes[i].good_count = 0;
    }
    for (size_t i = 0; i < page->block_count; i++) {
        const struct block *block = &page->blocks[i];
        struct node *node = &nodes[block->node];
        node->text += length_of(block);
        node->links += block->links;
        if (is_prose(page, block)) {
            node->good += length_of(block) - block->links;
            node->good_count++;
        }
    }
    for (size_t i = page->node_count; i-- > 1;) {
        struct node *node = &nodes[i], *parent = &nodes[node->parent];
        if ((node->state & STATE_AWAY) && !(parent->state & STATE_AWAY)) {
            continue;
        }
        parent->text += node->text;
        parent->links += node->links;
        parent->good += node->good;
        parent->good_count += node->good_count;
    }
}

/* Little text in a container that is there for a picture is a caption. */
static bool find_captions(struct page *page)
{
    bool found = false;
    for (size_t i = 1; i < page->node_count; i++) {
        struct node *node = &page->nodes[i];
        if ((node->flags & NODE_IMAGE) && !(node->flags & NODE_DOUBTFUL) &&
            node->tag == TAG_CONTAINER && node->text > 0 &&
            node->text <= CAPTION_BYTES) {
            node->flags |= NODE_DOUBTFUL;
            found = true;
        }
    }
    return found;
}

/* A form around the whole page, a class name that misleads: what seems away but holds
 * three times the prose of all the rest is content. */
static bool reprieve(struct page *page)
{
    struct node *nodes = page->nodes;
    uint32_t outside = nodes[0].good;
    uint32_t best = 0;
    for (uint32_t i = 1; i < page->node_count; i++) {
        const struct node *node = &nodes[i];
        bool top = (node->state & STATE_AWAY) &&
                   !(nodes[node->parent].state & STATE_AWAY) &&
                   !(node->flags & NODE_FOREIGN);
        if (top && node->good >= ENOUGH_BYTES && node->good / 3 > outside &&
            (best == 0 || node->good > nodes[best].good)) {
            best = i;
        }
    }
    if (best == 0) {
        return false;
    }
    nodes[best].flags &= (uint8_t) ~(NODE_DOUBTFUL | NODE_IMAGE | NODE_HEADING);
    return true;
}

/* How much a container is worth: its prose, less for links and for short paragraphs. */
static uint64_t worth(const struct node *node)
{
    if (node->good == 0 || node->text == 0) {
        return 0;
    }
    uint64_t links = (uint64_t)node->links * 300 / node->text;
    uint64_t average = node->good / node->good_count;
    return (uint64_t)node->good * (100 - (links < 100 ? links : 100)) *
           (average < 300 ? average : 300);
}

/* True for a neighbour of the article that is a list of teasers and the like. */
static bool is_weak(const struct node *node, const struct node *article)
{
    uint64_t average = node->good / (node->good_count ? node->good_count : 1);
    uint64_t other = article->good / (article->good_count ? article->good_count : 1);
    return (uint64_t)node->links * 100 > (uint64_t)node->text * 15 ||
           average * 10 < other * 6;
}

static bool holds_others(const struct node *node)
{
    switch ((enum article_tag)node->tag) {
    case TAG_CONTAINER:
    case TAG_ARTICLE:
    case TAG_MAIN:
    case TAG_ROOT:
    case TAG_ASIDE:
    case TAG_TABLE:
    case TAG_ROW:
    case TAG_CELL:
        return true;
    case TAG_INLINE:
    case TAG_PARAGRAPH:
    case TAG_HEADING:
    case TAG_ITEM:
    case TAG_LIST:
    case TAG_QUOTE:
    case TAG_HEADER:
    case TAG_SKIP:
    case TAG_SCRIPT:
    case TAG_TITLE:
    case TAG_LINK:
    case TAG_RAISED:
    case TAG_BREAK:
    case TAG_RULE:
    case TAG_META:
    case TAG_RELATION:
    case TAG_TIME:
    case TAG_INPUT:
        break;
    }
    return false;
}

/* From `at` down to the container that holds the prose: as long as one child has nearly
 * all of it and what its neighbours have is not of its kind. */
static uint32_t descend(const struct page *page, uint32_t at)
{
    const struct node *nodes = page->nodes;
    for (;;) {
        uint32_t best = 0;
        for (uint32_t i = nodes[at].first; i != 0; i = nodes[i].next) {
            if (!(nodes[i].state & STATE_AWAY) && holds_others(&nodes[i]) &&
                worth(&nodes[i]) > (best ? worth(&nodes[best]) : 0)) {
                best = i;
            }
        }
        if (best == 0) {
            return at;
        }
        uint64_t rest = nodes[at].good - nodes[best].good;
        for (uint32_t i = nodes[at].first; i != 0; i = nodes[i].next) {
            if (i != best && !(nodes[i].state & STATE_AWAY) &&
                is_weak(&nodes[i], &nodes[best])) {
                rest -= nodes[i].good;
            }
        }
        if (rest * 10 >= nodes[best].good) {
            return at;
        }
        at = best;
    }
}

/* The node with most prose among those that `wanted` names; `sum` is what all of them,
 * nested ones apart, hold. */
static uint32_t richest(const struct page *page, uint8_t tag, uint8_t flag,
                        uint64_t *sum)
{
    const struct node *nodes = page->nodes;
    uint32_t best = 0;
    *sum = 0;
    for (uint32_t i = 1; i < page->node_count; i++) {
        const struct node *node = &nodes[i];
        bool wanted = flag ? (node->flags & flag) : node->tag == tag;
        if (!wanted || (node->state & STATE_AWAY)) {
            continue;
        }
        *sum += nodes[node->parent].tag == tag ? 0 : node->good;
        if (best == 0 || node->good > nodes[best].good) {
            best = i;
        }
    }
    return best;
}

static uint32_t choose_root(const struct page *page)
{
    const struct node *nodes = page->nodes;
    uint64_t all = nodes[0].good, sum;
    uint32_t body = richest(page, TAG_INLINE, NODE_BODY, &sum);
    if (body != 0 && nodes[body].text > 0 &&
        (uint64_t)nodes[body].good * 10 >= all * 3 &&
        (uint64_t)nodes[body].good * 3 >= sum * 2) {
        return body;
    }
    uint32_t article = richest(page, TAG_ARTICLE, 0, &sum);
    if (article != 0 && nodes[article].text > 0 &&
        (uint64_t)nodes[article].good * 20 >= all * 7 &&
        (uint64_t)nodes[article].good * 2 >= sum) {
        return article;
    }
    uint32_t middle = richest(page, TAG_MAIN, 0, &sum);
    if (middle != 0 && nodes[middle].text > 0 &&
        (uint64_t)nodes[middle].good * 10 >= all * 3) {
        return descend(page, middle);
    }
    return descend(page, 0);
}

static bool is_link_list(const struct node *node, const struct node *root)
{
    return node->tag != TAG_PARAGRAPH && node->tag != TAG_HEADING && node->text >= 40 &&
           (uint64_t)node->links * 2 > node->text &&
           (uint64_t)node->good * 4 < root->good;
}

/* Marks what is kept below `root`. The root itself was chosen, whatever it is. */
static void mark(struct page *page, uint32_t root)
{
    struct node *nodes = page->nodes;
    nodes[root].state |= STATE_KEPT;
    for (uint32_t i = root + 1; i < page->node_count; i++) {
        struct node *node = &nodes[i];
        if ((nodes[node->parent].state & STATE_KEPT) && !(node->state & STATE_AWAY) &&
            !is_link_list(node, &nodes[root])) {
            node->state |= STATE_KEPT;
        }
    }
}

/* Standfirsts, whatever else their class says of them: as long as a sentence or two. */
static void mark_leads(struct page *page)
{
    struct node *nodes = page->nodes;
    for (uint32_t i = 1; i < page->node_count; i++) {
        struct node *node = &nodes[i];
        uint8_t above = nodes[node->parent].state;
        bool foreign = node->flags & NODE_FOREIGN;
        bool lead = (node->flags & NODE_LEAD) && node->text >= LEAD_BYTES &&
                    node->text <= LEAD_MOST && node->links * 3 < node->text;
        node->state |= !foreign && (lead || (above & STATE_LEAD)) ? STATE_LEAD : 0;
    }
}

/* The words of the article without what only its place or its shape speaks for. */
static bool is_body(const struct page *page, const struct block *block)
{
    const struct node *node = &page->nodes[block->node];
    uint32_t length = length_of(block);
    if (!(node->state & STATE_KEPT)) {
        return false;
    }
    if (node->state & STATE_IN_HEADER) {
        bool standfirst = node->tag == TAG_HEADING && node->level > 1 &&
                          length >= PROSE_BYTES && block->links == 0;
        return standfirst || (node->tag == TAG_PARAGRAPH && is_prose(page, block));
    }
    return length >= 300 || (uint64_t)block->links * 100 <= (uint64_t)length * 65;
}

static struct article_slice text_of(const struct page *page, const struct block *block)
{
    struct article_slice text = {page->text + block->start, length_of(block)};
    return text;
}

static struct edges find_edges(const struct page *page, struct article_slice title)
{
    struct edges edges = {article_heading_block(page, title), NO_BLOCK, NO_BLOCK};
    for (size_t i = 0; i < page->block_count; i++) {
        const struct block *block = &page->blocks[i];
        if (is_body(page, block) && is_prose(page, block)) {
            edges.first = edges.first == NO_BLOCK ? i : edges.first;
            edges.last = i;
        }
    }
    return edges;
}

/* Between the title and the first prose: a standfirst. */
static bool is_lead(const struct page *page, const struct edges *edges, size_t index)
{
    const struct block *block = &page->blocks[index];
    return edges->heading != NO_BLOCK && edges->first != NO_BLOCK &&
           index > edges->heading && index < edges->first &&
           index - edges->heading <= LEAD_REACH &&
           (page->nodes[block->node].state & STATE_LEAD) &&
           length_of(block) >= LEAD_BYTES && block->links * 3 < length_of(block);
}

/* Bylines and buttons before the first prose and behind the last: no prose, no list, no
 * table, no sentence. */
static bool is_fringe(const struct page *page, const struct edges *edges, size_t index)
{
    const struct block *block = &page->blocks[index];
    const struct node *node = &page->nodes[block->node];
    if (edges->first == NO_BLOCK || node->tag == TAG_CELL || is_prose(page, block)) {
        return false;
    }
    if (edges->heading != NO_BLOCK && index < edges->heading &&
        edges->heading < edges->first) {
        return true;
    }
    bool before =
        index < edges->first && edges->heading != NO_BLOCK && node->tag != TAG_HEADING;
    bool outside = before || index > edges->last;
    bool listed = node->tag == TAG_ITEM && index > edges->last;
    bool said =
        node->tag == TAG_PARAGRAPH && length_of(block) - block->links >= SAID_BYTES;
    return outside && !listed && !said && !article_ends_sentence(text_of(page, block));
}

static bool is_kept(const struct page *page, const struct edges *edges, size_t index)
{
    const struct block *block = &page->blocks[index];
    if (is_lead(page, edges, index)) {
        return true;
    }
    return is_body(page, block) && !is_fringe(page, edges, index) &&
           !article_is_label(text_of(page, block));
}

/* Text under construction: paragraphs, and headings that wait for what they head. */
struct writer {
    const struct page *page;
    struct article *out;
    char *text;
    size_t waiting[8]; /* block indexes of headings */
    size_t waiting_count;
    struct article_slice title;
    struct edges edges;
    bool begun; /* prose was written */
};

static void write_block(struct writer *writer, size_t index)
{
    struct article_slice text = text_of(writer->page, &writer->page->blocks[index]);
    struct article *out = writer->out;
    if (out->paragraph_count < 3 && (article_same_slice(text, writer->title) ||
                                     article_same_slice(text, writer->page->heading))) {
        return; /* the title is told apart from the text */
    }
    if (out->text.size > 0) {
        memcpy(writer->text + out->text.size, "\n\n", 2);
        out->text.size += 2;
    }
    struct article_span span = {out->text.size, out->text.size + text.size};
    memcpy(writer->text + span.start, text.data, text.size);
    out->text.size = span.end;
    out->paragraphs[out->paragraph_count++] = span;
}

static void add_block(struct writer *writer, size_t index)
{
    const struct page *page = writer->page;
    const struct node *node = &page->nodes[page->blocks[index].node];
    bool lead = is_lead(page, &writer->edges, index) || (node->state & STATE_IN_HEADER);
    if (node->tag == TAG_HEADING && !(lead && node->level > 1)) {
        /* A heading that the next of its rank follows headed nothing that was kept. */
        while (writer->waiting_count > 0) {
            size_t last = writer->waiting[writer->waiting_count - 1];
            if (page->nodes[page->blocks[last].node].level < node->level) {
                break;
            }
            writer->waiting_count--;
        }
        if (writer->waiting_count < sizeof(writer->waiting) / sizeof(size_t)) {
            writer->waiting[writer->waiting_count++] = index;
        }
        return;
    }
    bool prose = is_prose(page, &page->blocks[index]);
    if (page->blocks[index].dated && !prose && !lead && !writer->begun) {
        return; /* the line with date and author */
    }
    writer->begun = writer->begun || prose;
    for (size_t i = 0; i < writer->waiting_count; i++) {
        write_block(writer, writer->waiting[i]);
    }
    writer->waiting_count = 0;
    write_block(writer, index);
}

static bool write_kept(const struct page *page, struct article_slice title,
                       struct article *out)
{
    const struct article_memory *memory = page->memory;
    struct writer writer = {
        .page = page, .out = out, .title = title, .edges = find_edges(page, title)};
    size_t count = 0, size = 1;
    for (size_t i = 0; i < page->block_count; i++) {
        if (is_kept(page, &writer.edges, i)) {
            size += length_of(&page->blocks[i]) + 2;
            count++;
        }
    }
    writer.text = memory->allocate(memory->user, size);
    out->paragraphs =
        memory->allocate(memory->user, (count + 1) * sizeof(struct article_span));
    if (writer.text == NULL || out->paragraphs == NULL) {
        return false;
    }
    for (size_t i = 0; i < page->block_count; i++) {
        if (is_kept(page, &writer.edges, i)) {
            add_block(&writer, i);
        }
    }
    writer.text[out->text.size] = '\0';
    out->text.data = out->text.size > 0 ? writer.text : NULL;
    return true;
}

bool article_choose_content(struct page *page, struct article_slice title,
                            struct article *out)
{
    int rounds = 0;
    set_states(page);
    sum_up(page);
    bool captions = find_captions(page);
    do {
        if (captions || rounds > 0) {
            set_states(page);
            sum_up(page);
        }
    } while (rounds++ < 4 && reprieve(page));
    uint32_t root = choose_root(page);
    mark(page, root);
    mark_leads(page);
    if (!write_kept(page, title, out)) {
        return false;
    }
    if (out->text.size == 0 && root != 0) {
        mark(page, 0);
        return write_kept(page, title, out);
    }
    return true;
}
