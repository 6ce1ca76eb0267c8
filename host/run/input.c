#include "run/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"

#define PIECE 65536

enum mz_code mz_input_read(const char *path, size_t most, char **data, size_t *size,
                           struct mz_error *error)
{
    if (strcmp(path, "-") != 0) {
        return mz_file_read(path, most, data, size, error);
    }
    struct mz_buffer all;
    char *piece = malloc(PIECE);
    size_t got = piece == NULL ? 0 : PIECE;
    mz_buffer_init(&all, most + 1);
    mz_buffer_add(&all, "", 0);
    while (got == PIECE && mz_buffer_ok(&all)) {
        got = fread(piece, 1, PIECE, stdin);
        mz_buffer_add(&all, piece, got);
    }
    enum mz_code code = MZ_OK;
    if (ferror(stdin)) {
        code = mz_fail_errno(error, MZ_IO, "standard input cannot be read");
    } else if (piece == NULL) {
        code = mz_fail(error, MZ_MEMORY, "not enough memory to read standard input");
    } else if (!mz_buffer_ok(&all) || all.size > most) {
        code = mz_fail(error, MZ_INPUT, "standard input has more than %zu bytes", most);
    } else {
        *data = mz_buffer_take(&all, size);
        code = *data != NULL ? MZ_OK
                             : mz_fail(error, MZ_MEMORY,
                                       "not enough memory to read standard input");
    }
    free(piece);
    mz_buffer_finish(&all);
    return code;
}

const char *mz_guess_media_type(const char *path, const char *data)
{
    static const char *const types[][2] = {{".html", "text/html"},
                                           {".htm", "text/html"},
                                           {".xml", "application/xml"},
                                           {".rss", "application/rss+xml"},
                                           {".atom", "application/atom+xml"},
                                           {".json", "application/json"},
                                           {".jsonl", "application/jsonl"},
                                           {".csv", "text/csv"},
                                           {".txt", "text/plain"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dot, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    data += strspn(data, " \n\t\r");
    return *data == '<' ? "text/html" : "text/plain";
}

static bool put(struct mizan_record *record, const char *name, struct mizan_value value)
{
    return value.type == MIZAN_NIL || mz_record_put(record, name, &value) == MIZAN_OK;
}

enum mz_code mz_unit_of_document(const struct mz_given_document *given, size_t ceiling,
                                 struct mz_unit **out, struct mz_error *error)
{
    struct mz_unit *unit = mz_unit_create(ceiling);
    struct mizan_record *document =
        unit == NULL ? NULL : mz_record_create(unit->arena, "document");
    if (document == NULL || !put(document, "url", mz_text(given->url)) ||
        !put(document, "media_type", mz_text(given->media_type)) ||
        !put(document, "charset", mz_text(given->charset)) ||
        !put(document, "lang", mz_text(given->lang)) ||
        !put(document, "fetched_at", mz_time(mz_clock_now())) ||
        !put(document, "body", mz_bytes(given->body.data, given->body.size))) {
        mz_unit_destroy(unit);
        return mz_fail(error, MZ_MEMORY, "not enough memory for the document");
    }
    unit->document = document;
    unit->url = mz_record_text(document, "url");
    *out = unit;
    return MZ_OK;
}
