#include "net/decode.h"

#include <brotli/decode.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

#include "base/library.h"

#define OUTPUT_SIZE     8192
#define ZSTD_WINDOW_LOG 23 /* 8 MiB, the most that RFC 9659 lets a server use */

enum step {
    STEP_OK,
    STEP_END, /* of the coding */
    STEP_GARBLED,
    STEP_MEMORY
};

/* What one step reads and writes; both ends move on. */
struct work {
    const unsigned char *in;
    size_t in_size;
    unsigned char *out;
    size_t out_room;
};

struct mz_coding {
    const char *name, *other_name;
    bool (*open)(struct mz_decode_layer *layer);
    enum step (*step)(struct mz_decode_layer *layer, struct work *work);
    void (*close)(void *state);
};

/* ---- gzip and deflate ---- */

static bool open_inflate(struct mz_decode_layer *layer, int bits)
{
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream != NULL && inflateInit2(stream, bits) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    layer->state = stream;
    return stream != NULL;
}

static bool open_gzip(struct mz_decode_layer *layer)
{
    return open_inflate(layer, 15 + 16);
}

/* What "deflate" is shows in its first two bytes. */
static bool open_deflate(struct mz_decode_layer *layer)
{
    (void)layer;
    return true;
}

static enum step run_inflate(z_stream *stream, struct work *work)
{
    union {
        const unsigned char *in;
        Bytef *out; /* the library does not write there */
    } input = {work->in};
    stream->next_in = input.out;
    stream->avail_in = (uInt)work->in_size;
    stream->next_out = work->out;
    stream->avail_out = (uInt)work->out_room;
    int result = inflate(stream, Z_NO_FLUSH);
    work->in += work->in_size - stream->avail_in;
    work->in_size = stream->avail_in;
    work->out += work->out_room - stream->avail_out;
    work->out_room = stream->avail_out;
    return result == Z_STREAM_END                    ? STEP_END
           : result == Z_OK || result == Z_BUF_ERROR ? STEP_OK
           : result == Z_MEM_ERROR                   ? STEP_MEMORY
                                                     : STEP_GARBLED;
}

static enum step step_gzip(struct mz_decode_layer *layer, struct work *work)
{
    enum step step = run_inflate(layer->state, work);
    if (step == STEP_END && work->in_size > 0 && *work->in == 0x1f) {
        /* Another member follows. */
        return inflateReset(layer->state) == Z_OK ? STEP_OK : STEP_MEMORY;
    }
    return step;
}

static enum step step_deflate(struct mz_decode_layer *layer, struct work *work)
{
    while (layer->head_size < 2 && work->in_size > 0) {
        layer->head[layer->head_size++] = *work->in++;
        work->in_size--;
    }
    if (layer->head_size < 2) {
        return STEP_OK;
    }
    if (layer->state == NULL) {
        /* RFC 1950: the method is 8, and the two bytes are a multiple of 31. Bare
         * deflate is what some servers mean. */
        bool zlib = (layer->head[0] & 0x0f) == 8 &&
                    (layer->head[0] * 256 + layer->head[1]) % 31 == 0;
        if (!open_inflate(layer, zlib ? 15 : -15)) {
            return STEP_MEMORY;
        }
        struct work head = {layer->head, 2, work->out, work->out_room};
        enum step step = run_inflate(layer->state, &head);
        work->out = head.out;
        work->out_room = head.out_room;
        if (step != STEP_OK) {
            return step;
        }
    }
    return run_inflate(layer->state, work);
}

static void close_inflate(void *state)
{
    if (state != NULL) {
        (void)inflateEnd(state);
        free(state);
    }
}

/* ---- br ---- */

struct brotli {
    BrotliDecoderState *(*create)(brotli_alloc_func, brotli_free_func, void *);
    BrotliDecoderResult (*decompress)(BrotliDecoderState *, size_t *, const uint8_t **,
                                      size_t *, uint8_t **, size_t *);
    BrotliDecoderErrorCode (*failure)(const BrotliDecoderState *);
    void (*destroy)(BrotliDecoderState *);
};

