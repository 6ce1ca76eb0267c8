/* From the order of the page to the order of reading. A page holds what the Unicode
 * bidirectional algorithm made of a line; this undoes it: the line is turned, and what
 * runs from left to right in it is turned back. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "pdf.h"

/* Of a line's height: what is no blank between the parts of a word, which the program
 * splits where the font or the direction changes, and at a mark, which has its own box.
 */
#define NARROW      0.04F
#define NARROW_MARK 0.09F

enum kind { NEUTRAL, BLANK, SEPARATOR, NUMBER, LEFT, RIGHT };

/* A character and the marks on it. */
struct cluster {
    uint32_t first, count; /* in the line's characters */
    enum kind kind;
    bool in_run;       /* of letters or digits from left to right */
    uint32_t run_from; /* its first cluster */
};

struct line {
    const struct pdf_memory *memory;
    struct pdf_text *out;
    int32_t *characters;
    size_t character_count;
    struct cluster *clusters;
    size_t count;
    bool mirrored;
};

static int32_t next_character(const char *text, size_t size, size_t *at)
{
    int32_t character;
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)text + *at,
                         (utf8proc_ssize_t)(size - *at), &character);
    *at += used > 0 ? (size_t)used : 1;
    return used > 0 ? character : 0xfffd;
}

static int class_of(int32_t character)
{
    return utf8proc_get_property(character)->bidi_class;
}

static enum kind kind_of(int32_t character)
{
    switch (class_of(character)) {
    case UTF8PROC_BIDI_CLASS_L:
        return LEFT;
    case UTF8PROC_BIDI_CLASS_R:
    case UTF8PROC_BIDI_CLASS_AL:
        return RIGHT;
    case UTF8PROC_BIDI_CLASS_EN:
    case UTF8PROC_BIDI_CLASS_AN: /* also U+066B and U+066C, the separators of Arabic */
        return NUMBER;
    case UTF8PROC_BIDI_CLASS_CS:
        return SEPARATOR;
    case UTF8PROC_BIDI_CLASS_WS:
    case UTF8PROC_BIDI_CLASS_S:
    case UTF8PROC_BIDI_CLASS_B:
        return BLANK;
    default:
        return NEUTRAL;
    }
}

static bool is_mark(int32_t character)
{
    return class_of(character) == UTF8PROC_BIDI_CLASS_NSM;
}

/* Controls of direction, soft hyphens and characters that only a font knows. */
static bool is_left_out(int32_t character)
{
    int class = class_of(character);
    utf8proc_category_t category = utf8proc_category(character);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO ||
           category == UTF8PROC_CATEGORY_CS || class == UTF8PROC_BIDI_CLASS_BN;
}

void pdf_count_letters(const struct pdf_word *words, size_t count,
                       struct pdf_letters *out)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < words[i].size;) {
            enum kind kind = kind_of(next_character(words[i].text, words[i].size, &at));
            out->left_to_right += kind == LEFT ? 1 : 0;
            out->right_to_left += kind == RIGHT ? 1 : 0;
        }
    }
}

static bool has_mark(const struct pdf_word *word)
{
    for (size_t at = 0; at < word->size;) {
        int32_t character = next_character(word->text, word->size, &at);
        if (is_mark(character)) {
            return true;
        }
    }
    return false;
}

static bool is_right(const struct pdf_word *word)
{
    struct pdf_letters letters = {0, 0};
    pdf_count_letters(word, 1, &letters);
    return letters.right_to_left > 0 && letters.left_to_right == 0;
}

static bool is_one_word(const struct pdf_word *left, const struct pdf_word *right)
{
    float height = left->bottom - left->top < right->bottom - right->top
                       ? left->bottom - left->top
                       : right->bottom - right->top;
    float gap = right->left - left->right;
    return gap < NARROW * height ||
           (gap < NARROW_MARK * height && is_right(left) && is_right(right) &&
            (has_mark(left) || has_mark(right)));
}

/* ---- to clusters ---- */

