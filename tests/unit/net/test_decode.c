/* Content-Encodings: what is whole, what is cut, what is none of them; in one piece and
 * byte by byte. */
#include <brotli/encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "cmocka_all.h"
#include "net/decode.h"

#define PLAIN_SIZE 20000
#define ROOM       65536

struct bytes {
    unsigned char data[ROOM];
    size_t size;
};

static struct bytes plain, encoded, got;
static size_t between, most;

static bool take(void *context, const char *data, size_t size, bool final)
{
    (void)context;
    if (!final) {
        between += size;
        return true;
    }
    if (got.size + size > most) {
        return false;
    }
    memcpy(got.data + got.size, data, size);
    got.size += size;
    return true;
}

static void zip(const struct bytes *from, int bits, struct bytes *to)
{
    static struct bytes copy;
    z_stream stream = {0};
    copy = *from;
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, 0), Z_OK);
    stream.next_in = copy.data;
    stream.avail_in = (uInt)copy.size;
    stream.next_out = to->data;
    stream.avail_out = ROOM;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    to->size = stream.total_out;
    (void)deflateEnd(&stream);
}

/* `name` as a server would make it. */
static void encode(const char *name, const struct bytes *from, struct bytes *to)
{
    if (strcmp(name, "br") == 0) {
        to->size = ROOM;
        assert_true(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, from->size,
                                          from->data, &to->size, to->data));
    } else if (strcmp(name, "zstd") == 0) {
        to->size = ZSTD_compress(to->data, ROOM, from->data, from->size, 3);
        assert_false(ZSTD_isError(to->size));
    } else {
        zip(from,
            strcmp(name, "gzip") == 0  ? 31
            : strcmp(name, "raw") == 0 ? -15
                                       : 15,
            to);
    }
}

static int setup(void **state)
{
    (void)state;
    plain.size = 0;
    for (int i = 0; plain.size < PLAIN_SIZE; i++) {
        plain.size += (size_t)snprintf((char *)plain.data + plain.size, 64,
                                       "line %d of %d tanks\n", i * 7919 % 1000, i);
    }
    most = ROOM;
    return 0;
}

/* Decodes `size` bytes in pieces; *unfinished says whether the end was missing. */
static enum mz_decode_status decode(const char *header, const unsigned char *data,
                                    size_t size, size_t piece, bool *unfinished)
{
    struct mz_decode decode = {0};
    enum mz_decode_status status =
        mz_decode_add(&decode, (struct mizan_slice){header, strlen(header)});
    got.size = between = 0;
    for (size_t i = 0; i < size && status == MZ_DECODE_OK; i += piece) {
        /* A copy of its own, so that a read behind it shows under sanitizers. */
        size_t part = size - i < piece ? size - i : piece;
        char *copy = malloc(part);
        assert_non_null(copy);
        memcpy(copy, data + i, part);
        status = mz_decode_take(&decode, copy, part, take, NULL);
        free(copy);
    }
    *unfinished = mz_decode_unfinished(&decode) != NULL;
    mz_decode_finish(&decode);
    return status;
}

static void assert_whole(const char *header, const struct bytes *bytes)
{
    static const size_t pieces[] = {ROOM, 1, 7, 1000};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        bool unfinished = true;
        enum mz_decode_status status =
            decode(header, bytes->data, bytes->size, pieces[i], &unfinished);
        if (status != MZ_DECODE_OK || unfinished || got.size != plain.size ||
            memcmp(got.data, plain.data, plain.size) != 0) {
            fail_msg("%s in pieces of %zu: %d, %zu bytes", header, pieces[i], status,
                     got.size);
        }
    }
}

static const char *const names[][2] = {
    {"gzip", "gzip"},   {"gzip", "x-gzip"}, {"deflate", "Deflate"},
    {"raw", "deflate"}, {"br", "br"},       {"zstd", "zstd"},
};

static void test_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        encode(names[i][0], &plain, &encoded);
        assert_whole(names[i][1], &encoded);
    }
    assert_whole("", &plain);
    assert_whole("identity, ,none", &plain);
}

