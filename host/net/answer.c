#include "net/answer.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS_MOST 18

void mz_answer_begin(struct mz_answer *answer)
{
    struct mz_buffer kept = answer->lines;
    memset(answer, 0, sizeof *answer);
    mz_buffer_clear(&kept);
    kept.ceiling = MZ_HEADER_BYTES_MOST + MZ_HEADERS_MOST + 1;
    answer->lines = kept;
}

void mz_answer_finish(struct mz_answer *answer)
{
    mz_buffer_finish(&answer->lines);
}

/* The number in "HTTP/1.1 200 OK", 0 when there is none. */
static int read_status(const char *line, size_t size)
{
    const char *blank = memchr(line, ' ', size);
    int status = 0;
    for (const char *digit = blank == NULL ? line + size : blank + 1;
         digit < line + size && isdigit((unsigned char)*digit) && status < 1000;
         digit++) {
        status = status * 10 + (*digit - '0');
    }
    return status;
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct mz_answer *answer = context;
    size_t bytes = size * count;
    size_t length = bytes;
    while (length > 0 && (data[length - 1] == '\n' || data[length - 1] == '\r')) {
        length--;
    }
    answer->count++;
    answer->bytes += bytes;
    if (answer->count > MZ_HEADERS_MOST || answer->bytes > MZ_HEADER_BYTES_MOST) {
        answer->over = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (answer->complete) {
        return bytes;
    }
    if (length >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        mz_buffer_clear(&answer->lines);
        answer->status = read_status(data, length);
        return bytes;
    }
    if (length == 0) {
        answer->complete = answer->status >= 200;
        return bytes;
    }
    mz_buffer_add(&answer->lines, data, length);
    mz_buffer_byte(&answer->lines, '\n');
    return mz_buffer_ok(&answer->lines) ? bytes : CURL_WRITEFUNC_ERROR;
}

bool mz_answer_install(struct mz_answer *answer, const struct mz_curl *curl, CURL *easy)
{
    return curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take) == CURLE_OK &&
           curl->easy_setopt(easy, CURLOPT_HEADERDATA, answer) == CURLE_OK;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct mizan_slice trimmed(const char *data, size_t size)
{
    while (size > 0 && is_blank(*data)) {
        data++;
        size--;
    }
    while (size > 0 && is_blank(data[size - 1])) {
        size--;
    }
    return (struct mizan_slice){.data = data, .size = size};
}

/* The header at *position, which moves on; false at the end. Lines that are no header
 * (without colon, or a continuation) are left out. */
static bool next_header(const struct mz_answer *answer, size_t *position,
                        struct mizan_header *header)
{
    while (*position < answer->lines.size) {
        const char *line = answer->lines.data + *position;
        const char *end = memchr(line, '\n', answer->lines.size - *position);
        size_t size = (size_t)(end - line);
        *position += size + 1;
        const char *colon = memchr(line, ':', size);
        if (colon == NULL || colon == line || is_blank(*line)) {
            continue;
        }
        header->name = trimmed(line, (size_t)(colon - line));
        header->value = trimmed(colon + 1, (size_t)(end - colon - 1));
        return true;
    }
    return false;
}

static bool is_named(const struct mizan_header *header, const char *name)
{
    return header->name.size == strlen(name) &&
           strncasecmp(header->name.data, name, header->name.size) == 0;
}

bool mz_answer_find(const struct mz_answer *answer, const char *name,
                    struct mizan_slice *value)
{
    return mz_answer_find_next(answer, name, 0, value);
}

bool mz_answer_find_next(const struct mz_answer *answer, const char *name, size_t skip,
                         struct mizan_slice *value)
{
    struct mizan_header header;
    size_t position = 0;
    while (next_header(answer, &position, &header)) {
        if (is_named(&header, name) && skip-- == 0) {
            *value = header.value;
            return true;
        }
    }
    return false;
}

bool mz_answer_length_is_ambiguous(const struct mz_answer *answer)
{
    struct mizan_header header;
    struct mizan_slice length = {NULL, 0};
    bool encoded = false;
    size_t position = 0;
    while (next_header(answer, &position, &header)) {
        if (is_named(&header, "transfer-encoding")) {
            encoded = true;
        } else if (is_named(&header, "content-length")) {
            if (length.data != NULL &&
                (length.size != header.value.size ||
                 memcmp(length.data, header.value.data, length.size) != 0)) {
                return true;
            }
            length = header.value;
            if (length.size > LENGTH_DIGITS_MOST) {
                return true; /* libcurl would take it for no length at all */
            }
        }
    }
    return encoded && length.data != NULL;
}

static bool copy_slice(struct mz_arena *arena, struct mizan_slice from,
                       struct mizan_slice *to)
{
    to->data = mz_arena_copy(arena, from.data == NULL ? "" : from.data, from.size);
    to->size = from.size;
    return to->data != NULL;
}

/* A name in ASCII letters, digits and the few signs that types and charsets use; empty
 * when it is anything else. */
static bool copy_name(struct mz_arena *arena, struct mizan_slice from, bool lower,
                      struct mizan_slice *to)
{
    for (size_t i = 0; i < from.size; i++) {
        unsigned char byte = (unsigned char)from.data[i];
        if (byte >= 0x80 || (!isalnum(byte) && strchr("/+-._:", (int)byte) == NULL)) {
            from.size = 0;
        }
    }
    if (!copy_slice(arena, from, to)) {
        return false;
    }
    char *copy = mz_arena_copy(arena, to->data, to->size);
    if (copy == NULL) {
        return false;
    }
    for (size_t i = 0; lower && i < to->size; i++) {
        copy[i] = (char)tolower((unsigned char)copy[i]);
    }
    to->data = copy;
    return true;
}

/* The part of a Content-Type up to the next semicolon outside quotes. */
static struct mizan_slice next_part(struct mizan_slice *rest)
{
    size_t size = 0;
    bool quoted = false;
    while (size < rest->size && (quoted || rest->data[size] != ';')) {
        quoted = rest->data[size] == '"' ? !quoted : quoted;
        size++;
    }
    struct mizan_slice part = trimmed(rest->data, size);
    size_t step = size < rest->size ? size + 1 : size;
    rest->data += step;
    rest->size -= step;
    return part;
}

static bool copy_content_type(const struct mz_answer *answer, struct mz_arena *arena,
                              struct mizan_http_response *response)
{
    struct mizan_slice rest = {"", 0};
    struct mizan_slice charset = {"", 0};
    (void)mz_answer_find(answer, "content-type", &rest);
    struct mizan_slice media_type = next_part(&rest);
    while (rest.size > 0 && charset.size == 0) {
        struct mizan_slice part = next_part(&rest);
        if (part.size > 8 && strncasecmp(part.data, "charset=", 8) == 0) {
            charset = trimmed(part.data + 8, part.size - 8);
        }
    }
    if (charset.size > 0 && (*charset.data == '"' || *charset.data == '\'')) {
        char quote = *charset.data;
        charset.data++;
        charset.size--;
        const char *end = memchr(charset.data, quote, charset.size);
        charset.size = end == NULL ? charset.size : (size_t)(end - charset.data);
        charset = trimmed(charset.data, charset.size);
    }
    return copy_name(arena, media_type, true, &response->media_type) &&
           copy_name(arena, charset, false, &response->charset);
}

static bool copy_headers(const struct mz_answer *answer, struct mz_arena *arena,
                         struct mizan_http_response *response)
{
    struct mizan_header header;
    size_t position = 0;
    size_t count = 0;
    while (next_header(answer, &position, &header)) {
        count++;
    }
    struct mizan_header *headers =
        mz_arena_zero(arena, (count + 1) * sizeof(struct mizan_header));
    if (headers == NULL) {
        return false;
    }
    position = 0;
    for (size_t i = 0; next_header(answer, &position, &header); i++) {
        if (!copy_slice(arena, header.name, &headers[i].name) ||
            !copy_slice(arena, header.value, &headers[i].value)) {
            return false;
        }
    }
    response->headers = headers;
    response->header_count = count;
    return true;
}

/* A validator that is to be kept and sent back; what no server should send is absent.
 */
static struct mizan_slice find_validator(const struct mz_answer *answer,
                                         const char *name)
{
    struct mizan_slice value = {"", 0};
    (void)mz_answer_find(answer, name, &value);
    for (size_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte < 0x20 || byte >= 0x7f || value.size > MZ_VALIDATOR_MOST) {
            return (struct mizan_slice){.data = "", .size = 0};
        }
    }
    return value;
}

bool mz_answer_copy(const struct mz_answer *answer, struct mz_arena *arena,
                    struct mizan_http_response *response)
{
    struct mizan_slice etag = find_validator(answer, "etag");
    struct mizan_slice last_modified = find_validator(answer, "last-modified");
    return copy_headers(answer, arena, response) &&
           copy_content_type(answer, arena, response) &&
           copy_slice(arena, etag, &response->etag) &&
           copy_slice(arena, last_modified, &response->last_modified);
}
