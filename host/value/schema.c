#include "value/options.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "value/options_internal.h"
#include "value/record.h"
#include "value/value_internal.h"

/* A stride that ends inside a pointer would leave half of one: only whole words count.
 */
struct mizan_option mz_schema_option(const struct mz_schema *schema, size_t index)
{
    struct mizan_option option;
    size_t size = schema->stride < sizeof option ? schema->stride : sizeof option;
    memset(&option, 0, sizeof option);
    memcpy(&option, (const char *)schema->options + index * schema->stride,
           size - size % sizeof(void *));
    return option;
}

bool mz_option_is_common(const char *name)
{
    return strcmp(name, "name") == 0;
}

static const struct {
    const char *one, *many, *expected;
} types[] = {
    {"unknown", "list of unknown", "a value of a type that this program does not know"},
    {"boolean", "list of booleans", "true or false"},
    {"integer", "list of integers", "a whole number"},
    {"decimal", "list of decimals", "a number"},
    {"text", "list of text", "text"},
    {"duration", "list of durations", "a duration such as \"7d\""},
    {"size", "list of sizes", "a size such as \"64k\""},
    {"rate", "list of rates", "a rate such as \"1/2s\""},
    {"path", "list of paths", "a path"},
    {"url", "list of urls", "an absolute address that begins with http:// or https://"},
    {"map", "list of maps", "a table of names and values"},
    {"sources", "sources", "a list of sources such as { { id = \"a\" } }"},
};

static size_t type_index(const struct mizan_option *option)
{
    return option->type < sizeof types / sizeof types[0] ? option->type : 0;
}

const char *mz_option_type_name(const struct mizan_option *option)
{
    size_t index = type_index(option);
    return (option->flags & MIZAN_OPTION_LIST) != 0 ? types[index].many
                                                    : types[index].one;
}

void mz_option_cut(char out[MZ_OPTION_SHOWN], const char *data, size_t size)
{
    size_t most = MZ_OPTION_SHOWN - 4;
    size_t used = size <= most ? size : most;
    while (used < size && used > 0 && ((unsigned char)data[used] & 0xC0) == 0x80) {
        used -= 1;
    }
    for (size_t i = 0; i < used; i++) {
        out[i] = (unsigned char)data[i] < 0x20 ? ' ' : data[i];
    }
    memcpy(out + used, used < size ? "\xE2\x80\xA6" : "", used < size ? 4 : 1);
}

void mz_option_describe(char out[MZ_OPTION_SHOWN + 8], const struct mizan_value *value,
                        bool secret)
{
    size_t room = MZ_OPTION_SHOWN + 8;
    char shown[MZ_OPTION_SHOWN];
    bool plain = !secret || value->type == MIZAN_NIL;
    snprintf(out, room, "%s%s", secret ? "a secret of type " : "",
             mz_type_name(value->type));
    if (!plain) {
        return;
    }
    if (value->type == MIZAN_BOOLEAN) {
        snprintf(out, room, "%s", value->as.integer != 0 ? "true" : "false");
    } else if (value->type == MIZAN_INTEGER) {
        snprintf(out, room, "%" PRId64, value->as.integer);
    } else if (value->type == MIZAN_DOUBLE) {
        mz_double_text(value->as.number, shown);
        snprintf(out, room, "%s", shown);
    } else if (value->type == MIZAN_DECIMAL) {
        mz_option_cut(shown, value->as.text.data, value->as.text.size);
        snprintf(out, room, "%s", shown);
    } else if (value->type == MIZAN_TEXT) {
        mz_option_cut(shown, value->as.text.data, value->as.text.size);
        snprintf(out, room, "\"%s\"", shown);
    } else if (value->type == MIZAN_LIST) {
        snprintf(out, room, "a list of %zu", value->as.list.count);
    } else if (value->type == MIZAN_MAP) {
        snprintf(out, room, "a table with names");
    }
}