static void add_character(struct line *line, int32_t character)
{
    struct cluster *last = line->count > 0 ? &line->clusters[line->count - 1] : NULL;
    if (is_left_out(character)) {
        return;
    }
    if (is_mark(character)) {
        if (last != NULL && last->kind != BLANK) { /* one without a letter is nothing */
            line->characters[line->character_count++] = character;
            last->count++;
        }
        return;
    }
    if (kind_of(character) == BLANK && (last == NULL || last->kind == BLANK)) {
        return;
    }
    line->clusters[line->count++] =
        (struct cluster){.first = (uint32_t)line->character_count,
                         .count = 1,
                         .kind = kind_of(character)};
    line->characters[line->character_count++] = character;
}

static bool read_words(struct line *line, const struct pdf_word *words, size_t count)
{
    size_t room = 1;
    for (size_t i = 0; i < count; i++) {
        room += words[i].size + 1;
    }
    line->characters =
        line->memory->allocate(line->memory->user, room * sizeof *line->characters);
    line->clusters =
        line->memory->allocate(line->memory->user, room * sizeof *line->clusters);
    if (line->characters == NULL || line->clusters == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && !is_one_word(&words[i - 1], &words[i])) {
            add_character(line, ' ');
        }
        for (size_t at = 0; at < words[i].size;) {
            add_character(line, next_character(words[i].text, words[i].size, &at));
        }
    }
    line->count -= line->count > 0 && line->clusters[line->count - 1].kind == BLANK;
    return true;
}

/* ---- what runs from left to right ---- */

static bool is_solid(const struct line *line, size_t i)
{
    return line->clusters[i].kind >= NUMBER;
}

/* Whether the run that ends before `end` goes on at `next`, over what lies between. A
 * number right of Latin letters was written behind them; one left of them was not, else
 * it would stand on their other side. */
static bool goes_on(const struct line *line, size_t end, size_t next, bool letters)
{
    const struct cluster *clusters = line->clusters;
    bool single = next - end == 1 && clusters[end].kind == SEPARATOR &&
                  clusters[end - 1].kind == NUMBER && clusters[next].kind == NUMBER;
    return clusters[next].kind != RIGHT && (next == end || single || letters);
}

static void mark_runs(struct line *line, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        size_t end = i + 1;
        if (line->clusters[i].kind != LEFT && line->clusters[i].kind != NUMBER) {
            i++;
            continue;
        }
        bool letters = line->clusters[i].kind == LEFT;
        for (size_t next = end; next < to; next = end) {
            while (next < to && !is_solid(line, next)) {
                next++;
            }
            if (next == to || !goes_on(line, end, next, letters)) {
                break;
            }
            letters = letters || line->clusters[next].kind == LEFT;
            end = next + 1;
        }
        for (size_t k = i; k < end; k++) {
            line->clusters[k].in_run = true;
            line->clusters[k].run_from = (uint32_t)i;
        }
        i = end;
    }
}

/* ---- writing ---- */

static int32_t mirror(int32_t character)
{
    static const int32_t pairs[] = {'(', ')', '[',  ']',  '{',    '}',
                                    '<', '>', 0xab, 0xbb, 0x2039, 0x203a};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i] == character) {
            return pairs[i ^ 1];
        }
    }
    return character;
}

static bool is_presentation(int32_t character)
{
    return (character >= 0xfb00 && character <= 0xfdff) ||
           (character >= 0xfe70 && character <= 0xfefc);
}

static bool put_character(const struct line *line, int32_t character)
{
    int32_t letters[24];
    utf8proc_ssize_t count = 1;
    letters[0] = character;
    if (is_presentation(character)) {
        int last = UTF8PROC_BOUNDCLASS_START;
        count = utf8proc_decompose_char(character, letters, 24,
                                        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &last);
        count = count > 24 ? 0 : count;
    }
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t size = utf8proc_encode_char(letters[i], bytes);
        if (!pdf_put(line->memory, line->out, (const char *)bytes, (size_t)size)) {
            return false;
        }
    }
    return true;
}

