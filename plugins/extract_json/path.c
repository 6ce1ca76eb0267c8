#include "path.h"

#include <stdio.h>
#include <string.h>

static bool to_position(struct path_step *step)
{
    size_t index = 0;
    step->position =
        step->size > 0 && step->size <= 9 && (step->size == 1 || step->name[0] != '0');
    for (size_t i = 0; i < step->size && step->position; i++) {
        step->position = step->name[i] >= '0' && step->name[i] <= '9';
        index = index * 10 + (size_t)(step->name[i] - '0');
    }
    step->index = index;
    return step->position;
}

static const char *add_step(struct path *path, const char *name, size_t size,
                            bool bracket)
{
    struct path_step *step = &path->steps[path->count];
    if (path->count == PATH_STEPS) {
        return "it has more than 32 parts";
    }
    *step = (struct path_step){.name = name, .size = size, .bracket = bracket};
    step->any = size == 1 && name[0] == '*';
    if (!to_position(step) && bracket && !step->any) {
        return "a position in brackets is a number from 0, or *";
    }
    path->count++;
    return NULL;
}

/* ~1 is '/', ~0 is '~'. */
static const char *parse_pointer(const char *text, size_t size, struct path *path)
{
    char *to = path->text;
    size_t at = 1;
    for (;;) {
        char *name = to;
        for (; at < size && text[at] != '/'; at++) {
            if (text[at] != '~') {
                *to++ = text[at];
                continue;
            }
            if (at + 1 == size || (text[at + 1] != '0' && text[at + 1] != '1')) {
                return "'~' in a JSON Pointer is followed by 0 or 1";
            }
            *to++ = text[++at] == '0' ? '~' : '/';
        }
        const char *failure = add_step(path, name, (size_t)(to - name), false);
        if (failure != NULL || at == size) {
            return failure;
        }
        at++;
    }
}

static const char *parse_path(const char *text, size_t size, struct path *path)
{
    size_t at = 0;
    memcpy(path->text, text, size);
    while (at < size) {
        const char *failure;
        size_t first = at;
        if (text[at] == '[') {
            while (at < size && text[at] != ']') {
                at++;
            }
            if (at == size) {
                return "']' is missing";
            }
            failure = add_step(path, path->text + first + 1, at - first - 1, true);
            at++;
        } else {
            at += strcspn(text + at, ".[");
            if (at == first) {
                return "a name is missing";
            }
            failure = add_step(path, path->text + first, at - first, false);
        }
        if (failure != NULL) {
            return failure;
        }
        if (at < size && text[at] == '.') {
            if (++at == size) {
                return "a name is missing at its end";
            }
        } else if (at < size && text[at] != '[') {
            return "behind ']' comes '.' or '['";
        }
    }
    return NULL;
}

const char *path_parse(const char *text, size_t size, struct path *path)
{
    char copy[PATH_TEXT];
    path->count = 0;
    if (size >= PATH_TEXT || memchr(text, '\0', size) != NULL) {
        return "it has more than 1023 bytes, or a NUL";
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (size == 0 || (size == 1 && copy[0] == '$')) {
        return NULL;
    }
    if (copy[0] == '/') {
        return parse_pointer(copy, size, path);
    }
    size_t skip = copy[0] == '$' ? (copy[1] == '.' ? 2 : 1) : 0;
    return parse_path(copy + skip, size - skip, path);
}

/* ---- searching ---- */

struct search {
    const struct path *path;
    path_found found;
    void *owner;
    char pointer[PATH_TEXT];
};

/* Adds "/name" to the pointer; what does not fit is left out. */
static size_t add_name(struct search *search, size_t used, const char *name,
                       size_t size)
{
    size_t at = used;
    char *pointer = search->pointer;
    if (at + 2 * size + 2 > sizeof search->pointer) {
        return used;
    }
    pointer[at++] = '/';
    for (size_t i = 0; i < size; i++) {
        if (name[i] == '~' || name[i] == '/') {
            pointer[at++] = '~';
            pointer[at++] = name[i] == '~' ? '0' : '1';
        } else {
            pointer[at++] = name[i];
        }
    }
    return at;
}

static bool is_named(const struct path_step *step, const struct json_value *name)
{
    char decoded[PATH_TEXT];
    if (name->kind == JSON_TEXT) {
        return name->size == step->size &&
               memcmp(name->data, step->name, step->size) == 0;
    }
    if (name->size - 2 > sizeof decoded) {
        return false;
    }
    size_t size = json_unescape(name->data + 1, name->size - 2, decoded);
    return size == step->size && memcmp(decoded, step->name, size) == 0;
}

static size_t add_member(struct search *search, size_t used,
                         const struct json_value *name, size_t index)
{
    char text[PATH_TEXT];
    if (name == NULL) {
        int size = snprintf(text, sizeof text, "%zu", index);
        return add_name(search, used, text, (size_t)size);
    }
    if (name->kind == JSON_TEXT) {
        return add_name(search, used, name->data, name->size);
    }
    return name->size > sizeof text
               ? used
               : add_name(search, used, text,
                          json_unescape(name->data + 1, name->size - 2, text));
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than the path has parts */
static bool walk(struct search *search, size_t done, const struct json_value *value,
                 size_t used)
{
    if (done == search->path->count) {
        return search->found(search->owner, value, search->pointer, used);
    }
    const struct path_step *step = &search->path->steps[done];
    bool map = value->kind == JSON_MAP;
    if ((!map && value->kind != JSON_LIST) || (map && step->bracket && !step->any)) {
        return true;
    }
    struct json_scan scan = {
        .at = value->data + 1, .end = value->data + value->size, .depth = JSON_DEPTH};
    struct json_value name, member;
    bool more = true;
    for (size_t i = 0;
         json_member(&scan, i == 0, map ? &name : NULL, &member, &more) && more; i++) {
        bool wanted = step->any || (map ? is_named(step, &name)
                                        : step->position && step->index == i);
        if (!wanted) {
            continue;
        }
        if (!walk(search, done + 1, &member,
                  add_member(search, used, map ? &name : NULL, i))) {
            return false;
        }
        if (!step->any) {
            break;
        }
    }
    return true;
}

bool path_find(const struct path *path, const struct json_value *value,
               path_found found, void *owner)
{
    struct search search = {.path = path, .found = found, .owner = owner};
    return walk(&search, 0, value, 0);
}
