#include "value/options_internal.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "value/decimal.h"
#include "value/record.h"
#include "value/value_internal.h"

static bool is_secret(const struct mz_option_check *check)
{
    return (check->option->flags & MIZAN_OPTION_SECRET) != 0;
}

/* The number as a decimal; text only when `text_too`. */
static bool to_decimal(const struct mizan_value *value, bool text_too,
                       struct mz_decimal *out)
{
    char text[MZ_DOUBLE_TEXT];
    switch (value->type) {
    case MIZAN_INTEGER:
        *out = mz_decimal_from_integer(value->as.integer);
        return true;
    case MIZAN_DOUBLE:
        return isfinite(value->as.number) &&
               mz_decimal_parse(text, mz_double_text(value->as.number, text), out) ==
                   MZ_DECIMAL_OK;
    case MIZAN_TEXT:
    case MIZAN_DECIMAL:
        return (text_too || value->type == MIZAN_DECIMAL) &&
               mz_decimal_parse(value->as.text.data, value->as.text.size, out) ==
                   MZ_DECIMAL_OK;
    default:
        return false;
    }
}

/* A quote on either side of a bound or default is the script's, not the value's. */
static void unquote(const char *text, char out[MZ_OPTION_KEY])
{
    size_t length = strlen(text);
    if (length >= 2 && (text[0] == '"' || text[0] == '\'') &&
        text[length - 1] == text[0]) {
        text += 1;
        length -= 2;
    }
    length = length < MZ_OPTION_KEY ? length : MZ_OPTION_KEY - 1;
    memcpy(out, text, length);
    out[length] = '\0';
}

static bool parse_unit(uint32_t type, const char *text, int64_t *out)
{
    switch (type) {
    case MIZAN_OPTION_DURATION:
        return mz_parse_duration(text, out);
    case MIZAN_OPTION_SIZE:
        return mz_parse_size(text, out);
    default:
        return mz_parse_rate(text, out);
    }
}

static bool has_unit(uint32_t type)
{
    return type == MIZAN_OPTION_DURATION || type == MIZAN_OPTION_SIZE ||
           type == MIZAN_OPTION_RATE;
}

static bool parse_bound(uint32_t type, const char *bound, struct mz_decimal *out)
{
    char text[MZ_OPTION_KEY];
    int64_t number = 0;
    unquote(bound, text);
    if (has_unit(type) && parse_unit(type, text, &number)) {
        *out = mz_decimal_from_integer(number);
        return true;
    }
    return mz_decimal_parse(text, strlen(text), out) == MZ_DECIMAL_OK;
}

/* `sign` is 1 for a minimum, -1 for a maximum. */
static enum mz_code check_bound(struct mz_option_check *check, struct mz_decimal number,
                                const char *bound, int sign,
                                const struct mizan_value *given)
{
    struct mz_decimal limit;
    char got[MZ_OPTION_SHOWN + 8];
    if (bound == NULL) {
        return MZ_OK;
    }
    if (!parse_bound(check->option->type, bound, &limit)) {
        (void)mz_option_wrong(check,
                              "has the bound '%s' in the plugin's schema, which is "
                              "no %s",
                              bound, mz_option_type_name(check->option));
        if (check->error != NULL) {
            check->error->code = MZ_PLUGIN_REFUSED;
        }
        return MZ_PLUGIN_REFUSED;
    }
    if (mz_decimal_compare(number, limit) * sign >= 0) {
        return MZ_OK;
    }
    mz_option_describe(got, given, is_secret(check));
    return mz_option_wrong(check, "must be at %s %s, got %s",
                           sign > 0 ? "least" : "most", bound, got);
}

static enum mz_code check_bounds(struct mz_option_check *check,
                                 struct mz_decimal number,
                                 const struct mizan_value *given)
{
    enum mz_code code = check_bound(check, number, check->option->minimum, 1, given);
    return code == MZ_OK ? check_bound(check, number, check->option->maximum, -1, given)
                         : code;
}

static enum mz_code convert_integer(struct mz_option_check *check,
                                    const struct mizan_value *value,
                                    struct mizan_value *out)
{
    struct mz_decimal number;
    int64_t integer = 0;
    if (!to_decimal(value, false, &number) ||
        !mz_decimal_to_integer(number, &integer)) {
        return mz_option_unexpected(check, value);
    }
    *out = mz_integer(integer);
    return check_bounds(check, number, value);
}

