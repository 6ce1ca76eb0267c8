/* How far apart two places of a sentence are, and where its clauses end. */
#include <string.h>

#include "topics.h"

enum { JOIN = 15, COMMA = 25, CLAUSE = 60, NUMBER = 30 };

static bool is_strong(uint32_t code)
{
    return code == ';' || code == 0x61b || code == 0x3002 || code == 0xff1b ||
           code == 0x2014 || code == '.' || code == ':' || code == '!' || code == '?';
}

static bool is_weak(uint32_t code)
{
    return code == ',' || code == 0x60c || code == 0x3001 || code == 0xff0c;
}

static int32_t count_places(struct mizan_slice text, const struct words *words)
{
    int32_t count = 0;
    for (size_t i = 0; i < words->count; i++) {
        for (size_t at = find_word(text, &words->items[i], 0); at != NONE;
             at = find_word(text, &words->items[i], at + 1)) {
            count++;
        }
    }
    return count;
}

/* How many words begin with a particle (Arabic "and"). */
static int32_t count_fronts(struct mizan_slice text, const struct words *fronts)
{
    int32_t count = 0;
    for (size_t i = 0; i < fronts->count; i++) {
        struct mizan_slice front = fronts->items[i].text;
        for (size_t at = find_bytes(text, front, 0); at != NONE;
             at = find_bytes(text, front, at + front.size)) {
            size_t step;
            uint32_t before = code_before(text, at, &step);
            count += step == 0 || !is_letter(before);
        }
    }
    return count;
}

int32_t distance(struct mizan_slice between, const struct language *language,
                 bool *borders)
{
    int32_t total = 0;
    bool in_number = false, after_digit = false;
    size_t step, next;
    *borders = false;
    for (size_t at = 0; at < between.size; at += step) {
        uint32_t code = code_at(between, at, &step);
        int32_t mark = is_strong(code) ? CLAUSE : is_weak(code) ? COMMA : 0;
        total += is_unspaced(code) ? 2 : 1;
        if (is_digit(code)) {
            if (!in_number) {
                total += NUMBER;
                *borders = true;
            }
            in_number = after_digit = true;
        } else if (mark == 0 || !after_digit ||
                   !is_digit(code_at(between, at + step, &next))) {
            total += mark; /* marks inside numbers are no borders */
            *borders = *borders || mark > 0;
            in_number = after_digit = false;
        }
    }
    int32_t breaks = count_places(between, &language->breaks);
    *borders = *borders || breaks > 0;
    return total + CLAUSE * breaks + JOIN * count_places(between, &language->joins) +
           JOIN * count_fronts(between, &language->fronts);
}

struct mizan_slice clause_around(struct pool *pool, const struct figure *figure,
                                 const struct words *breaks)
{
    struct mizan_slice before = figure->before, after = figure->after;
    size_t from = 0, to = after.size, step, next;
    for (size_t at = 0; at < before.size; at += step) {
        uint32_t code = code_at(before, at, &step);
        if ((is_strong(code) || is_weak(code)) &&
            !is_digit(code_at(before, at + step, &next))) {
            from = at;
        }
    }
    for (size_t at = 0; at < after.size; at += step) {
        uint32_t code = code_at(after, at, &step);
        if ((is_strong(code) || is_weak(code)) &&
            !is_digit(code_at(after, at + step, &next))) {
            to = at + 1;
            break;
        }
    }
    for (size_t i = 0; i < breaks->count; i++) {
        const struct word *word = &breaks->items[i];
        for (size_t at = find_word(before, word, 0); at != NONE;
             at = find_word(before, word, at + 1)) {
            from = at > from ? at : from;
        }
        size_t at = find_word(after, word, 0);
        to = at != NONE && at + 1 < to ? at + 1 : to;
    }
    struct mizan_slice parts[] = {part_of(before, from, before.size), figure->itself,
                                  part_of(after, 0, to)};
    struct mizan_slice clause = {NULL, 0};
    char *data = pool_alloc(pool, parts[0].size + parts[1].size + parts[2].size + 1);
    for (size_t i = 0; data != NULL && i < 3; i++) {
        if (parts[i].size > 0) {
            memcpy(data + clause.size, parts[i].data, parts[i].size);
        }
        clause.size += parts[i].size;
    }
    clause.data = data;
    return data == NULL ? (struct mizan_slice){NULL, 0} : clause;
}
