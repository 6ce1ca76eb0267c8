#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* Copies what fits, never half a character. */
static void put_text(char *out, size_t room, const char *text)
{
    size_t length = strlen(text);
    if (length >= room) {
        length = room - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
            length -= 1;
        }
    }
    memmove(out, text, length);
    out[length] = '\0';
}

static void start(struct mz_error *error, enum mz_code code, const char *message)
{
    error->code = code;
    error->line = 0;
    error->column = 0;
    error->width = 0;
    error->file[0] = '\0';
    error->help[0] = '\0';
    put_text(error->message, sizeof error->message, message);
}

/* The text is made aside, because an argument may be the error's own message. */
enum mz_code mz_fail(struct mz_error *error, enum mz_code code, const char *format, ...)
{
    if (error == NULL) {
        return code;
    }
    char message[sizeof error->message + 8];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    start(error, code, length < 0 ? format : message);
    return code;
}

enum mz_code mz_fail_errno(struct mz_error *error, enum mz_code code,
                           const char *format, ...)
{
    int number = errno;
    if (error == NULL) {
        return code;
    }
    char message[sizeof error->message + 8];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    start(error, code, length < 0 ? format : message);
    char reason[128];
    const char *text = strerror_r(number, reason, sizeof reason);
    size_t used = strlen(error->message);
    char whole[sizeof error->message + 160];
    snprintf(whole, sizeof whole, "%.*s: %s", (int)used, error->message, text);
    put_text(error->message, sizeof error->message, whole);
    errno = number;
    return code;
}

void mz_error_place(struct mz_error *error, const char *file, int line, int column,
                    int width)
{
    if (error == NULL) {
        return;
    }
    put_text(error->file, sizeof error->file, file == NULL ? "" : file);
    error->line = line;
    error->column = column;
    error->width = width;
}

void mz_error_help(struct mz_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    char help[sizeof error->help + 8];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(help, sizeof help, format, arguments);
    va_end(arguments);
    put_text(error->help, sizeof error->help, length < 0 ? format : help);
}

void mz_error_prefix(struct mz_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    char whole[2 * sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(whole, sizeof error->message, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    size_t used = strlen(whole);
    snprintf(whole + used, sizeof whole - used, ": %s", error->message);
    put_text(error->message, sizeof error->message, whole);
}

static const struct {
    const char *name, *text;
    int status;
} codes[] = {
#define XX(name, status, text) {#name, text, status},
    MZ_ERRORS(XX)
#undef XX
};

#define MZ_CODES (sizeof codes / sizeof codes[0])

static size_t code_index(enum mz_code code)
{
    return (size_t)code < MZ_CODES ? (size_t)code : (size_t)MZ_INTERNAL;
}

const char *mz_code_name(enum mz_code code)
{
    return codes[code_index(code)].name;
}

const char *mz_code_text(enum mz_code code)
{
    return codes[code_index(code)].text;
}

int mz_exit_status(enum mz_code code)
{
    return codes[code_index(code)].status;
}