static enum mz_code convert_decimal(struct mz_option_check *check,
                                    const struct mizan_value *value,
                                    struct mizan_value *out)
{
    struct mz_decimal number;
    char text[MZ_DECIMAL_TEXT];
    if (!to_decimal(value, true, &number)) {
        return mz_option_unexpected(check, value);
    }
    size_t size = mz_decimal_format(number, text);
    const char *copy = mz_arena_copy(check->arena, text, size);
    if (copy == NULL) {
        return mz_option_no_memory(check);
    }
    *out = mz_decimal_text(copy, size);
    return check_bounds(check, number, value);
}

static enum mz_code convert_unit(struct mz_option_check *check,
                                 const struct mizan_value *value,
                                 struct mizan_value *out)
{
    char text[64];
    int64_t number = 0;
    if (value->type != MIZAN_TEXT || value->as.text.size >= sizeof text) {
        return mz_option_unexpected(check, value);
    }
    memcpy(text, value->as.text.data == NULL ? "" : value->as.text.data,
           value->as.text.size);
    text[value->as.text.size] = '\0';
    if (strlen(text) != value->as.text.size ||
        !parse_unit(check->option->type, text, &number)) {
        return mz_option_unexpected(check, value);
    }
    *out = mz_integer(number);
    return check_bounds(check, mz_decimal_from_integer(number), value);
}

/* The text copied, after what all texts must be: UTF-8, and without NUL where it is
 * handed to the system. */
static enum mz_code copy_text(struct mz_option_check *check,
                              const struct mizan_value *value, struct mizan_slice *out)
{
    struct mizan_slice text = value->as.text;
    if (value->type != MIZAN_TEXT) {
        return mz_option_unexpected(check, value);
    }
    if (!mz_utf8_valid(text.data, text.size)) {
        return mz_option_wrong(check, "is not valid UTF-8");
    }
    if (check->option->type != MIZAN_OPTION_TEXT &&
        (text.size == 0 || memchr(text.data, '\0', text.size) != NULL)) {
        return mz_option_unexpected(check, value);
    }
    const char *copy = mz_arena_copy(check->arena, text.data, text.size);
    if (copy == NULL) {
        (void)mz_option_no_memory(check);
        return MZ_MEMORY;
    }
    *out = (struct mizan_slice){copy, text.size};
    return MZ_OK;
}

static bool is_choice(const char *choices, struct mizan_slice word)
{
    while (true) {
        size_t length = strcspn(choices, "|");
        if (length == word.size && memcmp(choices, word.data, length) == 0) {
            return true;
        }
        if (choices[length] == '\0') {
            return false;
        }
        choices += length + 1;
    }
}

#define MZ_CHOICES_MOST ((size_t)64)

/* "must be one of a, b; got "c"; did you mean 'a'?" */
static enum mz_code wrong_choice(struct mz_option_check *check,
                                 const struct mizan_value *value)
{
    const char *words[MZ_CHOICES_MOST];
    size_t count = 0;
    char got[MZ_OPTION_SHOWN + 8];
    char *list = mz_arena_string(check->arena, check->option->choices);
    struct mz_buffer shown;
    mz_option_describe(got, value, is_secret(check));
    if (list == NULL) {
        return mz_option_no_memory(check);
    }
    mz_buffer_init(&shown, 512);
    for (char *word = list; word != NULL && count < MZ_CHOICES_MOST;) {
        char *end = strchr(word, '|');
        if (end != NULL) {
            *end = '\0';
        }
        mz_buffer_printf(&shown, "%s%s", count == 0 ? "" : ", ", word);
        words[count++] = word;
        word = end == NULL ? NULL : end + 1;
    }
    const char *nearest =
        is_secret(check) ? NULL : mz_nearest(value->as.text.data, words, count);
    enum mz_code code = mz_option_wrong(
        check, "must be one of %s; got %s%s%s%s", shown.data == NULL ? "" : shown.data,
        got, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
        nearest == NULL ? "" : "'?");
    mz_buffer_finish(&shown);
    return code;
}