/* Every shorter body is cut, wherever that was; that is what libcurl does not tell. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        encode(names[i][0], &plain, &encoded);
        size_t step = encoded.size / 97 + 1;
        for (size_t size = 1; size < encoded.size;
             size += size + 20 < encoded.size && size > 20 ? step : 1) {
            bool unfinished = false;
            enum mz_decode_status status =
                decode(names[i][1], encoded.data, size, ROOM, &unfinished);
            if (status == MZ_DECODE_OK && !unfinished) {
                fail_msg("%s of %zu bytes cut at %zu: %zu bytes passed as whole",
                         names[i][1], encoded.size, size, got.size);
            }
        }
    }
}

static void test_several(void **state)
{
    static struct bytes outer;
    bool unfinished = false;
    (void)state;
    encode("gzip", &plain, &encoded);
    encode("br", &encoded, &outer);
    assert_whole("gzip, br", &outer);
    assert_int_equal(decode("gzip, br", outer.data, outer.size, ROOM, &unfinished),
                     MZ_DECODE_OK);
    assert_int_equal(between, encoded.size);
    /* The inner one is cut, the outer one whole. */
    encoded.size -= 4;
    encode("br", &encoded, &outer);
    assert_int_equal(decode("gzip, br", outer.data, outer.size, ROOM, &unfinished),
                     MZ_DECODE_OK);
    assert_true(unfinished);
    /* Two members, and padding behind them. */
    static struct bytes half;
    half.size = plain.size / 2;
    memcpy(half.data, plain.data, half.size);
    encode("gzip", &half, &encoded);
    memcpy(half.data, plain.data + half.size, plain.size - half.size);
    half.size = plain.size - half.size;
    encode("gzip", &half, &outer);
    memcpy(encoded.data + encoded.size, outer.data, outer.size);
    encoded.size += outer.size;
    memset(encoded.data + encoded.size, 0, 100);
    encoded.size += 100;
    bool whole =
        decode("gzip", encoded.data, encoded.size, ROOM, &unfinished) == MZ_DECODE_OK &&
        !unfinished;
    assert_true(whole);
    assert_int_equal(got.size, plain.size);
}

static void test_refused(void **state)
{
    bool unfinished = false;
    (void)state;
    assert_int_equal(decode("compress", plain.data, 10, ROOM, &unfinished),
                     MZ_DECODE_UNKNOWN);
    assert_int_equal(
        decode("gzip,gzip,gzip,gzip,gzip,gzip", plain.data, 10, ROOM, &unfinished),
        MZ_DECODE_UNKNOWN);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        static const unsigned char no[] = "<html>this is not encoded at all</html>";
        enum mz_decode_status status =
            decode(names[i][1], no, sizeof no - 1, ROOM, &unfinished);
        assert_true(status == MZ_DECODE_GARBLED || unfinished);
        assert_true(got.size < sizeof no);
    }
    most = 1000;
    encode("gzip", &plain, &encoded);
    assert_int_equal(decode("gzip", encoded.data, encoded.size, ROOM, &unfinished),
                     MZ_DECODE_STOPPED);
    /* No byte at all is a whole body of none. */
    assert_int_equal(decode("gzip", encoded.data, 0, ROOM, &unfinished), MZ_DECODE_OK);
    assert_false(unfinished);
}

/* Damage is found or yields other bytes; nothing else happens. */
static void test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        encode(names[i][0], &plain, &encoded);
        for (size_t place = 0; place < encoded.size; place += encoded.size / 200 + 1) {
            bool unfinished = false;
            encoded.data[place] ^= 0x55;
            (void)decode(names[i][1], encoded.data, encoded.size, ROOM, &unfinished);
            encoded.data[place] ^= 0x55;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_whole, setup),
        cmocka_unit_test_setup(test_cut, setup),
        cmocka_unit_test_setup(test_several, setup),
        cmocka_unit_test_setup(test_refused, setup),
        cmocka_unit_test_setup(test_damaged, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