static struct brotli brotli;
static bool brotli_loaded;

static void load_brotli(void)
{
    static const struct mz_symbol symbols[] = {
        {"BrotliDecoderCreateInstance", offsetof(struct brotli, create)},
        {"BrotliDecoderDecompressStream", offsetof(struct brotli, decompress)},
        {"BrotliDecoderGetErrorCode", offsetof(struct brotli, failure)},
        {"BrotliDecoderDestroyInstance", offsetof(struct brotli, destroy)},
    };
    static const struct mz_library library = {
        .file = "libbrotlidec.so.1", /* libcurl needs it too */
        .package = "libbrotli1",
        .needed = "bodies in br",
        .symbols = symbols,
        .count = sizeof symbols / sizeof *symbols,
    };
    struct mz_error error;

    brotli_loaded = mz_library_load(&library, &brotli, &error) == MZ_OK;
}

static bool open_brotli(struct mz_decode_layer *layer)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load_brotli);
    layer->state = brotli_loaded ? brotli.create(NULL, NULL, NULL) : NULL;
    return layer->state != NULL;
}

static enum step step_brotli(struct mz_decode_layer *layer, struct work *work)
{
    BrotliDecoderResult result = brotli.decompress(
        layer->state, &work->in_size, &work->in, &work->out_room, &work->out, NULL);
    if (result == BROTLI_DECODER_RESULT_ERROR) {
        return brotli.failure(layer->state) <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES
                   ? STEP_MEMORY
                   : STEP_GARBLED;
    }
    return result == BROTLI_DECODER_RESULT_SUCCESS ? STEP_END : STEP_OK;
}

static void close_brotli(void *state)
{
    if (state != NULL) {
        brotli.destroy(state);
    }
}

/* ---- zstd ---- */

static bool open_zstd(struct mz_decode_layer *layer)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (context != NULL && ZSTD_isError(ZSTD_DCtx_setParameter(
                               context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG))) {
        (void)ZSTD_freeDCtx(context);
        context = NULL;
    }
    layer->state = context;
    return context != NULL;
}

static enum step step_zstd(struct mz_decode_layer *layer, struct work *work)
{
    ZSTD_inBuffer in = {work->in, work->in_size, 0};
    ZSTD_outBuffer out = {work->out, work->out_room, 0};
    size_t left = ZSTD_decompressStream(layer->state, &out, &in);
    work->in += in.pos;
    work->in_size -= in.pos;
    work->out += out.pos;
    work->out_room -= out.pos;
    if (ZSTD_isError(left)) {
        return STEP_GARBLED;
    }
    /* Another frame may follow. */
    return left == 0 && work->in_size == 0 ? STEP_END : STEP_OK;
}

static void close_zstd(void *state)
{
    (void)ZSTD_freeDCtx(state);
}

/* ---- the layers ---- */

static const struct mz_coding codings[] = {
    {"gzip", "x-gzip", open_gzip, step_gzip, close_inflate},
    {"deflate", NULL, open_deflate, step_deflate, close_inflate},
    {"br", NULL, open_brotli, step_brotli, close_brotli},
    {"zstd", NULL, open_zstd, step_zstd, close_zstd},
};

static bool is_named(struct mizan_slice name, const char *text)
{
    return text != NULL && strlen(text) == name.size &&
           strncasecmp(text, name.data, name.size) == 0;
}

static enum mz_decode_status add_one(struct mz_decode *decode, struct mizan_slice name)
{
    if (name.size == 0 || is_named(name, "identity") || is_named(name, "none")) {
        return MZ_DECODE_OK;
    }
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        if (!is_named(name, codings[i].name) &&
            !is_named(name, codings[i].other_name)) {
            continue;
        }
        if (decode->count == MZ_CODINGS_MOST) {
            return MZ_DECODE_UNKNOWN;
        }
        /* The last one of the header was put around the others. */
        memmove(decode->layers + 1, decode->layers,
                decode->count * sizeof *decode->layers);
        memset(decode->layers, 0, sizeof *decode->layers);
        decode->layers[0].coding = &codings[i];
        decode->count++;
        return codings[i].open(&decode->layers[0]) ? MZ_DECODE_OK : MZ_DECODE_MEMORY;
    }
    return MZ_DECODE_UNKNOWN;
}

