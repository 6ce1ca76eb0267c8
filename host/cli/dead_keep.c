#include "cli/dead_keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "value/json.h"
#include "value/record.h"

#define MOST_TEST ((size_t)4 << 20)
/* Digits of a letter's id in the names of its case and file. */
#define SHORT_ID 10

static const char *ending_of(const char *media_type)
{
    static const char *const endings[][2] = {
        {"text/html", "html"},          {"application/xhtml+xml", "html"},
        {"text/plain", "txt"},          {"application/json", "json"},
        {"application/jsonl", "jsonl"}, {"text/csv", "csv"},
        {"application/xml", "xml"},     {"text/xml", "xml"},
        {"application/rss+xml", "xml"}, {"application/atom+xml", "xml"},
        {"application/pdf", "pdf"}};
    for (size_t i = 0; media_type != NULL && i < sizeof endings / sizeof endings[0];
         i++) {
        if (strcmp(media_type, endings[i][0]) == 0) {
            return endings[i][1];
        }
    }
    return "bin";
}

/* A Lua string: JSON's escapes are Lua's but for \u, which text without control
 * characters does not need. */
static void add_string(struct mz_buffer *out, const char *text)
{
    mz_buffer_byte(out, '"');
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            mz_buffer_byte(out, '\\');
            mz_buffer_byte(out, *at);
        } else if (byte < 0x20 || byte == 0x7f) {
            mz_buffer_printf(out, "\\%03u", (unsigned int)byte);
        } else {
            mz_buffer_byte(out, *at);
        }
    }
    mz_buffer_byte(out, '"');
}

static void add_option(struct mz_buffer *out, const char *name, const char *text)
{
    if (text != NULL) {
        mz_buffer_printf(out, ",\n        %s = ", name);
        add_string(out, text);
    }
}

/* The first line of the reason, no longer than a line of text. */
static void add_title(struct mz_buffer *out, const struct mizan_value *letter)
{
    char title[160];
    const char *reason = mz_map_text(letter, "reason");
    size_t size = strcspn(reason, "\n");
    size = size < 80 ? size : 80;
    while (size > 0 && ((unsigned char)reason[size] & 0xc0) == 0x80) {
        size--;
    }
    snprintf(title, sizeof title, "dead letter %.*s: %.*s", SHORT_ID,
             mz_map_text(letter, "id"), (int)size, reason);
    add_string(out, title);
}

static void add_case(struct mz_buffer *out, const struct mizan_value *letter,
                     const char *pipeline, const char *file)
{
    bool rejected = mz_value_is(mz_map_member(letter, "outcome"), "reject");
    mz_buffer_text(out, "\nt.case(");
    add_title(out, letter);
    mz_buffer_text(out, ", function()\n    local r = t.pipeline(");
    add_string(out, mz_path_name(pipeline));
    mz_buffer_text(out, "):run {\n        file = ");
    add_string(out, file);
    add_option(out, "url", mz_map_text(letter, "url"));
    add_option(out, "type", mz_map_text(letter, "media_type"));
    add_option(out, "source", mz_map_text(letter, "source_id"));
    mz_buffer_printf(out, ",\n    }\n    t.eq(r.%s)\nend)\n",
                     rejected ? "rejects, {}" : "errors, {}");
}

/* The test file as it is, or the head of a new one. */
static enum mz_code read_tests(const char *path, struct mz_buffer *out,
                               struct mz_error *error)
{
    char *data = NULL;
    size_t size;
    enum mz_code code = mz_file_read(path, MOST_TEST, &data, &size, error);
    if (code == MZ_NO_FILE) {
        mz_buffer_text(out, "local t = require \"mizan.test\"\n");
        return MZ_OK;
    }
    if (code == MZ_OK) {
        mz_buffer_add(out, data, size);
        if (strstr(data, "local t = require \"mizan.test\"") == NULL) {
            mz_buffer_text(out, "\nlocal t = require \"mizan.test\"\n");
        }
    }
    free(data);
    return code;
}

static enum mz_code name_files(const struct mizan_value *letter, const char *pipeline,
                               char tests[MZ_PATH], char data[MZ_PATH], char file[128],
                               struct mz_error *error)
{
    char folder[MZ_PATH], name[256];
    const char *base = mz_path_name(pipeline);
    size_t size = strlen(base);
    size -= mz_ends_with(base, ".lua") ? 4 : 0;
    mz_path_folder(folder, pipeline);
    snprintf(file, 128, "data/dead-%.*s.%s", SHORT_ID, mz_map_text(letter, "id"),
             ending_of(mz_map_text(letter, "media_type")));
    snprintf(name, sizeof name, "%.*s_test.lua", (int)(size < 200 ? size : 200), base);
    return mz_path_join(tests, folder, name) && mz_path_join(data, folder, file)
               ? MZ_OK
               : mz_fail(error, MZ_USAGE, "the folder of %s has too long a name",
                         pipeline);
}

static enum mz_code make_folder(const char *file, struct mz_error *error)
{
    char folder[MZ_PATH];
    mz_path_folder(folder, file);
    return mz_folder_create(folder, error);
}

enum mz_code mz_dead_keep(const struct mizan_value *letter, struct mizan_slice body,
                          const char *pipeline, struct mz_error *error)
{
    char tests[MZ_PATH], data[MZ_PATH], file[128];
    struct mz_buffer out;
    enum mz_code code = name_files(letter, pipeline, tests, data, file, error);
    if (code == MZ_OK && mz_file_exists(data)) {
        return mz_fail(error, MZ_USAGE, "the letter is kept already: %s", data);
    }
    mz_buffer_init(&out, 2 * MOST_TEST);
    if (code == MZ_OK) {
        code = read_tests(tests, &out, error);
    }
    if (code == MZ_OK) {
        code = make_folder(data, error);
    }
    if (code == MZ_OK) {
        code = mz_file_write(data, body.data, body.size, error);
    }
    if (code == MZ_OK) {
        add_case(&out, letter, pipeline, file);
        code = mz_buffer_ok(&out) ? mz_file_write(tests, out.data, out.size, error)
                                  : mz_fail(error, MZ_MEMORY, "not enough memory");
    }
    mz_buffer_finish(&out);
    if (code == MZ_OK) {
        printf("%s\n%s\n", data, tests);
        fprintf(stderr, "next: mizan test %s    fails until the script is mended\n",
                tests);
    }
    return code;
}
