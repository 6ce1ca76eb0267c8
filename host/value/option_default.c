/* Defaults stand in a schema as a script would write them, for the reference to show:
 * "7d" or 7d, true, 12, { "ar", "en" }, { lang = "ar" }. This reads that much of Lua.
 */
#include "value/options_internal.h"

#include <string.h>

#include "value/decimal.h"
#include "value/record.h"

#define MZ_DEFAULT_DEPTH 4
#define MZ_DEFAULT_ITEMS ((size_t)64) /* of one table */

struct literal {
    struct mz_arena *arena;
    const char *at;
    bool no_memory;
};

static bool read_value(struct literal *literal, struct mizan_value *out, int depth);

static void skip_blanks(struct literal *literal)
{
    literal->at += strspn(literal->at, " \t\n");
}

static bool take(struct literal *literal, char wanted)
{
    skip_blanks(literal);
    if (*literal->at != wanted) {
        return false;
    }
    literal->at += 1;
    return true;
}

static char *copy(struct literal *literal, const char *text, size_t size)
{
    char *result = mz_arena_copy(literal->arena, text, size);
    literal->no_memory = literal->no_memory || result == NULL;
    return result;
}

/* Behind the opening quote; a backslash keeps the character behind it. */
static bool read_text(struct literal *literal, char quote, struct mizan_value *out)
{
    char *text = copy(literal, literal->at, strlen(literal->at));
    size_t size = 0;
    if (text == NULL) {
        return false;
    }
    while (*literal->at != '\0' && *literal->at != quote) {
        if (*literal->at == '\\' && literal->at[1] != '\0') {
            literal->at += 1;
        }
        text[size++] = *literal->at++;
    }
    text[size] = '\0';
    *out = mz_text_slice(text, size);
    return take(literal, quote);
}

/* true, false, nil, or a number. */
static bool read_word(struct literal *literal, struct mizan_value *out)
{
    size_t size = strcspn(literal->at, " \t\n,{}=\"'");
    const char *word = literal->at;
    struct mz_decimal decimal;
    int64_t integer = 0;
    literal->at += size;
    if (size == 4 && memcmp(word, "true", 4) == 0) {
        *out = mz_boolean(true);
    } else if (size == 5 && memcmp(word, "false", 5) == 0) {
        *out = mz_boolean(false);
    } else if (size == 3 && memcmp(word, "nil", 3) == 0) {
        *out = mz_nil();
    } else if (mz_decimal_parse(word, size, &decimal) != MZ_DECIMAL_OK) {
        return false;
    } else if (mz_decimal_to_integer(decimal, &integer)) {
        *out = mz_integer(integer);
    } else {
        const char *text = copy(literal, word, size);
        *out = mz_decimal_text(text, size);
        return text != NULL;
    }
    return true;
}

/* `name =` before a value; false, and nothing read, when there is none. */
static bool read_name(struct literal *literal, struct mizan_slice *name)
{
    const char *before = literal->at;
    skip_blanks(literal);
    const char *word = literal->at;
    size_t size = strcspn(word, " \t\n,{}=\"'");
    literal->at += size;
    if (size == 0 || !take(literal, '=')) {
        literal->at = before;
        return false;
    }
    *name = (struct mizan_slice){copy(literal, word, size), size};
    return name->data != NULL;
}

static bool close_table(struct literal *literal, const struct mizan_field *fields,
                        size_t count, bool named, struct mizan_value *out)
{
    if (named) {
        struct mizan_field *members =
            mz_arena_alloc(literal->arena, count * sizeof *members);
        if (members == NULL) {
            literal->no_memory = true;
            return false;
        }
        memcpy(members, fields, count * sizeof *members);
        *out = (struct mizan_value){.type = MIZAN_MAP, .as.map = {members, count}};
        return true;
    }
    struct mizan_value *items = mz_arena_alloc(literal->arena, count * sizeof *items);
    if (items == NULL) {
        literal->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = fields[i].value;
    }
    *out = (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count}};
    return true;
}

/* Behind the opening brace; all members have names or none has. */
static bool read_table(struct literal *literal, struct mizan_value *out, int depth)
{
    struct mizan_field fields[MZ_DEFAULT_ITEMS];
    size_t count = 0;
    bool named = false;
    while (!take(literal, '}')) {
        if (count == MZ_DEFAULT_ITEMS || depth == 0) {
            return false;
        }
        struct mizan_field *field = &fields[count];
        *field = (struct mizan_field){{"", 0}, mz_nil()};
        bool has_name = read_name(literal, &field->name);
        if ((count > 0 && has_name != named) ||
            !read_value(literal, &field->value, depth - 1)) {
            return false;
        }
        named = has_name;
        count += 1;
        if (!take(literal, ',')) {
            skip_blanks(literal);
            if (*literal->at != '}') {
                return false;
            }
        }
    }
    return close_table(literal, fields, count, named, out);
}

static bool read_value(struct literal *literal, struct mizan_value *out, int depth)
{
    if (take(literal, '{')) {
        return read_table(literal, out, depth);
    }
    if (take(literal, '"')) {
        return read_text(literal, '"', out);
    }
    if (take(literal, '\'')) {
        return read_text(literal, '\'', out);
    }
    return read_word(literal, out);
}

/* Whether an unquoted word is the text itself. */
static bool is_text_type(uint32_t type)
{
    return type != MIZAN_OPTION_BOOLEAN && type != MIZAN_OPTION_INTEGER &&
           type != MIZAN_OPTION_DECIMAL;
}

bool mz_option_default_value(struct mz_arena *arena, const struct mizan_option *option,
                             struct mizan_value *out)
{
    struct literal literal = {.arena = arena, .at = option->default_value};
    const char *text = option->default_value;
    bool begins = text[0] == '"' || text[0] == '\'' || text[0] == '{';
    if (begins || !is_text_type(option->type)) {
        bool whole = read_value(&literal, out, MZ_DEFAULT_DEPTH);
        skip_blanks(&literal);
        if (whole && *literal.at == '\0') {
            return true;
        }
    }
    const char *plain = copy(&literal, text, strlen(text));
    *out = mz_text(plain);
    return !literal.no_memory;
}
