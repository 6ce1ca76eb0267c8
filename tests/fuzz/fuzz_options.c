/* Options are what a script hands to a plugin, and their bytes may come from a data
 * file: any JSON value is checked against a schema that has an option of every type,
 * and what is accepted is written out again. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "value/json.h"
#include "value/options.h"
#include "value/record.h"

#define MZ_FUZZ_MEMORY ((size_t)4 << 20)

/* clang-format off */
static const struct mizan_option all[] = {
    { .name = "follow", .type = MIZAN_OPTION_BOOLEAN, .default_value = "true" },
    { .name = "count", .type = MIZAN_OPTION_INTEGER, .minimum = "1", .maximum = "10" },
    { .name = "weight", .type = MIZAN_OPTION_DECIMAL, .default_value = "0.50",
      .minimum = "0", .maximum = "1.5" },
    { .name = "title", .type = MIZAN_OPTION_TEXT },
    { .name = "mode", .type = MIZAN_OPTION_TEXT, .default_value = "\"fast\"",
      .choices = "fast|slow|careful" },
    { .name = "first", .type = MIZAN_OPTION_DURATION, .default_value = "7d",
      .minimum = "1s", .maximum = "365d" },
    { .name = "most", .type = MIZAN_OPTION_SIZE, .default_value = "16M",
      .maximum = "1G" },
    { .name = "rate", .type = MIZAN_OPTION_RATE, .default_value = "1/2s" },
    { .name = "file", .type = MIZAN_OPTION_PATH },
    { .name = "url", .type = MIZAN_OPTION_URL },
    { .name = "params", .type = MIZAN_OPTION_MAP, .default_value = "{ lang = \"ar\" }" },
    { .name = "sources", .type = MIZAN_OPTION_SOURCES },
    { .name = "langs", .type = MIZAN_OPTION_TEXT, .flags = MIZAN_OPTION_LIST,
      .default_value = "{ \"ar\", \"en\" }" },
    { .name = "waits", .type = MIZAN_OPTION_DURATION, .flags = MIZAN_OPTION_LIST },
    { .name = "maps", .type = MIZAN_OPTION_MAP, .flags = MIZAN_OPTION_LIST },
    { .name = "token", .type = MIZAN_OPTION_TEXT, .flags = MIZAN_OPTION_SECRET,
      .choices = "alpha|beta" },
};
/* clang-format on */

static const struct mz_schema schema = {"fetch.fuzz", all, sizeof all / sizeof all[0],
                                        sizeof all[0]};

static void write_options(const struct mizan_options *options)
{
    struct mz_buffer out;
    mz_buffer_init(&out, MZ_FUZZ_MEMORY * 8);
    for (size_t i = 0; i < schema.count; i++) {
        mz_json_value(&out, mz_option(options, all[i].name));
    }
    if (!mz_buffer_ok(&out)) {
        abort();
    }
    mz_buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mz_arena *arena = mz_arena_create(MZ_FUZZ_MEMORY);
    struct mizan_options *options = NULL;
    struct mizan_value given;
    struct mz_error error;
    char key[MZ_OPTION_KEY];
    if (arena != NULL &&
        mz_json_parse(arena, (const char *)data, size, &given, &error) == MZ_OK) {
        enum mz_code code =
            mz_options_check(arena, &schema, &given, "/project", &options, key, &error);
        if (code == MZ_OK) {
            write_options(options);
        } else if (code != MZ_SCRIPT && code != MZ_MEMORY) {
            abort();
        }
    }
    mz_arena_destroy(arena);
    return 0;
}