static bool put_cluster(const struct line *line, size_t index, bool turned)
{
    const struct cluster *cluster = &line->clusters[index];
    int32_t first = line->characters[cluster->first];
    if (turned && mirror(first) != first) {
        line->out->turned_brackets++;
        first = line->mirrored ? mirror(first) : first;
    }
    bool done = put_character(line, first);
    for (uint32_t i = 1; i < cluster->count && done; i++) {
        done = put_character(line, line->characters[cluster->first + i]);
    }
    return done;
}

static bool put_turned(struct line *line, size_t from, size_t to)
{
    bool done = true;
    mark_runs(line, from, to);
    for (size_t i = to; i > from && done;) {
        i--;
        if (!line->clusters[i].in_run) {
            done = put_cluster(line, i, true);
            continue;
        }
        size_t first = line->clusters[i].run_from;
        for (size_t k = first; k <= i && done; k++) {
            done = put_cluster(line, k, false);
        }
        i = first;
    }
    return done;
}

static int32_t first_character(const struct line *line, size_t index)
{
    return line->characters[line->clusters[index].first];
}

/* A number left of such letters belongs to them, unless it goes on what stands before
 * it; so does a comma that begins the line: it ends the part on this line. */
static bool begins_right(const struct line *line, size_t from, bool behind_left)
{
    size_t next = from;
    enum kind kind = line->clusters[from].kind;
    if (kind == RIGHT || (kind == NUMBER && !behind_left)) {
        return true;
    }
    while (from == 0 && kind == SEPARATOR && next + 1 < line->count &&
           !is_solid(line, next)) {
        next++;
    }
    return next > from && line->clusters[next].kind == RIGHT;
}

/* The end of the right-to-left part that begins at `from`, or `from` when none does:
 * up to the last such letter before one of the other kind, or a bracket that closes
 * what was opened outside. */
static size_t right_end(const struct line *line, size_t from, bool behind_left)
{
    size_t end = from, depth = 0;
    if (!begins_right(line, from, behind_left)) {
        return from;
    }
    for (size_t i = from; i < line->count && line->clusters[i].kind != LEFT; i++) {
        int32_t character = first_character(line, i);
        if (character == ')' && depth == 0) {
            break;
        }
        depth += character == '(' ? 1 : 0;
        depth -= character == ')' ? 1 : 0;
        end = line->clusters[i].kind == RIGHT ? i + 1 : end;
    }
    return end;
}

static bool put_straight(struct line *line)
{
    bool behind_left = false, done = true;
    for (size_t i = 0; i < line->count && done;) {
        size_t end = right_end(line, i, behind_left);
        if (end > i) {
            done = put_turned(line, i, end);
            behind_left = false;
            i = end;
            continue;
        }
        behind_left = line->clusters[i].kind == LEFT ||
                      (behind_left && line->clusters[i].kind != RIGHT);
        done = put_cluster(line, i, false);
        i++;
    }
    return done;
}

/* What was written from `start` on, in NFC. */
static bool compose(struct line *line, size_t start)
{
    struct pdf_text *out = line->out;
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)out->text + start,
                                         (utf8proc_ssize_t)(out->size - start),
                                         &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    bool done = size >= 0;
    if (done) {
        out->size = start;
        done = pdf_put(line->memory, out, (const char *)composed, (size_t)size);
    }
    free(composed);
    return done;
}

bool pdf_append_line(const struct pdf_word *words, size_t count, enum pdf_base base,
                     bool mirrored, const struct pdf_memory *memory,
                     struct pdf_text *out)
{
    struct line line = {.memory = memory, .out = out, .mirrored = mirrored};
    size_t start = out->size;
    if (!read_words(&line, words, count)) {
        return false;
    }
    bool done = base == PDF_RIGHT_TO_LEFT ? put_turned(&line, 0, line.count)
                                          : put_straight(&line);
    return done && (out->size == start || compose(&line, start));
}
