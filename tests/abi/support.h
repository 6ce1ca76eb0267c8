/* What the tests of the plugin ABI share: where the test plugins lie, a task whose
 * services note what plugins ask for, and scratch folders. */
#ifndef TESTS_ABI_SUPPORT_H
#define TESTS_ABI_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "plug/plugin.h"
#include "plug/task.h"

#define EMITTED_MOST 8

struct bench {
    struct mz_registry *registry; /* searches no folder */
    struct mz_arena *arena;
    struct mizan_task task;
    struct mz_error error;
    struct mizan_record *emitted[EMITTED_MOST];
    size_t emitted_count;
    int64_t calls, failures, taken, discarded; /* from the counters */
};

void bench_init(struct bench *bench);
void bench_finish(struct bench *bench);
/* Loads build/…/tests/plugins/FILE, which must be usable. */
struct mz_plugin *bench_load(struct bench *bench, const char *file);
/* The same, and opens it with all options at their defaults. */
struct mz_instance *bench_open(struct bench *bench, const char *file);
/* A record of type "document" with the field text (NULL: without). */
struct mizan_record *bench_document(struct bench *bench, const char *text);

/* The path of a test plugin, in `out`. */
const char *plugin_path(char out[MZ_PATH], const char *file);
/* Fails the test when `text` does not contain `part`, showing both. */
void assert_says(const char *text, const char *part);

/* A new folder below the working folder, for scratch files. */
void scratch_create(char out[MZ_PATH]);
void scratch_remove(const char *folder);
/* Writes FOLDER/NAME with this mode; returns its path in `out`. */
const char *scratch_file(char out[MZ_PATH], const char *folder, const char *name,
                         const void *data, size_t size, unsigned mode);
/* The bytes of good/extract_echo.so, for the caller to free. */
char *good_bytes(size_t *size);

#endif
