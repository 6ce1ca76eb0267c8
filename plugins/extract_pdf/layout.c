/* Lines to paragraphs: a line goes on the one before when the two are set alike, one
 * below the other, and the next word would not have fitted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pdf.h"

#define PAGE_LINES 2000  /* lines of a page that are compared with one another */
#define TALLER     1.2F  /* times the height: another kind of line */
#define FURTHER    1.25F /* times the distance of lines: another paragraph */

struct layout {
    const struct pdf_boxes *boxes;
    const struct pdf_memory *memory;
    struct pdf_text *out;
    bool mirrored;
    /* Of the page at hand. */
    const struct pdf_line *lines;
    size_t count;
    float distance;    /* of the baselines of lines in a paragraph, 0: not known */
    bool left_aligned; /* right-to-left text that is set from the left */
};

static float height_of(const struct pdf_line *line)
{
    return line->bottom - line->top;
}

static bool is_alike(const struct pdf_line *a, const struct pdf_line *b)
{
    float one = height_of(a), other = height_of(b);
    return one < other * TALLER && other < one * TALLER;
}

/* ---- lines that were taken apart ---- */

static int by_place(const void *a, const void *b)
{
    float one = ((const struct pdf_word *)a)->left;
    float other = ((const struct pdf_word *)b)->left;
    return one < other ? -1 : one > other ? 1 : 0;
}

/* Side by side on one baseline, no wider apart than words are. */
static bool is_one_line(const struct pdf_line *a, const struct pdf_line *b)
{
    float height = height_of(a) < height_of(b) ? height_of(a) : height_of(b);
    float gap = a->left > b->left ? a->left - b->right : b->left - a->right;
    return a->page == b->page && a->count > 0 && b->count > 0 &&
           fabsf(a->bottom - b->bottom) < 0.15F * height && gap < 0.5F * height &&
           gap > -0.5F * height;
}

/* Puts the parts of a line together again. */
static void join_lines(struct pdf_boxes *boxes)
{
    size_t kept = 0;
    for (size_t i = 0; i < boxes->line_count; i++) {
        struct pdf_line *last = kept > 0 ? &boxes->lines[kept - 1] : NULL;
        struct pdf_line line = boxes->lines[i];
        if (last == NULL || !is_one_line(last, &line)) {
            boxes->lines[kept++] = line;
            continue;
        }
        last->count += line.count;
        last->left = fminf(last->left, line.left);
        last->right = fmaxf(last->right, line.right);
        last->top = fminf(last->top, line.top);
        last->bottom = fmaxf(last->bottom, line.bottom);
        qsort(boxes->words + last->first, last->count, sizeof *boxes->words, by_place);
    }
    boxes->line_count = kept;
}

/* ---- what a line is ---- */

static bool is_digit_at(const struct pdf_word *word, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)word->text + *at;
    size_t left = word->size - *at;
    if (bytes[0] >= '0' && bytes[0] <= '9') {
        *at += 1;
        return true;
    }
    /* Arabic and Persian digits. */
    if (left >= 2 && ((bytes[0] == 0xd9 && bytes[1] >= 0xa0 && bytes[1] <= 0xa9) ||
                      (bytes[0] == 0xdb && bytes[1] >= 0xb0 && bytes[1] <= 0xb9))) {
        *at += 2;
        return true;
    }
    return false;
}

static const struct pdf_word *words_of(const struct layout *layout,
                                       const struct pdf_line *line)
{
    return layout->boxes->words + line->first;
}

/* A number of one to four digits, with dashes or bars around: of a page, where it
 * stands at its edge. */
static bool is_number_alone(const struct layout *layout, const struct pdf_line *line)
{
    size_t digits = 0;
    for (uint32_t w = 0; w < line->count; w++) {
        const struct pdf_word *word = &words_of(layout, line)[w];
        for (size_t at = 0; at < word->size;) {
            if (is_digit_at(word, &at)) {
                digits++;
            } else if (strchr("-|/. ", word->text[at]) != NULL &&
                       word->text[at] != '\0') {
                at++;
            } else {
                return false;
            }
        }
    }
    return digits > 0 && digits <= 4;
}

