#include "mend.h"

#include <string.h>

#include "text.h"

#define PROBE_BYTES 65536
#define LEAST       3  /* sequences: fewer may be chance */
#define ENOUGH      24 /* characters that take no part: the rest is not looked at */
#define ROUNDS      3  /* an export of an export of an import */

/* The byte that the encoding reads as the code, or -1. Bytes that have no character
 * pass as controls: that is how they were read. */
static int byte_of(const struct article_charset *charset, uint32_t code)
{
    if (code < 0x80) {
        return (int)code;
    }
    for (int i = 0; i < 128; i++) {
        if (charset->table[i] == code) {
            return 0x80 + i;
        }
    }
    return code < 0xa0 && charset->table[code - 0x80] == 0 ? (int)code : -1;
}

struct tally {
    bool probing;          /* the bytes do not matter: stop where the answer is clear */
    size_t mended, others; /* sequences that become one character; other characters */
};

/* Reads a run of characters beyond ASCII as bytes. Writes its bytes where they are all
 * well-formed UTF-8, else the run as it is; returns what was written. */
static size_t mend_run(const struct article_charset *charset, struct article_slice run,
                       char *out, struct tally *tally)
{
    const unsigned char *p = (const unsigned char *)run.data, *end = p + run.size;
    size_t size = 0, count = 0;
    bool good = true;
    while (p < end && good) {
        uint32_t code;
        p += article_utf8_next(p, end, &code);
        int byte = code == ARTICLE_INVALID ? -1 : byte_of(charset, code);
        good = byte >= 0x80;
        out[size++] = (char)byte;
        count++;
    }
    const unsigned char *q = (const unsigned char *)out, *stop = q + size;
    size_t sequences = 0;
    while (q < stop && good) {
        uint32_t code;
        q += article_utf8_next(q, stop, &code);
        good = code != ARTICLE_INVALID;
        sequences++;
    }
    if (good) {
        tally->mended += sequences;
        return size;
    }
    tally->others += count;
    memcpy(out, run.data, run.size);
    return run.size;
}

/* The whole of `body`; `out` has as much room. */
static size_t mend_with(const struct article_charset *charset,
                        struct article_slice body, char *out, struct tally *tally)
{
    size_t size = 0, i = 0;
    while (i < body.size) {
        size_t start = i;
        while (i < body.size && (unsigned char)body.data[i] < 0x80) {
            i++;
        }
        if (!tally->probing) {
            memcpy(out + size, body.data + start, i - start);
            size += i - start;
        }
        start = i;
        while (i < body.size && (unsigned char)body.data[i] >= 0x80) {
            i++;
        }
        if (tally->probing && tally->others > ENOUGH && tally->others > tally->mended) {
            return size; /* not convincing any more, whatever follows */
        }
        if (i > start) {
            struct article_slice run = {body.data + start, i - start};
            size += mend_run(charset, run, out + size, tally);
        }
    }
    return size;
}

/* A character that was encoded twice is two or more now: whether there are enough such
 * of them beyond ASCII for any suspect at all. */
static bool is_suspicious(struct article_slice text)
{
    size_t runs = 0, length = 0;
    for (size_t i = 0; i < text.size && runs < LEAST; i++) {
        length = (unsigned char)text.data[i] >= 0x80 ? length + 1 : 0;
        runs += length > 0 && length % 4 == 0;
    }
    return runs >= LEAST;
}

static bool is_convincing(const struct tally *tally)
{
    return tally->mended >= LEAST && tally->mended > 4 * tally->others;
}

bool article_mend(const struct article_memory *memory, struct article_slice body,
                  struct article_slice *mended, const char **name)
{
    static const char *const suspects[] = {
        "windows-1252", "windows-1256", "windows-1251", "windows-1254", "windows-1250"};
    char *out = NULL;
    *mended = body;
    *name = NULL;
    for (int round = 0; round < ROUNDS; round++) {
        const struct article_charset *guilty = NULL;
        struct article_slice probe = *mended;
        size_t start = 0;
        while (start < probe.size && (unsigned char)probe.data[start] < 0x80) {
            start++;
        }
        if (start == probe.size) {
            return true;
        }
        probe.data += start;
        probe.size -= start;
        probe.size = probe.size < PROBE_BYTES ? probe.size : PROBE_BYTES;
        if (!is_suspicious(probe)) {
            return true;
        }
        out = memory->allocate(memory->user, mended->size);
        if (out == NULL) {
            return false;
        }
        for (size_t i = 0; i < sizeof(suspects) / sizeof(suspects[0]); i++) {
            struct tally tally = {true, 0, 0};
            const struct article_charset *suspect =
                article_charset_by_label(article_slice_of(suspects[i]));
            mend_with(suspect, probe, out, &tally);
            if (is_convincing(&tally)) {
                guilty = suspect;
                break;
            }
        }
        if (guilty == NULL) {
            return true;
        }
        struct tally tally = {false, 0, 0};
        mended->size = mend_with(guilty, *mended, out, &tally);
        mended->data = out;
        *name = guilty->name;
    }
    return true;
}
