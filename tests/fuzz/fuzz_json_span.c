/* JSON of any API: every value that is found lies within the text, and a list has as
 * many items as steps through it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_span.h"

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

static void check_inside(struct json_span inner, struct json_span outer)
{
    require(inner.data >= outer.data && inner.size > 0 &&
            inner.data + inner.size <= outer.data + outer.size);
}

static void walk(struct json_span value, int depth)
{
    struct json_items items = {.list = value};
    struct json_span item;
    struct http_text text = {.data = NULL};
    (void)json_span_text(value, &text);
    http_text_finish(&text);
    while (depth < 8 && json_items_next(&items, &item)) {
        check_inside(item, value);
        walk(item, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const pointers[] = {"",     "/items",   "/items/0",
                                           "/0/a", "/a~1b/~0", "/items/0/id"};
    struct json_span whole, found;
    /* A copy of that size alone, so that the sanitizer sees its end. */
    char *copy = malloc(size + 1);
    require(copy != NULL);
    memcpy(copy, data, size);
    if (json_span_whole(copy, size, &whole)) {
        for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
            if (json_span_find(whole, pointers[i], &found)) {
                check_inside(found, whole);
            }
        }
        walk(whole, 0);
    }
    free(copy);
    return 0;
}
