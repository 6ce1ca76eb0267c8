#include "fetch_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static enum file_status read_all(int file, size_t most, struct file_content *content)
{
    size_t room = content->size + 1; /* one more, to see the end */
    content->size = 0;
    content->data = malloc(room);
    while (content->data != NULL) {
        ssize_t got = read(file, content->data + content->size, room - content->size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? FILE_OK : FILE_ERROR;
        }
        content->size += (size_t)got;
        if (content->size > most) {
            return FILE_TOO_LARGE;
        }
        if (content->size == room) {
            /* The file is growing while it is read. */
            room *= 2;
            char *larger = realloc(content->data, room);
            if (larger == NULL) {
                return FILE_NO_MEMORY;
            }
            content->data = larger;
        }
    }
    return FILE_NO_MEMORY;
}

enum file_status file_read(const char *path, size_t most, struct file_content *content)
{
    struct stat info;
    enum file_status status = FILE_OK;
    memset(content, 0, sizeof *content);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR ? FILE_ABSENT : FILE_ERROR;
    }
    if (fstat(file, &info) != 0) {
        status = FILE_ERROR;
    } else if (!S_ISREG(info.st_mode)) {
        status = FILE_NOT_REGULAR;
    } else if ((uint64_t)info.st_size > most) {
        status = FILE_TOO_LARGE;
    } else {
        content->modified = (int64_t)info.st_mtim.tv_sec * 1000 +
                            (int64_t)info.st_mtim.tv_nsec / 1000000;
        content->size = (size_t)info.st_size;
        status = read_all(file, most, content);
    }
    int reason = errno;
    (void)close(file);
    if (status != FILE_OK) {
        free(content->data);
        content->data = NULL;
    }
    errno = reason;
    return status;
}

enum file_status file_look(const char *path, struct file_content *content)
{
    struct stat info;
    memset(content, 0, sizeof *content);
    if (stat(path, &info) != 0 || access(path, R_OK) != 0) {
        return errno == ENOENT || errno == ENOTDIR ? FILE_ABSENT : FILE_ERROR;
    }
    content->modified =
        (int64_t)info.st_mtim.tv_sec * 1000 + (int64_t)info.st_mtim.tv_nsec / 1000000;
    return S_ISREG(info.st_mode) ? FILE_OK : FILE_NOT_REGULAR;
}

char *file_address(const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char scheme[] = "file://";
    char *address = malloc(sizeof scheme + 3 * strlen(path));
    if (address == NULL) {
        return NULL;
    }
    memcpy(address, scheme, sizeof scheme - 1);
    char *out = address + sizeof scheme - 1;
    for (const char *next = path; *next != '\0'; next++) {
        unsigned char byte = (unsigned char)*next;
        if (byte < 0x80 &&
            (isalnum(byte) || strchr("/-._~!$&'()*+,;=:@", byte) != NULL)) {
            *out++ = *next;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 0xf];
        }
    }
    *out = '\0';
    return address;
}

struct ending {
    const char *text;
    const char *media_type;
};

static const struct ending endings[] = {
    {".html", "text/html"},
    {".htm", "text/html"},
    {".xhtml", "application/xhtml+xml"},
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".json", "application/json"},
    {".jsonl", "application/x-ndjson"},
    {".ndjson", "application/x-ndjson"},
    {".docx",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".csv", "text/csv"},
    {".tsv", "text/tab-separated-values"},
    {".xml", "application/xml"},
    {".rss", "application/rss+xml"},
    {".atom", "application/atom+xml"},
    {".pdf", "application/pdf"},
};

const char *file_media_type(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *dot = strrchr(name == NULL ? path : name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot, endings[i].text) == 0) {
            return endings[i].media_type;
        }
    }
    return "application/octet-stream";
}