enum mz_decode_status mz_decode_add(struct mz_decode *decode, struct mizan_slice header)
{
    enum mz_decode_status status = MZ_DECODE_OK;
    while (header.size > 0 && status == MZ_DECODE_OK) {
        const char *comma = memchr(header.data, ',', header.size);
        size_t size = comma == NULL ? header.size : (size_t)(comma - header.data);
        size_t step = comma == NULL ? size : size + 1;
        struct mizan_slice name = {header.data, size};
        while (name.size > 0 && (*name.data == ' ' || *name.data == '\t')) {
            name.data++;
            name.size--;
        }
        while (name.size > 0 &&
               (name.data[name.size - 1] == ' ' || name.data[name.size - 1] == '\t')) {
            name.size--;
        }
        status = add_one(decode, name);
        header.data += step;
        header.size -= step;
    }
    return status;
}

void mz_decode_finish(struct mz_decode *decode)
{
    for (size_t i = 0; i < decode->count; i++) {
        decode->layers[i].coding->close(decode->layers[i].state);
    }
    memset(decode, 0, sizeof *decode);
}

static enum mz_decode_status decode_from(struct mz_decode *decode, size_t index,
                                         const unsigned char *data, size_t size,
                                         mz_decode_sink sink, void *context);

/* Hands on what a layer made. */
static enum mz_decode_status pass_on(struct mz_decode *decode, size_t index,
                                     const unsigned char *data, size_t size,
                                     mz_decode_sink sink, void *context)
{
    bool final = index + 1 == decode->count;
    if (size > 0 && !sink(context, (const char *)data, size, final)) {
        return MZ_DECODE_STOPPED;
    }
    return final ? MZ_DECODE_OK
                 : decode_from(decode, index + 1, data, size, sink, context);
}

/* The layers are few (MZ_CODINGS_MOST), and so are the calls within calls. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static enum mz_decode_status decode_from(struct mz_decode *decode, size_t index,
                                         const unsigned char *data, size_t size,
                                         mz_decode_sink sink, void *context)
{
    struct mz_decode_layer *layer = &decode->layers[index];
    unsigned char output[OUTPUT_SIZE];
    bool full = false; /* more may come out without more going in */
    layer->begun = layer->begun || size > 0;
    /* What stands behind the end is padding; browsers leave it too. */
    while ((size > 0 || full) && !layer->ended) {
        struct work work = {data, size, output, sizeof output};
        enum step step = layer->coding->step(layer, &work);
        size_t made = sizeof output - work.out_room;
        if (step == STEP_GARBLED || step == STEP_MEMORY) {
            return step == STEP_MEMORY ? MZ_DECODE_MEMORY : MZ_DECODE_GARBLED;
        }
        bool stuck = made == 0 && work.in_size == size;
        layer->ended = step == STEP_END;
        full = work.out_room == 0;
        data = work.in;
        size = work.in_size;
        enum mz_decode_status status =
            pass_on(decode, index, output, made, sink, context);
        if (status != MZ_DECODE_OK) {
            return status;
        }
        if (stuck && !layer->ended) {
            return size == 0 ? MZ_DECODE_OK : MZ_DECODE_GARBLED;
        }
    }
    return MZ_DECODE_OK;
}

enum mz_decode_status mz_decode_take(struct mz_decode *decode, const char *data,
                                     size_t size, mz_decode_sink sink, void *context)
{
    if (decode->count == 0) {
        return sink(context, data, size, true) ? MZ_DECODE_OK : MZ_DECODE_STOPPED;
    }
    return decode_from(decode, 0, (const unsigned char *)data, size, sink, context);
}

const char *mz_decode_unfinished(const struct mz_decode *decode)
{
    for (size_t i = 0; i < decode->count; i++) {
        if (decode->layers[i].begun && !decode->layers[i].ended) {
            return decode->layers[i].coding->name;
        }
    }
    return NULL;
}
