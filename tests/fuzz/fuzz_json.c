/* JSON comes from strangers: any bytes are read to their end or refused at a place
 * inside them, and what was accepted can be searched and unescaped. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "scan.h"

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

struct inside {
    const char *start, *end;
};

static bool found(void *owner, const struct json_value *value, const char *pointer,
                  size_t size)
{
    const struct inside *inside = owner;
    require(value->data >= inside->start && value->data + value->size <= inside->end);
    require(size < PATH_TEXT && (size == 0 || pointer[0] == '/'));
    if (value->kind == JSON_ESCAPED) {
        char *text = malloc(value->size);
        require(text != NULL);
        require(json_unescape(value->data + 1, value->size - 2, text) < value->size);
        free(text);
    }
    return true;
}

/* The first byte says how long the path is that stands in front of the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct path path;
    struct json_value value;
    size_t path_size = size > 0 && data[0] < size ? data[0] : 0;
    const char *text = (const char *)data + (size > 0) + path_size;
    const char *end = (const char *)data + size;
    struct json_scan scan = {.at = text, .end = end, .depth = JSON_DEPTH};
    json_blanks(&scan);
    if (!json_value(&scan, &value)) {
        require(scan.wrong != NULL && scan.at >= text && scan.at <= end);
        return 0;
    }
    struct inside inside = {text, end};
    require(scan.at <= end);
    if (size > 0 && path_parse((const char *)data + 1, path_size, &path) == NULL) {
        (void)path_find(&path, &value, found, &inside);
    }
    return 0;
}
