#include "lua/parameter.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "lua/box.h"
#include "lua/keys.h"

#define TYPES "text|integer|decimal|boolean|url|duration|size|time"

static const struct mz_key keys[] = {
    {"name", MZ_KEY_TEXT, NULL},
    {"type", MZ_KEY_TEXT, TYPES},
    {"default", MZ_KEY_ANY, NULL},
    {"help", MZ_KEY_TEXT, NULL},
};

static bool is_url(const char *text)
{
    return mz_starts_with(text, "http://") || mz_starts_with(text, "https://");
}

/* Reads a value of the type from text; the text must live as long as the value.
 */
static bool read_text(struct mz_arena *arena, const char *type, const char *text,
                      struct mizan_value *out)
{
    int64_t number;
    struct mz_decimal decimal;
    if (strcmp(type, "text") == 0 || (strcmp(type, "url") == 0 && is_url(text))) {
        *out = mz_text(text);
        return true;
    }
    if ((strcmp(type, "integer") == 0 && mz_parse_integer(text, &number)) ||
        (strcmp(type, "duration") == 0 && mz_parse_duration(text, &number)) ||
        (strcmp(type, "size") == 0 && mz_parse_size(text, &number))) {
        *out = mz_integer(number);
        return true;
    }
    if (strcmp(type, "time") == 0 && mz_time_parse(text, strlen(text), &number)) {
        *out = mz_time(number);
        return true;
    }
    if (strcmp(type, "boolean") == 0) {
        bool yes = strcmp(text, "true") == 0;
        *out = mz_boolean(yes);
        return yes || strcmp(text, "false") == 0;
    }
    if (strcmp(type, "decimal") == 0 &&
        mz_decimal_parse(text, strlen(text), &decimal) == MZ_DECIMAL_OK) {
        char canonical[MZ_DECIMAL_TEXT];
        size_t size = mz_decimal_format(decimal, canonical);
        char *copy = mz_arena_copy(arena, canonical, size);
        *out = copy != NULL ? mz_decimal_text(copy, size) : mz_nil();
        return copy != NULL;
    }
    return false;
}

/* The type of a parameter that names none. */
static const char *type_of_default(const struct mizan_value *value)
{
    if (value == NULL) {
        return "text";
    }
    switch ((enum mizan_type)value->type) {
    case MIZAN_BOOLEAN:
        return "boolean";
    case MIZAN_INTEGER:
        return "integer";
    case MIZAN_DECIMAL:
        return "decimal";
    case MIZAN_NIL:
    case MIZAN_DOUBLE:
    case MIZAN_TEXT:
    case MIZAN_BYTES:
    case MIZAN_TIME:
    case MIZAN_LIST:
    case MIZAN_MAP:
    default:
        return "text";
    }
}

/* A default as the script wrote it: of the type itself, or text to be read. */
static bool read_default(struct mz_arena *arena, const char *type,
                         const struct mizan_value *given, struct mizan_value *out)
{
    if (given->type == MIZAN_TEXT) {
        return read_text(arena, type, given->as.text.data, out);
    }
    if (given->type == MIZAN_INTEGER && strcmp(type, "decimal") == 0) {
        char *text = mz_arena_printf(arena, "%lld", (long long)given->as.integer);
        *out = text != NULL ? mz_decimal_text(text, strlen(text)) : mz_nil();
        return text != NULL;
    }
    *out = *given;
    return strcmp(type_of_default(given), type) == 0 && given->type != MIZAN_DOUBLE;
}

/* The text behind `name=` on the command line; the last one counts. */
static const char *given_text(const struct mz_lua *lua, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = lua->given_count; i > 0; i--) {
        const char *given = lua->given[i - 1];
        if (strncmp(given, name, size) == 0 && given[size] == '=') {
            return given + size + 1;
        }
    }
    return NULL;
}

static const char *member_text(const struct mizan_value *map, const char *name)
{
    const struct mizan_value *value = mz_map_member(map, name);
    return value != NULL ? value->as.text.data : NULL;
}

