/* What the tests of scripts share: a folder for one test, a state with the plugins that
 * do nothing, and a figure to give to stages. */
#ifndef MIZAN_TEST_LUA_SUPPORT_H
#define MIZAN_TEST_LUA_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "lua/pipeline.h"
#include "lua/state.h"
#include "value/record.h"

struct bench {
    char folder[64];
    struct mz_registry *registry;
    struct mz_arena *arena; /* of the load */
    struct mz_arena *unit;
    struct mz_lua *lua;
    struct mz_pipeline *pipeline;
    struct mz_error error;
    struct mz_stage_result result;
    const char *const *parameters; /* for the next load */
    size_t parameter_count, memory;
    int64_t load_time;
    struct mizan_record *document, *source;
};

void bench_init(struct bench *bench);
void bench_finish(struct bench *bench);
/* Writes FOLDER/name, with the folders above it. */
void bench_write(struct bench *bench, const char *name, const char *text);
void bench_write_bytes(struct bench *bench, const char *name, const char *data,
                       size_t size);
/* Loads a file of the folder (or an absolute path) in a new state. */
enum mz_code bench_load(struct bench *bench, const char *name);
/* Writes `text` as main.lua and loads it. */
enum mz_code bench_load_text(struct bench *bench, const char *text);
/* Loads a pipeline with one stage, mizan.each("figure", "sure", function(rec, ctx) BODY
 * end); the body begins in line 3. `mizan` and `kept` are locals of the file. */
void bench_stage(struct bench *bench, const char *body);
/* Begins a unit with a document and a source. */
void bench_begin(struct bench *bench);
/* A figure with fields of every type. */
struct mizan_record *bench_figure(struct bench *bench);
/* Calls stage `index` with a new figure, in a unit of its own. */
enum mz_code bench_call(struct bench *bench, size_t index);
/* Runs the body as a stage; it must pass. */
void bench_pass(struct bench *bench, const char *body);
/* Runs the body as a stage; it must fail with a message that contains `text`. */
void bench_error(struct bench *bench, const char *body, const char *text);
void assert_contains(const char *text, const char *part);

#endif
