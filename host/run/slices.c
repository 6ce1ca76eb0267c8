#include "run/slices.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "value/json.h"

#define SAMPLE                                                                         \
    ((size_t)64 * 1024) /* bytes at each end of a file that tell it apart              \
                         */

void mz_slices_claim_file(struct mz_unit *unit)
{
    const char *path = mz_record_text(unit->document, MZ_BODY_FILE);
    struct mizan_value nil = mz_nil();
    if (path != NULL) {
        unit->body_file = path;
        (void)mz_record_put(unit->document, MZ_BODY_FILE, &nil);
    }
}

/* ---- the body ---- */

static bool read_at(int file, uint64_t offset, char *out, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t read = pread(file, out + *got, size - *got, (off_t)(offset + *got));
        if (read == 0 || (read < 0 && errno != EINTR)) {
            return read == 0;
        }
        *got += read > 0 ? (size_t)read : 0;
    }
    return true;
}

static enum mz_code open_body(struct mz_unit *unit, struct stat *facts,
                              struct mz_error *error)
{
    unit->body = open(unit->body_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (unit->body < 0 || fstat(unit->body, facts) != 0) {
        return mz_fail_errno(error, MZ_IO, "%s cannot be read", unit->body_file);
    }
    if (!S_ISREG(facts->st_mode)) {
        return mz_fail(error, MZ_IO, "%s is not a regular file", unit->body_file);
    }
    unit->body_size = (uint64_t)facts->st_size;
    return MZ_OK;
}

enum mz_code mz_slices_digest(struct mz_unit *unit, struct mizan_slice body,
                              char digest[MZ_DIGEST_TEXT], struct mz_error *error)
{
    struct stat facts;
    if (unit->body_file == NULL) {
        mz_digest(body.data, body.size, digest);
        return MZ_OK;
    }
    uint64_t mark = mz_arena_mark(unit->arena);
    char *sample = mz_arena_alloc(unit->arena, 2 * SAMPLE + 128);
    if (sample == NULL) {
        return mz_fail(error, MZ_MEMORY, "not enough memory for a unit");
    }
    enum mz_code code = open_body(unit, &facts, error);
    size_t first = 0, last = 0;
    uint64_t tail = unit->body_size > SAMPLE ? unit->body_size - SAMPLE : 0;
    if (code == MZ_OK && (!read_at(unit->body, 0, sample, SAMPLE, &first) ||
                          !read_at(unit->body, tail, sample + first, SAMPLE, &last))) {
        code = mz_fail_errno(error, MZ_IO, "%s cannot be read", unit->body_file);
    }
    if (code == MZ_OK) {
        int length = snprintf(sample + first + last, 128, "\n%" PRIu64 " %lld.%09ld",
                              unit->body_size, (long long)facts.st_mtim.tv_sec,
                              facts.st_mtim.tv_nsec);
        mz_digest(sample, first + last + (size_t)length, digest);
    }
    mz_arena_release(unit->arena, mark);
    return code;
}

int32_t mz_slices_read(struct mz_unit *unit, uint64_t offset, void *out, size_t size,
                       size_t *got)
{
    *got = 0;
    if (unit->body_file != NULL) {
        /* What is appended while it is read is a change of the file, and of the next
         * run. */
        uint64_t left = offset < unit->body_size ? unit->body_size - offset : 0;
        size = size < left ? size : (size_t)left;
        return read_at(unit->body, offset, out, size, got) ? MIZAN_OK
                                                           : MIZAN_ERROR_FAILED;
    }
    const struct mizan_value *body = mz_record_find(unit->document, "body");
    if (body == NULL || (body->type != MIZAN_BYTES && body->type != MIZAN_TEXT)) {
        return MIZAN_ERROR_NOT_FOUND;
    }
    if (offset < body->as.text.size) {
        size_t left = body->as.text.size - (size_t)offset;
        *got = size < left ? size : left;
        memcpy(out, body->as.text.data + offset, *got);
    }
    return MIZAN_OK;
}

/* ---- slices ---- */

static void keep_cursor(struct mz_slice_place *place, uint64_t offset,
                        const char *state, size_t size)
{
    place->offset = offset;
    place->size = size;
    if (size > 0) {
        memmove(place->state, state, size);
    }
}

bool mz_slices_end(struct mz_unit *unit, const struct mizan_cursor *next)
{
    if (next->state.size > MZ_SLICE_STATE) {
        return false;
    }
    keep_cursor(&unit->following, next->offset, next->state.data, next->state.size);
    unit->more = true;
    return true;
}

static bool show_document(struct mz_unit *unit)
{
    unit->mark = mz_arena_mark(unit->arena);
    unit->document = mz_record_alias(unit->arena, unit->whole);
    return unit->document != NULL;
}

bool mz_slices_begin(struct mz_unit *unit)
{
    unit->whole = unit->document;
    unit->held = unit->changes;
    unit->changes = NULL;
    unit->last_change = &unit->changes;
    return show_document(unit);
}

bool mz_slices_next(struct mz_unit *unit)
{
    unit->failed_before = unit->failed_before || unit->failed;
    mz_arena_release(unit->arena, unit->mark);
    unit->letters = NULL;
    unit->last_letter = &unit->letters;
    unit->deliveries = NULL;
    unit->last_delivery = &unit->deliveries;
    unit->changes = NULL;
    unit->last_change = &unit->changes;
    memset(&unit->spare, 0, sizeof unit->spare);
    memset(&unit->passed, 0, sizeof unit->passed);
    unit->next_stage = 0;
    unit->rejected = 0;
    unit->failed = false;
    unit->more = false;
    unit->slice++;
    keep_cursor(&unit->begin, unit->following.offset, unit->following.state,
                unit->following.size);
    return show_document(unit);
}

/* ---- the cursor ---- */

void mz_slices_key(const struct mz_unit *unit, char out[MZ_SLICE_KEY])
{
    char id[MZ_ID_TEXT];
    struct mizan_slice url = {unit->url, strlen(unit->url)};
    mz_hash_id(&url, 1, id);
    snprintf(out, MZ_SLICE_KEY, "slice:%s", id);
}

void mz_slices_resume(struct mz_unit *unit, struct mizan_slice text)
{
    struct mizan_value cursor;
    struct mz_error error;
    if (mz_json_parse(unit->arena, text.data, text.size, &cursor, &error) != MZ_OK ||
        !mz_value_is(mz_map_member(&cursor, "document"), unit->row.raw_sha256)) {
        return;
    }
    const struct mizan_value *offset = mz_map_member(&cursor, "offset");
    const char *state = mz_map_text(&cursor, "state");
    if (offset != NULL && offset->type == MIZAN_INTEGER && offset->as.integer > 0 &&
        state != NULL && strlen(state) <= MZ_SLICE_STATE) {
        keep_cursor(&unit->begin, (uint64_t)offset->as.integer, state, strlen(state));
    }
}

bool mz_slices_note(struct mz_unit *unit)
{
    char key[MZ_SLICE_KEY];
    struct mz_buffer text;
    /* From the first slice that failed on, the next run goes on there. */
    if (unit->body_file == NULL || unit->failed || unit->failed_before ||
        (!unit->more && unit->begin.offset == 0)) {
        return true;
    }
    mz_buffer_init(&text, 2 * MZ_SLICE_STATE + 512);
    mz_buffer_printf(&text, "{\"document\":\"%s\",\"offset\":%" PRIu64 ",\"state\":",
                     unit->row.raw_sha256, unit->more ? unit->following.offset : 0);
    mz_json_text(&text, unit->following.state, unit->more ? unit->following.size : 0);
    mz_buffer_byte(&text, '}');
    mz_slices_key(unit, key);
    bool done = mz_buffer_ok(&text) &&
                mz_unit_change(unit, key, (struct mizan_slice){text.data, text.size});
    mz_buffer_finish(&text);
    return done;
}
