#include "web/server.h"

#include <string.h>

#include "base/text.h"

#define FIELDS 32

static int hexadecimal(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit = (char)(digit | 0x20);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* `a+b%20c` decoded, closed by NUL; NULL when memory ends or it is no valid UTF-8 text
 * without NUL. */
static const char *decoded(struct mz_arena *arena, const char *text, size_t size)
{
    char *out = mz_arena_alloc(arena, size + 1);
    size_t used = 0;
    if (out == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        char byte = text[i] == '+' ? ' ' : text[i];
        if (byte == '%' && i + 2 < size && hexadecimal(text[i + 1]) >= 0 &&
            hexadecimal(text[i + 2]) >= 0) {
            byte = (char)(hexadecimal(text[i + 1]) * 16 + hexadecimal(text[i + 2]));
            i += 2;
        }
        out[used++] = byte;
    }
    out[used] = '\0';
    return memchr(out, '\0', used) == NULL && mz_utf8_valid(out, used) ? out : NULL;
}

enum mz_code mz_web_form_read(struct mz_web_request *request, struct mz_error *error)
{
    const char *at = request->body.data == NULL ? "" : request->body.data;
    const char *end = at + request->body.size;
    struct mizan_field *fields = mz_arena_zero(request->arena, FIELDS * sizeof *fields);
    if (fields == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for the form");
    }
    size_t count = 0;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (equals != NULL) {
            const char *name = decoded(request->arena, at, (size_t)(equals - at));
            const char *value =
                decoded(request->arena, equals + 1, (size_t)(stop - equals - 1));
            if (name == NULL || value == NULL || count == FIELDS) {
                return mz_fail(error, MZ_INPUT, "the form that was sent is no form");
            }
            fields[count].name = (struct mizan_slice){name, strlen(name)};
            fields[count].value = (struct mizan_value){.type = MIZAN_TEXT};
            fields[count++].value.as.text = (struct mizan_slice){value, strlen(value)};
        }
        at = stop + 1;
    }
    request->form.fields = fields;
    request->form.count = count;
    return MZ_OK;
}
