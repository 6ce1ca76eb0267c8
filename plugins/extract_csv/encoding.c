#include "encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <uchardet/uchardet.h>

/* Bytes of the sequence at `at`, 0: none, -1: cut by the end. */
static int sequence(const unsigned char *at, size_t left)
{
    int size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4) {
        return 0;
    }
    for (int i = 1; i < size; i++) {
        if ((size_t)i == left) {
            return -1;
        }
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool wrong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90) ||
                 (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf4 && at[1] > 0x8f);
    return wrong ? 0 : size;
}

bool is_utf8(const char *data, size_t size, bool cut)
{
    const unsigned char *at = (const unsigned char *)data;
    for (size_t i = 0; i < size;) {
        if (at[i] < 0x80) {
            i++;
            continue;
        }
        int step = sequence(at + i, size - i);
        if (step <= 0) {
            return step < 0 && cut;
        }
        i += (size_t)step;
    }
    return true;
}

static bool set(struct encoding *out, const char *name, size_t size)
{
    if (size >= sizeof out->name) {
        return false;
    }
    memcpy(out->name, name, size);
    out->name[size] = '\0';
    out->utf8 =
        strcasecmp(out->name, "utf-8") == 0 || strcasecmp(out->name, "utf8") == 0 ||
        strcasecmp(out->name, "us-ascii") == 0 || strcasecmp(out->name, "ascii") == 0;
    if (out->utf8) {
        return true;
    }
    iconv_t converter = iconv_open("UTF-8", out->name);
    out->converter = converter;
    return converter != (iconv_t)-1;
}

/* Text has many NULs only as one byte of two. */
static const char *wide(const unsigned char *data, size_t size)
{
    size_t even = 0, odd = 0;
    size = size < 4096 ? size & ~(size_t)1 : 4096;
    for (size_t i = 0; i < size; i += 2) {
        even += data[i] == 0;
        odd += data[i + 1] == 0;
    }
    if (size >= 4 && odd > size / 6 && even < odd / 8 + 1) {
        return "UTF-16LE";
    }
    return size >= 4 && even > size / 6 && odd < even / 8 + 1 ? "UTF-16BE" : NULL;
}

static bool detect(const char *sample, size_t size, struct encoding *out)
{
    uchardet_t detector = uchardet_new();
    bool done = false;
    if (detector != NULL && uchardet_handle_data(detector, sample, size) == 0) {
        uchardet_data_end(detector);
        const char *name = uchardet_get_charset(detector);
        done = name[0] != '\0' && strcasecmp(name, "utf-8") != 0 &&
               strcasecmp(name, "ascii") != 0 && set(out, name, strlen(name));
    }
    if (detector != NULL) {
        uchardet_delete(detector);
    }
    return done || set(out, "WINDOWS-1252", 12);
}

bool encoding_open(const char *sample, size_t size, bool last, const char *known,
                   size_t known_size, struct encoding *out)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
    } marks[] = {{"\xef\xbb\xbf", 3, "UTF-8"},
                 {"\xff\xfe\0\0", 4, "UTF-32LE"},
                 {"\0\0\xfe\xff", 4, "UTF-32BE"},
                 {"\xff\xfe", 2, "UTF-16LE"},
                 {"\xfe\xff", 2, "UTF-16BE"}};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (size >= marks[i].size &&
            memcmp(sample, marks[i].bytes, marks[i].size) == 0) {
            out->mark = marks[i].size;
            return set(out, marks[i].name, strlen(marks[i].name));
        }
    }
    if (known_size > 0) {
        return set(out, known, known_size);
    }
    const char *name = wide((const unsigned char *)sample, size);
    if (name != NULL) {
        return set(out, name, strlen(name));
    }
    return is_utf8(sample, size, !last) ? set(out, "UTF-8", 5)
                                        : detect(sample, size, out);
}

void encoding_close(struct encoding *encoding)
{
    if (!encoding->utf8 && encoding->converter != NULL &&
        encoding->converter != (iconv_t)-1) {
        iconv_close(encoding->converter);
    }
    encoding->converter = NULL;
}

size_t encoding_convert(struct encoding *encoding, struct piece piece, char *out,
                        size_t room, size_t *used)
{
    char *from = (char *)(size_t)piece.data;
    char *to = out;
    size_t left = piece.size;
    encoding->wrong = 0;
    (void)iconv(encoding->converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        size_t done = iconv(encoding->converter, &from, &left, &to, &room);
        if (done != (size_t)-1 || errno == EINVAL || errno == E2BIG || room < 3) {
            break;
        }
        memcpy(to, "\xef\xbf\xbd", 3);
        to += 3;
        room -= 3;
        from++;
        left--;
        encoding->wrong++;
    }
    *used = piece.size - left;
    return (size_t)(to - out);
}
