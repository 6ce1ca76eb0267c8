#include "base/error.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define MZ_SHOWN_BYTES  160 /* of a long source line */
#define MZ_SHOWN_BEFORE 60  /* of them before the place */

struct printer {
    FILE *out;
    const char *red, *blue, *bold, *plain;
};

static struct printer printer_for(FILE *out)
{
    const char *no_color = secure_getenv("NO_COLOR");
    int descriptor = fileno(out);
    if (descriptor >= 0 && isatty(descriptor) == 1 &&
        (no_color == NULL || no_color[0] == '\0')) {
        return (struct printer){out, "\033[1;31m", "\033[1;34m", "\033[1m", "\033[0m"};
    }
    return (struct printer){out, "", "", "", ""};
}

/* Prints text that strangers may have written: no control character reaches the
 * terminal, and bytes that are not UTF-8 show as '?'. */
static void put_clean(FILE *out, const char *text, size_t size, bool lines)
{
    for (size_t i = 0; i < size;) {
        uint32_t point = 0;
        size_t length = mz_utf8_decode(text + i, size - i, &point);
        bool allowed = point == '\t' || (point == '\n' && lines);
        if (length == 0 ||
            ((point < 0x20 || (point >= 0x7F && point < 0xA0)) && !allowed)) {
            fputc('?', out);
        } else {
            fwrite(text + i, 1, length, out);
        }
        i += length == 0 ? 1 : length;
    }
}

/* Line `number` of the file without its end; malloc'ed, or NULL. */
static char *read_line(const char *path, int number, size_t *size)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = -1;
    for (int i = 0; i < number; i++) {
        length = getline(&line, &capacity, file);
        if (length < 0) {
            break;
        }
    }
    fclose(file);
    if (length < 0) {
        free(line);
        return NULL;
    }
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
        length -= 1;
    }
    *size = (size_t)length;
    return line;
}

static size_t boundary(const char *line, size_t size, size_t position)
{
    while (position < size && ((unsigned char)line[position] & 0xC0) == 0x80) {
        position += 1;
    }
    return position;
}

/* Blanks as wide as the text, its tabs kept. */
static void put_blanks(FILE *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = mz_utf8_decode(text + i, size - i, NULL);
        length = length == 0 ? 1 : length;
        if (text[i] == '\t') {
            fputc('\t', out);
        } else {
            size_t width =
                (unsigned char)text[i] < 0x20 ? 1 : mz_utf8_width(text + i, length);
            fprintf(out, "%*s", (int)width, "");
        }
        i += length;
    }
}

static void put_carets(const struct printer *printer, const struct mz_error *error,
                       const char *shown, size_t size, size_t place)
{
    FILE *out = printer->out;
    put_blanks(out, shown, place);
    size_t width = error->width > 0 ? (size_t)error->width : 1;
    if (width > size - place) {
        width = size - place;
    }
    size_t columns = mz_utf8_width(shown + place, width);
    fputs(printer->red, out);
    for (size_t i = 0; i < (columns == 0 ? 1 : columns); i++) {
        fputc('^', out);
    }
    fprintf(out, "%s\n", printer->plain);
}

/* The line with carets under the place; `number` stands in the gutter. */
static void put_shown(const struct printer *printer, const struct mz_error *error,
                      const char *number, const char *line, size_t size)
{
    FILE *out = printer->out;
    int gutter = (int)strlen(number);
    size_t place = error->column > 0 ? (size_t)error->column - 1 : 0;
    place = place > size ? size : place;
    size_t first = size > MZ_SHOWN_BYTES && place > MZ_SHOWN_BEFORE
                       ? boundary(line, size, place - MZ_SHOWN_BEFORE)
                       : 0;
    size_t last = size - first > MZ_SHOWN_BYTES
                      ? boundary(line, size, first + MZ_SHOWN_BYTES)
                      : size;
    fprintf(out, "%s%*s |%s\n", printer->blue, gutter, "", printer->plain);
    fprintf(out, "%s%s |%s ", printer->blue, number, printer->plain);
    put_clean(out, line + first, last - first, false);
    fputc('\n', out);
    if (error->column > 0) {
        fprintf(out, "%s%*s |%s ", printer->blue, gutter, "", printer->plain);
        put_carets(printer, error, line + first, last - first, place - first);
    }
}

static void put_line(const struct printer *printer, const struct mz_error *error)
{
    size_t size = 0;
    char number[16];
    char *line = read_line(error->file, error->line, &size);
    if (line == NULL) {
        return;
    }
    snprintf(number, sizeof number, "%d", error->line);
    put_shown(printer, error, number, line, size);
    free(line);
}

static void put_place(const struct printer *printer, const struct mz_error *error)
{
    FILE *out = printer->out;
    fprintf(out, "  %s-->%s ", printer->blue, printer->plain);
    put_clean(out, error->file, strlen(error->file), false);
    if (error->line > 0) {
        fprintf(out, ":%d", error->line);
    }
    if (error->line > 0 && error->column > 0) {
        fprintf(out, ":%d", error->column);
    }
    fputc('\n', out);
    if (error->line > 0) {
        put_line(printer, error);
    }
}

static void print(const struct mz_error *error, const char *text, FILE *out)
{
    struct printer printer = printer_for(out);
    fprintf(out, "%serror[%s]%s: %s", printer.red, mz_code_name(error->code),
            printer.plain, printer.bold);
    put_clean(out, error->message, strlen(error->message), true);
    fprintf(out, "%s\n", printer.plain);
    if (text != NULL) {
        put_shown(&printer, error, "  ", text, strlen(text));
    } else if (error->file[0] != '\0') {
        put_place(&printer, error);
    }
    if (error->help[0] != '\0') {
        fprintf(out, "   %s=%s help: ", printer.blue, printer.plain);
        put_clean(out, error->help, strlen(error->help), true);
        fputc('\n', out);
    }
}

void mz_error_print(const struct mz_error *error, FILE *out)
{
    print(error, NULL, out);
}

void mz_error_print_text(const struct mz_error *error, const char *text, FILE *out)
{
    print(error, text, out);
}