/* Fills the value in force; raises when it cannot be read. */
static void read_value(lua_State *L, struct mz_lua *lua, const struct mizan_value *map,
                       struct mz_parameter *out)
{
    const struct mizan_value *fallback = mz_map_member(map, "default");
    const char *text = given_text(lua, out->name);
    if (out->type == NULL) {
        out->type = type_of_default(fallback);
    }
    if (fallback != NULL &&
        !read_default(lua->arena, out->type, fallback, &out->value)) {
        mz_raise(L, MZ_SCRIPT, "default", NULL,
                 "mizan.param '%s': the default is no %s", out->name, out->type);
    }
    if (text == NULL) {
        return;
    }
    const char *copy = mz_arena_string(lua->arena, text);
    out->from_command_line = true;
    if (copy == NULL || !read_text(lua->arena, out->type, copy, &out->value)) {
        mz_raise(L, MZ_USAGE, out->name, NULL,
                 "parameter '%s' is of type %s and cannot be \"%.80s\"", out->name,
                 out->type, text);
    }
}

int mz_parameter_declare(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mizan_value map;
    struct mz_error error;
    char path[MZ_KEY_PATH] = "";
    if (!lua->loading || lua->arena == NULL) {
        return mz_raise(L, MZ_SCRIPT, "param", NULL,
                        "parameters are declared while a pipeline is loaded");
    }
    mz_to_map(L, 1, lua->arena, "mizan.param", NULL, &map);
    if (mz_keys_check(keys, sizeof keys / sizeof *keys, &map, "mizan.param", path,
                      &error) != MZ_OK) {
        return mz_raise_error(L, &error, path);
    }
    struct mz_declared *declared = mz_arena_zero(lua->arena, sizeof *declared);
    if (declared == NULL) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory");
    }
    struct mz_parameter *parameter = &declared->parameter;
    parameter->name = member_text(&map, "name");
    parameter->type = member_text(&map, "type");
    parameter->help = member_text(&map, "help");
    parameter->value = mz_nil();
    if (parameter->name == NULL || parameter->name[0] == '\0') {
        return mz_raise(L, MZ_SCRIPT, "param", "mizan.param { name = \"region\" }",
                        "mizan.param wants a name");
    }
    for (struct mz_declared *other = lua->declared; other != NULL;
         other = other->next) {
        if (strcmp(other->parameter.name, parameter->name) == 0) {
            return mz_raise(L, MZ_SCRIPT, parameter->name, NULL,
                            "parameter '%s' is declared twice", parameter->name);
        }
    }
    read_value(L, lua, &map, parameter);
    *lua->declared_end = declared;
    lua->declared_end = &declared->next;
    mz_push_plain(L, &parameter->value);
    return 1;
}

static bool is_declared(const struct mz_pipeline *pipeline, const char *given)
{
    for (size_t i = 0; i < pipeline->parameter_count; i++) {
        size_t size = strlen(pipeline->parameters[i].name);
        if (strncmp(pipeline->parameters[i].name, given, size) == 0 &&
            given[size] == '=') {
            return true;
        }
    }
    return false;
}

static enum mz_code refuse_undeclared(const struct mz_pipeline *pipeline,
                                      const char *given, struct mz_error *error)
{
    const char *names[64];
    char name[128];
    size_t count = 0;
    int size = (int)strcspn(given, "=");
    snprintf(name, sizeof name, "%.*s", size, given);
    if (given[size] != '=') {
        return mz_fail(error, MZ_USAGE, "'%s' is no parameter: write name=value", name);
    }
    for (size_t i = 0; i < pipeline->parameter_count && count < 64; i++) {
        names[count++] = pipeline->parameters[i].name;
    }
    const char *nearest = mz_nearest(name, names, count);
    return mz_fail(error, MZ_USAGE, "the script declares no parameter '%s'%s%s%s", name,
                   nearest != NULL ? "; did you mean '" : "",
                   nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

enum mz_code mz_parameter_collect(struct mz_lua *lua, struct mz_arena *arena,
                                  struct mz_pipeline *pipeline, struct mz_error *error)
{
    size_t count = 0;
    for (struct mz_declared *one = lua->declared; one != NULL; one = one->next) {
        count++;
    }
    struct mz_parameter *list = mz_arena_alloc(arena, (count + 1) * sizeof *list);
    if (list == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the parameters");
    }
    pipeline->parameters = list;
    for (struct mz_declared *one = lua->declared; one != NULL; one = one->next) {
        list[pipeline->parameter_count++] = one->parameter;
    }
    lua->declared = NULL;
    lua->declared_end = &lua->declared;
    for (size_t i = 0; i < lua->given_count; i++) {
        if (!is_declared(pipeline, lua->given[i])) {
            return refuse_undeclared(pipeline, lua->given[i], error);
        }
    }
    return MZ_OK;
}
