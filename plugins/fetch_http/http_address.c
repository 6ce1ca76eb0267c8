#include "http_address.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Of "https" in "https://…"; 0 when there is none. */
static size_t scheme_size(const char *text)
{
    size_t size = 0;
    while (isalnum((unsigned char)text[size]) || strchr("+-.", text[size]) != NULL) {
        if (text[size] == '\0') {
            return 0;
        }
        size++;
    }
    return text[size] == ':' && isalpha((unsigned char)*text) ? size : 0;
}

/* Up to the path: scheme, two slashes and authority. */
static size_t origin_size(const char *text)
{
    size_t size = scheme_size(text);
    if (size == 0 || strncmp(text + size, "://", 3) != 0) {
        return 0;
    }
    size += 3;
    return size + strcspn(text + size, "/?#");
}

/* Appends a path without its dot segments. */
static void add_path(struct http_text *out, const char *path, size_t size)
{
    size_t start = out->size;
    const char *end = path + size;
    while (path < end) {
        size_t part = 1;
        while (path + part < end && path[part] != '/') {
            part++;
        }
        bool up = part == 3 && path[1] == '.' && path[2] == '.';
        bool here = part == 2 && path[1] == '.';
        if (up) {
            while (out->size > start && out->data[--out->size] != '/') {
            }
        } else if (!here) {
            http_text_add(out, path, part);
        }
        if ((up || here) && path + part == end) {
            http_text_string(out, "/");
        }
        path += part;
    }
}

bool http_address_resolve(const char *base, const char *link, struct http_text *out)
{
    size_t origin = origin_size(base);
    size_t end = strcspn(link, "#");
    size_t path = strcspn(link, "?#");
    if (scheme_size(link) > 0) {
        http_text_add(out, link, end);
        return !out->failed;
    }
    if (link[0] == '/' && link[1] == '/') {
        http_text_add(out, base, scheme_size(base) + 1);
        http_text_add(out, link, end);
        return !out->failed;
    }
    http_text_add(out, base, origin);
    const char *old = base + origin;
    size_t old_path = strcspn(old, "?#");
    if (path == 0) {
        http_text_add(out, old, end == 0 ? strcspn(old, "#") : old_path);
        http_text_add(out, link, end);
        return !out->failed;
    }
    struct http_text merged = {.data = NULL};
    if (link[0] != '/') {
        while (old_path > 0 && old[old_path - 1] != '/') {
            old_path--;
        }
        http_text_add(&merged, old_path > 0 ? old : "/", old_path > 0 ? old_path : 1);
    }
    http_text_add(&merged, link, path);
    if (!merged.failed) {
        add_path(out, merged.data, merged.size);
    }
    http_text_add(out, link + path, end - path);
    out->failed = out->failed || merged.failed;
    http_text_finish(&merged);
    return !out->failed;
}

bool http_address_same_origin(const char *a, const char *b)
{
    size_t size = origin_size(a);
    return size > 0 && size == origin_size(b) && strncasecmp(a, b, size) == 0;
}

/* Removes the parameters of that name, as it is written in a query. */
static void remove_parameter(struct http_text *address, const struct http_text *name)
{
    char *at = address->data == NULL ? NULL : strchr(address->data, '?');
    while (at != NULL && *at != '\0') {
        char *start = at + 1;
        size_t size = strcspn(start, "&#");
        bool same = size >= name->size && strncmp(start, name->data, name->size) == 0 &&
                    (size == name->size || start[name->size] == '=');
        if (!same) {
            at = start[size] == '&' ? start + size : NULL;
            continue;
        }
        size += start[size] == '&' ? 1 : 0;
        memmove(start, start + size, strlen(start + size) + 1);
        address->size = strlen(address->data);
        if (*start == '\0' || *start == '#') {
            memmove(at, start, strlen(start) + 1);
            address->size = strlen(address->data);
            return;
        }
    }
}

static void append(struct http_text *address, const struct http_text *name,
                   const char *value, size_t size)
{
    size_t fragment = address->data == NULL ? 0 : strcspn(address->data, "#");
    if (address->data != NULL && fragment < address->size) {
        address->size = fragment;
        address->data[fragment] = '\0';
    }
    bool has_query = address->data != NULL && strchr(address->data, '?') != NULL;
    http_text_string(address, has_query ? "&" : "?");
    http_text_add(address, name->data, name->size);
    http_text_string(address, "=");
    http_text_escaped(address, value, size);
}

void http_address_set(struct http_text *address, const char *name, const char *value)
{
    struct http_text escaped = {.data = NULL};
    http_text_escaped(&escaped, name, strlen(name));
    if (escaped.failed || escaped.data == NULL) {
        address->failed = true;
    } else {
        remove_parameter(address, &escaped);
        append(address, &escaped, value, strlen(value));
    }
    http_text_finish(&escaped);
}

