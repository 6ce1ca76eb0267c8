/* The maps from glyphs to text in a PDF. They lie in streams of their own, plain or
 * deflated; nothing else of the file is understood or changed. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pdf.h"

#define MAP_MOST   ((size_t)4 << 20) /* bytes of a map, unpacked */
#define DICT_MOST  1024              /* bytes looked at before a stream */
#define LINE_UNITS 8                 /* UTF-16 units: no glyph has more letters */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static int digit(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* A UTF-16 unit of a script that is written from right to left. */
static bool is_right(const char *hex)
{
    int unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = digit(hex[i]);
        if (value < 0) {
            return false;
        }
        unit = unit * 16 + value;
    }
    return (unit >= 0x0590 && unit <= 0x08ff) || (unit >= 0xfb1d && unit <= 0xfdff) ||
           (unit >= 0xfe70 && unit <= 0xfefc);
}

static bool is_mark(const char *hex)
{
    return memcmp(hex, "06", 2) == 0 && ((hex[2] >= '4' && hex[2] <= '5')) &&
           (hex[2] == '5' ? digit(hex[3]) <= 15 : digit(hex[3]) >= 11);
}

/* Turns <06440627> into <06270644>; a mark stays behind its letter. */
static bool turn(char *hex, size_t units)
{
    char turned[4 * LINE_UNITS];
    size_t to = 0;
    for (size_t i = 0; i < units; i++) {
        if (!is_right(hex + 4 * i)) {
            return false;
        }
    }
    for (size_t end = units; end > 0;) {
        size_t first = end - 1;
        while (first > 0 && is_mark(hex + 4 * first)) {
            first--;
        }
        memcpy(turned + 4 * to, hex + 4 * first, 4 * (end - first));
        to += end - first;
        end = first;
    }
    memcpy(hex, turned, 4 * units);
    return true;
}

/* Every string of more than one unit is the text of a glyph: codes have one. */
static size_t turn_all(char *map, size_t size, size_t *broken)
{
    size_t turned = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        size_t end = i + 1;
        if (map[i] != '<') {
            continue;
        }
        while (end < size && digit(map[end]) >= 0) {
            end++;
        }
        size_t digits = end - i - 1;
        if (end == size || map[end] != '>' || digits < 8 || digits % 4 != 0) {
            continue;
        }
        if (digits / 4 > LINE_UNITS) {
            *broken += is_right(map + i + 1) ? 1 : 0;
        } else if (turn(map + i + 1, digits / 4)) {
            turned++;
        }
        i = end;
    }
    return turned;
}

/* A map without its remarks and line ends is shorter, and fits where it lay. */
static size_t tighten(char *map, size_t size)
{
    size_t to = 0;
    for (size_t i = 0; i < size; i++) {
        if (map[i] == '%') {
            while (i < size && map[i] != '\n' && map[i] != '\r') {
                i++;
            }
            i--;
        } else if (is_blank(map[i])) {
            if (to > 0 && map[to - 1] != '\n') {
                map[to++] = '\n';
            }
        } else {
            map[to++] = map[i];
        }
    }
    return to;
}

static bool mend(char *map, size_t size, struct pdf_cmaps *out)
{
    if (memmem(map, size, "begincmap", 9) == NULL) {
        return false;
    }
    size_t turned = turn_all(map, size, &out->broken);
    out->mended += turned > 0 ? 1 : 0;
    return turned > 0;
}

/* Packs the map into the room that it came from; what is left over stays as it was, no
 * reader looks behind the end of the packed data. */
static bool pack(const char *map, size_t size, char *room, size_t most)
{
    uLongf packed = compressBound((uLong)size);
    Bytef *bytes = malloc(packed);
    bool fits = bytes != NULL &&
                compress2(bytes, &packed, (const Bytef *)map, (uLong)size, 9) == Z_OK &&
                packed <= most;
    if (fits) {
        memcpy(room, bytes, packed);
    }
    free(bytes);
    return fits;
}

/* Unpacks what begins at `data`; *used becomes its packed size. 0: no such thing. */
static size_t unpack(const char *data, size_t size, char *out, size_t most,
                     size_t *used)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data,
                       .avail_in = (uInt)(size < UINT32_MAX ? size : UINT32_MAX),
                       .next_out = (Bytef *)out,
                       .avail_out = (uInt)most};
    if (inflateInit(&stream) != Z_OK) {
        return 0;
    }
    /* A look at the beginning first: most streams are pages and pictures. */
    stream.avail_out = 2048;
    int status = inflate(&stream, Z_SYNC_FLUSH);
    size_t got = stream.total_out;
    if ((status == Z_OK || status == Z_BUF_ERROR) &&
        memmem(out, got, "begincmap", 9) != NULL) {
        stream.avail_out = (uInt)(most - got);
        status = inflate(&stream, Z_FINISH);
        got = stream.total_out;
    }
    *used = stream.total_in;
    (void)inflateEnd(&stream);
    return status == Z_STREAM_END ? got : 0;
}

static void mend_packed(char *data, size_t size, char *map, struct pdf_cmaps *out)
{
    size_t used = 0;
    size_t got = unpack(data, size, map, MAP_MOST, &used);
    size_t before = out->mended;
    if (got > 0 && mend(map, got, out) && !pack(map, tighten(map, got), data, used)) {
        out->mended = before;
    }
}

/* Whether the dictionary before a stream says that it is deflated and nothing else. */
static bool is_deflated(const char *pdf, size_t at)
{
    size_t from = at > DICT_MOST ? at - DICT_MOST : 0;
    const char *object = NULL;
    for (size_t i = at; i > from + 4 && object == NULL; i--) {
        object = memcmp(pdf + i - 3, "obj", 3) == 0 ? pdf + i : NULL;
    }
    size_t size = object == NULL ? 0 : (size_t)(pdf + at - object);
    return size > 0 && memmem(object, size, "FlateDecode", 11) != NULL &&
           memmem(object, size, "/Image", 6) == NULL;
}

void pdf_mend_cmaps(char *pdf, size_t size, struct pdf_cmaps *out)
{
    char *map = malloc(MAP_MOST);
    char *end = pdf + size;
    memset(out, 0, sizeof *out);
    for (char *at = pdf; map != NULL && at < end;) {
        char *found = memmem(at, (size_t)(end - at), "stream", 6);
        if (found == NULL) {
            break;
        }
        at = found + 6;
        if (found - pdf >= 3 && memcmp(found - 3, "end", 3) == 0) {
            continue;
        }
        char *data = at + (at < end && *at == '\r' ? 1 : 0);
        data += data < end && *data == '\n' ? 1 : 0;
        if (is_deflated(pdf, (size_t)(found - pdf))) {
            mend_packed(data, (size_t)(end - data), map, out);
        } else {
            char *stop = memmem(data, (size_t)(end - data), "endstream", 9);
            if (stop == NULL) {
                break;
            }
            if ((size_t)(stop - data) <= MAP_MOST) {
                (void)mend(data, (size_t)(stop - data), out);
            }
        }
    }
    free(map);
}
