/* A host for fetch plugins under test: answers that the test wrote down, state that is
 * committed as plugin.h says (with the next document or the end of the source), records
 * and documents kept for looking at. It stands on plugin.h alone. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mizan/plugin.h"

extern const struct mizan_plugin mizan_plugin_v1;

#define FAKE_MOST 64

/* An option as the host hands it out: type, and text or integer; a list of texts or of
 * sources is made by the functions below. */
struct fake_option {
    const char *name;
    struct mizan_value value;
};

/* What an address answers. */
struct fake_answer {
    const char *url;
    int32_t failure; /* MIZAN_OK: the members below */
    int32_t status;  /* 0: 200 */
    const char *media_type, *charset, *etag, *last_modified, *final_url;
    const char *body;
    size_t body_size; /* 0: up to the NUL */
};

struct fake_block;
struct fake_state;

struct fake_arena {
    struct fake_block *blocks; /* the newest first */
};

struct mizan_task {
    struct fake_arena arena; /* of the call */
    struct fake_arena keep;  /* of what the test looks at */
    const struct fake_option *options;
    size_t option_count;
    const struct fake_answer *answers;
    size_t answer_count;
    int64_t now;
    bool cancelled;
    size_t emit_limit; /* emit fails from this document on; 0: never */

    struct fake_state *pending, *committed;
    size_t pending_count, committed_count;
    char kept[FAKE_MOST][256]; /* addresses of validators, waiting for the end */
    size_t kept_count;
    char validators[FAKE_MOST][256]; /* addresses whose validators are stored */
    size_t validator_count;

    mizan_record *documents[FAKE_MOST];
    size_t document_count;
    char unchanged[FAKE_MOST][256];
    size_t unchanged_count;
    char requests[FAKE_MOST][256]; /* addresses, with " conditional" behind */
    size_t request_count;
    int64_t failed_items, gone_items, old_items, postponed_items, forgotten_items,
        cut_items;
    int warnings;
    char failure[1024]; /* of host->fail */
};

const struct mizan_host *fake_host(void);

/* An instance of the plugin linked into the test; NULL and *status when it refuses. */
void *fake_open(mizan_task *task, int32_t *status);
/* One fetch of the source; on MIZAN_OK what waits is committed, else it is forgotten.
 * What an earlier fetch left for looking at is cleared first, but not what is stored.
 */
int32_t fake_fetch(mizan_task *task, void *instance, const mizan_record *source);
/* Frees all; the task may be used again as if zeroed. */
void fake_finish(mizan_task *task);

/* A record with text fields: name, value, name, value …, NULL. The task's. */
mizan_record *fake_record(mizan_task *task, const char *type, ...);
/* The text or bytes of a field, NULL when it is absent or of another type. */
const char *fake_text(const mizan_record *record, const char *name);
/* An integer, boolean or time; INT64_MIN when it is absent. */
int64_t fake_integer(const mizan_record *record, const char *name);
/* The value of a text option, and of a list of one source with that id and url. */
struct mizan_value fake_text_value(const char *text);
struct mizan_value fake_integer_value(int64_t integer);
struct mizan_value fake_source_value(mizan_task *task, const char *id, const char *url);
bool fake_has_state(const mizan_task *task, const char *key);

/* The parts of fake_store.c: arenas and records. */
void *fake_alloc(struct fake_arena *arena, size_t size);
uint64_t fake_mark(const struct fake_arena *arena);
void fake_release(struct fake_arena *arena, uint64_t mark); /* 0: everything */
mizan_record *fake_record_new(struct fake_arena *arena, const char *type);
mizan_record *fake_record_copy(struct fake_arena *arena, const mizan_record *record);
const char *fake_record_type(const mizan_record *record);
int32_t fake_record_set(mizan_record *record, const char *name,
                        const struct mizan_value *value);
int32_t fake_record_get(const mizan_record *record, const char *name,
                        struct mizan_value *out);

#endif