static enum mz_code convert_text(struct mz_option_check *check,
                                 const struct mizan_value *value,
                                 struct mizan_value *out)
{
    struct mizan_slice text = {"", 0};
    enum mz_code code = copy_text(check, value, &text);
    if (code != MZ_OK) {
        return code;
    }
    *out = mz_text_slice(text.data, text.size);
    if (check->option->choices != NULL && !is_choice(check->option->choices, text)) {
        return wrong_choice(check, out);
    }
    return MZ_OK;
}

static enum mz_code convert_path(struct mz_option_check *check,
                                 const struct mizan_value *value,
                                 struct mizan_value *out)
{
    struct mizan_slice text = {"", 0};
    char path[MZ_PATH];
    enum mz_code code = copy_text(check, value, &text);
    if (code != MZ_OK) {
        return code;
    }
    if (!mz_path_join(path, check->folder, text.data)) {
        return mz_option_wrong(check, "is a path of more than %d bytes", MZ_PATH - 1);
    }
    const char *copy = mz_arena_string(check->arena, path);
    if (copy == NULL) {
        return mz_option_no_memory(check);
    }
    *out = mz_text(copy);
    return MZ_OK;
}

static bool is_web_address(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0    ? 7
                    : strncasecmp(url, "https://", 8) == 0 ? 8
                                                           : 0;
    if (scheme == 0 || strcspn(url + scheme, "/?#") == 0) {
        return false;
    }
    for (const char *at = url; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7F) {
            return false;
        }
    }
    return true;
}

static enum mz_code convert_url(struct mz_option_check *check,
                                const struct mizan_value *value,
                                struct mizan_value *out)
{
    struct mizan_slice text = {"", 0};
    enum mz_code code = copy_text(check, value, &text);
    if (code != MZ_OK) {
        return code;
    }
    *out = mz_text_slice(text.data, text.size);
    return is_web_address(text.data) ? MZ_OK : mz_option_unexpected(check, value);
}

static enum mz_code convert_one(struct mz_option_check *check,
                                const struct mizan_value *value,
                                struct mizan_value *out)
{
    switch (check->option->type) {
    case MIZAN_OPTION_BOOLEAN:
        *out = mz_boolean(value->as.integer != 0);
        return value->type == MIZAN_BOOLEAN ? MZ_OK
                                            : mz_option_unexpected(check, value);
    case MIZAN_OPTION_INTEGER:
        return convert_integer(check, value, out);
    case MIZAN_OPTION_DECIMAL:
        return convert_decimal(check, value, out);
    case MIZAN_OPTION_TEXT:
        return convert_text(check, value, out);
    case MIZAN_OPTION_DURATION:
    case MIZAN_OPTION_SIZE:
    case MIZAN_OPTION_RATE:
        return convert_unit(check, value, out);
    case MIZAN_OPTION_PATH:
        return convert_path(check, value, out);
    case MIZAN_OPTION_URL:
        return convert_url(check, value, out);
    case MIZAN_OPTION_MAP:
        return mz_option_map(check, value, out);
    case MIZAN_OPTION_SOURCES:
        return mz_option_sources(check, value, out);
    default:
        return mz_option_unexpected(check, value);
    }
}

enum mz_code mz_option_convert(struct mz_option_check *check,
                               const struct mizan_value *value, struct mizan_value *out)
{
    check->position = 0;
    if ((check->option->flags & MIZAN_OPTION_LIST) == 0 ||
        check->option->type == MIZAN_OPTION_SOURCES) {
        return convert_one(check, value, out);
    }
    bool empty = mz_option_is_empty_table(value);
    bool many = value->type == MIZAN_LIST;
    size_t count = empty ? 0 : many ? value->as.list.count : 1;
    if (count > SIZE_MAX / sizeof(struct mizan_value)) {
        return mz_option_no_memory(check);
    }
    struct mizan_value *items = mz_arena_alloc(check->arena, count * sizeof *items);
    if (items == NULL) {
        return mz_option_no_memory(check);
    }
    for (size_t i = 0; i < count; i++) {
        check->position = many ? i + 1 : 0;
        enum mz_code code =
            convert_one(check, many ? &value->as.list.items[i] : value, &items[i]);
        if (code != MZ_OK) {
            return code;
        }
    }
    check->position = 0;
    *out = (struct mizan_value){.type = MIZAN_LIST, .as.list = {items, count}};
    return MZ_OK;
}