static bool is_at_edge(const struct layout *layout, const struct pdf_line *line)
{
    bool first = true, last = true;
    for (size_t i = 0; i < layout->count; i++) {
        first = first && layout->lines[i].top >= line->top;
        last = last && layout->lines[i].bottom <= line->bottom;
    }
    return first || last;
}

/* The same letters at the same height, digits left aside. */
static bool is_same(const struct layout *layout, const struct pdf_line *a,
                    const struct pdf_line *b)
{
    if (a->count != b->count || fabsf(a->top - b->top) > 2) {
        return false;
    }
    for (uint32_t w = 0; w < a->count; w++) {
        const struct pdf_word *one = &words_of(layout, a)[w];
        const struct pdf_word *other = &words_of(layout, b)[w];
        size_t i = 0, k = 0;
        while (i < one->size || k < other->size) {
            if (i < one->size && is_digit_at(one, &i)) {
                continue;
            }
            if (k < other->size && is_digit_at(other, &k)) {
                continue;
            }
            if (i == one->size || k == other->size ||
                one->text[i++] != other->text[k++]) {
                return false;
            }
        }
    }
    return true;
}

/* Page numbers, and what heads or ends every page, from its second time on. */
static bool is_running(const struct layout *layout, const struct pdf_line *line)
{
    const struct pdf_line *before = layout->lines;
    if (layout->boxes->page_count < 2 || !is_at_edge(layout, line)) {
        return false;
    }
    if (is_number_alone(layout, line)) {
        return true;
    }
    while (before > layout->boxes->lines && before[-1].page + 1 >= line->page) {
        before--;
        if (before->page + 1 == line->page && is_same(layout, before, line)) {
            return true;
        }
    }
    return false;
}

/* ---- direction ---- */