enum mz_code mz_option_wrong(struct mz_option_check *check, const char *format, ...)
{
    char text[sizeof check->error->message];
    char item[40] = "";
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (check->position > 0) {
        snprintf(item, sizeof item, ", item %zu,", check->position);
    }
    if (check->error_key != NULL) {
        snprintf(check->error_key, MZ_OPTION_KEY, "%s", check->option->name);
    }
    return mz_fail(check->error, MZ_SCRIPT, "%s: option '%s'%s %s", check->owner,
                   check->option->name, item, length < 0 ? format : text);
}

/* What to write in place of a bare number. */
static void help_with_unit(struct mz_option_check *check, int64_t number)
{
    if (check->option->type == MIZAN_OPTION_DURATION) {
        mz_error_help(check->error,
                      "write \"%" PRId64
                      "s\" if seconds are meant; the units are ms, s, "
                      "m, h and d",
                      number);
    } else if (check->option->type == MIZAN_OPTION_SIZE) {
        mz_error_help(check->error,
                      "write \"%" PRId64
                      "B\" if bytes are meant; the units are B, k, M, "
                      "G and T",
                      number);
    } else if (check->option->type == MIZAN_OPTION_RATE) {
        mz_error_help(check->error,
                      "write \"%" PRId64 "/1s\" if so many a second are meant", number);
    }
}

enum mz_code mz_option_unexpected(struct mz_option_check *check,
                                  const struct mizan_value *value)
{
    bool secret = (check->option->flags & MIZAN_OPTION_SECRET) != 0;
    char got[MZ_OPTION_SHOWN + 8];
    mz_option_describe(got, value, secret);
    enum mz_code code = mz_option_wrong(check, "expects %s, got %s",
                                        types[type_index(check->option)].expected, got);
    if (value->type == MIZAN_INTEGER && !secret) {
        help_with_unit(check, value->as.integer);
    }
    return code;
}

enum mz_code mz_option_no_memory(struct mz_option_check *check)
{
    return mz_fail(check->error, MZ_MEMORY, "not enough memory for the options of %s",
                   check->owner);
}

#define MZ_HELP_COLUMNS 78

/* Words of the text in lines that begin with `indent` blanks. */
static void put_wrapped(FILE *out, const char *text, int indent)
{
    int column = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        int width = (int)mz_utf8_width(text, length);
        if (length > 0 && column > 0 && column + 1 + width > MZ_HELP_COLUMNS) {
            fputc('\n', out);
            column = 0;
        }
        if (length > 0) {
            fprintf(out, "%*s%.*s", column == 0 ? indent : 1, "", (int)length, text);
            column += (column == 0 ? indent : 1) + width;
        }
        text += length;
        text += strspn(text, " \n");
    }
    if (column > 0) {
        fputc('\n', out);
    }
}

static void put_option(const struct mizan_option *option, FILE *out)
{
    fprintf(out, "  %s   %s", option->name, mz_option_type_name(option));
    if ((option->flags & MIZAN_OPTION_REQUIRED) != 0) {
        fputs(", required", out);
    }
    if ((option->flags & MIZAN_OPTION_SECRET) != 0) {
        fputs(", secret", out);
    } else if (option->default_value != NULL) {
        fprintf(out, ", default %s", option->default_value);
    }
    if (option->minimum != NULL) {
        fprintf(out, ", at least %s", option->minimum);
    }
    if (option->maximum != NULL) {
        fprintf(out, ", at most %s", option->maximum);
    }
    if (option->choices != NULL) {
        fputs(", one of ", out);
        for (const char *at = option->choices; *at != '\0'; at++) {
            fputs(*at == '|' ? ", " : (const char[]){*at, '\0'}, out);
        }
    }
    fputc('\n', out);
    if (option->help != NULL) {
        put_wrapped(out, option->help, 6);
    }
}

void mz_schema_help(const struct mz_schema *schema, FILE *out)
{
    fprintf(out, "Options of %s\n", schema->owner);
    if (schema->count == 0) {
        fputs("\n  none\n", out);
    }
    for (size_t i = 0; i < schema->count; i++) {
        struct mizan_option option = mz_schema_option(schema, i);
        fputc('\n', out);
        put_option(&option, out);
    }
}
