#include "file_unpack.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#define RATIO_MOST 200
#define RATIO_FROM ((size_t)1024 * 1024)
#define GZIP_BITS  (15 + 16) /* the largest window, with a gzip header */

struct output {
    char *data;
    size_t size, room, most, packed;
};

static bool has_ending(const char *path, const char *ending)
{
    size_t size = strlen(path), length = strlen(ending);
    return size > length && strcmp(path + size - length, ending) == 0;
}

size_t file_bare_length(const char *path)
{
    size_t size = strlen(path);
    return has_ending(path, ".gz")    ? size - 3
           : has_ending(path, ".zst") ? size - 4
                                      : size;
}

/* Makes room for more, or says why there is none to be had. */
static enum file_status grow(struct output *out)
{
    if (out->size > out->most) {
        return FILE_TOO_LARGE;
    }
    if (out->size > RATIO_FROM && out->size / RATIO_MOST > out->packed) {
        return FILE_BOMB;
    }
    if (out->size < out->room) {
        return FILE_OK;
    }
    size_t room = out->room == 0 ? (size_t)64 * 1024 : out->room * 2;
    char *larger = realloc(out->data, room);
    if (larger == NULL) {
        return FILE_NO_MEMORY;
    }
    out->data = larger;
    out->room = room;
    return FILE_OK;
}

static enum file_status unpack_gzip(const struct file_content *content,
                                    struct output *out)
{
    union {
        const char *in;
        Bytef *out; /* the library does not write there */
    } input = {content->data};
    z_stream stream = {.next_in = input.out, .avail_in = (uInt)content->size};
    enum file_status status = FILE_OK;
    int result = inflateInit2(&stream, GZIP_BITS);
    if (result != Z_OK) {
        return FILE_NO_MEMORY;
    }
    bool more = true;
    while (more && (status = grow(out)) == FILE_OK) {
        size_t room = out->room - out->size;
        stream.next_out = (Bytef *)out->data + out->size;
        stream.avail_out = (uInt)(room > 1U << 30 ? 1U << 30 : room);
        uInt before = stream.avail_out;
        result = inflate(&stream, Z_NO_FLUSH);
        out->size += before - stream.avail_out;
        if (result == Z_STREAM_END && stream.avail_in > 0) {
            /* Another member follows, or padding. */
            more = *stream.next_in == 0x1f && inflateReset(&stream) == Z_OK;
        } else if (result == Z_STREAM_END) {
            more = false;
        } else if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) {
            status = result == Z_MEM_ERROR ? FILE_NO_MEMORY : FILE_DAMAGED;
            more = false;
        }
    }
    (void)inflateEnd(&stream);
    return status;
}

static enum file_status unpack_zstd(const struct file_content *content,
                                    struct output *out)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer input = {content->data, content->size, 0};
    enum file_status status = FILE_OK;
    size_t left = 1;
    if (stream == NULL) {
        return FILE_NO_MEMORY;
    }
    while ((left != 0 || input.pos < input.size) && (status = grow(out)) == FILE_OK) {
        ZSTD_outBuffer output = {out->data, out->room, out->size};
        size_t read = input.pos, wrote = output.pos;
        left = ZSTD_decompressStream(stream, &output, &input);
        out->size = output.pos;
        if (ZSTD_isError(left) || (read == input.pos && wrote == output.pos)) {
            status = FILE_DAMAGED;
            break;
        }
    }
    (void)ZSTD_freeDStream(stream);
    return status;
}

enum file_status file_unpack(const char *path, size_t most,
                             struct file_content *content)
{
    struct output out = {.most = most, .packed = content->size};
    enum file_status status = FILE_OK;
    if (has_ending(path, ".gz")) {
        status = unpack_gzip(content, &out);
    } else if (has_ending(path, ".zst")) {
        status = unpack_zstd(content, &out);
    } else {
        return FILE_OK;
    }
    if (status == FILE_OK && out.size > most) {
        status = FILE_TOO_LARGE;
    }
    free(content->data);
    if (status != FILE_OK) {
        free(out.data);
        out.data = NULL;
        out.size = 0;
    }
    content->data = out.data;
    content->size = out.size;
    return status;
}
