/* Raw bodies: one copy per digest, compressed, in the table or in a folder of files.
 * The row says where; a file without a row is one whose commit never came, or whose
 * time is over, and is swept away. */
#include "db/raw.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "base/clock.h"
#include "base/file.h"
#include "db/documents.h"
#include "db/engine.h"
#include "value/digest.h"
#include "value/record.h"

#define ZSTD_LEVEL 3
#define RAW_MOST   ((int64_t)1 << 30) /* bytes of a body, before compression */
#define YOUNG      3600 /* seconds: the commit of such a file may still come */
#define GONE       ".gone"
#define DIGEST     64 /* digits */

void mz_db_set_raw_folder(struct mz_db *db, const char *folder)
{
    db->raw_folder = folder;
}

/* ---- keeping ---- */

struct packed {
    struct mizan_slice bytes;
    bool compressed;
};

/* Without room to compress it is kept as it is. */
static struct packed pack(struct mz_arena *arena, struct mizan_slice body)
{
    struct packed out = {body, false};
    size_t bound = ZSTD_compressBound(body.size);
    char *data = ZSTD_isError(bound) ? NULL : mz_arena_alloc(arena, bound);
    if (data != NULL) {
        size_t size = ZSTD_compress(data, bound, body.data, body.size, ZSTD_LEVEL);
        if (!ZSTD_isError(size) && size < body.size) {
            out = (struct packed){{data, size}, true};
        }
    }
    return out;
}

/* FOLDER/ab/abcdef…; false when it is too long. */
static bool file_path(char out[MZ_PATH], const char *folder, const char *digest)
{
    int size = snprintf(out, MZ_PATH, "%s/%.2s/%s", folder, digest, digest);
    return size > 0 && size < MZ_PATH;
}

/* A file that is there already becomes young, so that no sweep takes it meanwhile. */
static enum mz_code write_file(const char *folder, const char *digest,
                               struct mizan_slice bytes, char path[MZ_PATH],
                               struct mz_error *error)
{
    char place[MZ_PATH];
    struct stat status;
    if (!file_path(path, folder, digest)) {
        return mz_fail(error, MZ_CONFIGURATION,
                       "the folder for raw bodies, %s, has too long a name", folder);
    }
    if (utimensat(AT_FDCWD, path, NULL, 0) == 0 && stat(path, &status) == 0 &&
        (size_t)status.st_size == bytes.size) {
        return MZ_OK;
    }
    mz_path_folder(place, path);
    enum mz_code code = mz_folder_create(place, error);
    return code == MZ_OK ? mz_file_write(path, bytes.data, bytes.size, error) : code;
}

static bool found_row(void *context, const struct mz_row *row)
{
    bool *found = context;
    (void)row;
    *found = true;
    return false;
}

static enum mz_code is_kept(struct mz_db *db, const char *digest, bool *out,
                            struct mz_error *error)
{
    struct mizan_value key = mz_text(digest);
    *out = false;
    return mz_db_query(db, "SELECT 1 FROM raw WHERE sha256 = $1", &key, 1, found_row,
                       out, error);
}

enum mz_code mz_home_keep_raw(struct mz_db *db, const char *digest,
                              struct mizan_slice body, struct mz_error *error)
{
    bool known = false;
    char path[MZ_PATH] = "";
    if (body.data == NULL) {
        return MZ_OK; /* it stays in its file */
    }
    enum mz_code code = is_kept(db, digest, &known, error);
    if (code != MZ_OK || known) {
        return code;
    }
    uint64_t mark = mz_arena_mark(db->scratch);
    struct packed packed = pack(db->scratch, body);
    if (db->raw_folder != NULL) {
        code = write_file(db->raw_folder, digest, packed.bytes, path, error);
    }
    if (code == MZ_OK) {
        const struct mizan_value arguments[] = {
            mz_text(digest),
            mz_integer((int64_t)body.size),
            mz_text(packed.compressed ? "zstd" : "none"),
            path[0] == '\0' ? mz_bytes(packed.bytes.data, packed.bytes.size)
                            : mz_bytes("", 0),
            mz_time(mz_clock_now()),
            path[0] == '\0' ? mz_nil() : mz_text(path),
        };
        code = mz_db_execute(
            db,
            "INSERT INTO raw(sha256, size, encoding, body, stored_at, file)"
            " VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(sha256) DO NOTHING",
            arguments, MZ_COUNT(arguments), NULL, error);
    }
    mz_arena_release(db->scratch, mark);
    return code;
}

/* ---- reading ---- */

static enum mz_code unpack(const char *digest, const struct mizan_value *values,
                           struct mizan_slice stored, struct mz_arena *arena,
                           struct mizan_slice *out, struct mz_error *error)
{
    int64_t size = values[0].as.integer;
    char check[MZ_DIGEST_TEXT];
    if (size < 0 || size > RAW_MOST) {
        return mz_fail(error, MZ_LIMIT, "the raw body %s is too large", digest);
    }
    char *data = mz_arena_alloc(arena, (size_t)size + 1);
    if (data == NULL) {
        return mz_fail(error, MZ_LIMIT, "the raw body %s does not fit into memory",
                       digest);
    }
    size_t got = stored.size;
    if (mz_value_is(&values[1], "zstd")) {
        got = ZSTD_decompress(data, (size_t)size, stored.data, stored.size);
    } else if (got == (size_t)size && got > 0) {
        memcpy(data, stored.data, got);
    }
    if (ZSTD_isError(got) || got != (size_t)size) {
        return mz_fail(error, MZ_IO, "the raw body %s is damaged", digest);
    }
    data[size] = '\0';
    *out = (struct mizan_slice){.data = data, .size = (size_t)size};
    mz_digest(out->data, out->size, check);
    return strcmp(check, digest) == 0
               ? MZ_OK
               : mz_fail(error, MZ_IO, "the raw body %s is damaged", digest);
}