/* The last byte of the text ends a sentence or a part of one. */
static bool is_ended(const char *text, size_t size)
{
    static const char *const marks[] = {".",      "!",      "?",      ":",
                                        ";",      "\u060c", "\u061b", "\u061f",
                                        "\u06d4", "\u0964", "\u3002", ","};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t length = strlen(marks[i]);
        if (size >= length && memcmp(text + size - length, marks[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static enum pdf_base base_of(const struct layout *layout, const struct pdf_line *line)
{
    struct pdf_letters letters = {0, 0};
    const struct pdf_line *first = line, *end = line + 1;
    while (first > layout->lines && first[-1].block == line->block) {
        first--;
    }
    while (end < layout->lines + layout->count && end->block == line->block) {
        end++;
    }
    for (; first < end; first++) {
        pdf_count_letters(words_of(layout, first), first->count, &letters);
    }
    return letters.right_to_left > letters.left_to_right && !layout->left_aligned
               ? PDF_RIGHT_TO_LEFT
               : PDF_LEFT_TO_RIGHT;
}

/* Right-to-left text that some program set as if it ran from left to right has the ends
 * of its sentences on the right. */
static bool is_left_aligned(const struct layout *layout)
{
    size_t left = 0, right = 0;
    for (size_t i = 0; i < layout->count; i++) {
        const struct pdf_line *line = &layout->lines[i];
        struct pdf_letters letters = {0, 0};
        if (line->count == 0) {
            continue;
        }
        const struct pdf_word *first = words_of(layout, line);
        const struct pdf_word *last = first + line->count - 1;
        pdf_count_letters(first, line->count, &letters);
        if (letters.right_to_left <= letters.left_to_right) {
            continue;
        }
        right += is_ended(last->text, last->size) ? 1 : 0;
        for (size_t size = 1; size <= 3 && size <= first->size; size++) {
            if (is_ended(first->text, size)) {
                left++;
                break;
            }
        }
    }
    return right > left;
}

/* ---- paragraphs ---- */

static float line_distance(const struct layout *layout)
{
    float least = 0;
    for (size_t i = 1; i < layout->count; i++) {
        const struct pdf_line *a = &layout->lines[i - 1], *b = &layout->lines[i];
        float step = b->bottom - a->bottom;
        if (is_alike(a, b) && step > 0.6F * height_of(b) && step < 2 * height_of(b) &&
            (least <= 0 || step < least)) {
            least = step;
        }
    }
    return least;
}

/* How far lines reach that begin where this one does. */
static float reach_of(const struct layout *layout, const struct pdf_line *line,
                      enum pdf_base base)
{
    float reach = base == PDF_RIGHT_TO_LEFT ? line->left : line->right;
    for (size_t i = 0; i < layout->count; i++) {
        const struct pdf_line *other = &layout->lines[i];
        float start = base == PDF_RIGHT_TO_LEFT ? other->right - line->right
                                                : other->left - line->left;
        if (other->count == 0 || fabsf(start) > 2 * height_of(line)) {
            continue;
        }
        if (base == PDF_RIGHT_TO_LEFT) {
            reach = other->left < reach ? other->left : reach;
        } else {
            reach = other->right > reach ? other->right : reach;
        }
    }
    return reach;
}

/* The first word of `next` would not have fitted behind `line`. */
static bool is_full(const struct layout *layout, const struct pdf_line *line,
                    const struct pdf_line *next, enum pdf_base base)
{
    const struct pdf_word *words = words_of(layout, next);
    const struct pdf_word *word =
        base == PDF_RIGHT_TO_LEFT ? &words[next->count - 1] : &words[0];
    float room = base == PDF_RIGHT_TO_LEFT ? line->left - reach_of(layout, line, base)
                                           : reach_of(layout, line, base) - line->right;
    return room < word->right - word->left + 0.1F * height_of(line);
}

/* A bullet or a dash: begins an item of a list. */
static bool is_marker(const struct pdf_word *word)
{
    static const char *const marks[] = {"\u2022", "\u25e6", "\u25aa", "\u2023",
                                        "-",      "\u2013", "\u00b7", "*",
                                        "\uf0b7", "\uf0a7"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t length = strlen(marks[i]);
        if (word->size >= length && memcmp(word->text, marks[i], length) == 0 &&
            (word->size == length || length > 1)) {
            return true;
        }
        /* From right to left it is the last. */
        if (length > 1 && word->size > length &&
            memcmp(word->text + word->size - length, marks[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins_item(const struct layout *layout, const struct pdf_line *line,
                        enum pdf_base base)
{
    const struct pdf_word *words = words_of(layout, line);
    return is_marker(base == PDF_RIGHT_TO_LEFT ? &words[line->count - 1] : &words[0]);
}

static bool goes_on(const struct layout *layout, const struct pdf_line *before,
                    const struct pdf_line *line, enum pdf_base base)
{
    const struct pdf_text *out = layout->out;
    size_t start = out->paragraphs[out->paragraph_count - 1].start;
    bool ended = is_ended(out->text + start, out->size - start);
    float step = line->bottom - before->bottom;
    if (!is_alike(before, line) || begins_item(layout, line, base)) {
        return false;
    }
    if (line->page != before->page || step < 0.3F * height_of(line)) {
        /* A new column, a new page. */
        return !ended && before->page + 1 >= line->page;
    }
    if (step > FURTHER * layout->distance &&
        (layout->distance > 0 || step > 1.5F * height_of(line))) {
        return false;
    }
    return is_full(layout, before, line, base);
}

/* "inter-" and "national" on two lines are one word. */
static bool take_hyphen(struct layout *layout, const struct pdf_line *line)
{
    struct pdf_text *out = layout->out;
    const struct pdf_word *word = words_of(layout, line);
    size_t size = out->size;
    size_t hyphen = size > 1 && out->text[size - 1] == '-'                       ? 1
                    : size > 3 && memcmp(out->text + size - 3, "\u2010", 3) == 0 ? 3
                                                                                 : 0;
    unsigned char last = hyphen > 0 ? (unsigned char)out->text[size - hyphen - 1] : 0;
    bool letter = (last | 0x20) >= 'a';
    bool lower = (word->text[0] >= 'a' && word->text[0] <= 'z') ||
                 (unsigned char)word->text[0] >= 0xc3;
    if (hyphen > 0 && letter && lower) {
        out->size -= hyphen;
        out->text[out->size] = '\0';
        return true;
    }
    return false;
}

static bool open_paragraph(struct layout *layout)
{
    struct pdf_text *out = layout->out;
    void *items = out->paragraphs;
    if (!pdf_put(layout->memory, out, "\n\n", out->paragraph_count > 0 ? 2 : 0) ||
        !pdf_grow(layout->memory, &items, &out->paragraph_room, out->paragraph_count, 1,
                  sizeof *out->paragraphs)) {
        return false;
    }
    out->paragraphs = items;
    out->paragraphs[out->paragraph_count++] = (struct pdf_span){out->size, out->size};
    return true;
}

static bool put_line(struct layout *layout, const struct pdf_line *before,
                     const struct pdf_line *line)
{
    struct pdf_text *out = layout->out;
    enum pdf_base base = base_of(layout, line);
    bool joined = before != NULL && goes_on(layout, before, line, base);
    if (!joined && !open_paragraph(layout)) {
        return false;
    }
    if (joined && !take_hyphen(layout, line) && !pdf_put(layout->memory, out, " ", 1)) {
        return false;
    }
    if (!pdf_append_line(words_of(layout, line), line->count, base, layout->mirrored,
                         layout->memory, out)) {
        return false;
    }
    out->paragraphs[out->paragraph_count - 1].end = out->size;
    return true;
}

static bool lay_out_once(struct layout *layout)
{
    const struct pdf_boxes *boxes = layout->boxes;
    struct pdf_text *out = layout->out;
    const struct pdf_line *before = NULL, *line = boxes->lines;
    const struct pdf_line *end = line != NULL ? line + boxes->line_count : NULL;
    out->page_count = boxes->page_count;
    out->pages = layout->memory->allocate(layout->memory->user,
                                          (out->page_count + 1) * sizeof *out->pages);
    if (out->pages == NULL || !pdf_put(layout->memory, out, "", 0)) {
        return false;
    }
    for (uint32_t page = 1; page <= out->page_count; page++) {
        const struct pdf_line *stop = line;
        while (stop < end && stop->page == page) {
            stop++;
        }
        layout->lines = line;
        layout->count = (size_t)(stop - line);
        layout->count = layout->count > PAGE_LINES ? PAGE_LINES : layout->count;
        layout->distance = line_distance(layout);
        layout->left_aligned = is_left_aligned(layout);
        out->pages[page - 1] = out->size;
        for (; line < stop; line++) {
            if (line->count == 0 || is_running(layout, line)) {
                continue;
            }
            if (out->size > PDF_TEXT_LIMIT) {
                out->partial = true;
                continue;
            }
            if (!put_line(layout, before, line)) {
                return false;
            }
            before = line;
        }
    }
    return true;
}

/* Brackets that close what was not opened, or stay open. */
static size_t bracket_faults(const struct pdf_text *out)
{
    size_t faults = 0;
    for (size_t i = 0; i < out->paragraph_count; i++) {
        size_t depth = 0;
        for (size_t k = out->paragraphs[i].start; k < out->paragraphs[i].end; k++) {
            if (out->text[k] == '(') {
                depth++;
            } else if (out->text[k] == ')' && depth > 0) {
                depth--;
            } else if (out->text[k] == ')') {
                faults++;
            }
        }
        faults += depth;
    }
    return faults;
}

bool pdf_lay_out(struct pdf_boxes *boxes, const struct pdf_memory *memory,
                 struct pdf_text *out)
{
    struct layout layout = {.boxes = boxes, .memory = memory, .out = out};
    memset(out, 0, sizeof *out);
    out->partial = boxes->partial;
    join_lines(boxes);
    if (!lay_out_once(&layout)) {
        return false;
    }
    size_t faults = out->turned_brackets > 0 ? bracket_faults(out) : 0;
    if (faults > 0) {
        struct pdf_text other = {.partial = boxes->partial};
        layout.out = &other;
        layout.mirrored = true;
        if (!lay_out_once(&layout)) {
            return false;
        }
        *out = bracket_faults(&other) < faults ? other : *out;
    }
    return true;
}
