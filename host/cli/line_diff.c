#include "cli/line_diff.h"

#include <stdlib.h>
#include <string.h>

/* Texts of articles have hundreds of lines; beyond this only what differs at the ends
 * is matched and the middle is told whole. */
#define MOST_CELLS ((size_t)16 << 20)

struct lines {
    struct mizan_slice *items;
    size_t count;
};

static bool split(struct mizan_slice text, struct lines *out)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++) {
        count += text.data[i] == '\n';
    }
    out->items = malloc(count * sizeof *out->items);
    out->count = 0;
    if (out->items == NULL) {
        return false;
    }
    for (size_t at = 0; at < text.size;) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end == NULL ? text.size - at : (size_t)(end - text.data) - at;
        if (size > 0) {
            out->items[out->count++] = (struct mizan_slice){text.data + at, size};
        }
        at += size + 1;
    }
    return true;
}

static bool same(struct mizan_slice a, struct mizan_slice b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

struct teller {
    void (*line)(void *context, char sign, struct mizan_slice text);
    void *context;
};

/* Longest common subsequence of a[0..n) and b[0..m); table[i][j] counts from the end.
 */
static void walk(const struct mizan_slice *a, size_t n, const struct mizan_slice *b,
                 size_t m, const unsigned *table, const struct teller *teller)
{
    size_t i = 0, j = 0;
    while (i < n || j < m) {
        if (i < n && j < m && same(a[i], b[j])) {
            i++;
            j++;
        } else if (i < n &&
                   (j == m || table == NULL ||
                    table[(i + 1) * (m + 1) + j] >= table[i * (m + 1) + j + 1])) {
            teller->line(teller->context, '-', a[i++]);
        } else {
            teller->line(teller->context, '+', b[j++]);
        }
    }
}

static bool compare(struct lines *a, struct lines *b, const struct teller *teller)
{
    size_t first = 0, n = a->count, m = b->count;
    while (first < n && first < m && same(a->items[first], b->items[first])) {
        first++;
    }
    while (n > first && m > first && same(a->items[n - 1], b->items[m - 1])) {
        n--;
        m--;
    }
    const struct mizan_slice *left = a->items + first, *right = b->items + first;
    n -= first;
    m -= first;
    unsigned *table = NULL;
    if (n > 0 && m > 0 && (n + 1) <= MOST_CELLS / (m + 1)) {
        table = calloc((n + 1) * (m + 1), sizeof *table);
        if (table == NULL) {
            return false;
        }
        for (size_t i = n; i-- > 0;) {
            for (size_t j = m; j-- > 0;) {
                unsigned below = table[(i + 1) * (m + 1) + j];
                unsigned beside = table[i * (m + 1) + j + 1];
                table[i * (m + 1) + j] = same(left[i], right[j])
                                             ? table[(i + 1) * (m + 1) + j + 1] + 1
                                         : below > beside ? below
                                                          : beside;
            }
        }
    }
    walk(left, n, right, m, table, teller);
    free(table);
    return true;
}

bool mz_line_diff(struct mizan_slice before, struct mizan_slice after,
                  void (*line)(void *context, char sign, struct mizan_slice text),
                  void *context)
{
    struct lines a = {NULL, 0}, b = {NULL, 0};
    struct teller teller = {line, context};
    bool good = split(before, &a) && split(after, &b) && compare(&a, &b, &teller);
    free(a.items);
    free(b.items);
    return good;
}