/* A row without its file is a body that was removed, or one of another machine. */
static enum mz_code read_file(const char *digest, const struct mizan_value *values,
                              struct mz_arena *arena, struct mizan_slice *out,
                              struct mz_error *error)
{
    char *data = NULL;
    size_t size = 0;
    enum mz_code code =
        mz_file_read(values[3].as.text.data, (size_t)RAW_MOST, &data, &size, error);
    if (code == MZ_NO_FILE) {
        mz_fail(error, MZ_NOT_FOUND, "the raw body %s is not kept here: no file %s",
                digest, values[3].as.text.data);
        mz_error_help(error, "it was removed, or lies on the machine that fetched it");
        return MZ_NOT_FOUND;
    }
    if (code == MZ_OK) {
        code =
            unpack(digest, values, (struct mizan_slice){data, size}, arena, out, error);
    }
    free(data);
    return code;
}

enum mz_code mz_home_raw(struct mz_db *db, const char *raw_sha256,
                         struct mz_arena *arena, struct mizan_slice *out,
                         struct mz_error *error)
{
    struct mizan_value key = mz_text(raw_sha256);
    struct mizan_value values[4];
    struct mz_statement statement = {
        .sql = "SELECT size, encoding, body, file FROM raw WHERE sha256 = $1",
        .arguments = &key,
        .count = 1,
    };
    struct mz_first_row first = {
        .values = values, .count = MZ_COUNT(values), .arena = arena};
    enum mz_code code = mz_db_first(db, &statement, &first, error);
    *out = (struct mizan_slice){0};
    if (code != MZ_OK) {
        return code;
    }
    if (!first.found) {
        mz_fail(error, MZ_NOT_FOUND, "the raw body %s is not kept", raw_sha256);
        mz_error_help(error, "it was removed by its retention, or never stored");
        return MZ_NOT_FOUND;
    }
    return values[3].type == MIZAN_TEXT
               ? read_file(raw_sha256, values, arena, out, error)
               : unpack(raw_sha256, values, values[2].as.text, arena, out, error);
}

/* ---- sweeping ---- */

static bool is_young(const struct stat *status)
{
    return mz_clock_now() / 1000 - (int64_t)status->st_mtime < YOUNG;
}

/* Takes a file without a row away. It gets another name first: whoever keeps the same
 * body meanwhile finds none and writes it anew, or has made it young before. */
static enum mz_code sweep_file(struct mz_db *db, const char *path, const char *digest,
                               struct mz_sweeping *sweeping, struct mz_error *error)
{
    struct stat status;
    char gone[MZ_PATH];
    bool kept = true;
    int size = snprintf(gone, sizeof gone, "%s" GONE, path);
    if (size < 0 || size >= MZ_PATH || stat(path, &status) != 0 || is_young(&status)) {
        return MZ_OK;
    }
    enum mz_code code = is_kept(db, digest, &kept, error);
    if (code != MZ_OK || kept) {
        return code;
    }
    if (!sweeping->dry) {
        if (rename(path, gone) != 0) {
            return MZ_OK;
        }
        if (stat(gone, &status) == 0 && is_young(&status)) {
            (void)rename(gone, path);
            return MZ_OK;
        }
        (void)unlink(gone);
    }
    sweeping->count++;
    sweeping->bytes += status.st_size;
    return MZ_OK;
}

static bool is_digest(const char *name)
{
    return strspn(name, "0123456789abcdef") == DIGEST && name[DIGEST] == '\0';
}

static enum mz_code sweep_folder(struct mz_db *db, const char *folder,
                                 struct mz_sweeping *sweeping, struct mz_error *error)
{
    char path[MZ_PATH];
    DIR *entries = opendir(folder);
    enum mz_code code = MZ_OK;
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
    while (entries != NULL && code == MZ_OK && (entry = readdir(entries)) != NULL) {
        if (mz_path_join(path, folder, entry->d_name)) {
            if (is_digest(entry->d_name)) {
                code = sweep_file(db, path, entry->d_name, sweeping, error);
            }
        }
    }
    if (entries != NULL) {
        (void)closedir(entries);
    }
    return code;
}

enum mz_code mz_raw_sweep(struct mz_db *db, const char *folder,
                          struct mz_sweeping *sweeping, struct mz_error *error)
{
    char part[MZ_PATH];
    enum mz_code code = MZ_OK;
    for (unsigned i = 0; i < 256 && code == MZ_OK; i++) {
        int size = snprintf(part, sizeof part, "%s/%02x", folder, i);
        if (size > 0 && size < MZ_PATH) {
            code = sweep_folder(db, part, sweeping, error);
        }
    }
    return code;
}