/* A value that a query can hold; false for others. */
static bool append_value(struct http_text *address, const struct http_text *name,
                         const struct mizan_value *value)
{
    char number[64];
    switch (value->type) {
    case MIZAN_TEXT:
    case MIZAN_DECIMAL:
        append(address, name, value->as.text.data, value->as.text.size);
        return true;
    case MIZAN_INTEGER:
        (void)snprintf(number, sizeof number, "%" PRId64, value->as.integer);
        append(address, name, number, strlen(number));
        return true;
    case MIZAN_DOUBLE:
        (void)snprintf(number, sizeof number, "%.17g", value->as.number);
        append(address, name, number, strlen(number));
        return true;
    case MIZAN_BOOLEAN:
        append(address, name, value->as.integer ? "true" : "false",
               value->as.integer ? 4 : 5);
        return true;
    default:
        return false;
    }
}

bool http_address_set_all(struct http_text *address, const struct mizan_value *map,
                          struct mizan_slice *name)
{
    bool good = true;
    for (size_t i = 0; good && map->type == MIZAN_MAP && i < map->as.map.count; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        struct http_text escaped = {.data = NULL};
        http_text_escaped(&escaped, field->name.data, field->name.size);
        if (escaped.failed || escaped.data == NULL) {
            address->failed = true;
        } else {
            remove_parameter(address, &escaped);
            bool many = field->value.type == MIZAN_LIST;
            size_t count = many ? field->value.as.list.count : 1;
            for (size_t k = 0; good && k < count; k++) {
                good =
                    append_value(address, &escaped,
                                 many ? &field->value.as.list.items[k] : &field->value);
            }
        }
        *name = field->name;
        http_text_finish(&escaped);
    }
    return good;
}

/* ---- JSON ---- */

static void write_text(struct http_text *out, const char *data, size_t size)
{
    http_text_string(out, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte == '"' || byte == '\\') {
            const char coded[2] = {'\\', data[i]};
            http_text_add(out, coded, sizeof coded);
        } else if (byte < 0x20) {
            char coded[8];
            (void)snprintf(coded, sizeof coded, "\\u%04x", (unsigned)byte);
            http_text_string(out, coded);
        } else {
            http_text_add(out, &data[i], 1);
        }
    }
    http_text_string(out, "\"");
}

static void write_map(struct http_text *out, const struct mizan_value *map,
                      const struct http_field *fields, size_t count);

/* Options nest no deeper than the host allows, so this does neither. */
static void write_value(struct http_text *out, const struct mizan_value *value)
{
    char number[64];
    switch (value->type) {
    case MIZAN_TEXT:
        write_text(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_DECIMAL:
        http_text_add(out, value->as.text.data, value->as.text.size);
        break;
    case MIZAN_INTEGER:
        (void)snprintf(number, sizeof number, "%" PRId64, value->as.integer);
        http_text_string(out, number);
        break;
    case MIZAN_DOUBLE:
        (void)snprintf(number, sizeof number, "%.17g", value->as.number);
        http_text_string(out, number);
        break;
    case MIZAN_BOOLEAN:
        http_text_string(out, value->as.integer ? "true" : "false");
        break;
    case MIZAN_LIST:
        http_text_string(out, "[");
        for (size_t i = 0; i < value->as.list.count; i++) {
            http_text_string(out, i == 0 ? "" : ",");
            write_value(out, &value->as.list.items[i]);
        }
        http_text_string(out, "]");
        break;
    case MIZAN_MAP:
        write_map(out, value, NULL, 0);
        break;
    default:
        http_text_string(out, "null");
        break;
    }
}

static bool is_replaced(const struct mizan_slice *name, const struct http_field *fields,
                        size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || (strlen(fields[i].name) == name->size &&
                          memcmp(fields[i].name, name->data, name->size) == 0);
    }
    return found;
}

static void write_map(struct http_text *out, const struct mizan_value *map,
                      const struct http_field *fields, size_t count)
{
    const char *between = "";
    http_text_string(out, "{");
    for (size_t i = 0; map->type == MIZAN_MAP && i < map->as.map.count; i++) {
        const struct mizan_field *field = &map->as.map.fields[i];
        if (!is_replaced(&field->name, fields, count)) {
            http_text_string(out, between);
            write_text(out, field->name.data, field->name.size);
            http_text_string(out, ":");
            write_value(out, &field->value);
            between = ",";
        }
    }
    for (size_t i = 0; i < count; i++) {
        http_text_string(out, between);
        write_text(out, fields[i].name, strlen(fields[i].name));
        http_text_string(out, ":");
        if (fields[i].bare) {
            http_text_string(out, fields[i].value);
        } else {
            write_text(out, fields[i].value, strlen(fields[i].value));
        }
        between = ",";
    }
    http_text_string(out, "}");
}

void http_body_write(struct http_text *out, const struct mizan_value *map,
                     const struct http_field *fields, size_t count)
{
    write_map(out, map, fields, count);
}
